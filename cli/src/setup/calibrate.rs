//! Scale S and threshold theta from the first training samples.

use deku_ref::Entry;

use crate::backend::reference;
use crate::compose::Composer;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::Model;

/// Samples that theta is calibrated on.
const SAMPLES: usize = deku_ref::calibrate::SAMPLES as usize;

/// Sets S of every layer.
pub(super) fn scale(model: &mut Model, shift: &str, data: &Dataset) -> Result<()> {
    let layers = model.settings.shifts.len();
    model.settings.shifts = if shift == "auto" {
        calibrated(model, data)?
    } else {
        let parts: Option<Vec<u8>> = shift.split(',').map(|p| p.parse().ok()).collect();
        match parts {
            Some(one) if one.len() == 1 => vec![one[0]; layers],
            Some(all) if all.len() == layers => all,
            _ => {
                return Err(Error::usage(
                    "train/shift",
                    format!("--shift {shift} does not suit {layers} layers"),
                )
                .cause("each layer has one scale S")
                .fix("use auto, one number from 0 to 15, or one for each layer, e.g. 5,4"))
            }
        }
    };
    model.settings.network_config().map(|_| ())
}

fn calibrated(model: &Model, data: &Dataset) -> Result<Vec<u8>> {
    let mut reference = reference(model)?;
    let lists: Vec<&[Entry]> = first_lists(data);
    let shifts = reference.network_mut().calibrate(data.side.is_some(), lists)?;
    let network = model.settings.network_config()?;
    Ok(shifts[..network.layers().len()].iter().map(|s| s.unwrap_or(0)).collect())
}

fn first_lists(data: &Dataset) -> Vec<&[Entry]> {
    (0..data.train.len()).map(|n| data.train.list(n)).collect()
}

/// Threshold of the single phase: the lower median goodness of true examples in layer 0.
pub(super) fn theta(model: &Model, text: &str, data: &Dataset) -> Result<u32> {
    if text != "auto" {
        return text.parse().map_err(|_| {
            Error::usage("train/theta", format!("--theta {text} is no goodness"))
                .cause("theta is a goodness of 20 bits")
                .fix("use auto, or a number from 0 to 1048575")
        });
    }
    let mut reference = reference(model)?;
    let mut all = Vec::new();
    let mut composer = Composer::new(&model.settings);
    for n in 0..data.train.len().min(SAMPLES) {
        let label = data.train.label(n);
        let list = composer.with_rows(data.train.list(n), label);
        reference.network_mut().score(list)?;
        all.extend_from_slice(reference.network().goodness(0));
    }
    all.sort_unstable();
    Ok(all.get((all.len() - 1) / 2).copied().unwrap_or(0))
}

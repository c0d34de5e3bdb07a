//! From the command line to a model: a new one, or a saved one that goes on.

mod calibrate;
mod resume;

use deku_ref::init::{host_stream, rival_stream, rounding_stream};
use deku_ref::masks::{SHARE_FEW, SHARE_MANY};
use deku_ref::TrainConfig;

use crate::args::{NetworkArgs, OrderArg, RunArgs, Switch};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::{Host, Masks, Model, Phase, Plan, Rule, Settings};

pub use resume::resume;

/// Label rows per class where the phase needs them.
const COPIES: usize = 16;
/// Classes from which on a class owns half of the columns.
const MANY_CLASSES: usize = 32;

/// What suits a kind of data; chosen on validation samples (docs/cli.md, "Defaults").
struct Defaults {
    columns: usize,
    epochs: u32,
    drop: u8,
    shift: &'static str,
    rule: TrainConfig,
}

fn defaults(kind: &str) -> Defaults {
    let images =
        Defaults { columns: 512, epochs: 10, drop: 0, shift: "auto", rule: TrainConfig::IMAGES };
    let digits = TrainConfig { temperature: 6, first_shift: 3, ..TrainConfig::IMAGES };
    match kind {
        "digits" => Defaults { epochs: 60, drop: 20, shift: "3", rule: digits, ..images },
        "mnist14" => Defaults { columns: 640, ..images },
        "csv" => Defaults { columns: 256, epochs: 20, ..images },
        "calls" => Defaults { columns: 256, epochs: 20, rule: TrainConfig::CALLS, ..images },
        _ => images,
    }
}

/// A new model for this data, calibrated; and the samples to train on.
pub fn fresh(network: &NetworkArgs, run: &RunArgs, data: &Dataset) -> Result<(Model, u64)> {
    let defaults = defaults(&data.kind);
    let epochs = run.epochs.unwrap_or(defaults.epochs);
    let samples = u64::from(epochs) * data.train.len() as u64;
    let mut settings = settings(network, data, &defaults)?;
    settings.plan = Plan { planned: planned(run.schedule.as_deref(), samples)?, seen: 0 };
    let start = host_stream(settings.rule.seed).state();
    settings.host = host(run, data, &defaults, start);
    check_images(&settings.host, data)?;
    settings.schedule()?;
    settings.train_config()?;
    let mut model = Model::new(settings)?;
    calibrate::scale(&mut model, network.shift.as_deref().unwrap_or(defaults.shift), data)?;
    if model.settings.phase == Phase::Single {
        model.settings.rule.theta =
            calibrate::theta(&model, network.theta.as_deref().unwrap_or("auto"), data)?;
        model.settings.train_config()?;
    }
    Ok((model, until(run, samples)))
}

fn until(run: &RunArgs, samples: u64) -> u64 {
    run.stop_after.map_or(samples, |n| n.min(samples))
}

fn settings(network: &NetworkArgs, data: &Dataset, defaults: &Defaults) -> Result<Settings> {
    let phase = network.phase.unwrap_or(if network.overlay.is_some() {
        Phase::Overlay
    } else {
        Phase::Labelled
    });
    let copies = match phase {
        Phase::Labelled if network.overlay.is_some() => return Err(Error::usage(
            "train/overlay",
            "--phase labelled has no label rows",
        )
        .cause("--overlay puts the label into the input, the labelled phase does not need it there")
        .fix("leave out --overlay, or choose --phase overlay, pair or single")),
        Phase::Labelled => 0,
        _ => network.overlay.unwrap_or(COPIES),
    };
    let constants = if copies > 0 { TrainConfig::OVERLAY } else { defaults.rule };
    let classes = network.classes.unwrap_or(data.classes);
    let columns =
        if network.columns.is_empty() { vec![defaults.columns] } else { network.columns.clone() };
    let seed = network.seed.unwrap_or(1);
    Ok(Settings {
        inputs: data.inputs,
        classes,
        shifts: vec![0; columns.len()],
        columns,
        copies,
        phase,
        masks: masks(network, classes)?,
        rule: Rule {
            seed,
            temperature: small(network.tau_k, constants.temperature, "--tau-k")?,
            first_shift: small(network.sh0, constants.first_shift, "--sh0")?,
            theta: 0,
        },
        rival_state: rival_stream(seed).state(),
        round_state: rounding_stream(seed).state(),
        plan: Plan::default(),
        host: Host {
            order: OrderArg::File,
            jitter: false,
            drop: 0,
            samples: 0,
            data: String::new(),
            start: 1,
            state: 1,
            drawn: 0,
        },
        scaling: data.scaling.clone(),
    })
}

fn masks(network: &NetworkArgs, classes: usize) -> Result<Masks> {
    let share = if classes < MANY_CLASSES { SHARE_FEW } else { SHARE_MANY };
    let group = small(network.mask_groups, 1, "--mask-groups")?;
    if group != 1 && group != 8 {
        return Err(Error::usage(
            "train/mask-groups",
            format!("--mask-groups {group} does not exist"),
        )
        .cause("masks are drawn for single columns or for groups of 8")
        .fix("use 1 (drawn per column) or 8 (balanced groups)"));
    }
    let share = network.mask_share.map_or(Ok(share), u16::try_from).unwrap_or(u16::MAX);
    Ok(Masks { share, group })
}

/// A number that must be a small one; larger ones than any legal value are named here.
fn small(given: Option<u32>, default: u8, option: &str) -> Result<u8> {
    given.map_or(Ok(default), |n| {
        u8::try_from(n).map_err(|_| {
            Error::usage("config/range", format!("{option} {n} is out of range"))
                .fix("see `deku train --help`")
        })
    })
}

fn host(run: &RunArgs, data: &Dataset, defaults: &Defaults, start: u32) -> Host {
    Host {
        order: run.order.unwrap_or(OrderArg::Shuffled),
        jitter: run.jitter == Some(Switch::On),
        drop: run.drop.unwrap_or(defaults.drop),
        samples: data.train.len(),
        data: data.train.hash(),
        start,
        state: start,
        drawn: 0,
    }
}

fn check_images(host: &Host, data: &Dataset) -> Result<()> {
    if host.jitter && data.side.is_none() {
        return Err(Error::usage("train/jitter", "--jitter shifts images, these samples are none")
            .cause("the features of a table have no neighbours")
            .fix("leave out --jitter; --drop works on any data"));
    }
    Ok(())
}

/// Samples planned: `auto`, `endless` or `planned:N`.
fn planned(schedule: Option<&str>, samples: u64) -> Result<Option<u64>> {
    match schedule {
        None | Some("auto") => Ok(Some(samples)),
        Some("endless") => Ok(None),
        Some(text) => text.strip_prefix("planned:").and_then(|n| n.parse().ok()).map(Some).ok_or_else(|| {
            Error::usage("train/schedule", format!("--schedule {text} does not exist"))
                    .cause("a schedule is planned for a number of samples, or has no end")
                .fix("use auto, endless, or planned:N with the number of samples of the whole training")
        }),
    }
}

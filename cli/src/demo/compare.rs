//! The module against the reference, after both have learned the same stream.

use serde_json::{json, Value};

use super::Recorder;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::session::Session;

/// A module's session and the model read back from it.
type Learned<'a> = (&'a mut Recorder, &'a Model);

/// Compares everything; says how much that was.
pub fn compare(module: Learned<'_>, reference: Learned<'_>) -> Result<Value> {
    let results = same_results(module.0, reference.0)?;
    let latents = same_latents(module.1, reference.1)?;
    let goodness = same_goodness(module.0, reference.0, module.1)?;
    if module.0.generators()? != reference.0.generators()? {
        return Err(differ("the states of the generators"));
    }
    let (found, expected) = (module.0.counters()?, reference.0.counters()?);
    if found != expected {
        return Err(differ(&format!("the counters: reference {expected:?}, module {found:?}")));
    }
    Ok(json!({ "latents": latents, "results": results, "goodness": goodness }))
}

fn same_results(module: &Recorder, reference: &Recorder) -> Result<usize> {
    let (found, expected) = (&module.results, &reference.results);
    let first = found.iter().zip(expected).position(|(f, e)| f != e);
    match first {
        Some(n) => {
            Err(differ(&format!("result {n}: reference {:?}, module {:?}", expected[n], found[n])))
        }
        None if found.len() != expected.len() => Err(differ("the number of results")),
        None => Ok(found.len()),
    }
}

fn same_latents(module: &Model, reference: &Model) -> Result<usize> {
    let mut count = 0;
    for (layer, (found, expected)) in module.layers.iter().zip(&reference.layers).enumerate() {
        let columns = module.settings.columns[layer];
        if let Some(at) = found.latents.iter().zip(&expected.latents).position(|(f, e)| f != e) {
            let (input, column) = (at / columns, at % columns);
            return Err(differ(&format!(
                "the latent of layer {layer}, input {input}, column {column}: reference {}, module {}",
                expected.latents[at], found.latents[at]
            )));
        }
        count += found.latents.len();
    }
    Ok(count)
}

/// Goodness of every class for the last sample, in every layer.
fn same_goodness(module: &mut Recorder, reference: &mut Recorder, model: &Model) -> Result<usize> {
    let (mut found, mut expected) =
        (vec![0; model.settings.classes], vec![0; model.settings.classes]);
    for layer in 0..model.layers.len() {
        module.goodness(layer, &mut found)?;
        reference.goodness(layer, &mut expected)?;
        if found != expected {
            return Err(differ(&format!(
                "the goodness in layer {layer}: reference {expected:?}, module {found:?}"
            )));
        }
    }
    Ok(found.len() * model.layers.len())
}

fn differ(what: &str) -> Error {
    Error::check("demo/difference", format!("module and reference differ in {what}"))
        .cause("the module does not compute what the reference computes")
        .fix("find the first difference with `deku verify --backend sim:up5k --data digits`")
}

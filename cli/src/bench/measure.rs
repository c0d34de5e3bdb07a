//! Measurements of a module: the beginnings of some epochs of a training run, and inference.
//!
//! The reference walks through the whole run. Where an epoch is to be measured the module is loaded
//! with what the reference knows then, generators included, and both learn the same samples; their
//! weights and generators must be the same afterwards.

use deku_ref::wire::record;
use deku_ref::{Example, Module as _};
use deku_sim::{Simulator, Stats};

use super::driver::Pattern;
use super::record::{Cost, DriverCost, Part, Streamed, Timing};
use super::walk::{questions, Walk};
use crate::backend::Software;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::hardware::Hardware;
use crate::model::Model;
use crate::output::Output;

/// What is to be measured.
pub struct Request<'p> {
    /// The model before the first sample, its schedule planned for the whole run.
    pub model: &'p Model,
    /// Samples.
    pub data: &'p Dataset,
    /// Epochs to measure, ascending, from 1.
    pub epochs: &'p [u32],
    /// Samples of each, from its first on; all of them if there are fewer.
    pub samples: usize,
    /// Test samples to classify in the end.
    pub inferred: usize,
}

/// What was measured.
pub struct Measured {
    /// As [`super::Record::parts`].
    pub parts: Vec<Part>,
    /// As [`super::Record::inference`].
    pub inference: Option<Streamed>,
    /// As [`super::Record::driver`].
    pub driver: Option<DriverCost>,
}

/// Measures a module.
///
/// # Errors
/// `bench/difference` if it does not do what the reference does, and those of its link.
pub fn measure(hardware: &mut Hardware, request: &Request<'_>, output: Output) -> Result<Measured> {
    let mut walk = Walk::new(request.model, request.data)?;
    let mut measured = Measured { parts: Vec::new(), inference: None, driver: None };
    let last = request.epochs.last().copied().unwrap_or(0);
    for epoch in 1..=last {
        let queue = walk.epoch()?;
        let examples = queue.examples();
        if !request.epochs.contains(&epoch) {
            walk.learn(&examples)?;
            continue;
        }
        let (first, rest) = examples.split_at(request.samples.min(examples.len()));
        let before = walk.model()?;
        let what = format!("epoch {epoch} of {last}");
        let stretch = learn(hardware, &mut walk, &before, first, output, &what)?;
        measured.parts.push(Part { epoch, stretch, oracle: None });
        if epoch == last {
            measured.driver =
                stretch.cost.map(|cost| driver(hardware, &before, cost, first)).transpose()?;
        }
        walk.learn(rest)?;
    }
    let learned = walk.model()?;
    let queue = questions(&learned, &request.data.test, request.inferred)?;
    let asked = queue.examples();
    if !asked.is_empty() {
        measured.inference = Some(infer(hardware, &mut walk, &learned, &asked, output)?);
    }
    Ok(measured)
}

/// Both learn; the module from `before` on, where the reference stands.
fn learn(
    hardware: &mut Hardware,
    walk: &mut Walk<'_>,
    before: &Model,
    examples: &[Example<'_>],
    output: Output,
    what: &str,
) -> Result<Streamed> {
    let record_bytes = record_bytes(hardware, before, examples)?;
    let work = walk.count(examples)?;
    hardware.load(before)?;
    let simulator = hardware.simulator.clone();
    let start = stats(simulator.as_ref())?;
    let mut progress = output.progress(what, work.samples);
    hardware.driver.stream(examples.iter().copied(), |n, _, _| {
        progress.at(n as u64 + 1, String::new);
    })?;
    let cost = start.zip(stats(simulator.as_ref())?).map(between);
    drop(progress);
    same_state(hardware, walk.reference())?;
    Ok(Streamed { work, record_bytes, cost })
}

/// Both classify.
fn infer(
    hardware: &mut Hardware,
    walk: &mut Walk<'_>,
    learned: &Model,
    examples: &[Example<'_>],
    output: Output,
) -> Result<Streamed> {
    let record_bytes = record_bytes(hardware, learned, examples)?;
    let expected = walk.answers(examples)?;
    let work = walk.count(examples)?;
    hardware.load(learned)?;
    let simulator = hardware.simulator.clone();
    let start = stats(simulator.as_ref())?;
    let mut progress = output.progress("inference", work.samples);
    let mut different = 0u64;
    hardware.driver.stream(examples.iter().copied(), |n, _, result| {
        let right = &expected[n];
        different += u64::from((result.class, result.other) != (right.class, right.other));
        progress.at(n as u64 + 1, String::new);
    })?;
    let cost = start.zip(stats(simulator.as_ref())?).map(between);
    if different > 0 {
        return Err(differ(&format!("{different} samples are classified differently")));
    }
    same_state(hardware, walk.reference())?;
    Ok(Streamed { work, record_bytes, cost })
}

fn record_bytes(hardware: &Hardware, model: &Model, examples: &[Example<'_>]) -> Result<u64> {
    let inputs = model.settings.network_config()?.record_inputs();
    let bytes = |e| record::len(e, hardware.format(), inputs) as u64;
    Ok(examples.iter().map(bytes).sum())
}

fn between((before, after): (Stats, Stats)) -> Cost {
    let (b, a) = (&before.activity_cycles, &after.activity_cycles);
    Cost {
        forward_cycles: a.forward - b.forward,
        update_cycles: a.update - b.update,
        overhead_cycles: a.overhead - b.overhead,
        idle_cycles: a.idle - b.idle,
        elapsed_ps: after.now_ps - before.now_ps,
        link_bytes: after.spi_bytes - before.spi_bytes,
        link_frames: after.spi_frames - before.spi_frames,
    }
}

/// What the driver itself takes for the same examples.
fn driver(
    hardware: &Hardware,
    model: &Model,
    cost: Cost,
    examples: &[Example<'_>],
) -> Result<DriverCost> {
    let device = deku_ref::reference::OwnedDevice::on_heap(&hardware.configuration.capabilities())?;
    let (format, timing) = (hardware.format(), timing(hardware));
    let pattern = Pattern { device: &device, model, format, timing, cost };
    pattern.measure(examples.iter().copied(), examples.len() as u64)
}

fn stats(simulator: Option<&Simulator>) -> Result<Option<Stats>> {
    Ok(simulator.map(Simulator::stats).transpose()?)
}

fn same_state(hardware: &mut Hardware, reference: &Software) -> Result<()> {
    let network = reference.network();
    for layer in 0..network.config().layers().len() {
        let expected = network.latents(layer);
        let mut latents = vec![0; expected.len()];
        hardware.driver.read_latents(layer, &mut latents)?;
        if latents != expected {
            return Err(differ("module and reference have learned different weights"));
        }
    }
    let states = hardware.driver.generators()?;
    if (states.rival, states.round) != (network.rival_state(), network.round_state()) {
        return Err(differ("the generators of module and reference stand elsewhere"));
    }
    Ok(())
}

fn differ(what: &str) -> Error {
    Error::check("bench/difference", what)
        .cause("the module does not compute what the reference computes")
        .fix("find the first difference with `deku verify`")
}

/// Clocks of a module; those of a simulation with the defaults where there is none.
#[must_use]
pub fn timing(hardware: &Hardware) -> Timing {
    Timing::of(&hardware.simulator.as_ref().map(Simulator::options).unwrap_or_default())
}

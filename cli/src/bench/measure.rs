//! One measurement: the samples of an epoch, streamed in one go.

use std::time::Instant;

use deku_ref::init::{host_stream, shuffle};
use deku_ref::reference::OwnedDevice;
use deku_ref::schedule::Schedule;
use deku_ref::wire::record;
use deku_ref::{Example, Module};
use deku_sim::{Simulator, Stats};

use super::driver::Pattern;
use super::minimum;
use super::record::{Cost, DriverCost, Record, Timing, VERSION};
use crate::backend::{reference, Software};
use crate::data::{Dataset, Samples};
use crate::error::{Error, Result};
use crate::hardware::Hardware;
use crate::model::{Model, Phase};
use crate::output::Output;

/// Runs of the reference.
const RUNS: usize = 5;

/// Measures the first epoch of `model` on `data`; `command` and `commit` are only written down.
pub fn measure(
    hardware: &mut Hardware,
    model: &Model,
    data: &Dataset,
    command: String,
    commit: String,
    output: Output,
) -> Result<Record> {
    if model.settings.phase != Phase::Labelled {
        return Err(Error::usage("bench/phase", "only labelled training is measured")
            .cause("the weight-port minimum is defined for one forward pass per sample")
            .fix("leave out --phase and --overlay"));
    }
    let schedule = model.settings.schedule()?;
    let order = order(model.settings.rule.seed, data.train.len());
    let examples = || examples(&data.train, &order, schedule);
    let network = model.settings.network_config()?;
    let format = hardware.format();
    let (software, reference_seconds) = trained(model, examples())?;
    let length = |e: &Example<'_>| record::len(e, format, network.record_inputs());
    let work = minimum::work(&mut reference(model)?, examples(), length)?;
    let cost = cost(hardware, model, examples(), work.samples, output)?;
    let driver = cost.map(|cost| driver(hardware, model, cost, examples(), work.samples));
    let driver = driver.transpose()?;
    let latents = latents(hardware, model)?;
    if (0..model.layers.len()).any(|l| software.network().latents(l) != latents[l]) {
        return Err(Error::check(
            "bench/difference",
            "module and reference have learned different weights",
        )
        .cause("the module does not compute what the reference computes")
        .fix("find the first difference with `deku verify`"));
    }
    Ok(Record {
        version: VERSION,
        command,
        commit,
        configuration: hardware.configuration.name.clone(),
        configuration_hash: format!("{:08x}", hardware.configuration.hash()),
        seed: model.settings.rule.seed,
        network: network.to_string(),
        shifts: model.settings.shifts.clone(),
        temperature: model.settings.rule.temperature,
        first_shift: model.settings.rule.first_shift,
        mask_share: model.settings.masks.share,
        epoch: work.samples,
        data: data.kind.clone(),
        data_hash: data.train.hash(),
        format: format.to_string(),
        slices: hardware.configuration.slices,
        timing: timing(hardware),
        work,
        oracle: None,
        cost,
        driver,
        reference_samples_per_second: (work.samples as f64 / reference_seconds).round(),
    })
}

/// The reference after all examples, and its seconds: the fastest of some runs, because what else
/// the machine does only makes a run slower.
fn trained<'a>(
    model: &Model,
    examples: impl Iterator<Item = Example<'a>> + Clone,
) -> Result<(Software, f64)> {
    let mut fastest = f64::INFINITY;
    let mut software = reference(model)?;
    for _ in 0..RUNS {
        software = reference(model)?;
        let start = Instant::now();
        for example in examples.clone() {
            software.train(&example)?;
        }
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    Ok((software, fastest))
}

fn order(seed: u32, samples: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples).collect();
    shuffle(&mut order, &mut host_stream(seed));
    order
}

fn examples<'a>(
    samples: &'a Samples,
    order: &'a [usize],
    schedule: Schedule,
) -> impl Iterator<Item = Example<'a>> + Clone {
    order.iter().enumerate().map(move |(seen, &n)| Example::Labelled {
        input: samples.list(n),
        label: samples.label(n),
        shift: schedule.rate_shift(seen as u64),
    })
}

/// Streams the examples and takes what the simulation counted.
fn cost<'a>(
    hardware: &mut Hardware,
    model: &Model,
    examples: impl Iterator<Item = Example<'a>> + Clone,
    samples: u64,
    output: Output,
) -> Result<Option<Cost>> {
    hardware.load(model)?;
    let simulator = hardware.simulator.clone();
    let before = stats(simulator.as_ref())?;
    let mut progress = output.progress("measuring", samples);
    let mut right = 0u64;
    hardware.driver.stream(examples, |n, example, result| {
        right += u64::from(result.class == example.label());
        progress.at(n as u64 + 1, || {
            format!("accuracy {:.1} %", crate::score::percent(right, n as u64 + 1))
        });
    })?;
    let after = stats(simulator.as_ref())?;
    Ok(before.zip(after).map(|(b, a)| Cost {
        forward_cycles: a.activity_cycles.forward - b.activity_cycles.forward,
        update_cycles: a.activity_cycles.update - b.activity_cycles.update,
        overhead_cycles: a.activity_cycles.overhead - b.activity_cycles.overhead,
        idle_cycles: a.activity_cycles.idle - b.activity_cycles.idle,
        elapsed_ps: a.now_ps - b.now_ps,
        link_bytes: a.spi_bytes - b.spi_bytes,
        link_frames: a.spi_frames - b.spi_frames,
    }))
}

/// What the driver itself takes for the same examples.
fn driver<'a>(
    hardware: &Hardware,
    model: &Model,
    cost: Cost,
    examples: impl Iterator<Item = Example<'a>> + Clone,
    samples: u64,
) -> Result<DriverCost> {
    let device = OwnedDevice::on_heap(&hardware.configuration.capabilities())?;
    let (format, timing) = (hardware.format(), timing(hardware));
    Pattern { device: &device, model, format, timing, cost }.measure(examples, samples)
}

fn stats(simulator: Option<&Simulator>) -> Result<Option<Stats>> {
    Ok(simulator.map(Simulator::stats).transpose()?)
}

fn latents(hardware: &mut Hardware, model: &Model) -> Result<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = model.layers.iter().map(|l| vec![0; l.latents.len()]).collect();
    for (layer, latents) in all.iter_mut().enumerate() {
        hardware.driver.read_latents(layer, latents)?;
    }
    Ok(all)
}

fn timing(hardware: &Hardware) -> Timing {
    Timing::of(&hardware.simulator.as_ref().map(Simulator::options).unwrap_or_default())
}

//! `deku verify`: the reference and a module side by side.

use std::path::PathBuf;

use deku_ref::sample::Format;
use serde_json::json;

use crate::args::{BackendArgs, NetworkArgs, RunArgs};
use crate::backend::Backend;
use crate::compose::Composer;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::hardware::{Hardware, Simulation};
use crate::model::Model;
use crate::order::Stream;
use crate::output::{Output, Progress};
use crate::setup;
use crate::verify::{random_case, Case, Difference, Examples, Lockstep, Owned};

/// Examples of one random network.
const SEGMENT: u64 = 100;
/// Examples of a network that are streamed in one go at its end.
const BURST: usize = 64;
/// All latents are read over the link after so many examples.
const OVER_LINK: u64 = 1000;

/// Compare a module with the reference: class, rivals, goodness of every class, counters,
/// generator states and, in simulation, every latent after every example.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    /// Examples to compare one by one
    #[arg(long, value_name = "N", default_value_t = 1000)]
    samples: u64,
    /// Train on data instead of random networks and samples: digits | mnist:DIR | ...
    #[arg(long, value_name = "SPEC")]
    data: Option<String>,
    #[command(flatten)]
    network: NetworkArgs,
    /// Where the waveform of a difference goes [default: deku-verify.fst]
    #[arg(long, value_name = "FILE", default_value = "deku-verify.fst")]
    waveform: PathBuf,
    /// Record no waveform: building a simulation that can takes as long as building the first
    #[arg(long, conflicts_with = "waveform")]
    no_waveform: bool,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let seed = args.network.seed.unwrap_or(1);
    let data = args.data.as_deref().map(|spec| Dataset::load(spec, None)).transpose()?;
    let plan = Plan { args, seed, data };
    let mut lockstep = Lockstep::new(Backend::hardware(&args.backend, output)?)?;
    let mut progress = output.progress("comparing", args.samples);
    let mut totals = Totals::default();
    while totals.samples < args.samples {
        let number = totals.networks;
        let length = plan.length(args.samples - totals.samples);
        if let Some(found) =
            plan.segment(&mut lockstep, number, length, &mut totals, &mut progress)?
        {
            drop(progress);
            return Err(plan.report(&mut lockstep, number, &found, output)?);
        }
        totals.networks += 1;
    }
    drop(progress);
    totals.tell(output);
    Ok(())
}

/// What was compared.
#[derive(Debug, Default)]
struct Totals {
    networks: u32,
    samples: u64,
    streamed: u64,
    since_link: u64,
}

impl Totals {
    fn tell(&self, output: Output) {
        output.say(format!(
            "no difference: {} examples one by one and {} in streams, on {} networks",
            self.samples, self.streamed, self.networks
        ));
        output.summary(
            "verify",
            json!({
                "samples": self.samples,
                "streamed": self.streamed,
                "networks": self.networks,
                "differences": 0,
            }),
        );
    }
}

/// A difference and the example after which it was found.
struct Found {
    /// Position within the network's examples.
    position: u64,
    /// Position within all examples compared one by one.
    sample: u64,
    difference: Difference,
    example: String,
    network: String,
}

/// What is compared with what.
struct Plan<'a> {
    args: &'a Args,
    seed: u32,
    data: Option<Dataset>,
}

impl Plan<'_> {
    fn length(&self, left: u64) -> u64 {
        if self.data.is_some() {
            left
        } else {
            left.min(SEGMENT)
        }
    }

    /// Network and examples number `number`.
    fn case<'s>(
        &'s self,
        lockstep: &mut Lockstep,
        number: u32,
    ) -> Result<(Case, Box<dyn Examples + 's>)> {
        let capacity = lockstep.hardware().configuration.capacity();
        match &self.data {
            None => {
                let seed = self.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9));
                let (case, examples) = random_case(&capacity, seed);
                Ok((case, Box::new(examples)))
            }
            Some(data) => {
                let (model, _) = setup::fresh(&self.args.network, &RunArgs::default(), data)?;
                let case = case_of(&model, self.args.backend.format.map(Into::into))?;
                Ok((case, Box::new(DataExamples::new(&model, data)?)))
            }
        }
    }

    fn segment(
        &self,
        lockstep: &mut Lockstep,
        number: u32,
        length: u64,
        totals: &mut Totals,
        progress: &mut Progress,
    ) -> Result<Option<Found>> {
        let (case, mut examples) = self.case(lockstep, number)?;
        lockstep.load(&case)?;
        let network = case.network.to_string();
        let found = |position, sample, difference, example: String| {
            Ok(Some(Found { position, sample, difference, example, network: network.clone() }))
        };
        for position in 0..length {
            let owned = examples.next();
            let mut difference = lockstep.step(&owned.example())?;
            totals.since_link += 1;
            let last = position + 1 == length;
            if difference.is_none() && (last || totals.since_link >= OVER_LINK) {
                difference = lockstep.compare_over_link()?;
                totals.since_link = 0;
            }
            if let Some(difference) = difference {
                return found(position, totals.samples, difference, describe(&owned));
            }
            totals.samples += 1;
            progress.at(totals.samples, || format!("{network}, no difference"));
        }
        let burst: Vec<Owned> = (0..BURST).map(|_| examples.next()).collect();
        let all: Vec<_> = burst.iter().map(Owned::example).collect();
        totals.streamed += BURST as u64;
        match lockstep.burst(&all)? {
            Some((n, difference)) => {
                let example = burst.get(n).map_or("after a stream".into(), describe);
                found(length + n as u64, totals.samples, difference, example)
            }
            None => Ok(None),
        }
    }

    /// Records a waveform of the difference, if there is a simulator, and words the error.
    fn report(
        &self,
        lockstep: &mut Lockstep,
        number: u32,
        found: &Found,
        output: Output,
    ) -> Result<Error> {
        let cycle = match &lockstep.hardware().simulator {
            Some(simulator) => Some(simulator.stats()?.cycles),
            None => None,
        };
        let waveform = match cycle {
            Some(_) if !self.args.no_waveform => {
                self.record(lockstep.hardware(), number, found, output)?
            }
            _ => None,
        };
        let mut fields = found.difference.json();
        fields["sample"] = json!(found.sample);
        fields["network"] = json!(found.network);
        fields["example"] = json!(found.example);
        fields["cycle"] = json!(cycle);
        fields["waveform"] = json!(waveform);
        output.event("difference", fields);
        let cycle = cycle.map_or("no clock".into(), |c| c.to_string());
        let waveform = waveform.unwrap_or("none".into());
        Ok(Error::check("verify/difference", format!(
            "difference at sample {} ({} of network {number}: {})\n  {}\n  example: {}\n  cycle: {cycle}\n  waveform: {waveform}",
            found.sample, found.position, found.network, found.difference, found.example
        ))
        .cause("the module does not compute what the reference computes")
        .fix(format!("look at the waveform; repeat with --seed {} --samples {}", self.seed, found.sample + 1)))
    }

    /// Runs the examples of the network again, in a fresh simulation, and records the last one.
    fn record(
        &self,
        hardware: &mut Hardware,
        number: u32,
        found: &Found,
        output: Output,
    ) -> Result<Option<String>> {
        let configuration = hardware.configuration.clone();
        let path = self.args.waveform.clone();
        let simulation = Simulation {
            configuration: &configuration,
            args: &self.args.backend,
            waveform: Some(&path),
        };
        let simulator = simulation.start(output)?;
        simulator.trace_off()?;
        let again =
            Hardware::running(simulator.clone(), configuration.clone(), &self.args.backend)?;
        let mut lockstep = Lockstep::new(again)?;
        let (case, mut examples) = self.case(&mut lockstep, number)?;
        lockstep.load(&case)?;
        for _ in 0..found.position {
            if lockstep.step(&examples.next().example())?.is_some() {
                break;
            }
        }
        simulator.trace_on(&path)?;
        let _ = lockstep.step(&examples.next().example())?;
        simulator.trace_off()?;
        Ok(Some(path.display().to_string()))
    }
}

fn describe(owned: &Owned) -> String {
    let e = owned.example();
    let second = e.second().map_or(String::new(), |s| format!(" and {}", s.len()));
    format!(
        "{:?}, label {}, rate shift {}, {}{second} inputs",
        e.kind(),
        e.label(),
        e.shift(),
        e.input().len()
    )
}

fn case_of(model: &Model, format: Option<Format>) -> Result<Case> {
    Ok(Case {
        network: model.settings.network_config()?,
        train: model.settings.train_config()?,
        masks: model.layers.iter().map(|l| l.masks.clone()).collect(),
        latents: model.layers.iter().map(|l| l.latents.clone()).collect(),
        format: format.unwrap_or_default(),
    })
}

/// Training examples of a data set.
struct DataExamples<'d> {
    stream: Stream<'d>,
    composer: Composer,
    schedule: deku_ref::schedule::Schedule,
    waiting: std::collections::VecDeque<Owned>,
}

impl<'d> DataExamples<'d> {
    fn new(model: &Model, data: &'d Dataset) -> Result<Self> {
        Ok(Self {
            stream: Stream::new(&model.settings, &data.train, data.side),
            composer: Composer::new(&model.settings),
            schedule: model.settings.schedule()?,
            waiting: std::collections::VecDeque::new(),
        })
    }
}

impl Examples for DataExamples<'_> {
    fn next(&mut self) -> Owned {
        loop {
            if let Some(owned) = self.waiting.pop_front() {
                return owned;
            }
            let shift = self.schedule.rate_shift(self.stream.drawn());
            let waiting = &mut self.waiting;
            let _ = self.composer.train(self.stream.next(), shift, |example, _| {
                waiting.push_back(Owned::of(&example));
                Ok(())
            });
        }
    }
}

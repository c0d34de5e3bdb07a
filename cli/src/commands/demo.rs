//! `deku demo`: the module is generated, simulated, driven over SPI, and learns to read digits.

use std::path::PathBuf;
use std::time::Instant;

use deku_sim::Simulator;
use serde_json::json;

use crate::args::{BackendArgs, NetworkArgs, RunArgs};
use crate::backend::Backend;
use crate::data::Dataset;
use crate::demo::{compare, draw, Cycles, Recorder};
use crate::error::{Error, Result};
use crate::hardware::write_verilog;
use crate::model::Model;
use crate::output::Output;
use crate::score::Score;
use crate::session::Session;
use crate::setup;
use crate::trainer::{Goal, Report, Run};

/// Generate a module, simulate it, and watch it learn to read digits (about two minutes).
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The module: sim[:CONFIG], model[:CONFIG] or ref
    #[arg(long, value_name = "BACKEND", default_value = "sim:up5k")]
    backend: String,
    /// Folder for the pictures, the model and the Verilog
    #[arg(long, value_name = "DIR", default_value = "deku-demo")]
    out: PathBuf,
    /// Passes over the 1,437 training images
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// User seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let start = Instant::now();
    std::fs::create_dir_all(&args.out).map_err(|e| Error::io(&args.out, "create", &e))?;
    let data = Dataset::load("digits", None)?;
    let demo = Demo { args, data, output };
    let initial = demo.model()?;
    let (mut module, simulator) = demo.connect()?;
    let (model, report, cycles) = demo.learn(&mut module, &initial, simulator.as_ref())?;
    let compared = demo.replay(&mut module, &model, &initial)?;
    let written = demo.keep(&model, &report, cycles)?;
    let accuracy = report.score().map(Score::accuracy);
    demo.farewell(accuracy);
    output.summary(
        "demo",
        json!({
            "test_accuracy": accuracy,
            "samples": report.standing.total.examples,
            "updates": report.standing.total.updates[0],
            "cycles": report.standing.cycles,
            "seconds": start.elapsed().as_secs_f64(),
            "compared": compared,
            "files": written,
        }),
    );
    Ok(())
}

struct Demo<'a> {
    args: &'a Args,
    data: Dataset,
    output: Output,
}

impl Demo<'_> {
    fn model(&self) -> Result<Model> {
        let network = NetworkArgs { seed: Some(self.args.seed), ..NetworkArgs::default() };
        let run = RunArgs { epochs: Some(self.args.epochs), ..RunArgs::default() };
        Ok(setup::fresh(&network, &run, &self.data)?.0)
    }

    /// Steps 1 to 3: the module.
    fn connect(&self) -> Result<(Recorder, Option<Simulator>)> {
        let output = self.output;
        let mut args = BackendArgs { backend: self.args.backend.clone(), ..BackendArgs::default() };
        let kind = Backend::parse(&args.backend)?;
        if let Backend::Simulator(name) = &kind {
            let configuration = deku_rtlgen::config::ModuleConfig::load(name)?;
            output.heading("1. Generate the module");
            let (files, lines) = write_verilog(&configuration, &self.args.out)?;
            let hdl = self.args.out.join("hdl");
            output.say(format!(
                "{}: {files} Verilog files, {lines} lines, in {}",
                configuration.name,
                hdl.display()
            ));
            args.hdl = Some(hdl);
            output.heading("2. Translate it with Verilator");
        }
        if kind == Backend::Reference {
            return Ok((Recorder::new(Backend::open(&args, output)?), None));
        }
        let hardware = Backend::hardware(&args, output)?;
        let simulator = hardware.simulator.clone();
        let mut session = hardware.into_session();
        let c = session.capabilities()?;
        output.heading("3. Connect the driver");
        output.say(format!(
            "module found: {} latents, {} lanes, {} MHz, configuration {:08x}",
            c.capacity.words * 32,
            c.forward_lanes,
            c.clock_hz / 1_000_000,
            c.config_hash
        ));
        Ok((Recorder::new(session), simulator))
    }

    /// Step 4: learning, with the held-out images after every epoch.
    fn learn(
        &self,
        module: &mut Recorder,
        initial: &Model,
        simulator: Option<&Simulator>,
    ) -> Result<(Model, Report, Option<Cycles>)> {
        let s = &initial.settings;
        self.output.heading("4. Learn to read digits");
        self.output.say(format!(
            "{} images of 8x8 pixels stream in, {} others are held out; {} columns of {} ternary weights",
            self.data.train.len(), self.data.test.len(), s.columns[0], s.inputs
        ));
        let before = simulator.map(Simulator::stats).transpose()?;
        let (model, report) = self.train(module, initial, self.output)?;
        let after = simulator.map(Simulator::stats).transpose()?;
        let cycles = before.zip(after).map(|(b, a)| {
            let (b, a) = (b.activity_cycles, a.activity_cycles);
            Cycles {
                forward: a.forward - b.forward,
                update: a.update - b.update,
                overhead: a.overhead - b.overhead,
                idle: a.idle - b.idle,
            }
        });
        if let Some(score) = report.score() {
            self.output.say(format!(
                "held-out accuracy {:.2} % ({} of {})",
                score.accuracy(),
                score.correct(),
                score.total()
            ));
        }
        Ok((model, report, cycles))
    }

    fn train(
        &self,
        session: &mut Recorder,
        initial: &Model,
        output: Output,
    ) -> Result<(Model, Report)> {
        let mut model = initial.clone();
        session.load(&model)?;
        let samples = u64::from(self.args.epochs) * self.data.train.len() as u64;
        let goal = Goal { samples, evaluate_every: 1 };
        let report = {
            let (model, data) = (&mut model, &self.data);
            Run { session, model, data, output, recorder: None }.train(goal)?
        };
        session.store(&mut model)?;
        Ok((model, report))
    }

    /// Step 5: the same stream through the reference.
    fn replay(
        &self,
        module: &mut Recorder,
        model: &Model,
        initial: &Model,
    ) -> Result<serde_json::Value> {
        self.output.heading("5. Replay the same stream on the reference model");
        let reference = Backend::open(
            &BackendArgs { backend: "ref".into(), ..BackendArgs::default() },
            self.output,
        )?;
        let mut reference = Recorder::new(reference);
        let silent = Output { json: true, quiet: true, silent: true };
        let (expected, _) = self.train(&mut reference, initial, silent)?;
        let compared = compare((module, model), (&mut reference, &expected))?;
        self.output.say(format!(
            "identical: {} latents, {} results (class, rival, goodness), {} goodness values, counters, generators",
            compared["latents"], compared["results"], compared["goodness"]
        ));
        Ok(compared)
    }

    /// Step 6: model and pictures.
    fn keep(&self, model: &Model, report: &Report, cycles: Option<Cycles>) -> Result<Vec<PathBuf>> {
        self.output.heading("6. Keep it");
        let file = self.args.out.join("digits.safetensors");
        model.save(&file)?;
        let mut written = draw(&self.args.out, model, report, cycles)?;
        written.insert(0, file);
        for path in &written {
            self.output.say(format!("  {}", path.display()));
        }
        Ok(written)
    }

    fn farewell(&self, accuracy: Option<f64>) {
        let out = self.args.out.display();
        self.output.heading("What next");
        self.output.say(format!(
            "  open {out}/index.html                         see what it has learned"
        ));
        self.output.say(format!(
            "  deku infer --model {out}/digits.safetensors   ask it about single images"
        ));
        self.output.say(
            "  deku train                                        longer, in software: about 97 %",
        );
        self.output.say("  deku train --data mnist14:DIR --backend sim       your own copy of MNIST through the module");
        self.output.say("  deku verify --backend sim:nano                    compare module and reference yourself");
        self.output.say("  docs/theory_of_operation.md                       why it learns");
        if accuracy.is_some_and(|a| a < 90.0) {
            self.output.warn("demo/accuracy", "it has learned less than it should: 95 % is usual");
        }
    }
}

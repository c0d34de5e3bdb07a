//! `deku train`: trains a new network, or goes on with a saved one.

use std::path::{Path, PathBuf};

use clap::{Args as _, Command, FromArgMatches as _};
use serde_json::{json, Value};

use crate::args::{BackendArgs, CheckpointArgs, DataArgs, NetworkArgs, OutArgs, RunArgs};
use crate::backend::Backend;
use crate::checkpoint::{arguments, Checkpoint, Given, Options, Place, RunState};
use crate::data::{Dataset, Scaling};
use crate::error::{Error, Result};
use crate::files;
use crate::model::Model;
use crate::output::Output;
use crate::score::Score;
use crate::setup;
use crate::trainer::{Goal, Keeper, Report, Run, Standing};
use crate::watch::Recorder;

/// Train a network and say how good it is.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  deku train                                       digits, in software\n  deku train --backend sim --epochs 3              the same through simulated hardware\n  deku train --data mnist14:DIR --columns 640 --epochs 20 --out m.safetensors\n  deku train --model m.safetensors --data mnist14:DIR --epochs 5\n  deku train --epochs 100 --out m.safetensors --checkpoint every=5000\n  deku train --resume m.safetensors.checkpoint     goes on after a crash"
)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    run: RunArgs,
    /// Go on with this model, bit for bit
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    out: OutArgs,
    #[command(flatten)]
    kept: CheckpointArgs,
    /// Write how the run goes to FILE, an object per line, for `deku monitor FILE`
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, given: &Given, output: Output) -> Result<()> {
    match args.kept.resume.clone() {
        Some(file) => resume(&file, given, output),
        None => begin(&args, given, output),
    }
}

/// A run that begins.
fn begin(args: &Args, given: &Given, output: Output) -> Result<()> {
    let wish = args.kept.checkpoint.as_ref();
    let place = wish.map(|wish| Place::begin(wish, args.out.out.as_deref())).transpose()?;
    for path in [&args.out.out, &args.out.save_initial].into_iter().flatten() {
        files::check_folder(path)?;
    }
    let saved = args.model.as_deref().map(Model::read).transpose()?;
    let scaling = saved.as_ref().and_then(|m| m.settings.scaling.as_ref());
    let data = load(args, scaling)?;
    let (model, samples) = match saved {
        Some(model) => setup::resume(model, &args.network, &args.run, &data)?,
        None => setup::fresh(&args.network, &args.run, &data)?,
    };
    data.check_classes(model.settings.classes)?;
    if let Some(path) = &args.out.save_initial {
        model.save(path)?;
    }
    let run = RunState::new(given.options().clone(), samples, &data);
    train(args, Checkpoint { model, run }, &data, place, output)
}

/// A run that goes on.
fn resume(file: &Path, given: &Given, output: Output) -> Result<()> {
    let mut checkpoint = Checkpoint::read(file)?;
    checkpoint.run.options = given.go_on(&checkpoint.run.options)?;
    let args = parse_again(&checkpoint.run.options)?;
    let wish = args.kept.checkpoint.clone().unwrap_or_default();
    let moved = given.is_explicit("checkpoint");
    let place = Place::go_on(&wish, moved, file, args.out.out.as_deref())?;
    let data = load(&args, checkpoint.model.settings.scaling.as_ref())?;
    checkpoint.check_data(&data)?;
    train(&args, checkpoint, &data, Some(place), output)
}

/// The options of a checkpoint, understood as if they had been written now.
fn parse_again(options: &Options) -> Result<Args> {
    let command = Args::augment_args(Command::new("train")).no_binary_name(true);
    let parsed = command.try_get_matches_from(arguments(options));
    parsed.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        let what = format!("the checkpoint has unknown options: {}", error.render());
        Error::input("checkpoint/damaged", what.trim_end())
            .cause("it was written by another version of deku, or changed")
            .fix(
                "go on with the version that wrote it, or use its model: `deku train --model FILE`",
            )
    })
}

fn load(args: &Args, scaling: Option<&Scaling>) -> Result<Dataset> {
    let mut data = Dataset::load(&args.data.data, scaling)?;
    data.restrict(args.data.validation, args.data.samples)?;
    Ok(data)
}

/// Trains from where the checkpoint stands to the end, and lets those who follow know how it ends.
fn train(
    args: &Args,
    checkpoint: Checkpoint,
    data: &Dataset,
    place: Option<Place>,
    output: Output,
) -> Result<()> {
    let goes_on = checkpoint.run.standing.done > 0;
    let mut recorder = Recorder::begin(output, args.log.as_deref(), goes_on)?;
    let outcome = learn(args, checkpoint, data, place, output, &mut recorder);
    if let Err(error) = &outcome {
        recorder.log("error", error.json());
    }
    outcome
}

fn learn(
    args: &Args,
    checkpoint: Checkpoint,
    data: &Dataset,
    place: Option<Place>,
    output: Output,
    recorder: &mut Recorder,
) -> Result<()> {
    let Checkpoint { mut model, mut run } = checkpoint;
    let backend = Backend::parse(&args.backend.backend)?;
    if let Some(path) = &args.out.out {
        files::check_folder(path)?;
        if place.is_some() {
            files::remove_partial(path);
        }
    }
    let mut session = Backend::open(&args.backend, output)?;
    session.load(&model)?;
    if let Some(place) = &place {
        // At once, so that a file that cannot be written is not found out after an hour.
        run.save(&model, &place.file)?;
    }
    recorder.log("start", introduce(&model, data, &run, output));
    let evaluate_every =
        args.run.evaluate_every.unwrap_or(u64::from(backend == Backend::Reference));
    let goal = Goal { samples: run.samples, evaluate_every };
    let standing = run.standing.clone();
    let report = {
        let mut keep = |model: &Model, standing: &Standing| match &place {
            Some(place) => {
                run.standing = standing.clone();
                run.save(model, &place.file)
            }
            None => Ok(()),
        };
        let keeper = place.as_ref().map(|p| Keeper { every: p.every, keep: &mut keep });
        let (session, recorder) = (&mut *session, Some(&mut *recorder));
        let training = Run { session, model: &mut model, data, output, recorder };
        training.go_on(goal, standing, keeper).map_err(|e| with_hint(e, place.as_ref()))?
    };
    session.store(&mut model)?;
    if let Some(path) = &args.out.out {
        model.save(path)?;
        output.say(format!("model written to {}", path.display()));
    }
    recorder.log("summary", conclude(&model, &report, output));
    Ok(())
}

/// What was learned until the module failed is not lost.
fn with_hint(mut error: Error, place: Option<&Place>) -> Error {
    if let Some(place) = place.filter(|place| place.file.exists()) {
        error.fix += &format!("; then `deku train --resume {}`", place.file.display());
    }
    error
}

/// What an observer has to know; returned for the log.
fn introduce(model: &Model, data: &Dataset, run: &RunState, output: Output) -> Value {
    let (samples, done) = (run.samples, run.standing.done);
    let s = &model.settings;
    let columns: Vec<String> = s.columns.iter().map(ToString::to_string).collect();
    let shape = format!("{}-{}", s.inputs, columns.join("-"));
    output.say(format!(
        "{shape}, {} classes, S {:?}, {} training and {} test samples, {samples} to learn",
        s.classes,
        s.shifts,
        data.train.len(),
        data.test.len()
    ));
    if done > 0 {
        output.say(format!("goes on after {done} samples"));
    }
    let start = json!({
            "inputs": s.inputs,
            "columns": s.columns,
            "classes": s.classes,
            "shifts": s.shifts,
            "seed": s.rule.seed,
            "theta": s.rule.theta,
            "train_samples": data.train.len(),
            "test_samples": data.test.len(),
            "planned": s.plan.planned,
            "resumed_at": done,
    });
    output.event("start", start.clone());
    start
}

/// What the run came to; returned for the log.
fn conclude(model: &Model, report: &Report, output: Output) -> Value {
    let layers = model.layers.len();
    let updates: u64 = report.standing.total.updates.iter().sum();
    let accuracy = report.score().map(Score::accuracy);
    let (correct, total) = report.score().map_or((0, 0), |s| (s.correct(), s.total()));
    if let Some(accuracy) = accuracy {
        output.say(format!(
            "test accuracy {accuracy:.2} % ({correct} of {total}), {:.1} s of training",
            report.standing.seconds
        ));
    }
    let summary = json!({
            "command": "train",
            "test_accuracy": accuracy,
            "test_correct": correct,
            "test_samples": total,
            "samples": report.standing.total.examples,
            "updates": updates,
            "updates_per_layer": report.standing.total.updates[..layers],
            "cycles": report.standing.cycles,
            "seconds": report.standing.seconds,
    });
    output.summary("train", summary.clone());
    summary
}

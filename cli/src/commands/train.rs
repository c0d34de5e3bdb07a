//! `deku train`: trains a new network, or goes on with a saved one.

use std::path::PathBuf;

use serde_json::json;

use crate::args::{BackendArgs, DataArgs, NetworkArgs, OutArgs, RunArgs};
use crate::backend::Backend;
use crate::data::Dataset;
use crate::error::Result;
use crate::files;
use crate::model::Model;
use crate::output::Output;
use crate::score::Score;
use crate::setup;
use crate::trainer::{Goal, Report, Run};

/// Train a network and say how good it is.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  deku train                                       digits, in software\n  deku train --backend sim --epochs 3              the same through simulated hardware\n  deku train --data mnist14:DIR --columns 640 --epochs 20 --out m.safetensors\n  deku train --model m.safetensors --data mnist14:DIR --epochs 5"
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
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let backend = Backend::parse(&args.backend.backend)?;
    for path in [&args.out.out, &args.out.save_initial].into_iter().flatten() {
        files::check_folder(path)?;
    }
    let saved = args.model.as_deref().map(Model::read).transpose()?;
    let scaling = saved.as_ref().and_then(|m| m.settings.scaling.as_ref());
    let mut data = Dataset::load(&args.data.data, scaling)?;
    data.restrict(args.data.validation, args.data.samples)?;
    let (mut model, samples) = match saved {
        Some(model) => setup::resume(model, &args.network, &args.run, &data)?,
        None => setup::fresh(&args.network, &args.run, &data)?,
    };
    data.check_classes(model.settings.classes)?;
    if let Some(path) = &args.out.save_initial {
        model.save(path)?;
    }
    let mut session = Backend::open(&args.backend, output)?;
    session.load(&model)?;
    introduce(&model, &data, samples, output);
    let evaluate_every =
        args.run.evaluate_every.unwrap_or(u64::from(backend == Backend::Reference));
    let goal = Goal { samples, evaluate_every };
    let report =
        Run { session: &mut *session, model: &mut model, data: &data, output }.train(goal)?;
    session.store(&mut model)?;
    if let Some(path) = &args.out.out {
        model.save(path)?;
        output.say(format!("model written to {}", path.display()));
    }
    conclude(&model, &report, output);
    Ok(())
}

fn introduce(model: &Model, data: &Dataset, samples: u64, output: Output) {
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
    output.event(
        "start",
        json!({
            "inputs": s.inputs,
            "columns": s.columns,
            "classes": s.classes,
            "shifts": s.shifts,
            "seed": s.rule.seed,
            "theta": s.rule.theta,
            "train_samples": data.train.len(),
            "test_samples": data.test.len(),
            "planned": s.plan.planned,
        }),
    );
}

fn conclude(model: &Model, report: &Report, output: Output) {
    let layers = model.layers.len();
    let updates: u64 = report.total.updates.iter().sum();
    let accuracy = report.score().map(Score::accuracy);
    let (correct, total) = report.score().map_or((0, 0), |s| (s.correct(), s.total()));
    if let Some(accuracy) = accuracy {
        output.say(format!(
            "test accuracy {accuracy:.2} % ({correct} of {total}), {:.1} s of training",
            report.seconds
        ));
    }
    output.summary(
        "train",
        json!({
            "test_accuracy": accuracy,
            "test_correct": correct,
            "test_samples": total,
            "samples": report.total.examples,
            "updates": updates,
            "updates_per_layer": report.total.updates[..layers],
            "cycles": report.cycles,
            "seconds": report.seconds,
        }),
    );
}

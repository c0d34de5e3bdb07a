//! `deku eval`: accuracy of a model on samples it did not learn from.

use std::path::PathBuf;

use serde_json::json;

use crate::args::{BackendArgs, DataArgs};
use crate::backend::Backend;
use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;
use crate::output::Output;
use crate::score::{score, Score};

/// Measure a model on the test samples (with --validation: on those).
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    data: DataArgs,
    /// The model
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let model = Model::read(&args.model)?;
    let data = load(&args.data, &model)?;
    let mut session = Backend::open(&args.backend, output)?;
    session.load(&model)?;
    let mut progress = output.progress("evaluating", data.test.len() as u64);
    let score = score(&mut *session, &model.settings, &data.test, &mut progress)?;
    drop(progress);
    show(&score, output);
    output.summary(
        "eval",
        json!({
            "test_accuracy": score.accuracy(),
            "test_correct": score.correct(),
            "test_samples": score.total(),
            "confusion": score.confusion,
        }),
    );
    Ok(())
}

/// Loads data for a model that exists.
pub fn load(args: &DataArgs, model: &Model) -> Result<Dataset> {
    let mut data = Dataset::load(&args.data, model.settings.scaling.as_ref())?;
    data.restrict(args.validation, args.samples)?;
    data.check_inputs(model.settings.inputs)?;
    data.check_classes(model.settings.classes)?;
    Ok(data)
}

fn show(score: &Score, output: Output) {
    output.say(format!(
        "accuracy {:.2} % ({} of {})",
        score.accuracy(),
        score.correct(),
        score.total()
    ));
    if score.confusion.len() > 20 {
        return;
    }
    output.heading("class   samples of it taken for class ...");
    let classes = 0..score.confusion.len();
    output.say(format!("      {}", classes.map(|c| format!("{c:>6}")).collect::<String>()));
    for (class, row) in score.confusion.iter().enumerate() {
        let cells: String =
            row.iter().map(|n| if *n == 0 { "     .".into() } else { format!("{n:>6}") }).collect();
        output.say(format!("{class:>6}{cells}"));
    }
}

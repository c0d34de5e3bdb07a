//! `deku infer`: classes of samples.

use std::path::PathBuf;

use serde_json::json;

use crate::args::{BackendArgs, DataArgs};
use crate::backend::Backend;
use crate::commands::eval;
use crate::error::Result;
use crate::model::Model;
use crate::output::Output;
use crate::score::{classify, percent};

/// Classify test samples (with --validation: those) one by one.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    data: DataArgs,
    /// The model
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// First sample
    #[arg(long, value_name = "N", default_value_t = 0)]
    first: usize,
    /// Number of samples
    #[arg(long, value_name = "N", default_value_t = 10)]
    count: usize,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let model = Model::read(&args.model)?;
    let mut data = eval::load(&args.data, &model)?;
    data.keep_test(args.first, args.count)?;
    let mut session = Backend::open(&args.backend, output)?;
    session.load(&model)?;
    let mut progress = output.progress("classifying", data.test.len() as u64);
    let mut answers = Vec::new();
    classify(&mut *session, &model.settings, &data.test, &mut progress, |n, class, goodness| {
        answers.push((n, class, goodness));
    })?;
    drop(progress);
    let mut correct = 0;
    for (n, class, goodness) in answers {
        let (sample, label) = (args.first + n, data.test.label(n));
        correct += u64::from(class == label);
        let mark = if class == label { "" } else { "  <- wrong" };
        let (name, truth) = (data.class_name(class.into()), data.class_name(label.into()));
        output.say(format!(
            "sample {sample:>6}: class {name:>3} (is {truth:>3}), goodness {goodness}{mark}"
        ));
        let mut fields =
            json!({ "sample": sample, "class": class, "label": label, "goodness": goodness });
        if !data.names.is_empty() {
            fields["class_name"] = name.into();
            fields["label_name"] = truth.into();
        }
        output.event("sample", fields);
    }
    let total = data.test.len() as u64;
    output.summary(
        "infer",
        json!({ "samples": total, "correct": correct, "accuracy": percent(correct, total) }),
    );
    Ok(())
}

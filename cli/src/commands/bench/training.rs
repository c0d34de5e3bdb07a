//! Training runs in software.

use std::path::PathBuf;

use serde_json::json;

use super::folder;
use crate::args::{DataArgs, NetworkArgs, RunArgs, Switch};
use crate::bench::{commit, train, training_speed, Recipe, Training, TRAINING_VERSION};
use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;
use crate::output::Output;
use crate::setup;

/// What is learned and how.
#[derive(clap::Args, Clone, Debug)]
pub struct RecipeArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// Epochs that the rate schedule is planned for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: u32,
    /// Shift each image by -1, 0 or 1 pixel in both directions
    #[arg(long)]
    jitter: bool,
    /// Drop each non-zero input with probability N/256 [default: fits the data]
    #[arg(long, value_name = "N")]
    drop: Option<u8>,
}

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Seeds of the runs
    #[arg(long, value_name = "N[,N...]", value_delimiter = ',', default_value = "1,2,3")]
    seeds: Vec<u32>,
    /// Write the raw numbers to DIR/NAME.json, NAME taken from data and network
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl RecipeArgs {
    /// The model before its first sample, and the samples.
    pub fn fresh(&self) -> Result<(Model, Dataset)> {
        let data = self.samples()?;
        let model = self.model(&data, None)?;
        Ok((model, data))
    }

    fn samples(&self) -> Result<Dataset> {
        let mut data = Dataset::load(&self.data.data, None)?;
        data.restrict(self.data.validation, self.data.samples)?;
        Ok(data)
    }

    fn model(&self, data: &Dataset, seed: Option<u32>) -> Result<Model> {
        let run = RunArgs {
            epochs: Some(self.epochs),
            jitter: self.jitter.then_some(Switch::On),
            drop: self.drop,
            ..RunArgs::default()
        };
        let network = NetworkArgs { seed: seed.or(self.network.seed), ..self.network.clone() };
        setup::fresh(&network, &run, data).map(|(model, _)| model)
    }

    /// As on the command line, without the folders of this machine.
    pub fn text(&self) -> String {
        let (kind, place) = self.data.data.split_once(':').unwrap_or((&self.data.data, ""));
        let columns: Vec<_> = self.network.columns.iter().map(ToString::to_string).collect();
        let text = options(&[
            ("--data", Some(format!("{kind}{}", if place.is_empty() { "" } else { ":DIR" }))),
            ("--columns", Some(columns.join(",")).filter(|list| !list.is_empty())),
            ("--validation", number(Some(self.data.validation).filter(|n| *n > 0))),
            ("--samples", number(self.data.samples)),
            ("--seed", number(self.network.seed)),
            ("--tau-k", number(self.network.tau_k)),
            ("--sh0", number(self.network.sh0)),
            ("--mask-share", number(self.network.mask_share)),
            ("--mask-groups", number(self.network.mask_groups)),
            ("--shift", self.network.shift.clone()),
            ("--epochs", number(Some(self.epochs).filter(|n| *n > 1))),
            ("--drop", number(self.drop)),
        ]);
        text + if self.jitter { " --jitter" } else { "" }
    }
}

/// A number that is given, as text.
pub fn number(given: Option<impl ToString>) -> Option<String> {
    given.map(|n| n.to_string())
}

/// Those options that are given, as text.
pub fn options(all: &[(&str, Option<String>)]) -> String {
    let given = all.iter().filter_map(|(name, value)| value.as_ref().map(|v| (name, v)));
    given.map(|(name, value)| format!(" {name} {value}")).collect()
}

/// The command without the folders of this machine.
pub fn command(args: &Args) -> String {
    let seeds: Vec<_> = args.seeds.iter().map(ToString::to_string).collect();
    format!("deku bench training{} --seeds {}", args.recipe.text(), seeds.join(","))
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    if let Some(folder) = &args.out {
        folder::create(folder)?;
    }
    let data = args.recipe.samples()?;
    let mut runs = Vec::new();
    for &seed in &args.seeds {
        let model = args.recipe.model(&data, Some(seed))?;
        runs.push(train(&model, &data, args.recipe.epochs, output)?);
    }
    let model = args.recipe.model(&data, args.seeds.first().copied())?;
    let training = Training {
        version: TRAINING_VERSION,
        command: command(args),
        commit: commit(),
        recipe: Recipe::of(&model, &data, args.recipe.epochs)?,
        test_samples: data.test.len() as u64,
        runs,
        reference_samples_per_second: training_speed(&model, &data)?,
    };
    tell(&training, output);
    if let Some(folder) = &args.out {
        let path = folder::write(folder, &training.recipe.name(), &training)?;
        output.say(format!("raw numbers written to {}", path.display()));
    }
    let fields = serde_json::to_value(&training).unwrap_or(json!({}));
    output.summary("bench training", json!({ "training": fields }));
    Ok(())
}

fn tell(training: &Training, output: Output) {
    let r = &training.recipe;
    let after = |epoch| training.accuracy(epoch).unwrap_or(0.0);
    output.say(format!(
        "{}: {:.2} % after 1 epoch, {:.2} % after {}, medians of {} seeds; {:.0} samples/s",
        r.name(),
        after(1),
        after(r.epochs),
        r.epochs,
        training.runs.len(),
        training.reference_samples_per_second
    ));
}

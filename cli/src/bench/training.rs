//! Training runs of the reference: how good a network becomes, and what every epoch asks for.

use serde::{Deserialize, Serialize};

use super::clock::processor_time;
use super::recipe::Recipe;
use super::record::Work;
use super::walk::{questions, Walk};
use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;
use crate::output::Output;
use crate::score::percent;

/// Version of the files.
pub const TRAINING_VERSION: u32 = 1;
/// Times the speed is measured: what else the machine does only makes a run slower.
const SPEED_RUNS: usize = 3;

/// Runs of one recipe with several seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Version of this format.
    pub version: u32,
    /// How to measure it again; `DIR` stands for the folder of the data.
    pub command: String,
    /// Commit of the sources.
    pub commit: String,
    /// What was learned.
    pub recipe: Recipe,
    /// Test samples.
    pub test_samples: u64,
    /// A run per seed.
    pub runs: Vec<SeedRun>,
    /// Samples that the reference learns per second of one core's time, on the machine of the measurement.
    pub reference_samples_per_second: f64,
}

/// A run with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRun {
    /// User seed.
    pub seed: u32,
    /// Epoch by epoch.
    pub epochs: Vec<EpochRun>,
}

/// An epoch, and what was known after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRun {
    /// What its samples asked for.
    pub work: Work,
    /// Test samples that are recognised.
    pub correct: u64,
}

impl Training {
    /// Median over the seeds of the accuracy after an epoch (from 1), in percent.
    #[must_use]
    pub fn accuracy(&self, epoch: u32) -> Option<f64> {
        let after = |run: &SeedRun| run.epochs.get(epoch as usize - 1).map(|e| e.correct);
        let mut all: Vec<u64> = self.runs.iter().map(after).collect::<Option<_>>()?;
        all.sort_unstable();
        all.get(all.len() / 2).map(|&correct| percent(correct, self.test_samples))
    }

    /// Least and largest accuracy of the seeds after the last epoch, in percent.
    #[must_use]
    pub fn spread(&self) -> Option<(f64, f64)> {
        let last = self.runs.iter().filter_map(|run| run.epochs.last()).map(|e| e.correct);
        let (least, most) = (last.clone().min()?, last.max()?);
        Some((percent(least, self.test_samples), percent(most, self.test_samples)))
    }

    /// The run with a seed.
    #[must_use]
    pub fn run(&self, seed: u32) -> Option<&SeedRun> {
        self.runs.iter().find(|run| run.seed == seed)
    }
}

/// Trains for all epochs.
///
/// # Errors
/// Of the reference.
pub fn train(model: &Model, data: &Dataset, epochs: u32, output: Output) -> Result<SeedRun> {
    let seed = model.settings.rule.seed;
    let mut walk = Walk::new(model, data)?;
    let questions = questions(model, &data.test, usize::MAX)?;
    let questions = questions.examples();
    let mut progress = output.progress(&format!("seed {seed}"), u64::from(epochs));
    let mut run = SeedRun { seed, epochs: Vec::new() };
    for epoch in 1..=epochs {
        let examples = walk.epoch()?;
        let work = walk.count(&examples.examples())?;
        let answers = walk.answers(&questions)?;
        let right = answers.iter().zip(data.test.labels()).filter(|(a, label)| a.class == **label);
        run.epochs.push(EpochRun { work, correct: right.count() as u64 });
        progress.at(u64::from(epoch), || format!("epoch {epoch}"));
    }
    Ok(run)
}

/// Samples per second of one core's time, in the first epoch.
///
/// # Errors
/// Of the reference.
pub fn speed(model: &Model, data: &Dataset) -> Result<f64> {
    let mut fastest = f64::INFINITY;
    for _ in 0..SPEED_RUNS {
        let mut walk = Walk::new(model, data)?;
        let queue = walk.epoch()?;
        let examples = queue.examples();
        let start = processor_time();
        walk.learn(&examples)?;
        fastest = fastest.min((processor_time() - start) as f64 * 1e-9);
    }
    Ok((data.train.len() as f64 / fastest).round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{NetworkArgs, RunArgs};
    use crate::backend::empty_reference;
    use crate::session::{Batched, Session as _};
    use crate::setup;
    use crate::trainer::{Goal, Run};

    #[test]
    fn it_is_the_training_of_the_command_line() {
        let data = Dataset::load("digits", None).unwrap();
        let network = NetworkArgs { columns: vec![64], ..NetworkArgs::default() };
        let args = RunArgs { epochs: Some(3), ..RunArgs::default() };
        let (mut model, samples) = setup::fresh(&network, &args, &data).unwrap();
        let quiet = Output { quiet: true, silent: true, ..Output::default() };
        let ours = train(&model, &data, 3, quiet).unwrap();

        let mut session = Batched::software(empty_reference().unwrap());
        session.load(&model).unwrap();
        let training = Run {
            session: &mut session,
            model: &mut model,
            data: &data,
            output: quiet,
            recorder: None,
        };
        let report = training.train(Goal { samples, evaluate_every: 1 }).unwrap();
        assert_eq!(report.curve.len(), 3);
        for (point, epoch) in report.curve.iter().zip(&ours.epochs) {
            let score = point.score.as_ref().unwrap();
            assert_eq!(u64::from(score.correct()), epoch.correct);
            assert_eq!(point.tally.updates[0], epoch.work.updated);
        }
    }

    #[test]
    fn the_median_is_of_the_seeds() {
        let data = Dataset::load("digits", None).unwrap();
        let (model, _) = setup::fresh(&NetworkArgs::default(), &RunArgs::default(), &data).unwrap();
        let epoch = |correct| EpochRun { work: Work::default(), correct };
        let run = |seed, correct| SeedRun { seed, epochs: vec![epoch(1), epoch(correct)] };
        let training = Training {
            version: TRAINING_VERSION,
            command: String::new(),
            commit: String::new(),
            recipe: Recipe::of(&model, &data, 2).unwrap(),
            test_samples: 100,
            runs: vec![run(1, 90), run(2, 97), run(3, 95)],
            reference_samples_per_second: 1.0,
        };
        assert_eq!((training.accuracy(1), training.accuracy(2)), (Some(1.0), Some(95.0)));
        assert_eq!((training.accuracy(3), training.spread()), (None, Some((90.0, 97.0))));
        assert_eq!(training.recipe.name(), "digits-64-512-drop20");
        assert_eq!(training.run(2).unwrap().epochs[1].correct, 97);
    }
}

//! The reference on its way through a training run, epoch by epoch.

use deku_ref::wire::ExampleResult;
use deku_ref::{Example, Module};

use super::minimum;
use super::record::Work;
use crate::backend::{reference, Software};
use crate::compose::Composer;
use crate::data::{Dataset, Samples};
use crate::error::{Error, Result};
use crate::model::{Model, Phase};
use crate::order::Stream;
use crate::session::{Batched, Queue, Session as _};

/// The reference, and the samples in the order in which it learns them.
pub struct Walk<'d> {
    reference: Software,
    model: Model,
    stream: Stream<'d>,
    length: u64,
    seen: u64,
}

impl<'d> Walk<'d> {
    /// At the beginning of a run.
    ///
    /// # Errors
    /// `bench/phase` where a sample is more than one forward pass.
    pub fn new(model: &Model, data: &'d Dataset) -> Result<Self> {
        if model.settings.phase != Phase::Labelled {
            return Err(Error::usage("bench/phase", "only labelled training is measured")
                .cause("the weight-port minimum is defined for one forward pass per sample")
                .fix("leave out --phase and --overlay"));
        }
        Ok(Self {
            reference: reference(model)?,
            model: model.clone(),
            stream: Stream::new(&model.settings, &data.train, data.side),
            length: data.train.len() as u64,
            seen: 0,
        })
    }

    /// The examples of the next epoch.
    ///
    /// # Errors
    /// If the schedule is not legal.
    pub fn epoch(&mut self) -> Result<Queue> {
        let schedule = self.model.settings.schedule()?;
        let mut composer = Composer::new(&self.model.settings);
        let mut queue = Queue::default();
        for _ in 0..self.length {
            let shift = schedule.rate_shift(self.seen);
            self.seen += 1;
            composer.train(self.stream.next(), shift, |example, _| {
                queue.push(&example);
                Ok(())
            })?;
        }
        Ok(queue)
    }

    /// Learns them.
    ///
    /// # Errors
    /// Of the reference.
    pub fn learn(&mut self, examples: &[Example<'_>]) -> Result<()> {
        examples.iter().try_for_each(|e| self.reference.train(e).map(|_| ()))?;
        Ok(())
    }

    /// Learns them and counts what that asks for.
    ///
    /// # Errors
    /// Of the reference.
    pub fn count(&mut self, examples: &[Example<'_>]) -> Result<Work> {
        minimum::work(&mut self.reference, examples.iter().copied())
    }

    /// What it says of examples that are not learned from.
    ///
    /// # Errors
    /// Of the reference.
    pub fn answers(&mut self, examples: &[Example<'_>]) -> Result<Vec<ExampleResult>> {
        let mut answers = Vec::with_capacity(examples.len());
        self.reference.stream(examples, &mut |_, result| answers.push(*result))?;
        Ok(answers)
    }

    /// The model as it is now.
    ///
    /// # Errors
    /// Of the reference.
    pub fn model(&mut self) -> Result<Model> {
        let mut model = self.model.clone();
        Batched::software(self.reference.clone()).store(&mut model)?;
        Ok(model)
    }

    /// The reference as it is now.
    #[must_use]
    pub fn reference(&self) -> &Software {
        &self.reference
    }
}

/// Samples as questions, the first `most` of them.
///
/// # Errors
/// None for networks that a [`Walk`] takes.
pub fn questions(model: &Model, samples: &Samples, most: usize) -> Result<Queue> {
    let mut composer = Composer::new(&model.settings);
    let mut queue = Queue::default();
    for n in 0..samples.len().min(most) {
        composer.infer(samples.list(n), |example| {
            queue.push(&example);
            Ok(())
        })?;
    }
    Ok(queue)
}

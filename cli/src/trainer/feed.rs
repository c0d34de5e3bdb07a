//! Samples on their way into the module, and the results on their way back.

use std::collections::VecDeque;

use deku_ref::schedule::Schedule;
use deku_ref::wire::ExampleResult;

use crate::compose::Composer;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::{Host, Model};
use crate::order::Stream;
use crate::session::Session;
use crate::tally::Tally;
use crate::watch::Recent;

/// Takes samples from the stream, hands them to the session, and collects the results.
pub(super) struct Feed<'d> {
    stream: Stream<'d>,
    epoch_length: u64,
    composer: Composer,
    schedule: Schedule,
    seen: u64,
    /// Right answers of the examples under way.
    expected: VecDeque<u8>,
    taken: Taken,
}

/// Results.
#[derive(Default)]
struct Taken {
    tally: Tally,
    hits: Vec<bool>,
    recent: Recent,
}

impl Taken {
    fn take(&mut self, result: &ExampleResult, right: u8) {
        self.hits.push(self.tally.take(result, right));
        self.recent.take(result, right);
    }
}

impl<'d> Feed<'d> {
    /// Where the model's order stands.
    pub fn new(model: &Model, data: &'d Dataset) -> Result<Self> {
        let settings = &model.settings;
        let mut stream = Stream::new(settings, &data.train, data.side);
        if !stream.replay(&settings.host) {
            return Err(Error::input(
                "model/order",
                "the order of the samples cannot be continued",
            )
            .cause("the training data are not those of the model, or the file was changed")
            .fix("give the same --data, --samples and --validation as before"));
        }
        Ok(Self {
            stream,
            epoch_length: data.train.len() as u64,
            composer: Composer::new(settings),
            schedule: settings.schedule()?,
            seen: settings.plan.seen,
            expected: VecDeque::new(),
            taken: Taken::default(),
        })
    }

    /// Epochs of the order that were begun.
    pub fn epoch(&self) -> u64 {
        self.stream.drawn().div_ceil(self.epoch_length)
    }

    /// Samples left of the epoch.
    pub fn to_end_of_epoch(&self) -> u64 {
        self.epoch_length - self.stream.drawn() % self.epoch_length
    }

    /// Results since the last call of [`Self::finish`].
    pub fn tally(&self) -> &Tally {
        &self.taken.tally
    }

    /// Of each example since the last call, whether it was predicted right.
    pub fn take_hits(&mut self) -> Vec<bool> {
        std::mem::take(&mut self.taken.hits)
    }

    /// Results that nobody was told of yet.
    pub fn recent(&mut self) -> &mut Recent {
        &mut self.taken.recent
    }

    /// Hands the next sample over.
    pub fn push(&mut self, session: &mut dyn Session) -> Result<()> {
        let shift = self.schedule.rate_shift(self.seen);
        self.seen += 1;
        let (expected, taken) = (&mut self.expected, &mut self.taken);
        self.composer.train(self.stream.next(), shift, |example, right| {
            expected.push_back(right);
            session.push(&example, &mut |result| {
                taken.take(result, expected.pop_front().unwrap_or_default());
            })
        })
    }

    /// Waits for the results under way and returns the tally since the last call.
    pub fn finish(&mut self, session: &mut dyn Session) -> Result<Tally> {
        let (expected, taken) = (&mut self.expected, &mut self.taken);
        session.flush(&mut |result| {
            taken.take(result, expected.pop_front().unwrap_or_default());
        })?;
        Ok(std::mem::take(&mut taken.tally))
    }

    /// Writes down where the stream stands.
    pub fn note(&self, model: &mut Model) {
        let settings = &mut model.settings;
        settings.plan.seen = self.seen;
        settings.host = Host {
            state: self.stream.state(),
            drawn: self.stream.drawn(),
            ..settings.host.clone()
        };
    }
}

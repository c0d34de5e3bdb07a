//! Where a run stands, besides what its model says.

use serde::{Deserialize, Serialize};

use crate::tally::Tally;

/// How far a run has come; everything its report needs from before an interruption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Samples learned from.
    pub done: u64,
    /// The epoch under way.
    pub epoch: Tally,
    /// The first epoch, once it has ended.
    pub first: Tally,
    /// All of it.
    pub total: Tally,
    /// Seconds of training, evaluation left out.
    pub seconds: f64,
    /// Clock cycles of training, where there is a clock.
    pub cycles: Option<u64>,
}

/// No run has as many of anything; sums of two of them do not overflow.
const MOST: u64 = 1 << 53;

impl Standing {
    /// Takes a stretch of training.
    pub(super) fn add(&mut self, samples: u64, tally: &Tally, seconds: f64, cycles: Option<u64>) {
        self.done += samples;
        self.epoch.add(tally);
        self.total.add(tally);
        self.seconds += seconds;
        if let Some(cycles) = cycles {
            *self.cycles.get_or_insert(0) += cycles;
        }
    }

    /// Ends the epoch and returns what it came to.
    pub(super) fn end_epoch(&mut self) -> Tally {
        let tally = std::mem::take(&mut self.epoch);
        if self.first.examples == 0 {
            self.first = tally.clone();
        }
        tally
    }

    /// Share of the examples of the first epoch that updated layer 0, in percent.
    #[must_use]
    pub fn first_rate(&self) -> Option<f64> {
        (self.first.examples > 0).then(|| self.first.update_rate())
    }

    /// Whether a run of `samples` can stand here.
    #[must_use]
    pub fn plausible(&self, samples: u64) -> bool {
        let small = |t: &Tally| {
            let counts = [t.examples, t.correct, t.gap.unsigned_abs()];
            counts.iter().chain(&t.updates).all(|&n| n <= MOST)
        };
        self.done <= samples
            && [&self.epoch, &self.first, &self.total].into_iter().all(small)
            && self.seconds.is_finite()
            && self.cycles.unwrap_or(0) <= MOST
    }
}

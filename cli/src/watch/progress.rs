//! What a run says of itself about once a second.

use serde::{Deserialize, Serialize};

use super::Histogram;
use crate::hardware::{Driver, Speed};

/// How a run goes. Accuracy, gap, update rate and goodness are those of the examples since the last
/// one, each before its update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Samples learned from.
    pub samples: u64,
    /// Samples of the whole run.
    pub of: u64,
    /// Epochs begun.
    pub epoch: u64,
    /// Seconds of training, evaluation left out.
    pub seconds: f64,
    /// Examples executed since the last one.
    pub examples: u64,
    /// Predicted right, in percent.
    pub accuracy: f64,
    /// Mean goodness of the truth less that of the best other candidate.
    pub gap: f64,
    /// Examples that updated layer 0, in percent.
    pub update_rate: f64,
    /// Samples per second.
    pub samples_per_second: f64,
    /// Clock cycles per second, where there is a clock.
    pub cycles_per_second: Option<f64>,
    /// Clock cycles of training so far, where there is a clock.
    pub cycles: Option<u64>,
    /// How goodness is distributed.
    pub goodness: Histogram,
    /// The link, where there is one.
    pub link: Option<LinkHealth>,
}

/// What the driver counted since it connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkHealth {
    /// Frames exchanged.
    pub frames: u64,
    /// Bytes exchanged, in each direction.
    pub bytes: u64,
    /// Frames that arrived damaged.
    pub damaged: u64,
    /// Frames whose answer was damaged, missing or negative.
    pub unanswered: u64,
    /// Times records were sent again.
    pub resends: u64,
    /// Resets sent to recover.
    pub resets: u64,
    /// Times the clock of the link was lowered.
    pub slowed: u64,
    /// Frames of which the host's own interface reported an error.
    pub failed: u64,
    /// Speed of the wire; none where there is none.
    pub speed: Option<Speed>,
}

impl LinkHealth {
    /// How the link of a module is.
    pub fn of(driver: &mut Driver) -> Self {
        let (speed, stats) = (driver.transport().speed(), driver.stats());
        Self {
            frames: stats.frames,
            bytes: stats.bytes,
            damaged: stats.damaged,
            unanswered: stats.unanswered,
            resends: stats.rewinds,
            resets: stats.resets,
            slowed: stats.slowed,
            failed: stats.failed,
            speed,
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { frames, damaged, unanswered, resends, resets, slowed, failed, .. } = self;
        if [damaged, unanswered, resends, resets, slowed, failed].iter().all(|n| **n == 0) {
            return format!("{frames} frames, all of them unharmed");
        }
        format!("{frames} frames, {damaged} damaged, {unanswered} without answer, {failed} failed, {resends} resends, {resets} resets, slowed {slowed} times")
    }
}

//! What a stretch of training came to.

use deku_ref::config::MAX_LAYERS;
use deku_ref::wire::ExampleResult;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use crate::score::percent;

/// Sums over examples, all from before their update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Examples executed.
    pub examples: u64,
    /// Examples predicted right.
    pub correct: u64,
    /// Goodness of the truth minus goodness of the best other.
    pub gap: i64,
    /// Examples that updated each layer.
    pub updates: [u64; MAX_LAYERS],
}

impl Tally {
    /// Takes the result of an example whose right answer is `right`; returns whether it was given.
    pub fn take(&mut self, result: &ExampleResult, right: u8) -> bool {
        self.examples += 1;
        self.correct += u64::from(result.class == right);
        self.gap += i64::from(result.truth) - i64::from(result.other);
        for (layer, count) in self.updates.iter_mut().enumerate() {
            *count += u64::from(result.updated >> layer & 1);
        }
        result.class == right
    }

    /// Adds another stretch.
    pub fn add(&mut self, other: &Self) {
        self.examples += other.examples;
        self.correct += other.correct;
        self.gap += other.gap;
        for (sum, n) in self.updates.iter_mut().zip(other.updates) {
            *sum += n;
        }
    }

    /// Predicted right, in percent.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        percent(self.correct, self.examples)
    }

    /// Mean goodness of the truth minus that of the best other.
    #[must_use]
    pub fn mean_gap(&self) -> f64 {
        (10.0 * self.gap as f64 / self.examples.max(1) as f64).round() / 10.0
    }

    /// Examples that updated layer 0, in percent.
    #[must_use]
    pub fn update_rate(&self) -> f64 {
        percent(self.updates[0], self.examples)
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "accuracy {:.1} %  gap {:+.0}  updates {:.1} %",
            self.accuracy(),
            self.mean_gap(),
            self.update_rate()
        )
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "examples": self.examples,
            "accuracy": self.accuracy(),
            "gap": self.mean_gap(),
            "update_rate": self.update_rate(),
        })
    }
}

//! The part of a model that is not weights: one JSON object in the file's metadata.

use deku_ref::masks::{Grouping, MaskRule};
use deku_ref::schedule::Schedule;
use deku_ref::NetworkConfig;
use serde::{Deserialize, Serialize};

pub use crate::args::{OrderArg as Order, PhaseArg as Phase};
use crate::data::Scaling;
use crate::error::{Error, Result};

/// Everything about a model but the contents of its memories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Inputs of a sample, label rows not counted.
    pub inputs: usize,
    /// Classes of the data.
    pub classes: usize,
    /// Columns of each layer.
    pub columns: Vec<usize>,
    /// Scale S of each layer.
    pub shifts: Vec<u8>,
    /// Label rows per class, 0 = none.
    pub copies: usize,
    /// How it is trained.
    pub phase: Phase,
    /// How the class masks were drawn.
    pub masks: Masks,
    /// Constants of the learning rule.
    pub rule: Rule,
    /// State of the rival generator.
    pub rival_state: u32,
    /// State of the rounding generator.
    pub round_state: u32,
    /// Where the schedule stands.
    pub plan: Plan,
    /// Where the order of the samples stands.
    pub host: Host,
    /// How a table's features were scaled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scaling: Option<Scaling>,
}

/// How class masks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masks {
    /// Share of the columns each class owns, in 1/256.
    pub share: u16,
    /// Columns per group, 1 or 8.
    pub group: u8,
}

/// Constants of the learning rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// User seed.
    pub seed: u32,
    /// Temperature is 2 to this power.
    pub temperature: u8,
    /// First rate shift SH0.
    pub first_shift: u8,
    /// Threshold of the single phase.
    pub theta: u32,
}

/// Where the schedule stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Samples planned; none = endless.
    pub planned: Option<u64>,
    /// Samples seen since the plan began.
    pub seen: u64,
}

/// Where the order of the samples stands: `drawn` samples were taken since the generator stood at
/// `start`, the permutation follows from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// File order or shuffled.
    pub order: Order,
    /// Images are shifted at random.
    pub jitter: bool,
    /// Inputs are dropped with this probability, in 1/256.
    pub drop: u8,
    /// Number of different training samples, 0 = not trained yet.
    pub samples: usize,
    /// Fingerprint of the training samples.
    pub data: String,
    /// State of the generator before the first sample of this order.
    pub start: u32,
    /// State now.
    pub state: u32,
    /// Samples taken: `drawn / samples` epochs and `drawn % samples` samples of the next.
    pub drawn: u64,
}

impl Settings {
    /// Whether the network has class masks.
    #[must_use]
    pub fn has_masks(&self) -> bool {
        self.phase != Phase::Overlay
    }

    /// Rate shift of every sample.
    pub fn schedule(&self) -> Result<Schedule> {
        let first = self.rule.first_shift;
        let schedule = match self.plan.planned {
            Some(planned) => Schedule::planned(first, planned),
            None => Schedule::endless(first),
        };
        schedule.map_err(Error::from)
    }

    /// Masks of a layer as 0 and 1; empty if the network has none.
    pub(super) fn draw_masks(
        &self,
        layer: usize,
        columns: usize,
        network: &NetworkConfig,
    ) -> Result<Vec<u8>> {
        if !self.has_masks() {
            return Ok(Vec::new());
        }
        let mut masks = vec![1; network.classes() * columns];
        if self.phase == Phase::Labelled {
            let grouping =
                if self.masks.group == 8 { Grouping::BalancedGroups } else { Grouping::PerColumn };
            let rule = MaskRule::new(self.masks.share, grouping)?;
            let mut scratch = vec![0; MaskRule::scratch(columns)];
            rule.draw(self.rule.seed, layer, columns, &mut masks, &mut scratch);
            masks.iter_mut().for_each(|m| *m = u8::from(*m != 0));
        }
        Ok(masks)
    }
}

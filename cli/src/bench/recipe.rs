//! What is learned, from what and how: the same for every module.

use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;

/// A training run but for its seed. Masks are drawn per column, the order is shuffled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Kind of data.
    pub data: String,
    /// Fingerprint of the training samples.
    pub data_hash: String,
    /// Training samples: an epoch.
    pub samples: u64,
    /// Network, as text.
    pub network: String,
    /// Scale S of each layer.
    pub shifts: Vec<u8>,
    /// Temperature k of the rival's draw, tau = 2^k.
    pub temperature: u8,
    /// First rate shift.
    pub first_shift: u8,
    /// Share of the columns that a class owns, in 256ths.
    pub mask_share: u16,
    /// Images are shifted at random.
    pub jitter: bool,
    /// Inputs are dropped with this probability, in 256ths.
    pub drop: u8,
    /// Epochs that the rate schedule is planned for.
    pub epochs: u32,
}

impl Recipe {
    /// That of a fresh model.
    ///
    /// # Errors
    /// If its settings are not legal.
    pub fn of(model: &Model, data: &Dataset, epochs: u32) -> Result<Self> {
        let s = &model.settings;
        Ok(Self {
            data: data.kind.clone(),
            data_hash: data.train.hash(),
            samples: data.train.len() as u64,
            network: s.network_config()?.to_string(),
            shifts: s.shifts.clone(),
            temperature: s.rule.temperature,
            first_shift: s.rule.first_shift,
            mask_share: s.masks.share,
            jitter: s.host.jitter,
            drop: s.host.drop,
            epochs,
        })
    }

    /// Data, network and what is done to the samples, for names of files: `mnist-784-512-jitter-drop40`.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.data, self.shape(), self.jitter, self.drop)
    }

    /// Inputs and columns: `784-512`.
    #[must_use]
    pub fn shape(&self) -> &str {
        self.network.split(',').next().unwrap_or_default()
    }
}

/// The name of a recipe: `mnist-784-512-jitter-drop40`.
#[must_use]
pub fn name(data: &str, shape: &str, jitter: bool, drop: u8) -> String {
    let jitter = if jitter { "-jitter" } else { "" };
    let drop = if drop > 0 { format!("-drop{drop}") } else { String::new() };
    format!("{data}-{shape}{jitter}{drop}")
}

//! docs/bench/plan.toml: what is measured for docs/benchmarks.md, and what was asked for.

use std::collections::BTreeMap;
use std::path::Path;

use deku_rtlgen::config::{read_text, Fabric, ModuleConfig};
use serde::Deserialize;

use super::recipe;
use crate::error::{Error, Result};

/// The plan.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Epochs of a training run.
    pub epochs: u32,
    /// Epochs of it that are measured in the simulated module.
    pub measured_epochs: Vec<u32>,
    /// Test samples that are classified by the simulated module.
    pub inferred: usize,
    /// Seeds of the training runs; modules are measured with the first.
    pub seeds: Vec<u32>,
    /// Configurations.
    pub configurations: Vec<String>,
    /// Networks.
    #[serde(rename = "network")]
    pub networks: Vec<Planned>,
    /// Blocks that are placed alone.
    #[serde(rename = "block")]
    pub blocks: Vec<Block>,
    /// What was asked for of every board: MHz, by the folder of the fabric's primitives.
    pub clocks: BTreeMap<String, f64>,
    /// What was asked for of modules.
    #[serde(rename = "limit")]
    pub limits: Vec<Limit>,
}

/// A kind of network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// For people.
    pub title: String,
    /// `--data`; `DIR` stands for the folder of the data.
    pub data: String,
    /// Inputs of the data.
    pub inputs: usize,
    /// Classes of the data.
    pub classes: usize,
    /// More columns are not taken; without this as many as fit.
    pub most_columns: Option<usize>,
    /// Only in these configurations.
    pub configurations: Option<Vec<String>>,
    /// Images are shifted.
    #[serde(default)]
    pub jitter: bool,
    /// Inputs are dropped, in 256ths.
    #[serde(default)]
    pub drop: u8,
    /// Temperature of the rival's draw, if not that of images: tau = 2^k.
    pub tau_k: Option<u32>,
    /// First rate shift, if not that of images.
    pub sh0: Option<u32>,
    /// Sample format.
    pub format: String,
    /// Samples of each measured epoch that the simulated module learns.
    pub part: usize,
}

/// A block.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// For people.
    pub name: String,
    /// Verilog module.
    pub module: String,
    /// Whose.
    pub configuration: String,
    /// Another number of MAC primitives than the configuration's.
    pub mac_pairs: Option<u32>,
    /// Primitives and script.
    pub fabric: Fabric,
    /// Lanes in it, if it has some.
    pub lanes: Option<u32>,
    /// A configuration of whose boards this is the slice of lanes.
    pub lanes_of: Option<String>,
    /// What was asked for: cells per lane.
    pub most_per_lane: Option<f64>,
    /// What was asked for: fewer cells than this.
    pub cells_below: Option<u64>,
    /// What was asked for: a faster clock than this, MHz.
    pub clock_above: Option<f64>,
}

/// What was asked for of a measured module.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Name of the measurement.
    pub measurement: String,
    /// Samples per second trained, engine alone.
    pub engine: Option<f64>,
    /// Samples per second trained, with the link.
    pub with_link: Option<f64>,
    /// Accuracy after the last epoch, percent.
    pub accuracy: Option<f64>,
}

impl Plan {
    /// Reads it.
    ///
    /// # Errors
    /// `bench/plan` if it cannot be used.
    pub fn read(path: &Path) -> Result<Self> {
        let unusable = |what: &str| {
            Error::input("bench/plan", format!("cannot use `{}`: {what}", path.display()))
                .cause("it is missing, was edited, or is for another version of deku")
                .fix("compare with docs/bench/plan.toml of the repository")
        };
        let text = read_text(path).map_err(|e| unusable(&e.to_string()))?;
        let plan: Self = toml::from_str(&text).map_err(|e| unusable(e.message()))?;
        Self::check_epochs(&plan.measured_epochs, plan.epochs).map_err(|what| unusable(&what))?;
        if plan.seeds.is_empty() || plan.measured_epochs.is_empty() {
            return Err(unusable("seeds and measured_epochs must not be empty"));
        }
        plan.configurations.iter().try_for_each(|name| ModuleConfig::load(name).map(|_| ()))?;
        Ok(plan)
    }

    /// Whether such epochs can be measured.
    ///
    /// # Errors
    /// A sentence, if not.
    pub fn check_epochs(measured: &[u32], all: u32) -> std::result::Result<(), String> {
        let ascending = measured.windows(2).all(|pair| pair[0] < pair[1]);
        if ascending && measured.iter().all(|epoch| (1..=all).contains(epoch)) {
            return Ok(());
        }
        Err(format!("the epochs {measured:?} do not ascend from 1 to {all}"))
    }
}

impl Planned {
    /// Whether it is meant for a configuration.
    #[must_use]
    pub fn concerns(&self, config: &ModuleConfig) -> bool {
        self.configurations.as_ref().is_none_or(|names| names.contains(&config.name))
    }

    /// The most columns, in whole words, that a configuration can take and the plan allows.
    ///
    /// # Errors
    /// That of one word, if not even that fits.
    pub fn columns(&self, config: &ModuleConfig) -> Result<usize> {
        let columns = config.capacity().most_columns(self.inputs, self.classes)?;
        Ok(self.most_columns.map_or(columns, |most| columns.min(most)))
    }

    /// Kind of the data.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.data.split(':').next().unwrap_or_default()
    }

    /// Name of the training run with so many columns.
    #[must_use]
    pub fn training(&self, columns: usize) -> String {
        recipe::name(self.kind(), &format!("{}-{columns}", self.inputs), self.jitter, self.drop)
    }

    /// Name of the measurement in a configuration.
    #[must_use]
    pub fn measurement(&self, config: &ModuleConfig, columns: usize) -> String {
        format!("{}-{}", config.name, self.training(columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench/plan.toml");
        Plan::read(Path::new(path)).unwrap()
    }

    #[test]
    fn widths_that_are_known() {
        let plan = plan();
        let columns = |config: &str, data: &str| {
            let config = ModuleConfig::builtin(config).unwrap();
            let all = plan.networks.iter().filter(|n| n.concerns(&config));
            let network = all.into_iter().find(|n| n.kind() == data).unwrap();
            network.columns(&config)
        };
        assert_eq!(columns("up5k", "mnist").unwrap(), 160);
        assert_eq!(columns("up5k", "mnist14").unwrap(), 640);
        assert_eq!(columns("up5k", "calls").unwrap(), 256);
        assert_eq!(columns("ecp5-85", "mnist").unwrap(), 512);
        assert_eq!(columns("gw1n-9", "calls").unwrap_err().code, "config/range");
        assert!(columns("nano", "digits").is_err(), "ten classes are too many for nano");
    }

    #[test]
    fn every_limit_belongs_to_a_measurement() {
        let plan = plan();
        let mut names = Vec::new();
        for name in &plan.configurations {
            let config = ModuleConfig::load(name).unwrap();
            for n in plan.networks.iter().filter(|n| n.concerns(&config)) {
                names
                    .extend(n.columns(&config).ok().map(|columns| n.measurement(&config, columns)));
            }
        }
        for limit in &plan.limits {
            assert!(names.contains(&limit.measurement), "{}: {names:?}", limit.measurement);
        }
    }
}

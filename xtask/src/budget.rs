//! What is allowed in area and speed: `tests/build_budget.toml`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::project::Project;

/// The file.
pub const FILE: &str = "tests/build_budget.toml";

/// A build may be this much larger or slower than the one that was measured.
const PERCENT: f64 = 5.0;

/// An estimate may be this far from the build.
const ESTIMATE_PERCENT: f64 = 15.0;

/// Number of each cell.
pub type Cells = BTreeMap<String, u64>;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// A module alone on its smallest FPGA.
    pub module: Module,
    /// Boards as they were measured.
    #[serde(rename = "board")]
    pub boards: Vec<Board>,
}

/// Limits of one configuration on one FPGA.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The configuration.
    pub config: String,
    /// Arguments of nextpnr-ice40: device, package, target clock; others come with the netlist.
    pub place: Vec<String>,
    /// How much timing weighs in placement, if not as much as for the family.
    pub timing_weight: Option<u32>,
    /// Seeds of the placement.
    pub seeds: Vec<u32>,
    /// Largest number of each cell.
    pub cells: Cells,
    /// Median of the clock over the seeds, MHz.
    pub clock_mhz: f64,
}

/// What a board was when it was measured last.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The board.
    pub name: String,
    /// A configuration other than the board's own.
    pub config: Option<String>,
    /// Placements: seeds 1 to this.
    pub seeds: u32,
    /// Built by `cargo xtask test`; else by `cargo xtask boards`.
    #[serde(default)]
    pub in_tests: bool,
    /// LUTs of the netlist.
    pub luts: u64,
    /// Clock of the worst seed, MHz.
    pub fmax_min_mhz: f64,
}

impl Module {
    /// The configuration, and the weight of timing in its placement.
    pub fn placed(&self) -> (&str, Option<u32>) {
        (&self.config, self.timing_weight)
    }
}

impl Budget {
    /// Reads the file.
    pub fn read(project: &Project) -> Result<Self> {
        let text = fs::read_to_string(project.path(FILE)).with_context(|| format!("no {FILE}"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not legal"))
    }
}

impl Board {
    /// What is wrong with a build, from the report of `deku build`: a sentence each.
    pub fn faults(&self, report: &Value) -> Vec<String> {
        let number = |field: &str| report[field].as_f64().unwrap_or(f64::NAN);
        let (luts, clock, target) = (number("luts"), number("fmax_min_mhz"), number("target_mhz"));
        let most = self.luts as f64 * (1.0 + PERCENT / 100.0);
        let least = self.fmax_min_mhz * (1.0 - PERCENT / 100.0);
        let mut faults = Vec::new();
        // Written so that a number that is missing is a fault.
        if !matches!(clock.partial_cmp(&target), Some(o) if o.is_ge()) {
            faults.push(format!("{clock} MHz with its worst seed, {target} MHz are needed"));
        }
        if !matches!(clock.partial_cmp(&least), Some(o) if o.is_ge()) {
            faults.push(format!(
                "{clock} MHz with its worst seed, more than {PERCENT} % below the {} MHz in {FILE}",
                self.fmax_min_mhz
            ));
        }
        if !matches!(luts.partial_cmp(&most), Some(o) if o.is_le()) {
            faults.push(format!(
                "{luts} LUTs, more than {PERCENT} % above the {} in {FILE}",
                self.luts
            ));
        }
        faults.iter().map(|fault| format!("{}: {fault}", self.title())).collect()
    }

    /// The board and its configuration.
    pub fn title(&self) -> String {
        match &self.config {
            Some(config) => format!("{} with {config}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Whether an estimate of `deku estimate` is too far from what was built; a sentence then.
pub fn wrong_estimate(board: &Board, estimate: &Value, report: &Value) -> Option<String> {
    let [estimated, built] = [estimate, report].map(|v| v["luts"].as_f64().unwrap_or(f64::NAN));
    let near = (estimated - built).abs() <= built * ESTIMATE_PERCENT / 100.0;
    (!near).then(|| {
        format!(
            "{}: `deku estimate` says {estimated} LUTs, more than {ESTIMATE_PERCENT} % from the {built} that \
             were built\n  fix: measure the modules in rtl-gen/measured again",
            board.title()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{wrong_estimate, Board};
    use serde_json::json;

    fn board() -> Board {
        let text = "name = \"b\"\nseeds = 3\nluts = 1000\nfmax_min_mhz = 60.0";
        toml::from_str(text).unwrap()
    }

    fn faults(luts: u64, fmax: f64, target: f64) -> Vec<String> {
        board().faults(&json!({"luts": luts, "fmax_min_mhz": fmax, "target_mhz": target}))
    }

    #[test]
    fn a_little_worse_is_allowed() {
        assert!(faults(1050, 57.0, 48.0).is_empty());
        assert!(faults(1, 100.0, 100.0).is_empty());
    }

    #[test]
    fn more_is_a_fault() {
        assert!(faults(1051, 60.0, 48.0)[0].contains("b: 1051 LUTs, more than 5 % above the 1000"));
        assert!(faults(1000, 56.9, 48.0)[0].contains("more than 5 % below the 60 MHz"));
    }

    #[test]
    fn the_clock_of_the_configuration_counts_too() {
        let found = faults(1000, 59.0, 59.1);
        assert_eq!(found, ["b: 59 MHz with its worst seed, 59.1 MHz are needed"]);
    }

    #[test]
    fn an_estimate_is_compared() {
        let wrong = |estimated: u64| {
            wrong_estimate(&board(), &json!({"luts": estimated}), &json!({"luts": 1000}))
        };
        assert_eq!((wrong(850), wrong(1150)), (None, None));
        assert!(wrong(849).unwrap().contains("says 849 LUTs"));
        assert!(wrong(1151).unwrap().contains("the 1000 that were built"));
        assert!(wrong_estimate(&board(), &json!({}), &json!({"luts": 1})).is_some());
    }

    #[test]
    fn a_report_without_numbers_is_a_fault() {
        assert_eq!(board().faults(&json!({})).len(), 3);
    }
}

//! What the build of a board leaves behind for docs/benchmarks.md: its `report.json`, without the paths.

use std::collections::BTreeMap;
use std::path::Path;

use deku_rtlgen::board::Board;
use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::flow::Flow;
use deku_rtlgen::synth;
use serde::{Deserialize, Serialize};

use super::fingerprint::of_texts;
use crate::error::{Error, Result};

/// Version of the files.
pub const BOARD_VERSION: u32 = 1;

/// A board with a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardRecord {
    /// Version of this format.
    pub version: u32,
    /// Commit of the sources when the report was taken.
    pub commit: String,
    /// Hash of the configuration; none if the build was of other sources than those of the commit.
    pub configuration_hash: Option<String>,
    /// Fingerprint of the sources that were built.
    pub sources: String,
    /// What was built.
    pub build: BuildReport,
}

/// What of `report.json` is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildReport {
    /// Name of the board.
    pub board: String,
    /// Name of the configuration.
    pub config: String,
    /// Look-up tables of the netlist.
    pub luts: u64,
    /// Flip-flops of the netlist.
    pub ffs: u64,
    /// Logic cells after packing.
    pub logic_cells: u64,
    /// Block memories.
    pub rams: u64,
    /// Large memories.
    pub large_rams: u64,
    /// Multipliers.
    pub dsps: u64,
    /// Clock of the slowest seed.
    pub fmax_min_mhz: f64,
    /// Clock of the seed in the middle.
    pub fmax_median_mhz: f64,
    /// Clock of the configuration.
    pub target_mhz: f64,
    /// Clock with each seed.
    pub seeds: Vec<Seed>,
    /// Cells that are used and that there are.
    pub cells: BTreeMap<String, Cells>,
    /// The slowest path of the fastest seed.
    pub critical_path: SlowPath,
    /// From the falling edge of SCK to the pin of MISO, where the placer says.
    pub sck_to_miso_ns: Option<f64>,
}

/// A placement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    /// Its seed.
    pub seed: u32,
    /// What the system clock reaches.
    pub fmax_mhz: f64,
}

/// Cells of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    /// Used.
    pub used: u64,
    /// There are.
    pub available: u64,
}

/// A path in names of our own signals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowPath {
    /// Its delay.
    pub delay_ns: f64,
    /// What of that is in wires.
    pub wires_ns: f64,
    /// The signals.
    pub signals: Vec<String>,
}

impl BoardRecord {
    /// From the report of a build, beside which its sources are.
    ///
    /// # Errors
    /// If the board or the configuration is unknown, or the sources are gone.
    pub fn of(build: BuildReport, folder: &Path, commit: String) -> Result<Self> {
        let board = crate::build::board(&build.board)?;
        let config = ModuleConfig::load(&build.config)?;
        let now = sources(&board, &config)?;
        let built = built(folder, &now)?;
        let same = built == fingerprint(&now);
        Ok(Self {
            version: BOARD_VERSION,
            commit,
            configuration_hash: same.then(|| format!("{:08x}", config.hash())),
            sources: built,
            build,
        })
    }

    /// Whether it is of what would be built now, with at least so many seeds.
    #[must_use]
    pub fn is_fresh(&self, board: &Board, seeds: usize) -> bool {
        let now = ModuleConfig::load(&board.config).ok().and_then(|c| sources(board, &c).ok());
        let same = now.is_some_and(|now| fingerprint(&now) == self.sources);
        same && self.version == BOARD_VERSION && self.build.seeds.len() >= seeds
    }
}

impl BuildReport {
    /// Logic cells, block memories, large memories, multipliers: used and there are.
    #[must_use]
    pub fn usage(&self, flow: &Flow) -> [Option<Cells>; 4] {
        let kinds = &flow.kinds;
        [kinds.logic, kinds.ram, kinds.large_ram, kinds.dsp]
            .map(|kind| self.cells.get(kind).copied())
    }
}

/// What a build of a board begins with.
fn sources(board: &Board, config: &ModuleConfig) -> Result<Vec<(String, String)>> {
    let pll = board.accept(config).map_err(|e| crate::build::refused(board, e))?;
    Ok(synth::board(board, config, &pll))
}

fn fingerprint(files: &[(String, String)]) -> String {
    of_texts(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// Fingerprint of what was built in a folder: the files that would be made there now, as they are there.
fn built(folder: &Path, now: &[(String, String)]) -> Result<String> {
    let mut found = Vec::new();
    for (name, _) in now {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => found.push((name.clone(), text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::io(&path, "read", &e)),
        }
    }
    if found.is_empty() {
        let what = format!("`{}` does not hold what was built", folder.display());
        return Err(Error::input("bench/build", what)
            .cause("the report was moved away from the files of its build")
            .fix("give the report.json in the folder of `deku build --out`"));
    }
    Ok(fingerprint(&found))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `deku build` wrote it for the Colorlight i5.
    const REPORT: &str = include_str!("testing/report.json");

    fn build_in(folder: &Path) -> BoardRecord {
        let build: BuildReport = serde_json::from_str(REPORT).unwrap();
        BoardRecord::of(build, folder, "c".into()).unwrap()
    }

    #[test]
    fn a_report_is_kept_without_paths_and_compared_with_what_is_built_now() {
        let folder = tempfile::tempdir().unwrap();
        let board = crate::build::board("colorlight-i5").unwrap();
        let config = ModuleConfig::load(&board.config).unwrap();
        for (name, text) in sources(&board, &config).unwrap() {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let record = build_in(folder.path());
        assert_eq!(record.configuration_hash, Some(format!("{:08x}", config.hash())));
        assert!(record.is_fresh(&board, 1) && !record.is_fresh(&board, 3));
        let flow = Flow::of(board.family).unwrap();
        let [logic, ram, large, dsp] = record.build.usage(flow);
        assert_eq!(logic, Some(Cells { used: 11035, available: 24288 }));
        assert_eq!((ram.unwrap().used, large, dsp), (54, None, None));
        let text = serde_json::to_string(&record).unwrap();
        assert!(!text.contains("bitstream") && !text.contains("/tmp"), "{text}");

        std::fs::write(folder.path().join("deku_top.v"), "module deku_top; endmodule").unwrap();
        let other = build_in(folder.path());
        assert_eq!(other.configuration_hash, None);
        assert!(!other.is_fresh(&board, 1));
    }

    #[test]
    fn a_report_without_its_build_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let build: BuildReport = serde_json::from_str(REPORT).unwrap();
        let error = BoardRecord::of(build, folder.path(), "c".into()).unwrap_err();
        assert_eq!(error.code, "bench/build");
    }
}

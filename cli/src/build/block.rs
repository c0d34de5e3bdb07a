//! One block alone: its area, and its clock between registers.

use std::path::{Path, PathBuf};

use deku_rtlgen::board::{Board, BUILTIN};
use deku_rtlgen::config::{Fabric, ModuleConfig};
use deku_rtlgen::flow::{self, Flow};
use deku_rtlgen::synth;

use super::netlist::Counts;
use super::run::Step;
use crate::error::{Error, Result};
use crate::output::Progress;
use crate::toolbox::Tool;

/// What the placer tries to reach: more than any block can, so that it does not stop early.
const GOAL_MHZ: u32 = 400;

/// A block on an FPGA.
pub struct BlockBuild {
    name: String,
    board: Board,
    flow: &'static Flow,
    files: Vec<(String, String)>,
    folder: PathBuf,
    yosys: Tool,
    placer: Tool,
}

/// What a block takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockArea {
    /// Of the netlist.
    pub netlist: Counts,
    /// Packed, where the tools pack; else the look-up tables.
    pub logic_cells: u64,
    /// MAC primitives.
    pub dsps: u64,
}

impl BlockBuild {
    /// A block of a configuration, on the FPGA of the first board of the family that has this configuration.
    ///
    /// # Errors
    /// `bench/block` if there is no such block or board, and those of missing tools.
    pub fn plan(
        config: &ModuleConfig,
        fabric: Fabric,
        name: &str,
        folder: PathBuf,
    ) -> Result<Self> {
        let none = |what: String| {
            Error::input("bench/block", what)
                .cause("docs/bench/plan.toml names what the generator does not have")
                .fix("name a block of hdl/CONFIGURATION and the fabric of that configuration's boards")
        };
        let boards = BUILTIN.iter().filter_map(|(name, _)| Board::builtin(name).ok());
        let board = { boards }.find(|b| b.family == fabric && b.config == config.name);
        let mut board = board
            .ok_or_else(|| none(format!("no {} board has {}", fabric.folder(), config.name)))?;
        // A block stands for all boards of the family.
        board.timing_weight = None;
        let files = synth::block(&board, config, name)
            .ok_or_else(|| none(format!("{} has no block {name}", config.name)))?;
        let flow = super::flow_of(&board);
        let (yosys, placer) = (Tool::find("yosys")?, Tool::find(flow.placer)?);
        Ok(Self { name: name.into(), board, flow, files, folder, yosys, placer })
    }

    /// Sources and scripts.
    #[must_use]
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// The FPGA.
    #[must_use]
    pub fn chip(&self) -> String {
        self.board.chip().name()
    }

    /// Writes the sources and synthesises the block alone.
    ///
    /// # Errors
    /// Of the tools, explained.
    pub fn area(&self, progress: &mut Progress) -> Result<BlockArea> {
        std::fs::create_dir_all(&self.folder).map_err(|e| Error::io(&self.folder, "create", &e))?;
        for (name, text) in &self.files {
            let path = self.folder.join(name);
            std::fs::write(&path, text).map_err(|e| Error::io(&path, "write", &e))?;
        }
        self.yosys(synth::BARE_SCRIPT, progress)?;
        let netlist = Counts::read(&self.folder.join(synth::BARE_NETLIST), self.flow)?;
        if self.board.family != Fabric::Ice40 {
            return Ok(BlockArea { netlist, logic_cells: netlist.luts, dsps: 0 });
        }
        let log = self.pack(progress)?;
        let used = |kind: &str| packed(&log, kind).ok_or_else(|| self.not_packed());
        let (logic_cells, dsps) = (used(self.flow.kinds.logic)?, used(self.flow.kinds.dsp)?);
        Ok(BlockArea { netlist, logic_cells, dsps })
    }

    /// Whether the FPGA has as many MAC primitives.
    #[must_use]
    pub fn fits(&self, area: &BlockArea) -> bool {
        area.dsps <= u64::from(self.board.chip().dsps)
    }

    /// Synthesises the block between registers.
    ///
    /// # Errors
    /// Of the tools, explained.
    pub fn synthesise(&self, progress: &mut Progress) -> Result<()> {
        self.yosys(synth::SCRIPT, progress)
    }

    /// Places it; the clock in MHz.
    ///
    /// # Errors
    /// Of the tools, explained.
    pub fn place(&self, seed: u32, progress: &mut Progress) -> Result<f64> {
        let mut command = self.placer.command(&self.folder);
        command.args(self.flow.place(&self.board, GOAL_MHZ, seed));
        let what = format!("{}, seed {seed}", self.name);
        let log = format!("nextpnr-seed{seed}.log");
        let step = Step { name: self.flow.placer, what: &what, log, position: u64::from(seed) };
        step.run(command, &self.folder, progress)?;
        let path = self.folder.join(flow::report(seed));
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, "read", &e))?;
        only_clock(&text).ok_or_else(|| {
            let what = format!("`{}` does not have just one clock", path.display());
            Error::backend("build/report", what)
                .cause("nextpnr was stopped, or the block has another clock than clk_i")
                .fix("build again; if it stays, name blocks with one clock in docs/bench/plan.toml")
        })
    }

    fn yosys(&self, script: &str, progress: &mut Progress) -> Result<()> {
        let mut command = self.yosys.command(&self.folder);
        command.args(["-q", script]);
        let (what, log) = (format!("{}, synthesis", self.name), format!("{script}.log"));
        let step = Step { name: "yosys", what: &what, log, position: 0 };
        step.run(command, &self.folder, progress)
    }

    /// Packs the block alone, for which its pins may be more than the FPGA has; what the packer said.
    fn pack(&self, progress: &mut Progress) -> Result<String> {
        let chip = self.board.chip();
        let mut command = self.placer.command(&self.folder);
        let device = format!("--{}", chip.device);
        command.args([&device, "--package", chip.package, "--json", synth::BARE_NETLIST]);
        command.arg("--pack-only");
        let (what, log) = (format!("{}, packing", self.name), "pack.log".to_owned());
        let step = Step { name: self.flow.placer, what: &what, log: log.clone(), position: 0 };
        step.run(command, &self.folder, progress)?;
        let path = self.folder.join(log);
        std::fs::read_to_string(&path).map_err(|e| Error::io(&path, "read", &e))
    }

    fn not_packed(&self) -> Error {
        let log = self.folder.join("pack.log");
        Error::backend("build/report", format!("`{}` has no table of cells", log.display()))
            .cause("nextpnr is of a version that writes another format")
            .fix("run `cargo xtask setup` for the version that is known to work")
    }
}

/// MHz of the only clock in a report of nextpnr. Its name depends on the family: that of the block or around it.
fn only_clock(report: &str) -> Option<f64> {
    let report: serde_json::Value = serde_json::from_str(report).ok()?;
    let mut clocks = report["fmax"].as_object()?.values();
    let achieved = clocks.next()?["achieved"].as_f64()?;
    clocks.next().is_none().then_some(achieved)
}

/// Cells from nextpnr's utilisation table: lines such as `ICESTORM_LC:  4896/ 5280  92%`.
pub(crate) fn packed(log: &str, kind: &str) -> Option<u64> {
    let mut lines = log.lines().map(|line| line.trim_start_matches("Info:").trim());
    let row = lines.find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'))?;
    row.split('/').next()?.trim().parse().ok()
}

/// Where blocks are built if nothing else is said.
#[must_use]
pub fn folder_in(root: &Path, name: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    root.join(name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_the_utilisation_table() {
        let log = "Info: Device utilisation:\nInfo: \t  ICESTORM_LC:    96/   5280     1%\n\
                   Info: \t        ICESTORM_DSP:      16/      8   200%\n";
        assert_eq!((packed(log, "ICESTORM_LC"), packed(log, "ICESTORM_DSP")), (Some(96), Some(16)));
        assert_eq!(packed(log, "ICESTORM_RAM"), None);
    }

    #[test]
    fn a_block_has_one_clock() {
        let one = r#"{"fmax": {"u_block.clk_i": {"achieved": 132.0, "constraint": 400}}}"#;
        assert_eq!(only_clock(one), Some(132.0));
        let two = r#"{"fmax": {"a": {"achieved": 1.0}, "b": {"achieved": 2.0}}}"#;
        assert_eq!((only_clock(two), only_clock("{}"), only_clock("")), (None, None, None));
    }

    #[test]
    fn what_there_is_not_is_refused_before_a_tool_runs() {
        let plan = |config: &str, fabric, name: &str| {
            let config = ModuleConfig::builtin(config).unwrap();
            BlockBuild::plan(&config, fabric, name, "none".into()).err().unwrap().code
        };
        assert_eq!(plan("up5k", Fabric::Ice40, "deku_none"), "bench/block");
        assert_eq!(plan("up5k", Fabric::Gowin, "deku_mac_lanes"), "bench/block");
    }
}

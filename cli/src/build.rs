//! From a configuration and a board to a bitstream.

mod block;
mod explain;
mod netlist;
mod report;
mod run;
mod timing;

use std::path::{Path, PathBuf};

use deku_rtlgen::board::pll::Pll;
use deku_rtlgen::board::Board;
use deku_rtlgen::config::{ConfigError, ModuleConfig};
use deku_rtlgen::flow::{self, Flow};
use deku_rtlgen::synth;

use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::output::{Output, Progress};
use crate::toolbox::Tool;

pub use block::{folder_in, BlockArea, BlockBuild};
pub use netlist::Counts;
pub use report::Report;
pub use run::Step;
pub use timing::Timing;

/// The placer stops caring at its goal; a little above the clock leaves a margin.
const GOAL_PERCENT: u32 = 104;
/// What came out.
const REPORT: &str = "report.json";

/// A board, or why there is none.
///
/// # Errors
/// `board/unknown` or `board/file`.
pub fn board(name: &str) -> Result<Board> {
    Board::load(name).map_err(|error| {
        if !name.ends_with(".toml") && !name.contains('/') {
            return Error::usage("board/unknown", format!("no board `{name}`"))
                .cause(error.cause)
                .fix(error.fix);
        }
        let key = error.key.map_or(String::new(), |k| format!(": {k}"));
        Error::input("board/file", format!("unusable board {}{key}", error.file))
            .cause(error.cause)
            .fix(error.fix)
    })
}

/// Why a configuration cannot be built for a board.
pub(crate) fn refused(board: &Board, error: ConfigError) -> Error {
    let key = error.key.map_or(String::new(), |k| format!(" ({k})"));
    let what = format!("{} cannot be built for {}{key}", error.file, board.name);
    Error::usage("build/refused", what).cause(error.cause).fix(error.fix)
}

/// Everything that is known before a tool runs.
pub struct Build {
    board: Board,
    config: ModuleConfig,
    pll: Pll,
    flow: &'static Flow,
    seeds: u32,
    folder: PathBuf,
    tools: Tools,
}

struct Tools {
    yosys: Tool,
    placer: Tool,
    packer: Tool,
}

impl Build {
    /// Checks the request and finds the tools; `folder` will hold everything that is made.
    ///
    /// # Errors
    /// For requests that cannot be met, saying what can.
    pub fn plan(board: Board, config: ModuleConfig, seeds: u32, folder: PathBuf) -> Result<Self> {
        let pll = board.accept(&config).map_err(|e| refused(&board, e))?;
        let flow = flow_of(&board);
        let tools = Tools {
            yosys: Tool::find("yosys")?,
            placer: Tool::find(flow.placer)?,
            packer: Tool::find(flow.packer)?,
        };
        Ok(Self { board, config, pll, flow, seeds, folder, tools })
    }

    /// Generates, synthesises, places with every seed, and packs the fastest.
    ///
    /// # Errors
    /// Of the tools, explained; `build/slow` if no seed reaches the clock.
    pub fn run(&self, output: Output) -> Result<Report> {
        let steps = 2 + u64::from(self.seeds);
        let mut progress = output.progress(&format!("build {}", self.board.name), 100 * steps);
        self.generate()?;
        self.synthesise(&mut progress)?;
        let mut timings = Vec::new();
        for seed in 1..=self.seeds {
            self.place(seed, &mut progress)?;
            let timing = Timing::read(&self.folder.join(flow::report(seed)), seed)?;
            progress.line(output, format!("seed {seed}: {:.1} MHz", timing.clock_mhz));
            timings.push(timing);
        }
        let netlist = netlist::Counts::read(&self.folder.join(synth::NETLIST), self.flow)?;
        let report = Report::new(&self.board, &self.config, netlist, timings);
        self.store(&report)?;
        report.check_clock(&self.folder)?;
        self.pack(report.best().seed, steps, &mut progress)?;
        Ok(report)
    }

    /// The bitstream.
    #[must_use]
    pub fn bitstream(&self) -> PathBuf {
        bitstream_in(&self.folder, &self.board)
    }

    fn generate(&self) -> Result<()> {
        std::fs::create_dir_all(&self.folder).map_err(|e| Error::io(&self.folder, "create", &e))?;
        for (name, text) in synth::board(&self.board, &self.config, &self.pll) {
            let path = self.folder.join(name);
            std::fs::write(&path, text).map_err(|e| Error::io(&path, "write", &e))?;
        }
        // What an earlier run left must not be taken for what this one makes.
        for old in [self.bitstream(), self.folder.join(REPORT)] {
            match std::fs::remove_file(&old) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&old, "remove", &e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn synthesise(&self, progress: &mut Progress) -> Result<()> {
        let mut command = self.tools.yosys.command(&self.folder);
        command.arg(synth::SCRIPT);
        Step { name: "yosys", what: "synthesis", log: "yosys.log".into(), position: 0 }.run(
            command,
            &self.folder,
            progress,
        )
    }

    fn place(&self, seed: u32, progress: &mut Progress) -> Result<()> {
        let mut command = self.tools.placer.command(&self.folder);
        command.args(self.flow.place(&self.board, goal_mhz(self.config.clock_hz), seed));
        let what = format!("placement, seed {seed} of {}", self.seeds);
        let log = format!("nextpnr-seed{seed}.log");
        Step { name: self.flow.placer, what: &what, log, position: 100 * u64::from(seed) }.run(
            command,
            &self.folder,
            progress,
        )
    }

    fn pack(&self, seed: u32, steps: u64, progress: &mut Progress) -> Result<()> {
        let mut command = self.tools.packer.command(&self.folder);
        command.args(self.flow.pack(self.board.chip(), seed, &file_name(&self.board)));
        let position = 100 * (steps - 1);
        let (name, log) = (self.flow.packer, format!("{}.log", self.flow.packer));
        Step { name, what: "bitstream", log, position }.run(command, &self.folder, progress)
    }

    fn store(&self, report: &Report) -> Result<()> {
        let text = format!("{:#}\n", report.json(&self.bitstream()));
        write_atomically(&self.folder.join(REPORT), text.as_bytes())
    }
}

/// Where the build of a board goes if nothing else is said.
#[must_use]
pub fn default_folder(board: &Board) -> PathBuf {
    Path::new("deku-build").join(&board.name)
}

/// The bitstream of a board in the folder of its build.
#[must_use]
pub fn bitstream_in(folder: &Path, board: &Board) -> PathBuf {
    folder.join(file_name(board))
}

fn file_name(board: &Board) -> String {
    format!("{}.{}", board.name, flow_of(board).ending)
}

/// The programs for a board.
fn flow_of(board: &Board) -> &'static Flow {
    Flow::of(board.family).expect("boards have FPGAs")
}

/// What the placer is to reach, MHz.
fn goal_mhz(clock_hz: u32) -> u32 {
    (u64::from(clock_hz) * u64::from(GOAL_PERCENT)).div_ceil(100_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_is_a_little_above_the_clock() {
        assert_eq!(goal_mhz(48_000_000), 50);
        assert_eq!(goal_mhz(24_000_000), 25);
    }

    #[test]
    fn impossible_requests_are_refused_without_tools() {
        let build = |config: &str| {
            let config = ModuleConfig::builtin(config).unwrap();
            Build::plan(board("icebreaker").unwrap(), config, 1, "none".into()).err().unwrap()
        };
        assert_eq!(build("nano").code, "build/refused");
        assert_eq!(board("arduino").unwrap_err().code, "board/unknown");
        assert_eq!(board("none.toml").unwrap_err().code, "board/file");
    }
}

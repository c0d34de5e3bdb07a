//! From a configuration to a running simulation.

use std::path::{Path, PathBuf};

use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::generate::{all_files, write};
use deku_sim::{Build, Progress, SimOptions, Simulator, Verilator};

use crate::args::BackendArgs;
use crate::error::{Error, Result};
use crate::output::Output;

/// Top module of every configuration.
const TOP: &str = "deku_top";

/// Cycles after which a module is awake: before, it answers nothing, and the driver takes the first
/// frame for a damaged one.
const AWAKE: u64 = 1000;

/// A simulation to be built and started.
#[derive(Clone, Copy)]
pub struct Simulation<'a> {
    /// What is simulated.
    pub configuration: &'a ModuleConfig,
    /// Clocks, and where the Verilog comes from.
    pub args: &'a BackendArgs,
    /// Record everything into this file.
    pub waveform: Option<&'a Path>,
}

impl Simulation<'_> {
    /// Generates, verilates (or finds it in the cache) and starts.
    pub fn start(&self, output: Output) -> Result<Simulator> {
        let mut build = Build::new(TOP).sources(self.sources()?);
        let verilator = Verilator::find()?;
        if self.waveform.is_some() {
            build = build.trace(verilator.waveforms());
        }
        let mut progress = output.progress("building the simulation", 100);
        let program = build.verilator(verilator).run_with(|step| {
            let (percent, text) = describe(step);
            progress.at(percent, || text);
        })?;
        drop(progress);
        let simulator = Simulator::start(&program, self.options())?;
        simulator.run_cycles(AWAKE)?;
        Ok(simulator)
    }

    /// Clocks as asked for, else those of the configuration and a Raspberry Pi.
    #[must_use]
    pub fn options(&self) -> SimOptions {
        let default = SimOptions::default();
        SimOptions {
            clk_hz: self.args.clk_hz.unwrap_or(self.configuration.clock_hz.into()),
            sck_hz: self.args.sck_hz.unwrap_or(default.sck_hz),
            uart_baud: self.configuration.uart_baud,
            trace: self.waveform.map(Path::to_owned),
            ..default
        }
    }

    /// The files that `files.f` lists, generated or from `--hdl`.
    fn sources(&self) -> Result<Vec<PathBuf>> {
        let name = &self.configuration.name;
        let root = match &self.args.hdl {
            Some(folder) => folder.clone(),
            None => {
                let folder = Build::cache_folder()
                    .join("verilog")
                    .join(format!("{name}-{:08x}", self.configuration.hash()));
                write_verilog(self.configuration, &folder)?;
                folder.join("hdl")
            }
        };
        let folder = root.join(name);
        let list = folder.join("files.f");
        let text = std::fs::read_to_string(&list).map_err(|e| {
            Error::input("hdl/missing", format!("cannot read `{}`: {e}", list.display()))
                .cause("the folder after --hdl must be laid out like hdl/ of the repository")
                .fix(format!("make one with `deku generate {name} --out DIR` and give DIR/hdl"))
        })?;
        Ok(text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| folder.join(line.trim()))
            .collect())
    }
}

/// Writes `hdl/` of one configuration below `folder`; returns the number of files and lines.
pub fn write_verilog(configuration: &ModuleConfig, folder: &Path) -> Result<(usize, usize)> {
    let all = all_files(std::slice::from_ref(configuration));
    let files: Vec<_> = all.into_iter().filter(|(path, _)| path.starts_with("hdl")).collect();
    write(folder, &files).map_err(|e| Error::io(folder, "write Verilog to", &e))?;
    Ok((files.len(), files.iter().map(|(_, text)| text.lines().count()).sum()))
}

fn describe(step: Progress) -> (u64, String) {
    match step {
        Progress::Cached => (100, "found in the cache".into()),
        Progress::Waiting => (0, "waiting for another build of it".into()),
        Progress::Verilating => (5, "Verilator translates the design".into()),
        Progress::Compiling { done, total } => (
            10 + 85 * done as u64 / total.max(1) as u64,
            format!("C++ compiler, {done} of {total} files"),
        ),
        Progress::Finished => (100, "ready".into()),
    }
}

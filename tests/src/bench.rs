//! A simulated module on a test bench: built from the committed Verilog, driven over SPI or UART.

use std::path::{Path, PathBuf};

use deku_driver::{Deku, SpiTransport};
use deku_rtlgen::config::ModuleConfig;
use deku_sim::{Build, Program, SimOptions, SimSpi, Simulator};

/// The driver on the simulated SPI bus.
pub type OnSpi = Deku<SpiTransport<SimSpi>>;

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the repository")
        .to_path_buf()
}

/// The simulator of a configuration from `hdl/`, optionally with one file replaced.
///
/// # Panics
/// With the simulator's message, if it can not be built.
#[must_use]
pub fn program(config: &str) -> Program {
    let hdl = root().join("hdl");
    let build = Build::new("deku_top")
        .folder(hdl.join(config))
        .and_then(|b| b.folder(hdl.join("primitives")))
        .and_then(|b| b.folder(hdl.join("primitives/behavioural")));
    build.and_then(|b| b.run()).unwrap_or_else(|e| panic!("{config} can not be simulated: {e}"))
}

/// A configuration of the project.
///
/// # Panics
/// If there is none of this name.
#[must_use]
pub fn config(name: &str) -> ModuleConfig {
    ModuleConfig::builtin(name).unwrap_or_else(|e| panic!("{e}"))
}

/// Starts a simulator and connects the driver.
///
/// # Panics
/// With the message of the simulator or the driver.
#[must_use]
pub fn connect(program: &Program, options: SimOptions) -> (Simulator, OnSpi) {
    let sim = Simulator::start(program, options).unwrap_or_else(|e| panic!("{e}"));
    let deku = Deku::connect(SpiTransport::new(sim.spi())).unwrap_or_else(|e| panic!("{e}"));
    (sim, deku)
}

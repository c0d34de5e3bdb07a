//! A simulated module on a test bench: built from the committed Verilog, driven over SPI or UART.

use std::path::{Path, PathBuf};
use std::time::Duration;

use deku_driver::{Deku, SerialTransport, SpiTransport};
use deku_rtlgen::config::ModuleConfig;
use deku_sim::{
    Build, Program, SimError, SimOptions, SimSpi, SimUart, Simulator, Trace, Verilator,
};

/// The driver on the simulated SPI bus.
pub type OnSpi = Deku<SpiTransport<SimSpi>>;
/// The driver on the simulated UART.
pub type OnUart = Deku<SerialTransport<SimUart>>;

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the repository")
        .to_path_buf()
}

/// The simulator of a configuration from `hdl/`.
///
/// # Panics
/// With the simulator's message, if it can not be built.
#[must_use]
pub fn program(config: &str) -> Program {
    let built = build(&root().join("hdl"), config).and_then(|b| b.run());
    built.unwrap_or_else(|e| panic!("{config} can not be simulated: {e}"))
}

/// A build of a configuration from a folder laid out like `hdl/`.
///
/// # Errors
/// If files are missing.
pub fn build(hdl: &Path, config: &str) -> Result<Build, SimError> {
    Build::new("deku_top")
        .folder(hdl.join(config))?
        .folder(hdl.join("primitives"))?
        .folder(hdl.join("primitives/behavioural"))
}

/// Repeats what has failed with a program that records, into the file `label` in
/// `target/waveforms/`; the sentence that says where it is.
pub fn waveform(
    hdl: &Path,
    config: &str,
    label: &str,
    repeat: impl FnOnce(&Program, &Path),
) -> String {
    match recording(hdl, config, label) {
        Ok((program, path)) => {
            repeat(&program, &path);
            format!("the waveform of this example is {}", path.display())
        }
        Err(error) => format!("there is no waveform: {error}"),
    }
}

fn recording(hdl: &Path, config: &str, label: &str) -> Result<(Program, PathBuf), SimError> {
    let verilator = Verilator::find()?;
    let trace = verilator.waveforms();
    let program = build(hdl, config)?.trace(trace).verilator(verilator).run()?;
    let end = if trace == Trace::Fst { "fst" } else { "vcd" };
    let folder = root().join("target/waveforms");
    let path = folder.join(format!("{label}.{end}"));
    let failed = |source| SimError::File { action: "create", path: folder.clone(), source };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok((program, path))
}

/// A configuration of the project.
///
/// # Panics
/// If there is none of this name.
#[must_use]
pub fn config(name: &str) -> ModuleConfig {
    ModuleConfig::builtin(name).unwrap_or_else(|e| panic!("{e}"))
}

/// Cycles after which a module is awake: it sets its registers to 0 and answers nothing before.
pub const AWAKE: u64 = 1000;

/// Starts a simulator and lets the module wake up, as a host that was switched on with it would:
/// a frame that comes too early is a damaged one, and the driver is careful after that.
///
/// # Panics
/// With the message of the simulator.
#[must_use]
pub fn start(program: &Program, options: SimOptions) -> Simulator {
    let sim = Simulator::start(program, options).unwrap_or_else(|e| panic!("{e}"));
    sim.run_cycles(AWAKE).unwrap_or_else(|e| panic!("{e}"));
    sim
}

/// Starts a simulator and connects the driver.
///
/// # Panics
/// With the message of the simulator or the driver.
#[must_use]
pub fn connect(program: &Program, options: SimOptions) -> (Simulator, OnSpi) {
    let sim = start(program, options);
    let deku = Deku::connect(SpiTransport::new(sim.spi())).unwrap_or_else(|e| panic!("{e}"));
    (sim, deku)
}

/// Options for the UART of a configuration: its clock and its speed.
#[must_use]
pub fn uart_options(config: &ModuleConfig) -> SimOptions {
    SimOptions {
        clk_hz: config.clock_hz.into(),
        uart_baud: config.uart_baud,
        // The longest packet takes 3.5 ms; a lost byte costs this much simulated time.
        uart_timeout: Duration::from_millis(5),
        ..SimOptions::quick()
    }
}

/// Starts a simulator and connects the driver over the UART.
///
/// # Panics
/// With the message of the simulator or the driver.
#[must_use]
pub fn connect_uart(program: &Program, options: SimOptions) -> (Simulator, OnUart) {
    let sim = start(program, options);
    let deku = Deku::connect(SerialTransport::new(sim.uart())).unwrap_or_else(|e| panic!("{e}"));
    (sim, deku)
}

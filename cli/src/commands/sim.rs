//! `deku sim`: builds and runs a simulated module, tests it, and answers questions about it.

use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Instant;

use deku_rtlgen::config::ModuleConfig;
use deku_sim::spidev::{DEFAULT_CHIP, DEFAULT_NODE};
use deku_sim::Simulator;
use serde_json::json;

use crate::args::{BackendArgs, LinkArg};
use crate::commands::info;
use crate::error::{Error, Result};
use crate::hardware::{check_link, Hardware, Pty, Simulation, Spidev};
use crate::output::Output;
use crate::verify::{random_case, Examples, Lockstep};

/// Networks and examples of a self-test.
const NETWORKS: u32 = 4;
const EXAMPLES: usize = 25;

/// Build and run a simulated module; at a terminal it then takes commands.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name of `deku configs`, or a .toml file
    #[arg(default_value = "up5k")]
    configuration: String,
    /// Record a waveform of everything
    #[arg(long, value_name = "FILE.fst")]
    trace: Option<PathBuf>,
    /// System clock [default: that of the configuration]
    #[arg(long, value_name = "HZ")]
    clk_hz: Option<u64>,
    /// SPI clock [default: 31250000]
    #[arg(long, value_name = "HZ")]
    sck_hz: Option<u64>,
    /// Simulate the Verilog in this folder (laid out like hdl/) instead of generating it
    #[arg(long, value_name = "DIR")]
    hdl: Option<PathBuf>,
    /// Serve the module's UART as a serial port until interrupted; LINK becomes a link to it
    #[arg(long, value_name = "LINK", num_args = 0..=1, require_equals = true)]
    pty: Option<Option<PathBuf>>,
    /// Serve the module as the device NODE [default: /dev/spidev0.0] until interrupted, for programs
    /// started with the variables that are printed, or for COMMAND
    #[arg(long, value_name = "NODE", num_args = 0..=1, require_equals = true, conflicts_with = "pty")]
    spidev: Option<Option<String>>,
    /// With --spidev: serve interrupt (line 25) and reset (line 24) as the GPIO chip NODE
    /// [default: /dev/gpiochip0]
    #[arg(long, value_name = "NODE", num_args = 0..=1, require_equals = true, requires = "spidev")]
    gpio: Option<Option<String>>,
    /// Serve --spidev at this Unix socket
    #[arg(long, value_name = "PATH", requires = "spidev")]
    socket: Option<PathBuf>,
    /// Run this program with the module as --spidev, and end with it
    #[arg(last = true, value_name = "COMMAND", requires = "spidev")]
    command: Vec<OsString>,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let configuration = ModuleConfig::load(&args.configuration)?;
    let options = BackendArgs {
        clk_hz: args.clk_hz,
        sck_hz: args.sck_hz,
        hdl: args.hdl.clone(),
        ..BackendArgs::default()
    };
    let simulation = Simulation {
        configuration: &configuration,
        args: &options,
        waveform: args.trace.as_deref(),
    };
    if let Some(link) = &args.pty {
        return serve_uart(&simulation, link.as_deref(), output);
    }
    if let Some(node) = &args.spidev {
        return serve_spi(&simulation, node.as_deref().unwrap_or(DEFAULT_NODE), args, output);
    }
    let simulator = simulation.start(output)?;
    let hardware = Hardware::running(simulator.clone(), configuration.clone(), &options)?;
    let mut running = Running { lockstep: Lockstep::new(hardware)?, simulator, output };
    running.info();
    let examples = running.self_test()?;
    output.say(format!(
        "\nOther commands start the same module with --backend sim:{}, each a fresh one.",
        args.configuration
    ));
    if std::io::stdin().is_terminal() && !output.json {
        running.converse()?;
    }
    if let Some(path) = &args.trace {
        running.simulator.trace_off()?;
        output.say(format!("waveform written to {}", path.display()));
    }
    let stats = running.simulator.stats()?;
    output.summary(
        "sim",
        json!({
            "configuration": configuration.name,
            "self_test_examples": examples,
            "cycles": stats.cycles,
            "trace": args.trace,
        }),
    );
    Ok(())
}

/// The module's UART on a pseudo terminal, for other programs.
fn serve_uart(simulation: &Simulation<'_>, link: Option<&Path>, output: Output) -> Result<()> {
    let uart = BackendArgs { link: LinkArg::Uart, ..BackendArgs::default() };
    check_link(simulation.configuration, &uart)?;
    let simulator = simulation.start(output)?;
    let mut pty = Pty::new(link)?;
    let path = pty.path().display().to_string();
    output.say(format!("serial port  {path}, until interrupted"));
    output.say(format!("try          deku info --backend serial:{path}"));
    output.event("ready", json!({ "serial": path }));
    pty.serve(&simulator)
}

/// The module as a spidev, for other programs.
fn serve_spi(simulation: &Simulation<'_>, node: &str, args: &Args, output: Output) -> Result<()> {
    let chip = args.gpio.as_ref().map(|chip| chip.as_deref().unwrap_or(DEFAULT_CHIP));
    [Some(node), chip].into_iter().flatten().try_for_each(Spidev::check_path)?;
    let simulator = simulation.start(output)?;
    let spidev = Spidev::new(&simulator, node, chip, args.socket.clone())?;
    if !args.command.is_empty() {
        let status = spidev.run(&args.command)?;
        drop(spidev);
        return end_like(status);
    }
    output.say(format!("spidev       {node}, until interrupted, in a shell after"));
    output.say(spidev.exports());
    output.say(format!("try          deku info --backend spi:{node}"));
    let environment: serde_json::Map<_, _> =
        spidev.environment().map(|(name, value)| (name.into(), value.into())).collect();
    output.event(
        "ready",
        json!({ "spidev": spidev.node(), "socket": spidev.socket(), "environment": environment }),
    );
    spidev.serve()
}

/// The exit code is that of the command: whoever has started it wants to know how it went.
fn end_like(status: ExitStatus) -> Result<()> {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => std::process::exit(code),
        (None, signal) => std::process::exit(128 + signal.unwrap_or(0)),
    }
}

struct Running {
    lockstep: Lockstep,
    simulator: Simulator,
    output: Output,
}

impl Running {
    fn info(&mut self) {
        info::show(self.lockstep.hardware().driver.identity(), self.output);
    }

    /// A few random networks, side by side with the reference.
    fn self_test(&mut self) -> Result<usize> {
        let (before, start) = (self.simulator.stats()?.cycles, Instant::now());
        let capacity = self.lockstep.hardware().configuration.capacity();
        for seed in 1..=NETWORKS {
            let (case, mut examples) = random_case(&capacity, seed);
            self.lockstep.load(&case)?;
            for _ in 0..EXAMPLES {
                if let Some(difference) = self.lockstep.step(&examples.next().example())? {
                    return Err(Error::check(
                        "sim/self-test",
                        format!("the self-test found a difference: {difference}"),
                    )
                    .cause("the simulated design does not compute what the reference computes")
                    .fix("`deku verify` finds the first difference and records it"));
                }
            }
        }
        let cycles = self.simulator.stats()?.cycles - before;
        let examples = NETWORKS as usize * EXAMPLES;
        let speed = cycles as f64 / start.elapsed().as_secs_f64() / 1e6;
        self.output.say(format!("self-test    passed, {examples} examples, {cycles} cycles at {speed:.1} million per second"));
        Ok(examples)
    }

    fn stats(&self) -> Result<()> {
        let s = self.simulator.stats()?;
        let a = s.activity_cycles;
        self.output.say(format!(
            "time         {:.6} s simulated, {} cycles",
            s.now_ps as f64 * 1e-12,
            s.cycles
        ));
        self.output.say(format!(
            "engine       {} forward, {} update, {} overhead, {} idle cycles",
            a.forward, a.update, a.overhead, a.idle
        ));
        self.output.say(format!("link         {} bytes in {} frames", s.spi_bytes, s.spi_frames));
        Ok(())
    }

    fn converse(&mut self) -> Result<()> {
        self.output.say("info, stats, selftest, reset, quit?");
        loop {
            let mut line = String::new();
            print!("deku> ");
            let read = std::io::stdout()
                .flush()
                .and_then(|()| std::io::stdin().lock().read_line(&mut line));
            if read.unwrap_or(0) == 0 {
                return Ok(());
            }
            match line.trim() {
                "info" => self.info(),
                "stats" => self.stats()?,
                "selftest" => drop(self.self_test()?),
                "reset" => self.lockstep.hardware().driver.reset()?,
                "quit" | "exit" => return Ok(()),
                _ => self.output.say("commands: info, stats, selftest, reset, quit"),
            }
        }
    }
}

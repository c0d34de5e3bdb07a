//! Chores of this repository: `cargo xtask <command>`. See CONTRIBUTING.md.

mod aarch64;
mod bench;
mod boards;
mod budget;
mod compare;
mod demo;
mod explain;
mod fuzz;
mod gate;
mod gates;
mod golden;
mod hil;
mod msrv;
mod noise;
mod performance;
mod project;
mod regen;
mod setup;
mod shell;
mod speed;
mod test;
mod usbip;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of this repository", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Find or install every tool and print a table of them
    Setup,
    /// Show the module learning: set up, then run `deku demo`
    Demo {
        /// Arguments for `deku demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every check, as continuous integration does
    Test {
        /// Run only the steps whose name contains this (may be repeated)
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        /// List the steps and stop
        #[arg(long)]
        list: bool,
    },
    /// Generate hdl/, docs/registers.md, docs/boards.md and pcb-notes/wiring/
    Regen {
        /// Change nothing, fail when a file differs
        #[arg(long)]
        check: bool,
    },
    /// Compute the oracle's vectors in tests/vectors/v1
    Golden {
        /// Change nothing, fail when a file differs
        #[arg(long)]
        check: bool,
    },
    /// Measure: run `deku bench`
    Bench {
        /// Arguments for `deku bench`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure everything that docs/benchmarks.md says and that is not measured as it is now, and write that page
    Performance(performance::Options),
    /// Compare the reference's speed with that of the program the recipe was measured with
    Speed {
        /// That program's source, recipe_experiment.rs
        #[arg(long, value_name = "FILE")]
        prototype: PathBuf,
        /// The idx files of MNIST
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// Train over a cable that flips bits; what is learned must be what the reference learns
    Noise {
        /// --quick, --config NAME, --samples N, --seed N, --out FILE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check area and speed of the generated module on its smallest FPGA
    Gate,
    /// Make the bitstream of every board with several seeds, and compare area and clock
    Boards {
        /// Only the boards whose name contains this (may be repeated)
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
    },
    /// Test modules on boards, as files in duts/ describe them
    Hil {
        /// Test this device, enabled or not (may be repeated) [default: all that are enabled]
        #[arg(long, value_name = "FILE")]
        dut: Vec<PathBuf>,
        /// Examples compared one by one, and streamed [default: 1000]
        #[arg(long, value_name = "N")]
        samples: Option<u64>,
    },
    /// Search for inputs that break something, with libFuzzer
    Fuzz(fuzz::Options),
    /// Simulate the netlists of the FPGA's synthesis in lockstep with the reference
    Gates {
        /// Configurations; all that are synthesised by default
        configs: Vec<String>,
    },
    /// Compile everything with the oldest Rust that is promised to do, and run the crates' tests
    Msrv,
    /// Train with the program built for a 64-bit Raspberry Pi, in an emulator
    Aarch64 {
        /// A small table instead of the digits
        #[arg(long)]
        quick: bool,
    },
    /// Train over USB in a virtual machine, into which a simulated module is plugged by USB/IP
    Usbip,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", explain::explained(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let project = Project::find()?;
    match arguments.command {
        Chore::Test { list: true, .. } => test::list(),
        Chore::Test { only, .. } => return test::run(&project, &only),
        Chore::Setup => setup::command(&project)?,
        Chore::Demo { arguments } => demo::run(&project, &arguments)?,
        Chore::Regen { check } => regen::run(&project, check)?,
        Chore::Golden { check } => golden::run(&project, check)?,
        Chore::Bench { arguments } => bench::run(&project, &arguments)?,
        Chore::Performance(options) => performance::run(&project, &options)?,
        Chore::Speed { prototype, data } => speed::run(&project, &prototype, &data)?,
        Chore::Noise { arguments } => noise::run(&project, &arguments)?,
        Chore::Gate => gate::run(&project)?,
        Chore::Boards { only } => boards::run(&project, &only)?,
        Chore::Hil { dut, samples } => hil::run(&project, &dut, samples)?,
        Chore::Fuzz(options) => fuzz::run(&project, &options)?,
        Chore::Gates { configs } => gates::run(&project, &configs)?,
        Chore::Msrv => msrv::run(&project)?,
        Chore::Aarch64 { quick } => aarch64::run(&project, quick)?,
        Chore::Usbip => usbip::run(&project)?,
    }
    Ok(ExitCode::SUCCESS)
}

//! The list of commands.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    bench, boards, build, completions, configs, demo, eval, flash, generate, infer, info, load,
    save, sim, train, verify,
};
use crate::error::Result;
use crate::output::Output;

/// Train, run and measure the Deku learning module
#[derive(Parser, Debug)]
#[command(name = "deku", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 unusable file, 4 module or simulator failed.\nEverything is described in docs/cli.md."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON object per line, the last one a summary
    #[arg(long, global = true)]
    json: bool,
    /// Show no progress
    #[arg(long, global = true)]
    quiet: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Generate a module, simulate it, and watch it learn to read digits
    Demo(demo::Args),
    /// Train a network and say how good it is
    Train(Box<train::Args>),
    /// Measure a model on samples it did not learn from
    Eval(eval::Args),
    /// Classify samples
    Infer(infer::Args),
    /// Compare a module with the reference, example by example
    Verify(Box<verify::Args>),
    /// Put a model into a module, read it back and compare
    Load(load::Args),
    /// Take what a running module has learned into a file
    Save(save::Args),
    /// Build and run a simulated module
    Sim(sim::Args),
    /// Show what a model file holds, or what a module can do
    Info(info::Args),
    /// Write the Verilog of a configuration
    Generate(generate::Args),
    /// List the configurations
    Configs(configs::Args),
    /// List the boards
    Boards(boards::Args),
    /// Make the bitstream of a module for a board
    Build(build::Args),
    /// Write a bitstream to a board
    Flash(flash::Args),
    /// Measure cycles, link and rate of a module
    Bench(Box<bench::Args>),
    /// Print completions for a shell
    Completions(completions::Args),
}

impl Cli {
    fn run(self, output: Output) -> Result<()> {
        match self.command {
            Command::Demo(args) => demo::run(&args, output),
            Command::Train(args) => train::run(&args, output),
            Command::Eval(args) => eval::run(&args, output),
            Command::Infer(args) => infer::run(&args, output),
            Command::Verify(args) => verify::run(&args, output),
            Command::Load(args) => load::run(&args, output),
            Command::Save(args) => save::run(&args, output),
            Command::Sim(args) => sim::run(&args, output),
            Command::Info(args) => info::run(&args, output),
            Command::Generate(args) => generate::run(&args, output),
            Command::Configs(args) => configs::run(&args, output),
            Command::Boards(args) => boards::run(&args, output),
            Command::Build(args) => build::run(&args, output),
            Command::Flash(args) => flash::run(&args, output),
            Command::Bench(args) => bench::run(&args, output),
            Command::Completions(args) => completions::run(&args, Self::command()),
        }
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// Runs the program with these arguments, the first of which is its name.
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    let output = Output { json: cli.json, quiet: cli.quiet, silent: false };
    match cli.run(output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.fail(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

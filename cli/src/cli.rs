//! The list of commands.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::checkpoint::Given;
use crate::commands::{
    bench, boards, build, completions, configs, demo, doctor, estimate, eval, explain, flash,
    generate, infer, info, list, load, man, monitor, report, save, sim, train, verify,
};
use crate::defaults::Defaults;
use crate::error::{Error, Result};
use crate::output::Output;

/// Train, run and measure the Deku learning module
#[derive(Parser, Debug)]
#[command(name = "deku", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 unusable file, 4 module, device, tool or simulator failed.\nEverything is described in docs/cli.md."
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
    /// Watch a run, or a module that nobody uses
    Monitor(monitor::Args),
    /// List backends, configurations and devices, also those you may not use
    List(list::Args),
    /// Look at tools, permissions and settings, and say what to do next
    Doctor(doctor::Args),
    /// Write one file for a bug report
    Report(report::Args),
    /// Write the Verilog of a configuration
    Generate(generate::Args),
    /// List the configurations
    Configs(configs::Args),
    /// List the boards
    Boards(boards::Args),
    /// Predict area and rate of a configuration, without tools
    Estimate(estimate::Args),
    /// Make the bitstream of a module for a board
    Build(build::Args),
    /// Write a bitstream to a board
    Flash(flash::Args),
    /// Measure cycles, link and rate of a module
    Bench(Box<bench::Args>),
    /// Say what an error code means
    Explain(explain::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Write manual pages
    Man(man::Args),
}

impl Command {
    /// Commands that use no defaults and find out what is wrong.
    fn is_diagnosis(&self) -> bool {
        matches!(self, Self::Doctor(_) | Self::Explain(_) | Self::List(_) | Self::Report(_))
    }
}

impl Cli {
    fn run(self, matches: &ArgMatches, output: Output) -> Result<()> {
        match self.command {
            Command::Demo(args) => demo::run(&args, output),
            Command::Train(args) => train::run(*args, &given(matches)?, output),
            Command::Eval(args) => eval::run(&args, output),
            Command::Infer(args) => infer::run(&args, output),
            Command::Verify(args) => verify::run(&args, output),
            Command::Load(args) => load::run(&args, output),
            Command::Save(args) => save::run(&args, output),
            Command::Sim(args) => sim::run(&args, output),
            Command::Info(args) => info::run(&args, output),
            Command::Monitor(args) => monitor::run(&args, output),
            Command::List(args) => list::run(&args, output),
            Command::Doctor(args) => doctor::run(&args, output),
            Command::Report(args) => report::run(&args, output),
            Command::Generate(args) => generate::run(&args, output),
            Command::Configs(args) => configs::run(&args, output),
            Command::Boards(args) => boards::run(&args, output),
            Command::Estimate(args) => estimate::run(&args, output),
            Command::Build(args) => build::run(&args, output),
            Command::Flash(args) => flash::run(&args, output),
            Command::Bench(args) => bench::run(&args, output),
            Command::Explain(args) => explain::run(&args, output),
            Command::Completions(args) => completions::run(&args, Self::command()),
            Command::Man(args) => man::run(&args, Self::command(), output),
        }
    }
}

/// The options of the subcommand, as they were written.
fn given(matches: &ArgMatches) -> Result<Given> {
    let command = Cli::command();
    let (name, matches) = matches.subcommand().unwrap_or(("", matches));
    Given::of(command.find_subcommand(name).unwrap_or(&command), matches)
}

/// Says that the arguments cannot be understood, or prints the help that was asked for.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if error.use_stderr() && arguments.iter().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let error = Error::usage("usage/arguments", what)
            .cause("an option or a command is mistyped, missing, or of another version of deku")
            .fix("`deku --help` and `deku COMMAND --help` list them");
        Output { json: true, ..Output::default() }.fail(&error, &[]);
        return ExitCode::from(error.kind.exit_code());
    }
    // There is nothing left to tell if the terminal is gone.
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// Runs the program with these arguments, the first of which is its name.
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let defaults = Defaults::read();
    let command = defaults.as_ref().map_or_else(|_| Cli::command(), |d| d.apply(Cli::command()));
    let matches = match command.try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return refuse(&error, &arguments),
    };
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let output = Output { json: cli.json, quiet: cli.quiet, silent: false };
    let (outcome, notes) = match defaults {
        Ok(defaults) => (cli.run(&matches, output), defaults.notes(&matches)),
        // What looks for faults must not stop at the first.
        Err(_) if cli.command.is_diagnosis() => (cli.run(&matches, output), Vec::new()),
        Err(error) => (Err(error), Vec::new()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.fail(&error, &notes);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

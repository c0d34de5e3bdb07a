//! `deku bench`: measures a module; its subcommands: everything else that docs/benchmarks.md says.

mod all;
mod blocks;
mod board;
mod folder;
mod module;
mod report;
mod training;

use crate::error::Result;
use crate::output::Output;

/// Measure a module on parts of a training run and on inference, and compare with the reference.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    module: module::ModuleArgs,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Train in software with several seeds: accuracy and work of every epoch
    Training(Box<training::Args>),
    /// Keep what `deku build` found out about a board
    Board(board::Args),
    /// Synthesise and place single blocks of the module
    Blocks(blocks::Args),
    /// Measure everything that the plan names and that is not measured yet, or not as it is now
    All(all::Args),
    /// Write benchmarks.md from the raw numbers in bench/
    Report(report::Args),
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    match &args.what {
        Some(What::Training(args)) => training::run(args, output),
        Some(What::Board(args)) => board::run(args, output),
        Some(What::Blocks(args)) => blocks::run(args, output),
        Some(What::All(args)) => all::run(args, output),
        Some(What::Report(args)) => report::run(args, output),
        None => module::run(&args.module, output),
    }
}

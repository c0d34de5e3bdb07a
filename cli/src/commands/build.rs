//! `deku build`: the bitstream of a module for a board.

use std::path::PathBuf;

use deku_rtlgen::config::ModuleConfig;

use crate::build::{board, default_folder, Build};
use crate::error::Result;
use crate::output::Output;

/// Generate a module for a board, place it and make the bitstream.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name of `deku boards`, or a .toml file
    #[arg(long)]
    board: String,
    /// A name of `deku configs`, or a .toml file [default: that of the board]
    #[arg(long)]
    config: Option<String>,
    /// Place with the seeds 1 to N and keep the fastest
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    seeds: u32,
    /// Folder for everything that is made [default: deku-build/BOARD]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let board = board(&args.board)?;
    let config = ModuleConfig::load(args.config.as_ref().unwrap_or(&board.config))?;
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&board));
    let notes = board.notes.clone();
    let flash = format!("deku flash --board {}", args.board);
    let build = Build::plan(board, config, args.seeds, folder)?;
    let report = build.run(output)?;
    report.show(output);
    for note in notes {
        output.say(format!("note            {note}"));
    }
    output.say(format!("bitstream       {}; next: {flash}", build.bitstream().display()));
    output.summary("build", report.json(&build.bitstream()));
    Ok(())
}

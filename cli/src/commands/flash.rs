//! `deku flash`: a bitstream into the flash of a board.

use std::path::PathBuf;

use serde_json::json;

use crate::build::{bitstream_in, board, default_folder};
use crate::error::Result;
use crate::flash::Writer;
use crate::output::Output;

/// Write a bitstream into the flash of a board.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name of `deku boards`, or a .toml file
    #[arg(long)]
    board: String,
    /// File to write [default: what `deku build --board BOARD` made in this folder]
    #[arg(long, value_name = "FILE")]
    bitstream: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let board = board(&args.board)?;
    let built = || bitstream_in(&default_folder(&board), &board);
    let bitstream = args.bitstream.clone().unwrap_or_else(built);
    let writer = Writer::new(&board, &bitstream)?;
    writer.run(output)?;
    output.say(format!("{} holds {}", board.title, bitstream.display()));
    for note in &board.notes {
        output.say(format!("note: {note}"));
    }
    output.summary(
        "flash",
        json!({
            "board": board.name,
            "bitstream": bitstream.display().to_string(),
            "program": writer.program(),
        }),
    );
    Ok(())
}

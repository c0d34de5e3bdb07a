//! Keeping what builds of boards found out.

use std::path::PathBuf;

use deku_rtlgen::board::{Board, BUILTIN};
use serde_json::json;

use super::folder;
use crate::bench::{commit, BoardRecord, BuildReport};
use crate::error::Result;
use crate::output::Output;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// report.json of a build, in the folder of the build (may be repeated)
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "stale")]
    report: Vec<PathBuf>,
    /// Print the boards that were not built as they are now, with at least N seeds
    #[arg(long, value_name = "N", conflicts_with = "report")]
    stale: Option<usize>,
    /// Where the records go
    #[arg(long, value_name = "DIR", default_value = "docs/bench/boards")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let names = match args.stale {
        Some(seeds) => stale(args, seeds, output)?,
        None => keep(args, output)?,
    };
    output.summary("bench board", json!({ "boards": names }));
    Ok(())
}

fn keep(args: &Args, output: Output) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for path in &args.report {
        let build: BuildReport = folder::read(path)?;
        let place = path.parent().filter(|p| !p.as_os_str().is_empty());
        let place = place.unwrap_or(std::path::Path::new("."));
        let record = BoardRecord::of(build, place, commit())?;
        if record.configuration_hash.is_none() {
            output.warn(
                "bench/other-sources",
                format!("`{}` is of other sources than those that would be built now; build again with `deku build --board {}`", path.display(), record.build.board),
            );
        }
        let name = record.build.board.clone();
        let written = folder::write(&args.out, &name, &record)?;
        output.say(format!("{name}: {}", written.display()));
        names.push(name);
    }
    Ok(names)
}

fn stale(args: &Args, seeds: usize, output: Output) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (name, _) in BUILTIN {
        let path = args.out.join(format!("{name}.json"));
        let record = folder::read::<BoardRecord>(&path).ok();
        let board = Board::builtin(name)?;
        if !record.is_some_and(|r| r.is_fresh(&board, seeds)) {
            output.say(name);
            names.push((*name).to_owned());
        }
    }
    Ok(names)
}

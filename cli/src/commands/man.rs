//! `deku man`: manual pages.

use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;
use serde_json::json;

use crate::error::{Error, Result};
use crate::files;
use crate::output::Output;

/// Write manual pages, one for each command, e.g. `deku man --out ~/.local/share/man/man1`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder; it is made if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, mut command: Command, output: Output) -> Result<()> {
    std::fs::create_dir_all(&args.out).map_err(|e| Error::io(&args.out, "create", &e))?;
    command.build();
    let mut pages = 0;
    for (name, command) in all(&command) {
        let mut text = Vec::new();
        let path = args.out.join(format!("{name}.1"));
        let page = Man::new(command.clone().name(name));
        page.render(&mut text).map_err(|e| Error::io(&path, "write", &e))?;
        files::write_atomically(&path, &text)?;
        pages += 1;
    }
    output.say(format!("{pages} pages written to {}", args.out.display()));
    output.summary("man", json!({ "pages": pages, "folder": args.out.display().to_string() }));
    Ok(())
}

/// The program and its commands, with the names of their pages.
fn all(program: &Command) -> Vec<(String, &Command)> {
    let visible = program.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help");
    let commands = visible.map(|c| (format!("{}-{}", program.get_name(), c.get_name()), c));
    std::iter::once((program.get_name().to_owned(), program)).chain(commands).collect()
}

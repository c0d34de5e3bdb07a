//! `deku completions`: what a shell needs to complete options.

use clap::Command;
use clap_complete::Shell;

use crate::error::Result;

/// Print completions for a shell, e.g. `deku completions bash > ~/.local/share/bash-completion/completions/deku`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &Args, mut command: Command) -> Result<()> {
    clap_complete::generate(args.shell, &mut command, "deku", &mut std::io::stdout());
    Ok(())
}

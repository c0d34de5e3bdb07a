//! `cargo xtask noise`: training over a cable that flips bits.

use anyhow::Result;

use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{cargo, run_attached};

/// Sets up and runs the program with the given arguments, built with optimisation.
pub fn run(project: &Project, arguments: &[String]) -> Result<()> {
    setup::ensure(project, &[Need::Simulate])?;
    let mut command = cargo(project.root());
    command.args(["run", "--quiet", "--release", "-p", "deku-tests", "--bin", "noise", "--"]);
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    run_attached(command.args(arguments))
}

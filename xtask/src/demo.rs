//! `cargo xtask demo`: the module learns, in the simulator.

use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{cargo, run_attached};

/// Sets up and runs `deku demo` with the given arguments.
pub fn run(project: &Project, arguments: &[String]) -> Result<()> {
    setup::ensure(project, &[Need::Simulate])?;
    run_attached(deku(project, "demo").args(arguments))
}

/// `deku <verb>`, built with optimisation, knowing the tools.
pub fn deku(project: &Project, verb: &str) -> Command {
    run_deku(project, &["--release"], verb)
}

/// `deku <verb>` as the tests build it: where little is calculated, that is sooner done than building another one.
pub fn deku_of_tests(project: &Project, verb: &str) -> Command {
    run_deku(project, &[], verb)
}

fn run_deku(project: &Project, profile: &[&str], verb: &str) -> Command {
    let mut command = cargo(project.root());
    command.args(["run", "--quiet"]).args(profile);
    command.args(["-p", "deku-cli", "--bin", "deku", "--", verb]);
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    command
}

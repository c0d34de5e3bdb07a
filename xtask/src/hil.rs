//! `cargo xtask hil`: tests modules on boards.

use std::path::{absolute, PathBuf};

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::shell::{cargo, run_attached};

/// Runs the program `hil` of `deku-tests` on these files, or on all that are enabled. No tool is set
/// up: a board needs none.
pub fn run(project: &Project, duts: &[PathBuf], samples: Option<u64>) -> Result<()> {
    let mut command = cargo(project.root());
    command.args(["run", "--quiet", "--release", "-p", "deku-tests", "--bin", "hil", "--"]);
    for dut in duts {
        command.arg("--dut").arg(absolute(dut).context("the working folder is gone")?);
    }
    if let Some(samples) = samples {
        command.args(["--samples", &samples.to_string()]);
    }
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    run_attached(&mut command)
}

//! `cargo xtask bench`: the measurements behind docs/benchmarks.md.

use anyhow::Result;

use crate::demo::deku;
use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::run_attached;

/// Sets up and runs `deku bench` with the given arguments.
pub fn run(project: &Project, arguments: &[String]) -> Result<()> {
    setup::ensure(project, &[Need::Simulate])?;
    run_attached(deku(project, "bench").args(arguments))
}

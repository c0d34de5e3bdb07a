//! `cargo xtask gate`: area and speed of the generated module on its smallest FPGA.

use anyhow::{bail, Result};

use crate::project::Project;
use crate::setup::{self, record::Tools, Need};
use crate::shell::Log;

/// The limits; without them there is nothing to check.
const BUDGET: &str = "tests/build_budget.toml";

/// Runs the gate by itself.
pub fn run(project: &Project) -> Result<()> {
    let tools = setup::ensure(project, &[Need::Gate])?;
    let log = Log::create(project.logs().join("gate.log"))?;
    check(project, &tools, &log)
}

/// True once there are limits to check.
pub fn exists(project: &Project) -> bool {
    project.path(BUDGET).exists()
}

/// Places the module and compares with the limits.
pub fn check(_project: &Project, tools: &Tools, _log: &Log) -> Result<()> {
    setup::tool(tools, "yosys")?;
    setup::tool(tools, "nextpnr-ice40")?;
    bail!("the area gate is not written yet");
}

//! `cargo xtask gates`: the netlists in lockstep with the reference.
//!
//! Configurations are synthesised as for the area gate. The netlist and yosys' own models of the
//! FPGA's cells are simulated by the program `tests/examples/gates.rs`.

use std::fs;
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use crate::gate;
use crate::project::Project;
use crate::setup::{self, record::Tools, Need};
use crate::shell::{cargo, run_attached, Log};

/// The configurations that are synthesised.
const CONFIGS: [&str; 2] = ["nano", "up5k"];

/// Networks, and examples of each: all kinds of examples occur among them.
const NETWORKS: u32 = 30;
const EXAMPLES: u32 = 8;

/// Checks the named configurations, or all.
pub fn run(project: &Project, configs: &[String]) -> Result<()> {
    if let Some(unknown) = configs.iter().find(|name| !CONFIGS.contains(&name.as_str())) {
        bail!("{unknown} is not synthesised.\nfix:   name one of {}", CONFIGS.join(", "));
    }
    let tools = setup::ensure(project, &[Need::Simulate, Need::Gate])?;
    let log = Log::create(project.logs().join("gates.log"))?;
    for config in CONFIGS {
        if configs.is_empty() || configs.iter().any(|name| name == config) {
            println!("{config}: synthesis");
            run_attached(&mut command(project, &tools, &log, config)?)
                .with_context(|| format!("the netlist of {config} is not what it should be"))?;
        }
    }
    Ok(())
}

/// Synthesises a configuration; the result is the command that checks the netlist.
fn command(project: &Project, tools: &Tools, log: &Log, config: &str) -> Result<Command> {
    let folder = project.path("target/gates").join(config);
    fs::create_dir_all(&folder)?;
    gate::synthesise(project, tools, log, (config, None), &folder)?;
    let mut command = cargo(project.root());
    command.args(["run", "--quiet", "-p", "deku-tests", "--example", "gates", "--", config]);
    command.arg(folder).arg(&setup::tool(tools, setup::CELLS)?.path);
    command.args([NETWORKS, EXAMPLES].map(|n| n.to_string()));
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    Ok(command)
}

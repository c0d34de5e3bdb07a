//! `cargo xtask regen`: the generated files, written or checked.

use anyhow::{Context as _, Result};

use crate::compare::{fresh_folder, Difference};
use crate::project::Project;
use crate::shell::{cargo, Log};

/// What the generator writes.
const PARTS: [&str; 4] = ["hdl", "docs/registers.md", "docs/boards.md", "pcb-notes/wiring"];

/// Writes the generated files, or only checks them.
pub fn run(project: &Project, check: bool) -> Result<()> {
    let log = Log::create(project.logs().join("regen.log"))?;
    let difference = differ(project, &log)?;
    if check {
        return difference.refuse("cargo xtask regen");
    }
    let touched = difference.apply(&fresh(project), project.root())?;
    println!("regen: {touched} file(s) changed");
    Ok(())
}

/// Fails when a committed file is not what the generator makes.
pub fn check(project: &Project, log: &Log) -> Result<()> {
    differ(project, log)?.refuse("cargo xtask regen")
}

fn differ(project: &Project, log: &Log) -> Result<Difference> {
    let out = fresh_folder(fresh(project))?;
    let mut command = cargo(project.root());
    command.args(["run", "--release", "-p", "deku-rtlgen", "--bin", "deku-rtlgen", "--"]);
    log.run(command.args(["regen", "--out"]).arg(&out)).with_context(|| {
        format!("the generator failed:\n{}\nlog: {}", log.tail(15), log.path().display())
    })?;
    Difference::between(&out, project.root(), &PARTS)
}

fn fresh(project: &Project) -> std::path::PathBuf {
    project.path("target/regen")
}

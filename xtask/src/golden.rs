//! `cargo xtask golden`: the vectors of the independent oracle, written or checked.

use anyhow::{Context as _, Result};

use crate::compare::{fresh_folder, Difference};
use crate::project::Project;
use crate::setup::{self, record::Tools, Need};
use crate::shell::Log;

/// The committed vectors.
const VECTORS: &str = "tests/vectors/v1";

/// Writes the vectors, or only checks them.
pub fn run(project: &Project, check: bool) -> Result<()> {
    let tools = setup::ensure(project, &[Need::Oracle])?;
    let log = Log::create(project.logs().join("golden.log"))?;
    let difference = differ(project, &tools, &log)?;
    if check {
        return difference.refuse("cargo xtask golden");
    }
    let touched = difference.apply(&fresh(project), &project.path(VECTORS))?;
    println!("golden: {touched} file(s) changed");
    Ok(())
}

/// Fails when a committed vector is not what the oracle computes.
pub fn check(project: &Project, tools: &Tools, log: &Log) -> Result<()> {
    differ(project, tools, log)?.refuse("cargo xtask golden")
}

fn differ(project: &Project, tools: &Tools, log: &Log) -> Result<Difference> {
    let out = fresh_folder(fresh(project))?;
    let mut python = setup::tool(tools, "python")?.command();
    python.current_dir(project.root()).env("PYTHONDONTWRITEBYTECODE", "1");
    python.arg("tests/oracle/make_vectors.py").arg("--out").arg(&out);
    log.run(&mut python).with_context(|| {
        format!("the oracle failed:\n{}\nlog: {}", log.tail(15), log.path().display())
    })?;
    Difference::between(&out, &project.path(VECTORS), &[""])
}

fn fresh(project: &Project) -> std::path::PathBuf {
    project.path("target/golden")
}

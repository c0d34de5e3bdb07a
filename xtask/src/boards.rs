//! `cargo xtask boards`: the bitstream of every board, and whether each reaches its clock with every seed.

use std::fs;
use std::process::Command;

use anyhow::{bail, Context as _, Result};
use serde_json::Value;

use crate::demo::deku;
use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{output, run_attached};

/// Placements of each board.
const SEEDS: &str = "3";

/// Builds the boards whose name contains one of `only`, or all of them, and keeps what was found out.
pub fn run(project: &Project, only: &[String]) -> Result<()> {
    build(project, &chosen(project, only)?)
}

/// Builds only those that were not built as they are now.
pub fn run_stale(project: &Project, only: &[String]) -> Result<()> {
    let text = output(record(project).args(["--stale", SEEDS]))?;
    let mut names = chosen(project, only)?;
    names.retain(|name| text.lines().any(|line| line.trim() == name));
    build(project, &names)
}

fn build(project: &Project, names: &[String]) -> Result<()> {
    setup::ensure(project, &[Need::Gate])?;
    let mut faults = Vec::new();
    for name in names {
        let out = project.path("target/boards").join(name);
        let mut command = deku(project, "build");
        command.args(["--board", name, "--seeds", SEEDS, "--out"]).arg(&out);
        let built = run_attached(&mut command);
        let report = out.join("report.json");
        let Ok(text) = fs::read_to_string(&report) else {
            faults.push(format!(
                "{name}: {}",
                built.err().map_or("no report".into(), |e| format!("{e:#}"))
            ));
            continue;
        };
        // Also of a board that is too slow: the page tells.
        run_attached(record(project).arg("--report").arg(&report))?;
        faults.extend(fault(name, &serde_json::from_str(&text)?));
        faults.extend(built.err().map(|error| format!("{name}: {error:#}")));
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// `deku bench board` with the records of this project.
fn record(project: &Project) -> Command {
    let mut command = deku(project, "bench");
    command.args(["board", "--out"]).arg(project.path("docs/bench/boards"));
    command
}

/// The boards of the project: a file each.
fn chosen(project: &Project, only: &[String]) -> Result<Vec<String>> {
    let folder = project.path("rtl-gen/boards");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.retain(|name| only.is_empty() || only.iter().any(|part| name.contains(part)));
    if names.is_empty() {
        bail!("no board is named {}.\nfix:   see rtl-gen/boards", only.join(" or "));
    }
    names.sort();
    Ok(names)
}

/// What is wrong with a board that was built.
fn fault(name: &str, report: &Value) -> Option<String> {
    let number = |field: &str| report[field].as_f64().unwrap_or(f64::NAN);
    let (least, target) = (number("fmax_min_mhz"), number("target_mhz"));
    let enough = least >= target;
    (!enough).then(|| format!("{name}: {least} MHz with its worst seed, {target} MHz are needed"))
}

#[cfg(test)]
mod tests {
    use super::fault;
    use serde_json::json;

    #[test]
    fn the_worst_seed_counts() {
        let report = |mhz: f64| json!({"fmax_min_mhz": mhz, "target_mhz": 48.0});
        assert_eq!(fault("b", &report(48.0)), None);
        assert!(fault("b", &report(47.9)).unwrap().contains("47.9 MHz with its worst seed"));
        assert!(fault("b", &json!({})).is_some());
    }
}

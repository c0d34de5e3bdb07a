//! Which sources were measured.

use std::process::Command;

/// What is measured is no source: one measurement after the other is of the same commit.
const MEASURED: [&str; 2] = [":(top,exclude)docs/bench", ":(top,exclude)docs/benchmarks.md"];

/// The commit of the folder that this runs in, with a `+` if files were changed since.
#[must_use]
pub fn commit() -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else { return "unknown".into() };
    let status = ["status", "--porcelain", "--untracked-files=no", "--", ":(top)"];
    match git(&[&status[..], &MEASURED].concat()) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}+"),
    }
}

//! Icarus Verilog, which knows unknown values.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::root;

/// The last line of a bench that found nothing.
pub const DONE: &str = "done\n";

/// Runs a bench of `tests/icarus` with some sources; the result is what it printed.
///
/// # Panics
/// If a program fails.
#[must_use]
pub fn simulate(iverilog: &Path, bench: &str, sources: &[PathBuf], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = folder.path().join("bench.vvp");
    let mut command = Command::new(iverilog);
    command.args(["-g2005", "-s", "bench", "-o"]).arg(&program).args(arguments);
    // Default values of ports are no Verilog-2005; nothing here relies on them.
    command.arg("-DNO_ICE40_DEFAULT_ASSIGNMENTS");
    command.arg(root().join("tests/icarus").join(bench)).args(sources);
    output(&mut command);
    output(Command::new(iverilog.with_file_name("vvp")).arg("-n").arg(program))
}

/// What a program printed.
///
/// # Panics
/// If it fails.
pub fn output(command: &mut Command) -> String {
    let result = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let out = String::from_utf8_lossy(&result.stdout).into_owned();
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{command:?} failed\n{out}{errors}");
    out
}

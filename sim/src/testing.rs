//! What tests do when there is no Verilator.

use std::io::Write as _;

use crate::Verilator;

/// Verilator for the test `test`, or `None` where there is none: the test then returns, and is
/// counted as not run.
///
/// The reason is printed and added to the file named by `DEKU_NOT_RUN_LOG`, if set. Under
/// `CI=true` a missing tool is a failure.
///
/// # Panics
/// Under `CI=true`, if there is no Verilator.
pub fn verilator_for(test: &str) -> Option<Verilator> {
    let error = match Verilator::find() {
        Ok(verilator) => return Some(verilator),
        Err(error) => error,
    };
    not_run(test, &error.to_string());
    None
}

/// Says that the test `test` was not run, and why; the test then returns.
///
/// # Panics
/// Under `CI=true`, where nothing may be left out.
pub fn not_run(test: &str, reason: &str) {
    let line = format!("{test}: {reason}");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{line}");
    eprintln!("not run: {line}");
    if let Some(path) = std::env::var_os("DEKU_NOT_RUN_LOG") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            eprintln!("{test}: DEKU_NOT_RUN_LOG: {error}");
        }
    }
}

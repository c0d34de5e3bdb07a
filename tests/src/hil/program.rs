//! The program `deku`, as its user starts it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Runs `deku --json` in `folder` and returns its summary.
///
/// # Errors
/// What the program says when it fails.
pub fn summary(deku: &[String], folder: &Path, arguments: &[&str]) -> Result<Value, String> {
    let mut command = Command::new(&deku[0]);
    command.args(&deku[1..]).args(arguments).args(["--json", "--quiet"]).current_dir(folder);
    for (_, variable) in deku_cli::defaults::OPTIONS {
        command.env_remove(variable);
    }
    let output = command.output().map_err(|e| format!("cannot run deku: {e}"))?;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let objects = || out.lines().rev().filter_map(|l| serde_json::from_str::<Value>(l).ok());
    let verb = arguments.first().copied().unwrap_or_default();
    if !output.status.success() {
        let told = objects().find(|object| object["code"].is_string());
        let told = told.map_or_else(
            || err.trim().to_owned(),
            |e| format!("error[{}]: {}; {}", text(&e["code"]), text(&e["what"]), text(&e["fix"])),
        );
        return Err(format!("deku {verb}: {told}"));
    }
    let summary = objects().find(|object| object["event"] == "summary");
    summary.ok_or_else(|| format!("deku {verb} has printed no summary"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

//! Tools that the set-up recorded, see CONTRIBUTING.md.

use std::path::PathBuf;

use serde_json::Value;

use crate::bench;

/// The path of a tool for the test `test`, or `None` where it is missing: the test then returns,
/// and is counted as not run.
///
/// # Panics
/// Under `CI=true`, if the tool is missing.
#[must_use]
pub fn tool_for(test: &str, name: &str) -> Option<PathBuf> {
    let found = recorded(name).filter(|path| path.exists());
    if found.is_none() {
        deku_sim::testing::not_run(test, &format!("no {name}; fix: cargo xtask setup"));
    }
    found
}

fn recorded(name: &str) -> Option<PathBuf> {
    let record = std::env::var_os("DEKU_TOOLS_JSON")
        .map_or_else(|| bench::root().join("target/tools/tools.json"), PathBuf::from);
    let json: Value = serde_json::from_str(&std::fs::read_to_string(record).ok()?).ok()?;
    json["tools"][name]["path"].as_str().map(PathBuf::from)
}

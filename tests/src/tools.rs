//! Tools that the set-up recorded, see CONTRIBUTING.md.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::bench;

/// A tool, as the set-up found it.
#[derive(Debug, Clone, Deserialize)]
pub struct Tool {
    /// The program.
    pub path: PathBuf,
    /// Its version, as far as it tells.
    #[serde(default)]
    pub version: String,
    /// Environment variables that it needs.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

impl Tool {
    /// The command that runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.envs(&self.env);
        command
    }
}

/// The path of a tool for the test `test`, or `None` where it is missing: the test then returns,
/// and is counted as not run.
///
/// # Panics
/// Under `CI=true`, if the tool is missing.
#[must_use]
pub fn tool_for(test: &str, name: &str) -> Option<PathBuf> {
    let found = recorded(name).map(|tool| tool.path);
    if found.is_none() {
        deku_sim::testing::not_run(test, &format!("no {name}; fix: cargo xtask setup"));
    }
    found
}

/// The tool of that name, if it was recorded and is still there.
#[must_use]
pub fn recorded(name: &str) -> Option<Tool> {
    let record = std::env::var_os("DEKU_TOOLS_JSON")
        .map_or_else(|| bench::root().join("target/tools/tools.json"), PathBuf::from);
    let json: Value = serde_json::from_str(&std::fs::read_to_string(record).ok()?).ok()?;
    let tool: Tool = serde_json::from_value(json["tools"][name].clone()).ok()?;
    tool.path.exists().then_some(tool)
}

//! `target/tools/tools.json`: which tool is where. Written here, read by the tests, the simulator
//! and this program; the format is described in CONTRIBUTING.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Changed when the set-up must be done again although nothing else changed.
const SCHEMA: u32 = 1;

/// Everything the set-up found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tools {
    schema: u32,
    /// What the choice depended on: the record is stale when any of it differs.
    inputs: BTreeMap<String, String>,
    /// Tool by name: `verilator`, `verilator-other`, `cxx`, `make`, `python`, `yosys`, ...
    tools: BTreeMap<String, Tool>,
    /// Searches that were made, whatever they found.
    #[serde(default)]
    searched: BTreeSet<String>,
}

/// One tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Absolute path of the program.
    pub path: PathBuf,
    /// Its version, as far as it tells.
    pub version: String,
    /// How it was found, for a person.
    pub found: String,
    /// Environment variables it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Verilator only: models can write FST waveforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fst: Option<bool>,
}

impl Tool {
    /// The command that runs this tool.
    pub fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.path);
        command.envs(&self.env);
        command
    }
}

impl Tools {
    /// Reads the record; an empty one when there is none, or when it depended on other `inputs`.
    pub fn load(path: &Path, inputs: &BTreeMap<String, String>) -> Self {
        let fresh = Self { schema: SCHEMA, inputs: inputs.clone(), ..Self::default() };
        let Ok(text) = fs::read_to_string(path) else { return fresh };
        match serde_json::from_str::<Self>(&text) {
            Ok(tools) if tools.schema == SCHEMA && tools.inputs == *inputs => tools,
            _ => fresh,
        }
    }

    /// Writes the record in one move, so that no reader sees half of it.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        let next = path.with_extension("json.new");
        fs::write(&next, text)
            .and_then(|()| fs::rename(&next, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// States anew what the choice depended on.
    pub fn depend_on(&mut self, inputs: BTreeMap<String, String>) {
        self.inputs = inputs;
    }

    /// Records that a search was made.
    pub fn mark_searched(&mut self, what: &str) {
        self.searched.insert(what.to_owned());
    }

    /// True when that search was made.
    pub fn was_searched(&self, what: &str) -> bool {
        self.searched.contains(what)
    }

    /// The tool of that name, if it was found and is still there.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.tools.get(name).filter(|tool| tool.path.exists())
    }

    /// Records a tool.
    pub fn set(&mut self, name: &str, tool: Tool) {
        self.tools.insert(name.to_owned(), tool);
    }

    /// Every tool, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tool)> {
        self.tools.iter().map(|(name, tool)| (name.as_str(), tool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("lock".to_owned(), value.to_owned())])
    }

    fn saved(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("xtask-record-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("tools.json");
        let mut tools = Tools::load(&path, &inputs("a"));
        let this = std::env::current_exe().unwrap();
        let found = "a test".to_owned();
        let tool = Tool { path: this, version: "1".into(), found, env: BTreeMap::new(), fst: None };
        tools.set("here", tool.clone());
        tools.set("gone", Tool { path: "/nonexistent/tool".into(), ..tool });
        tools.save(&path).unwrap();
        path
    }

    #[test]
    fn comes_back_as_written() {
        let path = saved("same");
        let tools = Tools::load(&path, &inputs("a"));
        assert_eq!(tools.get("here").unwrap().version, "1");
        assert!(tools.get("gone").is_none(), "a tool that was removed is not found");
    }

    #[test]
    fn is_stale_when_an_input_changed() {
        let path = saved("stale");
        assert_eq!(Tools::load(&path, &inputs("b")).iter().count(), 0);
    }

    #[test]
    fn is_empty_when_damaged() {
        let path = saved("damaged");
        fs::write(&path, "{\"schema\": 1, ").unwrap();
        assert_eq!(Tools::load(&path, &inputs("a")).iter().count(), 0);
    }
}

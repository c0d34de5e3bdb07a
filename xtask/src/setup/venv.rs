//! Private Python environments from hash-locked requirements, one per group of packages.
//!
//! An environment is complete when its stamp holds the lock and the Python that was asked for; the stamp is written
//! last, so an interrupted installation is simply started again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::python;
use super::site::Site;
use crate::project::Project;
use crate::shell::output;

const STAMP: &str = "installed-lock.txt";

/// One installed environment.
pub struct Venv {
    folder: PathBuf,
}

/// The environment of a group if it is complete and up to date.
pub fn ready(project: &Project, group: &str) -> Option<Venv> {
    let folder = project.tools().join(group);
    let stamp = fs::read_to_string(folder.join(STAMP)).ok()?;
    let expected = stamp_of(&fs::read_to_string(project.lock(group)).ok()?);
    let venv = Venv { folder };
    (stamp == expected && venv.python().exists()).then_some(venv)
}

/// Installs a group, unless it is there already.
pub fn ensure(site: &Site, group: &str) -> Result<Venv> {
    match ready(site.project, group) {
        Some(venv) => Ok(venv),
        None => install(site, group),
    }
}

fn install(site: &Site, group: &str) -> Result<Venv> {
    let python = python::find(site)?;
    println!("  installing the Python packages of the group \"{group}\"");
    let lock = site.project.lock(group);
    let text = fs::read_to_string(&lock)
        .with_context(|| format!("cannot read the lock {}", lock.display()))?;
    let venv = Venv { folder: site.project.tools().join(group) };
    remove(&venv.folder)?;
    site.log.run(Command::new(python).args(["-m", "venv"]).arg(&venv.folder))?;
    site.log.run(pip_install(&venv).arg(&lock)).with_context(|| {
        format!(
            "cannot install the packages locked in xtask/requirements/{group}.txt.\n\
             cause: no network, a package mirror without them, or a Python without wheels \
             (the log says which)."
        )
    })?;
    fs::write(venv.folder.join(STAMP), stamp_of(&text))
        .context("cannot write the installation's stamp")?;
    Ok(venv)
}

fn stamp_of(lock: &str) -> String {
    format!("# made with: {}\n{lock}", python::wanted())
}

fn pip_install(venv: &Venv) -> Command {
    let mut command = Command::new(venv.python());
    command.args(["-m", "pip", "install", "--require-hashes", "--no-deps"]);
    command.args(["--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]);
    command.args(["--progress-bar", "off", "-r"]);
    command
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

impl Venv {
    /// The environment's Python.
    pub fn python(&self) -> PathBuf {
        self.program("python3")
    }

    /// A program that a package brought.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// The version of an installed package.
    pub fn version_of(&self, package: &str) -> Result<String> {
        let question = format!("import importlib.metadata as m; print(m.version('{package}'))");
        Ok(self.ask(&question)?.trim().to_owned())
    }

    /// The folder of an installed package, `None` when this machine has no wheel of it.
    pub fn package(&self, name: &str) -> Option<PathBuf> {
        let question =
            format!("import importlib.util as u; print(u.find_spec('{name}').submodule_search_locations[0])");
        self.ask(&question).ok().map(|text| PathBuf::from(text.trim()))
    }

    fn ask(&self, question: &str) -> Result<String> {
        output(Command::new(self.python()).args(["-c", question]))
    }
}

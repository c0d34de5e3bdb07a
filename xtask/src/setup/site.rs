//! What every part of the set-up shares.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use anyhow::{bail, Result};

use crate::project::Project;
use crate::shell::{output, which, Log};

/// A set-up in progress: where, into which log, and what only the system can provide.
pub struct Site<'a> {
    /// The repository.
    pub project: &'a Project,
    /// Where the output of commands goes.
    pub log: Log,
    wanted: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Site<'a> {
    /// Begins a set-up.
    pub fn new(project: &'a Project) -> Result<Self> {
        let log = Log::create(project.tools().join("setup.log"))?;
        Ok(Self { project, log, wanted: RefCell::default() })
    }

    /// Installs Debian packages where that is allowed, otherwise remembers them for
    /// [`Self::command_to_type`].
    pub fn install(&self, packages: &[&'static str]) -> Result<()> {
        let list = packages.join(" ");
        if !self.may_install() {
            self.wanted.borrow_mut().extend(packages);
            bail!("not installed: {list}");
        }
        println!("  installing {list} with apt-get");
        self.log.run(apt().arg("update"))?;
        self.log.run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
    }

    /// True as root on a system with apt-get, unless `DEKU_NO_APT` is set.
    pub fn may_install(&self) -> bool {
        env::var_os("DEKU_NO_APT").is_none() && which("apt-get").is_some() && is_root()
    }

    /// The one command that installs everything that was missing.
    pub fn command_to_type(&self) -> Option<String> {
        let wanted = self.wanted.borrow();
        let list: Vec<&str> = wanted.iter().copied().collect();
        (!list.is_empty())
            .then(|| format!("sudo apt-get update && sudo apt-get install -y {}", list.join(" ")))
    }
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|text| text.trim() == "0")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

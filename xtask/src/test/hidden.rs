//! Builds where Verilator, Python and C++ cannot be found.
//!
//! The folder of links that stands in for PATH holds every program but those. The build has a
//! target folder of its own: what was built with the tools in sight would prove nothing.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::outcome::Outcome;
use super::Context;
use crate::compare::fresh_folder;
use crate::shell::{cargo, Log};

const HIDDEN: [&str; 9] =
    ["verilator", "python", "pypy", "pip", "c++", "g++", "clang++", "make", "gmake"];

const PACKAGES: [&str; 4] = ["deku-ref", "deku-driver", "deku-rtlgen", "deku-cli"];

/// Builds the crates that must not need any of them.
pub fn build(context: &Context, log: &Log) -> Result<Outcome> {
    let path = fresh_folder(context.project.path("target/bare/path"))?;
    link_programs(&path)?;
    let mut command = cargo(context.project.root());
    command.env("PATH", &path).env_remove("CXX");
    command.env("CARGO_TARGET_DIR", context.project.path("target/bare"));
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").arg("build");
    for package in PACKAGES {
        command.args(["-p", package]);
    }
    log.run(&mut command)?;
    Ok(Outcome::passed())
}

fn link_programs(folder: &Path) -> Result<()> {
    let mut seen = BTreeSet::new();
    for source in env::split_paths(&env::var_os("PATH").context("PATH is not set")?) {
        let Ok(entries) = fs::read_dir(&source) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if !is_hidden(&name) && seen.insert(name.clone()) {
                symlink(entry.path(), folder.join(&name))
                    .with_context(|| format!("cannot link {}", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

/// `g++`, `g++-12`, `x86_64-linux-gnu-g++`, `python3.11` and so on.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    HIDDEN
        .iter()
        .any(|hidden| name.starts_with(hidden) || name.split_once(&format!("-{hidden}")).is_some())
}

#[cfg(test)]
mod tests {
    use super::is_hidden;
    use std::ffi::OsStr;

    #[test]
    fn all_names_of_a_hidden_program_are_hidden() {
        for name in ["python3.11", "x86_64-linux-gnu-g++-12", "verilator_bin", "make"] {
            assert!(is_hidden(OsStr::new(name)), "{name}");
        }
        for name in ["cc", "gcc", "ld", "cargo", "rustc", "x86_64-linux-gnu-gcc-12"] {
            assert!(!is_hidden(OsStr::new(name)), "{name}");
        }
    }
}

//! The C++ compiler and make, which build a verilated model.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::record::{Tool, Tools};
use super::site::Site;
use crate::shell::{output, which};

/// Records `cxx` and `make`, installing them where that is allowed.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if tools.get("cxx").is_some() && tools.get("make").is_some() {
        return Ok(());
    }
    if compiler().is_none() || which("make").is_none() {
        site.install(&["g++", "make"])
            .context("no C++ compiler or no make, which build the simulated module")?;
    }
    let missing = "the C++ compiler or make is still missing after its installation";
    tools.set("cxx", found(compiler().context(missing)?, "--version"));
    tools.set("make", found(which("make").context(missing)?, "--version"));
    Ok(())
}

fn compiler() -> Option<PathBuf> {
    which("g++").or_else(|| which("c++")).or_else(|| which("clang++"))
}

/// A program on PATH that tells its version when it is run with `question`.
pub fn found(path: PathBuf, question: &str) -> Tool {
    let version = output(Command::new(&path).arg(question))
        .ok()
        .and_then(|text| version_in(&text))
        .unwrap_or_else(|| "unknown".to_owned());
    Tool { path, version, found: "PATH".to_owned(), env: BTreeMap::new(), fst: None }
}

/// The last word with a dot in the first line: `g++ (Debian 12.2.0-14) 12.2.0`, `GNU Make 4.3`.
fn version_in(text: &str) -> Option<String> {
    let line = text.lines().next()?;
    line.split_whitespace()
        .rev()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_read() {
        assert_eq!(version_in("g++ (Debian 12.2.0-14+deb12u1) 12.2.0").unwrap(), "12.2.0");
        assert_eq!(version_in("GNU Make 4.3\nBuilt for").unwrap(), "4.3");
        assert_eq!(version_in("Debian clang version 14.0.6").unwrap(), "14.0.6");
        assert_eq!(version_in("Icarus Verilog version 11.0 (stable) ()").unwrap(), "11.0");
        assert_eq!(version_in("nothing"), None);
    }
}

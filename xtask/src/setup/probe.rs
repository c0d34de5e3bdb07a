//! Tries a Verilator on the smallest design: versions lie, a compiled and running model does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use super::record::Tool;
use super::site::Site;
use crate::shell::{output, Log};

const VERILOG: &str = include_str!("probe/probe.v");
const CPP: &str = include_str!("probe/probe.cpp");

/// Verilates, compiles and runs the probe. On success the tool's environment is complete.
pub fn simulates(site: &Site, tool: &mut Tool) -> Result<()> {
    let folder = site.project.tools().join("probe");
    let plain = build_and_run(&folder, &site.log, tool);
    if plain.is_ok() {
        return plain;
    }
    // Some releases need a newer C++ than the compiler's default.
    let flag = ("CXXFLAGS".to_owned(), "-std=c++20".to_owned());
    let mut newer = tool.clone();
    newer.env.extend([flag]);
    if build_and_run(&folder, &site.log, &newer).is_ok() {
        *tool = newer;
        return Ok(());
    }
    plain
}

/// Checks the probe without compiling anything.
pub fn lints(site: &Site, tool: &Tool) -> Result<()> {
    let folder = write_files(&site.project.tools().join("probe"))?;
    let result =
        site.log.run(tool.command().current_dir(&folder).args(["--lint-only", "-Wall", "probe.v"]));
    fs::remove_dir_all(&folder).ok();
    result
}

/// True when the headers that FST waveforms need are there.
pub fn writes_fst(log: &Log, tool: &Tool, compiler: &Path) -> bool {
    let Some(root) = root_of(tool) else { return false };
    let include = root.join("include");
    let mut command = Command::new(compiler);
    command.args(["-fsyntax-only", "-std=c++20", "-DVM_TRACE=1", "-DVM_TRACE_FST=1"]);
    command.arg("-I").arg(&include).arg("-I").arg(include.join("vltstd"));
    log.run(command.arg(include.join("verilated_fst_c.cpp"))).is_ok()
}

fn root_of(tool: &Tool) -> Option<PathBuf> {
    let text = output(tool.command().args(["--getenv", "VERILATOR_ROOT"])).ok()?;
    Some(PathBuf::from(text.trim()))
}

fn build_and_run(folder: &Path, log: &Log, tool: &Tool) -> Result<()> {
    let folder = write_files(folder)?;
    let built = log.run(tool.command().current_dir(&folder).args([
        "--cc",
        "--exe",
        "--build",
        "-Wall",
        "--Mdir",
        "obj",
        "probe.v",
        "probe.cpp",
    ]));
    let result = built.and_then(|()| run(&folder.join("obj/Vprobe"), log));
    fs::remove_dir_all(&folder).ok();
    result
}

fn run(program: &Path, log: &Log) -> Result<()> {
    if !program.exists() {
        bail!("it reported success but built no program");
    }
    if !log.status(&mut Command::new(program))?.success() {
        bail!("the compiled probe gave a wrong result");
    }
    Ok(())
}

fn write_files(folder: &Path) -> Result<PathBuf> {
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("probe.v"), VERILOG))
        .and_then(|()| fs::write(folder.join("probe.cpp"), CPP))
        .with_context(|| format!("cannot write the probe to {}", folder.display()))?;
    Ok(folder.to_path_buf())
}

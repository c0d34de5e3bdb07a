//! `cargo xtask aarch64`: `deku` as it is built for a 64-bit Raspberry Pi, run in an emulator.
//!
//! Only the program that trains is emulated. It finds the module as it would there, as a spidev and
//! as a serial port; behind both is a simulation on this computer. The models must be, byte for byte,
//! those that this computer makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::setup::aarch64::{CARGO, GCC, QEMU, TARGET};
use crate::setup::record::Tools;
use crate::setup::{self, Need};
use crate::shell::{cargo, run_attached};

/// The C library of the architecture, as Debian's cross packages have it.
const SYSROOT: &str = "/usr/aarch64-linux-gnu";

/// Libraries that the emulated program loads first. The emulator does not know how Linux sets a baud
/// rate; the other one is the spidev of the simulation, which must be of the program's architecture.
const PRELOADED: [&str; 2] = ["tests/qemu/termios2.c", "sim/preload/spidev.c"];

/// Builds it, trains with it, compares.
pub fn run(project: &Project, quick: bool) -> Result<()> {
    let tools = setup::ensure(project, &[Need::Simulate, Need::Aarch64])?;
    let folder = project.path("target/aarch64");
    fs::create_dir_all(&folder)?;
    let libraries = PRELOADED.iter().map(|source| library(project, &tools, &folder, source));
    let libraries = libraries.collect::<Result<Vec<PathBuf>>>()?;
    let program = program(project, &tools, &folder)?;
    run_attached(&mut comparison(project, &tools, quick, &libraries, &program)?)
        .context("the emulated program does not make the same models")
}

fn library(project: &Project, tools: &Tools, folder: &Path, source: &str) -> Result<PathBuf> {
    let source = project.path(source);
    let path = folder.join(source.file_stem().context("no file")?).with_extension("so");
    let mut gcc = setup::tool(tools, GCC)?.command();
    gcc.args(["-std=gnu11", "-O2", "-shared", "-fPIC", "-o"]).arg(&path).arg(source);
    run_attached(gcc.args(["-ldl", "-lpthread"]))?;
    Ok(path)
}

fn program(project: &Project, tools: &Tools, folder: &Path) -> Result<PathBuf> {
    let mut cargo = setup::tool(tools, CARGO)?.command();
    cargo.current_dir(project.root()).env("CARGO_TARGET_DIR", folder);
    let linker = format!("CARGO_TARGET_{}_LINKER", TARGET.to_uppercase().replace('-', "_"));
    cargo.env(linker, &setup::tool(tools, GCC)?.path);
    cargo.args(["build", "--locked", "--target", TARGET, "-p", "deku-cli", "--bin", "deku"]);
    run_attached(&mut cargo)?;
    Ok(folder.join(TARGET).join("debug/deku"))
}

fn comparison(
    project: &Project,
    tools: &Tools,
    quick: bool,
    libraries: &[PathBuf],
    program: &Path,
) -> Result<Command> {
    let mut command = cargo(project.root());
    command.args(["run", "--quiet", "--release", "-p", "deku-tests", "--bin", "same-model", "--"]);
    command.args(quick.then_some("--quick"));
    let preload = libraries.iter().map(|path| path.display().to_string());
    let preload = preload.collect::<Vec<_>>().join(":");
    command.arg("--").arg(&setup::tool(tools, QEMU)?.path).args(["-L", SYSROOT]);
    command.args(["-E", &format!("LD_PRELOAD={preload}")]).arg(program);
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    Ok(command)
}

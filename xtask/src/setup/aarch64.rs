//! What makes and runs programs for a 64-bit Raspberry Pi on another computer: a linker, Rust's
//! library for that architecture, and qemu, which runs one program instead of a whole system.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use super::compiler::found;
use super::debian::Rust;
use super::oldest;
use super::record::{Tool, Tools};
use super::site::Site;
use super::{has_library, tool};
use crate::shell::which;

/// What Rust calls it.
pub const TARGET: &str = "aarch64-unknown-linux-gnu";
/// The names under which compiler and emulator are recorded.
pub const GCC: &str = "aarch64-gcc";
pub const QEMU: &str = "qemu-aarch64";
/// The cargo that has the library of that architecture.
pub const CARGO: &str = "cargo-aarch64";

/// What Debian calls the architecture.
const DEBIAN: &str = "arm64";
/// Compiler, C library and emulator.
const PACKAGES: [&str; 3] = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"];

/// Records all of it.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if env::consts::ARCH == "aarch64" {
        bail!("this computer is an aarch64.\nfix:   `cargo xtask test` runs everything on it");
    }
    if [gcc(), qemu()].contains(&None) {
        site.install(&PACKAGES).context("no compiler or no emulator for aarch64")?;
    }
    let missing = "the compiler or qemu for aarch64 is still missing after its installation";
    tools.set(GCC, found(gcc().context(missing)?, "--version"));
    tools.set(QEMU, found(qemu().context(missing)?, "--version"));
    let cargo = match current() {
        Some(cargo) => cargo,
        None => oldest_with_library(site, tools).with_context(|| {
            format!("Rust has no library for aarch64.\nfix:   rustup target add {TARGET}")
        })?,
    };
    tools.set(CARGO, cargo);
    Ok(())
}

fn gcc() -> Option<PathBuf> {
    which("aarch64-linux-gnu-gcc")
}

fn qemu() -> Option<PathBuf> {
    which("qemu-aarch64").or_else(|| which("qemu-aarch64-static"))
}

/// The Rust in use, if it has the library.
fn current() -> Option<Tool> {
    let cargo = PathBuf::from(env::var_os("CARGO")?);
    has_library(Command::new(cargo.with_file_name("rustc")), TARGET)
        .then(|| found(cargo, "--version"))
}

fn oldest_with_library(site: &Site, tools: &mut Tools) -> Result<Tool> {
    oldest::ensure(site, tools)?;
    let oldest = tool(tools, oldest::CARGO)?.clone();
    let rustc = || {
        let mut rustc = Command::new(&oldest.env["RUSTC"]);
        rustc.envs(&oldest.env);
        rustc
    };
    if !has_library(rustc(), TARGET) {
        let wanted = oldest::version(site.project)?;
        let folder = oldest::folder(site, &wanted);
        if !oldest.path.starts_with(&folder) {
            bail!("the Rust {wanted} of rustup lacks it");
        }
        Rust::find(&wanted)?.unpack_library(site, DEBIAN, &folder)?;
    }
    if !has_library(rustc(), TARGET) {
        bail!("the package that was unpacked brought none");
    }
    Ok(oldest)
}

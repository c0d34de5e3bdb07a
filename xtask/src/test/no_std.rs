//! The crates that also run on microcontrollers need neither std nor an allocator.
//!
//! No target without std can be downloaded everywhere, so the linker's own rule is used: a
//! library linked by itself with std in any of its crates is complete, without it rustc asks for
//! a panic handler, and with alloc also for an allocator. Only the panic handler may be missing.
//!
//! Where Rust has the library of a microcontroller, the driver's example is also built for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use super::outcome::Outcome;
use super::Context;
use crate::setup;
use crate::shell::{cargo, Log};

/// Name, folder and features that must not need std either.
const CRATES: [(&str, &str, &str); 2] =
    [("deku-ref", "firmware-ref", ""), ("deku-driver", "driver", "spi,serial,mpsse")];

const NO_PANIC_HANDLER: &str = "`#[panic_handler]` function required, but not found";
const NO_ALLOCATOR: &str = "no global memory allocator found";

/// A Cortex-M4F, and the crate that is built for it.
const MICROCONTROLLER: (&str, &str) = ("thumbv7em-none-eabihf", "deku-microcontroller");

/// Checks each of the crates.
pub fn check(context: &Context, log: &Log) -> Result<Outcome> {
    for (name, folder, features) in CRATES {
        declares_itself(&context.project.path(folder))?;
        builds(context, log, name)?;
        links_without_std(context, log, name, "")?;
        if !features.is_empty() {
            links_without_std(context, log, name, features)?;
        }
    }
    on_a_microcontroller(context, log)
}

fn on_a_microcontroller(context: &Context, log: &Log) -> Result<Outcome> {
    let (target, name) = MICROCONTROLLER;
    if !setup::has_library(Command::new("rustc"), target) {
        return Ok(Outcome::passed_with(format!("not built for {target}: rustup target add")));
    }
    let mut command = cargo(context.project.root());
    log.run(command.args(["build", "-p", name, "--target", target]))
        .with_context(|| format!("{name} does not build for {target}"))?;
    Ok(Outcome::passed())
}

/// The attribute is there and nothing opts out of the ban of unsafe code.
fn declares_itself(folder: &Path) -> Result<()> {
    let root = folder.join("src/lib.rs");
    let text = fs::read_to_string(&root).with_context(|| format!("no {}", root.display()))?;
    if !text.lines().any(|line| line.starts_with("#![") && line.contains("no_std")) {
        bail!("{} does not say #![no_std]", root.display());
    }
    for file in rust_files(&folder.join("src"))? {
        let text = fs::read_to_string(&file)?;
        if text.contains("allow(unsafe_code)") {
            bail!("{} allows unsafe code, which this crate must not have", file.display());
        }
    }
    Ok(())
}

fn builds(context: &Context, log: &Log, name: &str) -> Result<()> {
    log.run(cargo(context.project.root()).args(["build", "-p", name, "--no-default-features"]))
        .with_context(|| format!("{name} does not build without its default features"))
}

fn links_without_std(context: &Context, log: &Log, name: &str, features: &str) -> Result<()> {
    let before = log.text().len();
    let mut command = cargo(context.project.root());
    command.args(["rustc", "-p", name, "--no-default-features", "--features", features, "--lib"]);
    command.args(["--crate-type", "staticlib", "--", "-C", "panic=abort"]);
    command.env("CARGO_TARGET_DIR", context.project.path("target/no-std"));
    let status = log.status(&mut command)?;
    verdict(name, status.success(), &log.text()[before..])
}

fn verdict(name: &str, linked: bool, said: &str) -> Result<()> {
    let fix = format!("fix:   find it with `cargo tree -p {name} -e normal --no-default-features`");
    if linked {
        bail!("{name} or a crate it uses links std.\n{fix}");
    }
    if said.contains(NO_ALLOCATOR) {
        bail!("{name} or a crate it uses needs an allocator.\n{fix}");
    }
    if !said.contains(NO_PANIC_HANDLER) {
        bail!("{name} does not compile as a library without std, for another reason");
    }
    Ok(())
}

fn rust_files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_panic_handler_is_good() {
        let good = format!("error: {NO_PANIC_HANDLER}");
        verdict("x", false, &good).unwrap();
        let alloc = format!("error: {NO_ALLOCATOR} but one is required\n{good}");
        assert!(verdict("x", false, &alloc).unwrap_err().to_string().contains("allocator"));
        assert!(verdict("x", true, "").unwrap_err().to_string().contains("links std"));
        assert!(verdict("x", false, "error[E0425]").is_err());
    }
}

//! The oldest Rust that the crates promise to work with: `rust-version` in `Cargo.toml`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::debian::Rust;
use super::record::{Tool, Tools};
use super::site::Site;
use crate::project::Project;
use crate::shell::output;

/// The name under which its cargo is recorded.
pub const CARGO: &str = "cargo-oldest";

/// Records it: a toolchain of rustup, else unpacked from packages.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if tools.get(CARGO).is_some() {
        return Ok(());
    }
    let wanted = version(site.project)?;
    let tool = match of_rustup(&wanted) {
        Some(tool) => tool,
        None => unpacked(site, &wanted).with_context(|| {
            format!("no Rust {wanted}.\nfix:   rustup toolchain install {wanted}.0")
        })?,
    };
    tools.set(CARGO, tool);
    Ok(())
}

/// `rust-version` of the workspace.
pub fn version(project: &Project) -> Result<String> {
    let path = project.path("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    let manifest: toml::Value = toml::from_str(&text)?;
    let package = manifest.get("workspace").and_then(|workspace| workspace.get("package"));
    let version = package.and_then(|package| package.get("rust-version")?.as_str());
    Ok(version.context("Cargo.toml states no rust-version for the workspace")?.to_owned())
}

/// Where it is unpacked.
pub fn folder(site: &Site, wanted: &str) -> PathBuf {
    site.project.tools().join(format!("rust-{wanted}"))
}

fn of_rustup(wanted: &str) -> Option<Tool> {
    [format!("{wanted}.0"), wanted.to_owned()].into_iter().find_map(|toolchain| {
        let which = |name: &str| -> Option<PathBuf> {
            // Asked in this way rustup installs nothing.
            let mut command = Command::new("rustup");
            command.env("RUSTUP_AUTO_INSTALL", "0").args([
                "which",
                "--toolchain",
                &toolchain,
                name,
            ]);
            Some(PathBuf::from(output(&mut command).ok()?.trim()))
        };
        let tool = described(which("cargo")?, &which("rustc")?, None, "rustup").ok()?;
        tool.version.starts_with(wanted).then_some(tool)
    })
}

fn unpacked(site: &Site, wanted: &str) -> Result<Tool> {
    let folder = folder(site, wanted);
    let ready = || described(cargo(&folder), &rustc(&folder), Some(&folder), "unpacked package");
    if let Ok(tool) = ready() {
        return Ok(tool);
    }
    fs::remove_dir_all(&folder).ok();
    Rust::find(wanted)?.unpack(site, &folder)?;
    ready().context("the Rust that was unpacked does not run")
}

fn cargo(folder: &Path) -> PathBuf {
    folder.join("usr/bin/cargo")
}

fn rustc(folder: &Path) -> PathBuf {
    folder.join("usr/bin/rustc")
}

/// Tries the programs; `unpacked` is where their libraries are, if they are not the system's.
fn described(cargo: PathBuf, rustc: &Path, unpacked: Option<&Path>, found: &str) -> Result<Tool> {
    // Without RUSTDOC cargo takes the one on PATH, for which the examples in the documentation do not compile.
    let rustdoc = rustc.with_file_name("rustdoc");
    let programs = [("RUSTC", rustc), ("RUSTDOC", &rustdoc)];
    let mut env: BTreeMap<_, _> =
        programs.map(|(name, path)| (name.to_owned(), path.display().to_string())).into();
    if let Some(folder) = unpacked {
        env.insert("LD_LIBRARY_PATH".to_owned(), libraries(folder)?);
    }
    let tool =
        Tool { path: cargo, version: String::new(), found: found.to_owned(), env, fst: None };
    output(tool.command().arg("--version"))?;
    let said = output(Command::new(rustc).envs(&tool.env).arg("--version"))?;
    output(Command::new(&rustdoc).envs(&tool.env).arg("--version"))?;
    let version = said.split_whitespace().nth(1).context("rustc tells no version")?.to_owned();
    Ok(Tool { version, ..tool })
}

/// Folders of shared libraries: `lib/<architecture>` and `usr/lib/<architecture>`.
fn libraries(folder: &Path) -> Result<String> {
    let architecture = format!("{}-linux-gnu", env::consts::ARCH);
    let folders = ["usr/lib", "lib"].map(|lib| folder.join(lib).join(&architecture));
    Ok(env::join_paths(folders)?.to_string_lossy().into_owned())
}

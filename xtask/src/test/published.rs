//! What a user of the crates gets: their pages, and packages that need no file beside them.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{bail, Context as _, Result};
use serde_json::Value;

use super::outcome::Outcome;
use super::Context;
use crate::setup::oldest;
use crate::shell::{cargo, output, Log};

/// The first cargo that packages crates that depend on each other and are not published yet.
const PACKAGES_TOGETHER: u32 = 90;

/// Every page is made without a warning.
pub fn pages(context: &Context, log: &Log) -> Result<Outcome> {
    let mut command = cargo(context.project.root());
    command.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    log.run(&mut command)?;
    Ok(Outcome::passed())
}

/// Every crate that may be published is packaged, unpacked elsewhere, and built there. No dependency
/// in `Cargo.lock` needs a younger Rust than is promised.
pub fn packages(context: &Context, log: &Log) -> Result<Outcome> {
    let mut command = cargo(context.project.root());
    let metadata = output(command.args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let promised = oldest::version(context.project)?;
    let younger = younger(packages, &promised);
    if !younger.is_empty() {
        bail!(
            "these need a younger Rust than {promised}: {}.\nfix:   cargo update -p NAME, which \
             chooses an older one, or raise rust-version and say so in the changelog",
            younger.join(", ")
        );
    }
    let version = output(cargo(context.project.root()).arg("--version"))?;
    let number = version.split_whitespace().nth(1).and_then(minor).context("an odd cargo")?;
    if number < PACKAGES_TOGETHER {
        return Ok(Outcome::passed_with(format!("not built: needs cargo 1.{PACKAGES_TOGETHER}")));
    }
    forget_unpacked(packages)?;
    let mut command = cargo(context.project.root());
    // What is not committed yet is what is to be tested.
    command.args(["package", "--workspace", "--allow-dirty", "--locked"]);
    command.args(private(packages).iter().flat_map(|name| ["--exclude", name]));
    log.run(&mut command).context("a package does not build by itself")?;
    if let Some(line) = log.text().lines().find(|line| line.starts_with("warning")) {
        bail!("cargo package is not content: {line}");
    }
    Ok(Outcome::passed())
}

/// Removes what earlier runs unpacked of our own packages. Cargo keeps it by name and version, and would
/// build the last package against the first ones of an older run.
fn forget_unpacked(packages: &[Value]) -> Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let Some(registries) = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok())
    else {
        return Ok(());
    };
    for registry in registries.flatten() {
        // A registry in a folder has no host in its name, only what follows the dash.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for package in packages.iter().filter(|package| package["source"].is_null()) {
            let part = |key: &str| package[key].as_str().unwrap_or("?");
            let old = registry.path().join(format!("{}-{}", part("name"), part("version")));
            if old.is_dir() {
                fs::remove_dir_all(&old)
                    .with_context(|| format!("cannot remove {}", old.display()))?;
            }
        }
    }
    Ok(())
}

/// Packages whose `rust-version` is above `promised`.
fn younger(packages: &[Value], promised: &str) -> Vec<String> {
    let limit = minor(promised);
    let is_younger =
        |package: &&Value| package["rust_version"].as_str().is_some_and(|v| minor(v) > limit);
    let named = |package: &Value| {
        let part = |key: &str| package[key].as_str().unwrap_or("?").to_owned();
        format!("{} {} ({})", part("name"), part("version"), part("rust_version"))
    };
    packages.iter().filter(is_younger).map(named).collect()
}

/// Those that must not be published: their list of registries is empty.
fn private(packages: &[Value]) -> Vec<&str> {
    let is_private =
        |package: &&Value| package["publish"].as_array().is_some_and(|list| list.is_empty());
    packages.iter().filter(is_private).filter_map(|package| package["name"].as_str()).collect()
}

/// 85 of `1.85` and of `1.85.1`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn packages_are_told_apart() {
        let package = |name: &str, rust: Value, publish: Value| json!({"name": name, "version": "1.0.0", "rust_version": rust, "publish": publish});
        let all = [
            package("old", json!("1.56"), Value::Null),
            package("silent", Value::Null, Value::Null),
            package("same", json!("1.85.1"), Value::Null),
            package("young", json!("1.90"), json!([])),
        ];
        assert_eq!(younger(&all, "1.85"), ["young 1.0.0 (1.90)"]);
        assert_eq!(private(&all), ["young"]);
    }
}

//! Debian packages that are unpacked into a private folder instead of being installed: Rust as old
//! as `rust-version` says, which must not take the place of the one in use, the standard library of
//! another architecture, and what a virtual machine is made of.
//!
//! Nothing of the system changes, so no rights are needed. The system must be one whose archive has
//! that version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{anyhow, Context as _, Result};

use super::site::Site;
use crate::shell::{output, which};

/// Debian and Ubuntu have more than one Rust; the usual one has no suffix.
const SUFFIXES: [&str; 2] = ["", "-web"];

/// A version of Rust in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rust {
    suffix: &'static str,
    /// Of the packages, such as `1.85.0+dfsg3-1`.
    version: String,
}

impl Rust {
    /// Looks for `wanted`, such as `1.85`.
    pub fn find(wanted: &str) -> Result<Self> {
        if !has_packages() {
            return Err(not_here(wanted, "this system has no apt-get"));
        }
        let names = SUFFIXES.map(|suffix| format!("rustc{suffix}"));
        // Without any package list apt-cache fails; then there is none.
        let table =
            output(Command::new("apt-cache").arg("madison").args(&names)).unwrap_or_default();
        Self::among(&table, wanted)
            .ok_or_else(|| not_here(wanted, "the system's package lists have no such version"))
    }

    fn among(table: &str, wanted: &str) -> Option<Self> {
        let start = format!("{wanted}.");
        table.lines().find_map(|line| {
            let mut cells = line.split('|').map(str::trim);
            let suffix = cells.next()?.strip_prefix("rustc")?;
            let suffix = SUFFIXES.into_iter().find(|known| *known == suffix)?;
            let version = cells.next().filter(|version| version.starts_with(&start))?;
            Some(Self { suffix, version: version.to_owned() })
        })
    }

    /// The package of that name, as apt-get takes it.
    fn package(&self, name: &str) -> String {
        format!("{name}={}", self.version)
    }

    /// Compiler, cargo and the library of this computer, with whatever they need and the system
    /// does not have.
    pub fn unpack(&self, site: &Site, folder: &Path) -> Result<()> {
        let debs = emptied(&folder.join("debs"))?;
        let (suffix, short) = (self.suffix, self.short());
        let packages = [
            format!("rustc{suffix}"),
            format!("cargo{suffix}"),
            format!("libstd-rust{suffix}-dev"),
            format!("libstd-rust{suffix}-{short}"),
        ];
        println!("  unpacking Rust {} of the system's archive", self.version);
        download_with_needs(site, &debs, packages.iter().map(|name| self.package(name)))?;
        unpack_all(site, &debs, folder)
    }

    /// The library of another architecture, which Debian calls `architecture`.
    pub fn unpack_library(&self, site: &Site, architecture: &str, folder: &Path) -> Result<()> {
        let debs = emptied(&folder.join("debs"))?;
        let lists = folder.join("lists");
        fs::create_dir_all(lists.join("partial"))?;
        println!("  unpacking Rust's library for {architecture}");
        // Package lists of its own: the system's stay as they are.
        let apt = || {
            let mut apt = Command::new("apt-get");
            apt.current_dir(&debs).args(["-o", "Debug::NoLocking=1", "-o"]);
            apt.arg(format!("Dir::State::lists={}", lists.display())).arg("-o");
            apt.arg(format!("Dir::Cache={}", folder.display()));
            apt.args(["-o", &format!("APT::Architecture={architecture}")]);
            apt.args(["-o", &format!("APT::Architectures={architecture}")]);
            apt
        };
        site.log.run(apt().arg("update"))?;
        let library = self.package(&format!("libstd-rust{}-dev", self.suffix));
        site.log.run(apt().args(["download", &library]))?;
        unpack_all(site, &debs, folder)?;
        fs::remove_dir_all(&lists).context("cannot remove the package lists")
    }

    /// `1.85` of `1.85.0+dfsg3-1`.
    fn short(&self) -> String {
        self.version.split('.').take(2).collect::<Vec<_>>().join(".")
    }
}

fn not_here(wanted: &str, why: &str) -> anyhow::Error {
    anyhow!("Rust {wanted} can not be had from a package: {why}")
}

/// Whether packages can be had and unpacked here.
pub(super) fn has_packages() -> bool {
    ["apt-get", "apt-cache", "dpkg-deb"].iter().all(|name| which(name).is_some())
}

/// Downloads packages, with whatever they need and the system does not have.
pub(super) fn download_with_needs(
    site: &Site,
    debs: &Path,
    packages: impl Iterator<Item = String>,
) -> Result<()> {
    fs::create_dir_all(debs.join("partial"))?;
    let mut apt = Command::new("apt-get");
    apt.args(["-o", "Debug::NoLocking=1", "-o"]);
    apt.arg(format!("Dir::Cache::archives={}", debs.display()));
    apt.args(["-y", "--no-install-recommends", "--download-only", "install"]);
    site.log.run(apt.args(packages))
}

/// Downloads these packages, nothing else.
pub(super) fn download(site: &Site, debs: &Path, packages: &[&str]) -> Result<()> {
    let mut apt = Command::new("apt-get");
    site.log.run(apt.current_dir(debs).arg("download").args(packages))
}

/// An empty folder.
pub(super) fn emptied(folder: &Path) -> Result<PathBuf> {
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder.to_path_buf())
}

/// Unpacks all packages in a folder, and removes that.
pub(super) fn unpack_all(site: &Site, debs: &Path, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(debs)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            site.log.run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(folder))?;
        }
    }
    fs::remove_dir_all(debs).context("cannot remove what was downloaded")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "     rustc | 1.63.0+dfsg1-2 | http://archive bookworm/main amd64 Packages
 rustc-web | 1.96.0+dfsg1-1 | http://archive bookworm-security/main amd64 Packages
 rustc-web | 1.85.0+dfsg3-1 | http://archive bookworm/main amd64 Packages
";

    #[test]
    fn the_version_asked_for_is_found() {
        let rust = Rust::among(TABLE, "1.85").unwrap();
        assert_eq!(rust, Rust { suffix: "-web", version: "1.85.0+dfsg3-1".into() });
        assert_eq!(rust.package("cargo-web"), "cargo-web=1.85.0+dfsg3-1");
        assert_eq!(rust.short(), "1.85");
        assert_eq!(Rust::among(TABLE, "1.63").unwrap().suffix, "");
        // Not a version that only begins with the same digits.
        assert_eq!(Rust::among(TABLE, "1.9"), None);
        assert_eq!(Rust::among("", "1.85"), None);
    }
}

//! A virtual machine: an emulator of a whole computer, a Linux kernel with the few modules that
//! bring USB over a network, and programs for it. All of it is unpacked from Debian packages, so
//! that nothing is installed; the emulator only if the system has none.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use super::debian::{download, download_with_needs, emptied, has_packages, unpack_all};
use super::record::{Tool, Tools};
use super::site::Site;
use crate::shell::{output, which};

/// The names under which the parts are recorded.
pub const NAMES: [&str; 4] = [QEMU, LINUX, BUSYBOX, USBIP];

const QEMU: &str = "qemu-system-x86_64";
const LINUX: &str = "linux";
const BUSYBOX: &str = "busybox";
const USBIP: &str = "usbip";

/// Packages of kernel and programs. The first one only names the kernel's.
const PACKAGES: [&str; 3] = ["linux-image-amd64", "busybox-static", "usbip"];
const QEMU_PACKAGE: &str = "qemu-system-x86";

/// What the machine loads: USB over a network, the kernel's driver of the chip, a network card.
const MODULES: [&str; 3] = ["vhci-hcd", "ftdi_sio", "e1000"];

/// Records all of it.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if env::consts::ARCH != "x86_64" {
        bail!("the virtual machine runs this computer's programs, and only if it is an x86_64");
    }
    let missing = |name: &&str| tools.get(name).is_none();
    if [LINUX, BUSYBOX, USBIP].iter().any(missing) {
        linux(site, tools).with_context(|| cannot(site, "a Linux for the virtual machine"))?;
    }
    if tools.get(QEMU).is_none() {
        let qemu = qemu(site).with_context(|| cannot(site, "an emulator of a computer"))?;
        tools.set(QEMU, qemu);
    }
    Ok(())
}

fn cannot(site: &Site, what: &str) -> String {
    format!(
        "no {what}: it is unpacked from packages of Debian, which could not be had.\n\
         fix:   sudo apt-get update; elsewhere than on Debian leave this test out.\n\
         log:   {}",
        site.log.path().display()
    )
}

/// The one of the system, else one that is unpacked.
fn qemu(site: &Site) -> Result<Tool> {
    if let Some(path) = which(QEMU) {
        return emulator(path, "PATH", BTreeMap::new());
    }
    packages_here()?;
    let folder = emptied(&site.project.tools().join("qemu"))?;
    let debs = emptied(&folder.join("debs"))?;
    println!("  unpacking {QEMU_PACKAGE}");
    download_with_needs(site, &debs, [QEMU_PACKAGE.to_owned()].into_iter())?;
    unpack_all(site, &debs, &folder)?;
    let folders = ["usr/lib", "lib"].map(|lib| folder.join(lib).join("x86_64-linux-gnu"));
    let libraries = env::join_paths(folders)?.to_string_lossy().into_owned();
    let env = BTreeMap::from([("LD_LIBRARY_PATH".to_owned(), libraries)]);
    emulator(folder.join("usr/bin").join(QEMU), "unpacked package", env)
}

fn emulator(path: PathBuf, found: &str, env: BTreeMap<String, String>) -> Result<Tool> {
    let mut tool = Tool { path, version: String::new(), found: found.to_owned(), env, fst: None };
    let said = output(tool.command().arg("--version")).context("the emulator does not run")?;
    // QEMU emulator version 7.2.22 (...)
    tool.version = said.split_whitespace().nth(3).unwrap_or("unknown").to_owned();
    Ok(tool)
}

/// Unpacks everything, and keeps what the machine needs: a fiftieth.
fn linux(site: &Site, tools: &mut Tools) -> Result<()> {
    packages_here()?;
    let folder = emptied(&site.project.tools().join("linux"))?;
    let all = folder.join("all");
    let debs = emptied(&folder.join("debs"))?;
    let kernel_package = kernel_package()?;
    let packages = [kernel_package.as_str(), PACKAGES[1], PACKAGES[2]];
    println!("  unpacking {}", packages.join(", "));
    download(site, &debs, &packages)?;
    let versions = versions(&debs)?;
    unpack_all(site, &debs, &all)?;
    for (name, file) in [(BUSYBOX, "busybox"), (USBIP, "usbip")] {
        let from = ["usr/sbin", "usr/bin", "sbin", "bin"].map(|bin| all.join(bin).join(file));
        let from = from.into_iter().find(|path| path.exists());
        let from = from.with_context(|| format!("the package brought no {file}"))?;
        fs::copy(from, folder.join(file))?;
        tools.set(name, unpacked(folder.join(file), version_of(&versions, file)));
    }
    let kernel = kernel(site, &all, &folder)?;
    tools.set(LINUX, unpacked(folder.join("vmlinuz"), kernel));
    fs::remove_dir_all(&all).context("cannot remove what is not needed")
}

fn packages_here() -> Result<()> {
    if !has_packages() {
        bail!("this system has no apt-get");
    }
    Ok(())
}

fn unpacked(path: PathBuf, version: String) -> Tool {
    let found = "unpacked package".to_owned();
    Tool { path, version, found, env: BTreeMap::new(), fst: None }
}

/// The package of the kernel in use, which has its version in its name.
fn kernel_package() -> Result<String> {
    let said = output(Command::new("apt-cache").args(["depends", PACKAGES[0]]))?;
    needed(&said).context("the system's package lists have no kernel")
}

fn needed(said: &str) -> Option<String> {
    let mut needs = said.lines().filter_map(|line| line.trim().strip_prefix("Depends:"));
    needs
        .find_map(|name| Some(name.trim()).filter(|n| n.starts_with("linux-image-")))
        .map(Into::into)
}

/// Names and versions of the packages in a folder, as their files say: `usbip_2.0+6.1_amd64.deb`.
fn versions(debs: &Path) -> Result<Vec<(String, String)>> {
    let mut versions = Vec::new();
    for entry in fs::read_dir(debs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let mut parts = name.split('_').map(|part| part.replace("%3a", ":"));
        versions.extend(parts.next().zip(parts.next()));
    }
    Ok(versions)
}

fn version_of(versions: &[(String, String)], file: &str) -> String {
    let of = versions.iter().find(|(name, _)| name.starts_with(file));
    of.map_or_else(|| "unknown".to_owned(), |(_, version)| version.clone())
}

/// Keeps the kernel and its modules, numbered in the order in which they are loaded; its version.
fn kernel(site: &Site, all: &Path, folder: &Path) -> Result<String> {
    let mut versions = fs::read_dir(all.join("lib/modules"))?;
    let version = versions.next().context("the package brought no modules")??.file_name();
    let version = version.to_string_lossy().into_owned();
    fs::copy(all.join(format!("boot/vmlinuz-{version}")), folder.join("vmlinuz"))?;
    let mut depmod = Command::new(folder.join("busybox"));
    site.log.run(depmod.args(["depmod", "-b"]).arg(all).arg(&version))?;
    let home = all.join("lib/modules").join(&version);
    let table = fs::read_to_string(home.join("modules.dep"))?;
    let kept = emptied(&folder.join("modules"))?;
    for (n, module) in in_order(&table, &MODULES)?.iter().enumerate() {
        let file = Path::new(module).file_name().context("a module without a name")?;
        fs::copy(home.join(module), kept.join(format!("{n:02}-{}", file.to_string_lossy())))?;
    }
    Ok(version)
}

/// Modules with all that they need, each once and after what it needs. A line of the table names a
/// module and then what it needs, what is loaded first last.
fn in_order<'a>(table: &'a str, wanted: &[&str]) -> Result<Vec<&'a str>> {
    let mut order = Vec::new();
    for name in wanted {
        let line = table.lines().find(|line| {
            let file = line.split(':').next().and_then(|path| path.rsplit('/').next());
            file.is_some_and(|file| file.split('.').next() == Some(name))
        });
        let (module, needs) = line
            .and_then(|line| line.split_once(':'))
            .with_context(|| format!("the kernel has no module {name}"))?;
        for module in needs.split_whitespace().rev().chain([module]) {
            if !order.contains(&module) {
                order.push(module);
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "kernel/net/e1000.ko:
kernel/net/e1000e.ko: kernel/net/ptp.ko
kernel/usb/vhci-hcd.ko: kernel/usb/usbip-core.ko kernel/usb/usbcore.ko kernel/usb/usb-common.ko
kernel/usb/ftdi_sio.ko.xz: kernel/usb/usbserial.ko kernel/usb/usbcore.ko kernel/usb/usb-common.ko
";

    #[test]
    fn what_a_module_needs_is_loaded_before_it() {
        let order = in_order(TABLE, &MODULES).unwrap();
        let name = |path: &&str| path.rsplit('/').next()?.split('.').next().map(str::to_owned);
        let names: Vec<_> = order.iter().filter_map(name).collect();
        assert_eq!(
            names,
            ["usb-common", "usbcore", "usbip-core", "vhci-hcd", "usbserial", "ftdi_sio", "e1000"]
        );
        assert!(in_order(TABLE, &["usbip"]).is_err());
    }

    #[test]
    fn the_package_of_the_kernel_is_found() {
        let said = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n    linux-x\n";
        assert_eq!(needed(said).as_deref(), Some("linux-image-6.1.0-56-amd64"));
        assert_eq!(needed("linux-image-amd64\n"), None);
    }

    #[test]
    fn versions_are_those_of_the_files() {
        let versions = [("usbip".to_owned(), "2.0".to_owned())];
        assert_eq!(version_of(&versions, "usbip"), "2.0");
        assert_eq!(version_of(&versions, "busybox"), "unknown");
    }
}

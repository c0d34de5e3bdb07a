//! The library for `LD_PRELOAD`, compiled once and kept.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::SocketAddress;
use crate::build::{Build, Digest};
use crate::error::file_error;
use crate::SimError;

const SOURCE: &str = include_str!("../../preload/spidev.c");
const FLAGS: [&str; 6] = ["-x", "c", "-std=gnu11", "-O2", "-shared", "-fPIC"];
const LIBRARIES: [&str; 2] = ["-ldl", "-lpthread"];
/// Compilers that are tried if CXX names none.
const COMPILERS: [&str; 4] = ["g++", "c++", "clang++", "cc"];

/// A library that leads a device node to a [`super::SpidevServer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preload {
    path: PathBuf,
}

impl Preload {
    /// Takes it from the cache folder of the simulations, or compiles it.
    ///
    /// # Errors
    /// If there is no compiler, or the cache folder can not be written.
    pub fn find() -> Result<Self, SimError> {
        let key = Digest::new().part(SOURCE).part(FLAGS.join(" ")).hex();
        let folder = Build::cache_folder().join(format!("spidev-{}", &key[..16]));
        let folder = std::path::absolute(&folder).map_err(file_error("find", &folder))?;
        let path = folder.join("spidev.so");
        if !path.is_file() {
            std::fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
            compile(&folder, &path)?;
        }
        // Both separate the entries of LD_PRELOAD.
        if path.to_string_lossy().contains([' ', ':']) {
            return Err(SimError::BadOption {
                what: "the cache folder of an emulated spidev",
                value: folder.display().to_string(),
                rule: "it must have no blank and no colon; name another one in DEKU_SIM_CACHE",
            });
        }
        Ok(Self { path })
    }

    /// The library.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The variables with which a program finds the spidev `node`, and the GPIO chip `chip` if there
    /// is to be one, at `address`.
    #[must_use]
    pub fn environment(
        &self,
        node: &str,
        chip: Option<&str>,
        address: &SocketAddress,
    ) -> Vec<(&'static str, OsString)> {
        let mut all = vec![
            ("LD_PRELOAD", self.with_others(std::env::var_os("LD_PRELOAD").as_deref())),
            ("DEKU_SPIDEV", node.into()),
            ("DEKU_SPIDEV_SOCKET", address.text().into()),
        ];
        all.extend(chip.map(|chip| ("DEKU_GPIOCHIP", chip.into())));
        all
    }

    fn with_others(&self, others: Option<&OsStr>) -> OsString {
        let mut all = self.path.clone().into_os_string();
        if let Some(others) = others.filter(|others| !others.is_empty()) {
            all.push(":");
            all.push(others);
        }
        all
    }
}

/// Compiles into a file of this process, then moves it into place.
fn compile(folder: &Path, path: &Path) -> Result<(), SimError> {
    let (source, mine) =
        (folder.join("spidev.c"), folder.join(format!("{}.so", std::process::id())));
    std::fs::write(&source, SOURCE).map_err(file_error("write", &source))?;
    let mut missing = None;
    for compiler in compilers() {
        // CXX may hold options, too.
        let mut words = compiler.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(FLAGS).arg("-o").arg(&mine).arg(&source).args(LIBRARIES);
        match command.stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {
                return std::fs::rename(&mine, path).map_err(file_error("create", path));
            }
            Ok(output) => return Err(refused(folder, &output.stderr)),
            Err(source) => {
                missing.get_or_insert(SimError::CannotStart { program: compiler.into(), source });
            }
        }
    }
    missing.map_or(Ok(()), Err)
}

/// What CXX names, else the usual ones.
fn compilers() -> Vec<String> {
    match std::env::var("CXX") {
        Ok(name) if !name.trim().is_empty() => vec![name],
        _ => COMPILERS.map(String::from).to_vec(),
    }
}

fn refused(folder: &Path, errors: &[u8]) -> SimError {
    let text = String::from_utf8_lossy(errors);
    let log = folder.join("compiler.log");
    let _ = std::fs::write(&log, text.as_bytes());
    SimError::Compile {
        step: "the C compiler",
        top: "spidev".into(),
        hint: "Are the headers of Linux installed (Debian: linux-libc-dev)?".into(),
        tail: text.lines().take(12).collect::<Vec<_>>().join("\n"),
        log,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_libraries_stay() {
        let preload = Preload { path: "/a/spidev.so".into() };
        assert_eq!(preload.with_others(None), "/a/spidev.so");
        assert_eq!(preload.with_others(Some("/b.so".as_ref())), "/a/spidev.so:/b.so");
    }
}

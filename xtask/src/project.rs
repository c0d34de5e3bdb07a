//! Where things are in this repository.

use std::path::{Path, PathBuf};

use anyhow::{bail, Result};

/// The repository this program was built from.
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Finds the repository and refuses a place the tools cannot work in.
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().expect("xtask lies in the repository").to_path_buf();
        if root.to_string_lossy().contains(char::is_whitespace) {
            bail!(
                "the repository lies in \"{}\", a path with white space.\n\
                 cause: make and Verilator cannot handle such a path.\n\
                 fix:   move the repository to a path without white space.",
                root.display()
            );
        }
        Ok(Self { root })
    }

    /// The repository's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The private tools; removing this folder is always safe.
    pub fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// The record of every tool found, see [`crate::setup::record`].
    pub fn tools_json(&self) -> PathBuf {
        self.tools().join("tools.json")
    }

    /// The logs of the last test run.
    pub fn logs(&self) -> PathBuf {
        self.path("target/test-logs")
    }

    /// The requirements lock of a group of Python packages.
    pub fn lock(&self, group: &str) -> PathBuf {
        self.path(&format!("xtask/requirements/{group}.txt"))
    }
}

/// True on a continuous-integration machine, where a missing tool is a failure.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

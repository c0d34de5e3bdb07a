//! Files for loaders that take paths: a folder per thread, in memory if `TMPDIR` is.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a temporary folder");
}

/// A path in the folder of this thread.
pub(super) fn path(name: &str) -> PathBuf {
    FOLDER.with(|folder| folder.path().join(name))
}

/// Writes a file there; its path.
pub(super) fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = path(name);
    write_to(&path, bytes);
    path
}

pub(super) fn write_to(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("the temporary folder can be written");
}

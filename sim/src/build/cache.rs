//! The cache of built programs. An entry is a folder named by the key with the program and its
//! hash; it appears in one step (rename) and is checked at every use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt as _;

use super::digest::Digest;
use super::Program;
use crate::error::file_error;
use crate::SimError;

const PROGRAM: &str = "sim";
const CHECKSUM: &str = "sim.sha256";

pub(super) struct Cache {
    folder: PathBuf,
}

/// Held while one key is being built; released when dropped or when the process ends.
pub(super) struct Lock {
    _file: File,
}

impl Cache {
    pub fn new(folder: PathBuf) -> Result<Self, SimError> {
        fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
        let folder = std::path::absolute(&folder).map_err(file_error("find", &folder))?;
        Ok(Cache { folder })
    }

    /// The program for a key, if it is there and undamaged.
    pub fn get(&self, key: &str) -> Option<Program> {
        let entry = self.folder.join(key);
        let expected = fs::read_to_string(entry.join(CHECKSUM)).ok()?;
        let actual = checksum(&entry.join(PROGRAM)).ok()?;
        (expected.trim() == actual)
            .then(|| Program { path: entry.join(PROGRAM), key: key.to_owned() })
    }

    /// Waits until this is the only builder of the key.
    pub fn lock(&self, key: &str, waiting: impl FnOnce()) -> Result<Lock, SimError> {
        let path = self.folder.join(format!("{key}.lock"));
        let file = File::create(&path).map_err(file_error("create", &path))?;
        if !file.try_lock_exclusive().map_err(file_error("lock", &path))? {
            waiting();
            file.lock_exclusive().map_err(file_error("lock", &path))?;
        }
        Ok(Lock { _file: file })
    }

    /// Builds an entry in a folder of its own and moves it into place. Call with the lock held.
    pub fn fill(
        &self,
        key: &str,
        build: impl FnOnce(&Path) -> Result<PathBuf, SimError>,
    ) -> Result<Program, SimError> {
        let work = self.folder.join(format!("{key}.build"));
        remove(&work)?; // left by a builder that was killed
        fs::create_dir_all(&work).map_err(file_error("create", &work))?;
        let built = build(&work)?; // on failure the folder stays, with the log
        let ready = work.join("entry");
        fs::create_dir(&ready).map_err(file_error("create", &ready))?;
        fs::rename(&built, ready.join(PROGRAM)).map_err(file_error("move", &built))?;
        let sum = checksum(&ready.join(PROGRAM)).map_err(file_error("read", &built))?;
        fs::write(ready.join(CHECKSUM), sum).map_err(file_error("write", &ready))?;
        let entry = self.folder.join(key);
        remove(&entry)?; // damaged, or it would have been used
        fs::rename(&ready, &entry).map_err(file_error("create", &entry))?;
        remove(&work)?;
        Ok(Program { path: entry.join(PROGRAM), key: key.to_owned() })
    }
}

fn checksum(path: &Path) -> std::io::Result<String> {
    Ok(Digest::new().part(fs::read(path)?).hex())
}

/// Removes a folder or file that may not exist.
fn remove(path: &Path) -> Result<(), SimError> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_error("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The `target` folder of the nearest workspace around the working folder.
pub(super) fn workspace_target() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file())?;
    Some(root.join("target"))
}

pub(super) fn default_folder() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(folder) = variable("DEKU_SIM_CACHE") {
        return folder;
    }
    if let Some(target) = workspace_target() {
        return target.join("deku-sim-cache");
    }
    let user = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    user.unwrap_or_else(std::env::temp_dir).join("deku")
}

//! Writing files so that a crash leaves the old one or the new one, never half of one.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

/// Finds out before hours of work whether `path` could be written.
pub fn check_folder(path: &Path) -> Result<()> {
    if folder(path).is_dir() {
        return Ok(());
    }
    Err(Error::input(
        "file/folder",
        format!("cannot write `{}`: its folder does not exist", path.display()),
    )
    .cause("the path is wrong, or the folder was not made yet")
    .fix(format!("mkdir -p {}", folder(path).display())))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// Writes next to `path`, waits until the disk has it, renames, and waits for that, too.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |e: &std::io::Error| Error::io(path, "write", e);
    check_folder(path)?;
    let mut file = tempfile::Builder::new()
        .prefix(&partial_prefix(path))
        .suffix(PARTIAL)
        .permissions_like_new_file()
        .tempfile_in(folder(path))
        .map_err(|e| fail(&e))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|e| fail(&e))?;
    file.persist(path).map_err(|e| fail(&e.error))?;
    sync_folder(folder(path)).map_err(|e| fail(&e))
}

/// Without this a new name may be gone after a power cut, though the bytes are on the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::{InvalidInput, Unsupported};
    match std::fs::File::open(folder)?.sync_all() {
        // Some network file systems know no such thing.
        Err(e) if matches!(e.kind(), InvalidInput | Unsupported) => Ok(()),
        outcome => outcome,
    }
}

/// Elsewhere a folder cannot be opened.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// End of the names of files that are not finished.
const PARTIAL: &str = ".part";

fn partial_prefix(path: &Path) -> String {
    format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes what writers of `path` left behind that were killed. Only for the one who writes it.
pub fn remove_partial(path: &Path) {
    let prefix = partial_prefix(path);
    let Ok(entries) = std::fs::read_dir(folder(path)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(PARTIAL) {
            // Another user's file stays; it disturbs nothing.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

trait NewFilePermissions {
    fn permissions_like_new_file(&mut self) -> &mut Self;
}

impl NewFilePermissions for tempfile::Builder<'_, '_> {
    /// Temporary files are private; a model should be as readable as any other new file.
    fn permissions_like_new_file(&mut self) -> &mut Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            self.permissions(std::fs::Permissions::from_mode(0o666));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m");
        for text in ["one", "two"] {
            write_atomically(&path, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn leftovers_of_this_file_are_removed_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let names = [".m.x7.part", ".n.x7.part", "m", "m.x7.part", ".m.x7"];
        for name in names {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        remove_partial(&folder.path().join("m"));
        let left = names.map(|name| folder.path().join(name).exists());
        assert_eq!(left, [false, true, true, true, true]);
    }
}

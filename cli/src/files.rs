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

/// Writes next to `path`, then renames.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |e: &std::io::Error| Error::io(path, "write", e);
    check_folder(path)?;
    let mut file = tempfile::Builder::new()
        .prefix(".deku-")
        .permissions_like_new_file()
        .tempfile_in(folder(path))
        .map_err(|e| fail(&e))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|e| fail(&e))?;
    file.persist(path).map_err(|e| fail(&e.error))?;
    Ok(())
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

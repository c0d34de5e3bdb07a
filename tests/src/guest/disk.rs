//! The files of the machine: a file system in memory that the kernel starts with.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{symlink, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::Parts;
use crate::tools::Tool;

/// The first program of the machine.
pub(super) const INIT: &str = include_str!("init.sh");
/// Somebody without rights.
const USERS: &str = "root::0:0::/:/bin/sh\nvisitor::1000:1000::/:/bin/sh\n";
const GROUPS: &str = "root:x:0:\nvisitor:x:1000:\n";

/// Writes it as an archive into `folder`.
pub(super) fn make(parts: &Parts, folder: &Path) -> Result<PathBuf, String> {
    let root = folder.join("root");
    filled(parts, &root).map_err(|e| format!("cannot make the machine's files: {e}"))?;
    let deku = Tool { path: parts.deku.clone(), version: String::new(), env: BTreeMap::new() };
    for program in [&parts.usbip, &deku] {
        for library in libraries(program)? {
            let to = root.join(library.strip_prefix("/").unwrap_or(&library));
            copy(&library, &to).map_err(|e| format!("cannot copy {}: {e}", library.display()))?;
        }
    }
    let archive = folder.join("initial.cpio");
    let file = fs::File::create(&archive).map_err(|e| format!("cannot make an archive: {e}"))?;
    let mut pack = parts.busybox.command();
    pack.current_dir(&root).args(["sh", "-c", "find . | cpio -o -H newc -R 0:0"]);
    let packed = pack.stdout(file).stderr(Stdio::null()).status();
    match packed {
        Ok(status) if status.success() => Ok(archive),
        failed => Err(format!("busybox cannot pack the machine's files: {failed:?}")),
    }
}

fn filled(parts: &Parts, root: &Path) -> std::io::Result<()> {
    for (path, text, mode) in
        [("init", INIT, 0o755), ("etc/passwd", USERS, 0o644), ("etc/group", GROUPS, 0o644)]
    {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    copy(&parts.busybox.path, &root.join("bin/busybox"))?;
    symlink("busybox", root.join("bin/sh"))?;
    copy(&parts.usbip.path, &root.join("bin/usbip"))?;
    copy(&parts.deku, &root.join("bin/deku"))?;
    for module in fs::read_dir(parts.linux.path.with_file_name("modules"))? {
        let module = module?;
        copy(&module.path(), &root.join("modules").join(module.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(|_| ())
}

/// The shared libraries of a program, with what loads them.
fn libraries(program: &Tool) -> Result<Vec<PathBuf>, String> {
    let mut ldd = std::process::Command::new("ldd");
    let output = ldd.arg(&program.path).envs(&program.env).output();
    let output = output.map_err(|e| format!("cannot run ldd: {e}"))?;
    paths(&String::from_utf8_lossy(&output.stdout)).map_err(|library| {
        format!("{} needs {library}, which is not there", program.path.display())
    })
}

/// The paths in what ldd says; an error names a library that it did not find.
fn paths(said: &str) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for line in said.lines().map(str::trim) {
        if line.contains("not found") {
            return Err(line.split(' ').next().unwrap_or_default().to_owned());
        }
        let word = line.split(' ').find(|word| word.starts_with('/'));
        paths.extend(word.map(PathBuf::from));
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\tlinux-vdso.so.1 (0x00007fb10db0a000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007fb10d8d7000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007fb10db0c000)
";

    #[test]
    fn libraries_and_their_loader_are_found() {
        let expected = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"];
        assert_eq!(paths(SAID).unwrap(), expected.map(PathBuf::from));
        assert_eq!(paths("\tlibudev.so.1 => not found\n"), Err("libudev.so.1".into()));
    }
}

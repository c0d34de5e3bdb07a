//! Generated files: the committed ones against freshly made ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context as _, Result};

/// How two trees of files differ; paths relative to both.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Made now, not committed.
    pub missing: Vec<PathBuf>,
    /// Committed with other content.
    pub changed: Vec<PathBuf>,
    /// Committed, not made any more.
    pub stale: Vec<PathBuf>,
}

impl Difference {
    /// Compares the parts `parts` (files or folders) of the trees `fresh` and `committed`.
    pub fn between(fresh: &Path, committed: &Path, parts: &[&str]) -> Result<Self> {
        let (made, kept) = (files(fresh, parts)?, files(committed, parts)?);
        let mut difference = Self::default();
        for path in &made {
            if !kept.contains(path) {
                difference.missing.push(path.clone());
            } else if read(&fresh.join(path))? != read(&committed.join(path))? {
                difference.changed.push(path.clone());
            }
        }
        difference.stale = kept.difference(&made).cloned().collect();
        Ok(difference)
    }

    /// Fails, naming the files and the command that corrects them, unless there is none.
    pub fn refuse(&self, fix: &str) -> Result<()> {
        let kinds = [
            ("differs", &self.changed),
            ("missing", &self.missing),
            ("stale (not generated any more)", &self.stale),
        ];
        let lines: Vec<String> = kinds
            .into_iter()
            .flat_map(|(kind, paths)| {
                paths.iter().map(move |p| format!("  {}: {kind}", p.display()))
            })
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        bail!(
            "{} generated file(s) are not up to date:\n{}\n\
             cause: their source changed, or they were edited by hand.\n\
             fix:   {fix}, then commit the result",
            lines.len(),
            lines.join("\n")
        );
    }

    /// Makes `committed` equal to `fresh`; returns how many files it touched.
    pub fn apply(&self, fresh: &Path, committed: &Path) -> Result<usize> {
        for path in self.missing.iter().chain(&self.changed) {
            let target = committed.join(path);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(fresh.join(path), &target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
        for path in &self.stale {
            let target = committed.join(path);
            fs::remove_file(&target)
                .with_context(|| format!("cannot remove {}", target.display()))?;
            // Succeeds when this was the folder's last file.
            target.parent().map(fs::remove_dir);
        }
        Ok(self.missing.len() + self.changed.len() + self.stale.len())
    }
}

fn files(root: &Path, parts: &[&str]) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for part in parts {
        collect(root, Path::new(part), &mut found)?;
    }
    Ok(found)
}

fn collect(root: &Path, path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let full = root.join(path);
    if full.is_file() {
        found.insert(path.to_path_buf());
    } else if full.is_dir() {
        for entry in
            fs::read_dir(&full).with_context(|| format!("cannot list {}", full.display()))?
        {
            collect(root, &path.join(entry?.file_name()), found)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// An empty folder under target/ for freshly made files. Never the system's temporary folder:
/// some tools cannot see that one.
pub fn fresh_folder(path: PathBuf) -> Result<PathBuf> {
    fs::remove_dir_all(&path).ok();
    fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root =
            std::env::temp_dir().join(format!("xtask-compare-{}-{name}", std::process::id()));
        let root = fresh_folder(root).unwrap();
        for (path, text) in files {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        root
    }

    #[test]
    fn every_kind_of_difference_is_named_and_corrected() {
        let fresh = tree("a", &[("hdl/x/a.v", "1"), ("hdl/x/b.v", "1"), ("hdl/same.v", "0")]);
        let old =
            tree("b", &[("hdl/x/b.v", "2"), ("hdl/c.v", "3"), ("hdl/same.v", "0"), ("k", "")]);
        let difference = Difference::between(&fresh, &old, &["hdl"]).unwrap();
        let message = difference.refuse("cargo xtask regen").unwrap_err().to_string();
        assert!(message.contains("hdl/x/a.v: missing"), "{message}");
        assert!(message.contains("hdl/x/b.v: differs"), "{message}");
        assert!(message.contains("hdl/c.v: stale"), "{message}");
        assert!(message.contains("fix:   cargo xtask regen"), "{message}");

        assert_eq!(difference.apply(&fresh, &old).unwrap(), 3);
        let after = Difference::between(&fresh, &old, &["hdl"]).unwrap();
        assert_eq!(after, Difference::default());
        after.refuse("").unwrap();
        assert!(old.join("k").exists(), "files outside the compared parts stay");
    }
}

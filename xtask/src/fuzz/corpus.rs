//! Choosing the inputs that every test run replays.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{command, Place};
use crate::compare::fresh_folder;
use crate::project::Project;
use crate::shell::Log;

/// Bytes that a target may keep; `tests/tests/corpus.rs` limits the sum.
const MOST_BYTES: u64 = 28_000;
/// Names of what broke something.
const CRASH: &str = "crash";

/// Files in a folder; none if there is no folder.
pub fn count(folder: &Path) -> Result<u64> {
    Ok(files(folder)?.len() as u64)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    Ok(entries.collect::<std::io::Result<_>>()?)
}

/// Replaces what is kept of a target by a smallest set of inputs that reaches the same code, as far as
/// there is room. What broke something stays.
pub fn keep(project: &Project, program: &Path, place: &Place) -> Result<()> {
    let chosen = fresh_folder(project.path("target/fuzz/kept").join(&place.name))?;
    let log = Log::create(project.logs().join(format!("fuzz-keep-{}.log", place.name)))?;
    let mut command = command(project, program, place);
    command.arg("-set_cover_merge=1").args([&chosen, &place.found, &place.committed]);
    fs::create_dir_all(&place.found)?;
    log.run(&mut command).with_context(|| log.tail(6))?;
    for file in files(&place.committed)? {
        if !is_crash(&file) {
            fs::remove_file(file)?;
        }
    }
    let mut room = MOST_BYTES;
    let mut kept = 0;
    for (bytes, file) in by_size(&chosen)? {
        if bytes > room {
            break;
        }
        room -= bytes;
        kept += 1;
        let name = file.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        // The names are hashes; their beginnings do.
        let short: String = name.chars().take(12).collect();
        fs::copy(&file, place.committed.join(short))?;
    }
    println!("{:<10} {kept} inputs, {} bytes", place.name, MOST_BYTES - room);
    Ok(())
}

fn is_crash(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(CRASH))
}

fn by_size(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut sized = Vec::new();
    for file in files(folder)? {
        sized.push((file.metadata()?.len(), file));
    }
    sized.sort();
    Ok(sized)
}

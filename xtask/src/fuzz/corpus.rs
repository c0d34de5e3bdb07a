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
/// Inputs that are chosen for a target.
const MOST_FILES: usize = 120;
/// Beginnings of the names of what stays: inputs that broke something, and sound ones to begin with.
const STAYS: [&str; 2] = ["crash", "seed"];

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
/// there is room.
pub fn keep(project: &Project, program: &Path, place: &Place) -> Result<()> {
    let chosen = fresh_folder(project.path("target/fuzz/kept").join(&place.name))?;
    let log = Log::create(project.logs().join(format!("fuzz-keep-{}.log", place.name)))?;
    let mut command = command(project, program, place);
    command.arg("-set_cover_merge=1").args([&chosen, &place.found, &place.committed]);
    fs::create_dir_all(&place.found)?;
    log.run(&mut command).with_context(|| log.tail(6))?;
    let (mut room, mut kept) = (MOST_BYTES, 0);
    for file in files(&place.committed)? {
        if stays(&file) {
            room = room.saturating_sub(file.metadata()?.len());
        } else {
            fs::remove_file(file)?;
        }
    }
    let sized = by_size(&chosen)?;
    // Small ones and large ones: they reach different code.
    for (bytes, file) in sized.iter().step_by(sized.len().div_ceil(MOST_FILES).max(1)) {
        if *bytes > room {
            break;
        }
        room -= bytes;
        kept += 1;
        let name = file.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        // The names are hashes; their beginnings do.
        let short: String = name.chars().take(12).collect();
        fs::copy(file, place.committed.join(short))?;
    }
    println!("{:<10} {kept} inputs chosen, {} bytes in all", place.name, MOST_BYTES - room);
    Ok(())
}

fn stays(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    STAYS.iter().any(|start| name.starts_with(start))
}

fn by_size(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut sized = Vec::new();
    for file in files(folder)? {
        sized.push((file.metadata()?.len(), file));
    }
    sized.sort();
    Ok(sized)
}

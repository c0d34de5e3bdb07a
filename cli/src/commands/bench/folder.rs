//! Folders of measurements: a JSON file each.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::files::write_atomically;

/// Every record of a folder with its path and name, by name; the one called `but` is none.
pub fn read_all<R: DeserializeOwned>(
    folder: &Path,
    but: &str,
) -> Result<Vec<(PathBuf, String, R)>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut records = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| Error::io(folder, "read", &e))?.path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == but {
            continue;
        }
        let record = read(&path)?;
        records.push((path, name, record));
    }
    records.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(records)
}

/// One record.
pub fn read<R: DeserializeOwned>(path: &Path) -> Result<R> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, "read", &e))?;
    serde_json::from_str(&text).map_err(|e| {
        Error::input("bench/raw", format!("`{}` holds no measurement: {e}", path.display()))
            .cause("it was edited, or written by another version of deku")
            .fix("measure again with the command in it, or remove it")
    })
}

/// Before a measurement, which takes minutes, and not after it.
pub fn create(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, "create", &e))
}

/// Writes `folder/name.json`, and makes the folder.
pub fn write(folder: &Path, name: &str, record: &impl Serialize) -> Result<PathBuf> {
    create(folder)?;
    let text = serde_json::to_string_pretty(record).unwrap_or_default() + "\n";
    let path = folder.join(format!("{name}.json"));
    write_atomically(&path, text.as_bytes())?;
    Ok(path)
}

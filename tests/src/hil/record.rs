//! What was found, to be kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};

use super::{date, Dut};
use crate::bench::root;

/// Version of the record.
const SCHEMA: u32 = 1;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Not as it should be, or it could not be found out.
    Failed,
    /// There is nothing to check: a line is not wired.
    Skipped,
}

impl Outcome {
    /// Its name in the record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What a check has seen.
#[derive(Clone, Debug)]
pub struct Found {
    /// How it is.
    pub outcome: Outcome,
    /// In a sentence.
    pub what: String,
    /// In numbers.
    pub numbers: Value,
}

impl Found {
    /// Something that is as it should be if `good`.
    pub fn judged(good: bool, what: impl Into<String>, numbers: Value) -> Self {
        let outcome = if good { Outcome::Passed } else { Outcome::Failed };
        Self { outcome, what: what.into(), numbers }
    }

    /// Nothing to check.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Skipped, what: why.into(), numbers: json!({}) }
    }
}

/// A check that was made.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// How it is.
    pub outcome: Outcome,
    /// In a sentence.
    pub what: String,
    /// In numbers.
    pub numbers: Value,
}

impl Check {
    /// What came of it; an error is a failure.
    pub fn of(name: &'static str, found: Result<Found, String>) -> Self {
        let error = |what: String| Found { outcome: Outcome::Failed, what, numbers: json!({}) };
        let Found { outcome, what, numbers } = found.unwrap_or_else(error);
        Self { name, outcome, what, numbers }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "outcome": self.outcome.name(),
            "what": self.what,
            "numbers": self.numbers,
        })
    }
}

/// A run on one device.
#[derive(Clone, Debug)]
pub struct Record {
    /// When it began.
    pub date: String,
    /// The device.
    pub dut: Dut,
    /// Of the program, with a `+` if it was changed since.
    pub commit: String,
    /// Of the bitstream's file, if there is one.
    pub bitstream_sha256: Option<String>,
    /// What was checked.
    pub checks: Vec<Check>,
}

impl Record {
    /// A record without checks.
    ///
    /// # Errors
    /// If the bitstream is named but cannot be read: the record would not say what was tested.
    pub fn begin(dut: &Dut) -> Result<Self, String> {
        let hash = |path: &PathBuf| {
            match std::fs::read(path) {
            Ok(bytes) => Ok(Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()),
            Err(error) => Err(format!(
                "the bitstream {} cannot be read: {error}; name the file that was written to the board",
                path.display()
            )),
        }
        };
        let bitstream_sha256 = dut.bitstream.as_ref().map(hash).transpose()?;
        let (date, commit) = (date::now(), commit(&root()));
        Ok(Self { date, dut: dut.clone(), commit, bitstream_sha256, checks: Vec::new() })
    }

    /// How many checks came out so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.checks.iter().filter(|check| check.outcome == outcome).count()
    }

    /// Everything.
    #[must_use]
    pub fn json(&self) -> Value {
        let dut = &self.dut;
        json!({
            "schema": SCHEMA,
            "date": self.date,
            "commit": self.commit,
            "version": env!("CARGO_PKG_VERSION"),
            "host": { "os": std::env::consts::OS, "arch": std::env::consts::ARCH },
            "dut": dut.name,
            "board": dut.board,
            "simulated": dut.is_simulated(),
            "config": dut.config,
            "backend": dut.backend,
            "notes": dut.notes,
            "bitstream": dut.bitstream,
            "bitstream_sha256": self.bitstream_sha256,
            "passed": self.count(Outcome::Passed),
            "failed": self.count(Outcome::Failed),
            "skipped": self.count(Outcome::Skipped),
            "checks": self.checks.iter().map(Check::json).collect::<Vec<_>>(),
        })
    }

    /// Writes it into `folder`, under the device's name and the time; returns the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, String> {
        let time: String = self.date.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = folder.join(format!("{}-{time}.json", self.dut.name));
        let text = serde_json::to_string_pretty(&self.json()).unwrap_or_default() + "\n";
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text));
        written.map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        Ok(path)
    }
}

fn commit(folder: &Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(folder).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return "unknown".into() };
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}+"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dut(bitstream: Option<PathBuf>) -> Dut {
        Dut {
            name: "mine".into(),
            board: "icebreaker".into(),
            config: "up5k".into(),
            backend: "spi:/dev/spidev0.0".into(),
            bitstream,
            notes: "long wires".into(),
            enabled: false,
            least_samples_per_second: None,
        }
    }

    #[test]
    fn a_record_says_what_was_tested_and_how_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let bitstream = folder.path().join("b.bin");
        std::fs::write(&bitstream, "abc").unwrap();
        let mut record = Record::begin(&dut(Some(bitstream))).unwrap();
        let good = Found::judged(true, "fine", json!({ "frames": 7 }));
        record.checks = vec![
            Check::of("a", Ok(good)),
            Check::of("b", Ok(Found::judged(false, "slow", json!({})))),
            Check::of("c", Err("it is gone".into())),
            Check::of("d", Ok(Found::skipped("no line"))),
        ];
        let path = record.write(folder.path()).unwrap();
        assert!(path.file_name().unwrap().to_string_lossy().starts_with("mine-20"));
        let read: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!([&read["passed"], &read["failed"], &read["skipped"]], [1, 2, 1]);
        assert_eq!(read["checks"][0]["numbers"]["frames"], 7);
        assert_eq!(read["checks"][2]["what"], "it is gone");
        assert_eq!((&read["board"], &read["simulated"]), (&json!("icebreaker"), &json!(false)));
        // FIPS 180-4, the hash of "abc".
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(read["bitstream_sha256"], hash);
        let commit = read["commit"].as_str().unwrap();
        assert!(commit == "unknown" || commit.len() >= 40, "{commit}");
    }

    #[test]
    fn a_bitstream_that_is_not_there_is_no_record() {
        let error = Record::begin(&dut(Some("/nowhere/b.bin".into()))).unwrap_err();
        assert!(error.contains("/nowhere/b.bin"), "{error}");
    }
}

//! Every input of `tests/corpus` once more, with the functions that are fuzzed and their limit of
//! memory. What a fuzzer has found stays there.

use std::alloc::System;
use std::fs;
use std::path::PathBuf;

use cap::Cap;
use deku_tests::bench;
use deku_tests::fuzz::{find, page, Target, TARGETS};

/// An input that claims to be large, and is believed, would need more.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 256 << 20);

/// Bytes of all inputs: they are read by everybody who clones the project.
const MOST_BYTES: u64 = 300_000;

fn folder() -> PathBuf {
    bench::root().join("tests/corpus")
}

fn inputs(target: &Target) -> Vec<PathBuf> {
    let folder = folder().join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let target = find(name).unwrap();
    let files = inputs(target);
    assert!(!files.is_empty());
    for file in &files {
        // Shown if it fails.
        println!("{}", file.display());
        (target.run)(&fs::read(file).unwrap(), &mut |_| {});
    }
}

macro_rules! replays {
    ($($name:ident),*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*
        const REPLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

replays!(frames, records, driver, uart, toml, idx, tables, monitor, model);

#[test]
fn spi() {
    if deku_sim::testing::verilator_for("corpus: spi").is_some() {
        replay("spi");
    }
}

#[test]
fn every_target_is_replayed_and_every_folder_is_that_of_a_target() {
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    let mut replayed = [REPLAYED, &["spi"]].concat();
    replayed.sort_unstable();
    assert_eq!(replayed, names);
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut folders: Vec<_> = folders.map(|f| f.file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, names);
}

#[test]
fn the_corpora_stay_small() {
    let files = TARGETS.iter().flat_map(inputs);
    let bytes: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
}

#[test]
fn the_page_is_up_to_date() {
    let root = bench::root();
    let runs = fs::read_to_string(root.join("tests/corpus/runs.jsonl")).unwrap();
    let committed = fs::read_to_string(root.join("docs/fuzzing.md")).unwrap();
    assert_eq!(
        committed,
        page(&runs),
        "fix: cargo run -p deku-tests --example fuzz-page > docs/fuzzing.md"
    );
}

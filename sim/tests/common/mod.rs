//! The fixture as a simulation.
#![allow(dead_code)] // each test file uses its part

use std::path::PathBuf;

use deku_sim::{Build, Program, SimOptions, Simulator, Trace};

pub fn fixture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fixture.v")
}

/// A build of the fixture, or `None` (counted as not run) without Verilator.
pub fn build(test: &str) -> Option<Build> {
    let verilator = deku_sim::testing::verilator_for(test)?;
    Some(Build::new("deku_top").source(fixture()).verilator(verilator))
}

pub fn program(test: &str, trace: Trace) -> Option<Program> {
    Some(build(test)?.trace(trace).run().unwrap())
}

pub fn start(test: &str, options: SimOptions) -> Option<Simulator> {
    Some(Simulator::start(&program(test, Trace::Off)?, options).unwrap())
}

/// A fresh folder for one test.
pub fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the fixture answers to a frame.
pub fn echo(sent: &[u8]) -> Vec<u8> {
    let mut answer = vec![0xa5];
    answer.extend_from_slice(&sent[..sent.len() - 1]);
    answer
}

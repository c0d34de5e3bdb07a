//! The generated Verilog against the reference: random networks, phases, formats and clock ratios.

use std::path::Path;

use deku_driver::Deku;
use deku_tests::bench;
use deku_tests::trial::{Trial, SLOW};
use proptest::prelude::*;

fn many(name: &str, cases: u32, examples: usize) {
    if deku_sim::testing::verilator_for(&format!("lockstep of {name}")).is_none() {
        return;
    }
    let (program, hdl) = (bench::program(name), bench::root().join("hdl"));
    // A smaller seed makes no smaller case, and every failure records a waveform.
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    proptest!(config, |(seed in 1u32..)| {
        let trial = Trial { hdl: Some(&hdl), name, seed, examples, slowest_hz: SLOW };
        if let Err(difference) = trial.run(&program) {
            return Err(TestCaseError::fail(difference));
        }
    });
}

#[test]
fn nano() {
    many("nano", 24, 12);
}

#[test]
fn up5k() {
    many("up5k", 8, 8);
}

#[test]
fn ecp5_85() {
    many("ecp5-85", 8, 8);
}

#[test]
fn the_driver_type_is_the_real_one() {
    // What is tested above is the driver that a board gets, not a stand-in.
    fn takes(_: fn(deku_driver::SpiTransport<deku_sim::SimSpi>) -> bool) {}
    takes(|t| Deku::<_>::connect(t).is_ok());
}

/// Copies a folder without its subfolders.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A module that updates in the wrong order is found; the report says where and when, and the
/// waveform it names exists.
#[test]
fn a_difference_is_reported_with_its_place_and_a_waveform() {
    if deku_sim::testing::verilator_for("report of a difference").is_none() {
        return;
    }
    let (from, folder) = (bench::root().join("hdl"), tempfile::tempdir().unwrap());
    let hdl = folder.path();
    for part in ["nano", "primitives", "primitives/behavioural"] {
        copy(&from.join(part), &hdl.join(part));
    }
    let (file, good) = (hdl.join("nano/deku_walker.v"), "list_addr_o = entry_q;");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches(good).count(), 1, "the Verilog has changed, break it in another way");
    let bad = "list_addr_o = updating_q ? (first_i + end_i - 8'd1 - entry_q) : entry_q;";
    std::fs::write(&file, text.replace(good, bad)).unwrap();
    let program = bench::build(hdl, "nano").and_then(|b| b.run()).unwrap();
    let trial = |seed| {
        Trial { hdl: Some(hdl), name: "nano", seed, examples: 12, slowest_hz: SLOW }.run(&program)
    };
    let report = (1..=20).find_map(|seed| trial(seed).err()).expect("a broken module is found");
    println!("{report}");
    for part in ["example", "cycle", "latent of layer", "input", "column", "expected", "got"] {
        assert!(report.contains(part), "`{part}` is missing in: {report}");
    }
    let (_, path) = report.rsplit_once("this example is ").expect("a waveform");
    assert!(std::fs::metadata(path).unwrap().len() > 1000);
    std::fs::remove_file(path).unwrap();
}

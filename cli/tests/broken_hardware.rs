//! `deku verify` finds nothing in the generated Verilog, and what is wrong with a broken copy of it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{deku, summary};
use serde_json::Value;

/// The Verilog of the repository.
fn hdl() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hdl")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Numbers for a network with masks in which every lane and every row has something to do.
fn write_table(path: &Path) {
    let row = |n: usize| {
        let features =
            (0..60).map(|k| ((n * 7919 + k * k * 104_729 + n * k * 31) % 97).to_string());
        features.chain([(n % 4).to_string()]).collect::<Vec<_>>().join(",")
    };
    fs::write(path, (0..200).map(row).collect::<Vec<_>>().join("\n")).unwrap();
}

/// The difference that `verify` reports for `nano` with `good` replaced by `bad` in a file.
fn difference(file: &str, good: &str, bad: &str) -> Option<Value> {
    deku_sim::testing::verilator_for(file)?;
    let folder = tempfile::tempdir().unwrap();
    for part in ["nano", "primitives"] {
        copy(&hdl().join(part), &folder.path().join("hdl").join(part));
    }
    let path = folder.path().join("hdl/nano").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(good).count(), 1, "the Verilog has changed, break it in another way");
    fs::write(&path, text.replace(good, bad)).unwrap();
    write_table(&folder.path().join("table.csv"));
    let verify = ["verify", "--backend", "sim:nano", "--hdl", "hdl", "--samples", "20"];
    let data = ["--data", "csv:table.csv", "--columns", "64", "--no-waveform", "--json"];
    let output = deku(folder.path(), &[&verify[..], &data].concat());
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(err.contains("verify/difference"), "{err}");
    let mut events = out.lines().map(|l| serde_json::from_str::<Value>(l).expect(l));
    let found = events.find(|e| e["event"] == "difference").expect("a difference");
    assert!(found["cycle"].as_u64().is_some());
    println!("{file}: {found}");
    Some(found)
}

#[test]
fn the_generated_verilog_is_right() {
    if deku_sim::testing::verilator_for("verify sim:nano").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hdl = hdl().canonicalize().unwrap();
    let hdl = hdl.to_str().unwrap();
    let verify = ["verify", "--backend", "sim:nano", "--hdl", hdl, "--samples", "20"];
    let done = summary(folder.path(), &verify);
    assert_eq!((&done["samples"], &done["differences"]), (&20.into(), &0.into()));
}

#[test]
fn the_generated_verilog_is_right_over_its_uart() {
    if deku_sim::testing::verilator_for("verify sim:nano over its UART").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hdl = hdl().canonicalize().unwrap();
    let hdl = hdl.to_str().unwrap();
    let verify = ["verify", "--backend", "sim:nano", "--link", "uart", "--hdl", hdl];
    let done = summary(folder.path(), &[&verify[..], &["--samples", "10"]].concat());
    assert_eq!((&done["samples"], &done["differences"]), (&10.into(), &0.into()));
}

#[test]
fn a_broken_lane_is_found() {
    // Lane 8 keeps the sum of the word before.
    let (good, bad) = ("acc_8_q <= 16'd0;", "acc_8_q <= acc_8_q;");
    if let Some(found) = difference("deku_mac_lanes.v", good, bad) {
        assert!(found["what"].as_str().unwrap().starts_with("goodness of candidate"), "{found}");
    }
}

#[test]
fn a_broken_mask_bit_is_found() {
    // A column follows its neighbour's mask.
    if let Some(found) = difference("deku_masked_sum.v", "mask_i[4]", "mask_i[5]") {
        assert!(found["what"].as_str().unwrap().starts_with("goodness of candidate"), "{found}");
    }
}

#[test]
fn a_changed_update_order_is_found() {
    // Updates take the rows of the list from the last to the first.
    let good = "list_addr_o = entry_q;";
    let bad = "list_addr_o = updating_q ? (first_i + end_i - 8'd1 - entry_q) : entry_q;";
    if let Some(found) = difference("deku_walker.v", good, bad) {
        assert_eq!(found["what"], "latent", "{found}");
    }
}

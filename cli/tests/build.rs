//! `deku build` with tools that only pretend: what is run, in which order, and what is made of it.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{json, Value};

const NETLIST: &str = r#"{"modules": {"deku_board": {"attributes": {"top": "1"},
    "cells": {"a": {"type": "SB_LUT4"}, "b": {"type": "SB_DFF"}}}}}"#;

/// A program of shell lines; every call is noted in `calls` of its working folder.
fn program(folder: &Path, name: &str, lines: &str) -> Value {
    let path = folder.join(name);
    let text = format!("#!/bin/sh\necho {name} \"$@\" >> calls\n{lines}\n");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    json!({ "path": path })
}

/// nextpnr: seed 1 reaches `clocks[0]` MHz, seed 2 `clocks[1]`, and so on.
fn placer(clocks: &[f64]) -> String {
    let cases: String = clocks
        .iter()
        .zip(1..)
        .map(|(mhz, seed)| {
            let report = json!({
                "fmax": {"clk": {"achieved": mhz}},
                "utilization": {"ICESTORM_LC": {"used": 4944, "available": 5280}},
                "critical_paths": [],
            });
            format!("*' --seed {seed} '*) echo '{report}' > seed{seed}.json; echo {seed} > seed{seed}.asc;;\n")
        })
        .collect();
    format!("case \" $* \" in\n{cases}esac")
}

struct Pretended {
    folder: tempfile::TempDir,
    record: PathBuf,
}

impl Pretended {
    fn new(yosys: &str, clocks: &[f64]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let tools = json!({ "tools": {
            "yosys": program(at, "yosys", yosys),
            "nextpnr-ice40": program(at, "nextpnr", &placer(clocks)),
            "icepack": program(at, "icepack", "cp \"$1\" \"$2\""),
        }});
        let record = at.join("tools.json");
        fs::write(&record, tools.to_string()).unwrap();
        Self { folder, record }
    }

    fn build(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_deku"))
            .args(["build", "--board", "icebreaker", "--out", "made", "--json", "--quiet"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DEKU_TOOLS_JSON", &self.record)
            .output()
            .unwrap()
    }

    fn made(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("made").join(name)).unwrap()
    }
}

fn last(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_else(|| panic!("{output:?}"))).unwrap()
}

#[test]
fn the_fastest_seed_becomes_the_bitstream() {
    let tools = Pretended::new(&format!("echo '{NETLIST}' > netlist.json"), &[48.5, 51.25, 47.0]);
    let output = tools.build(&["--seeds", "3"]);
    assert!(output.status.success(), "{output:?}");
    let summary = last(&output);
    for (field, value) in [
        ("command", json!("build")),
        ("board", json!("icebreaker")),
        ("config", json!("up5k")),
        ("luts", json!(1)),
        ("ffs", json!(1)),
        ("rams", json!(0)),
        ("dsps", json!(0)),
        ("fmax_min_mhz", json!(47.0)),
        ("fmax_median_mhz", json!(48.5)),
        ("target_mhz", json!(48.0)),
        ("bitstream", json!("made/icebreaker.bin")),
    ] {
        assert_eq!(summary[field], value, "{field}");
    }
    assert_eq!(tools.made("icebreaker.bin"), "2\n");
    let report: Value = serde_json::from_str(&tools.made("report.json")).unwrap();
    assert_eq!(report["seed"], 2);
    let calls = tools.made("calls");
    let lines: Vec<&str> = calls.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0], "yosys synth.ys");
    assert!(lines[1].starts_with("nextpnr --up5k --package sg48 --pcf pins.pcf "), "{}", lines[1]);
    assert!(lines[1].contains(" --freq 50 --seed 1 --asc seed1.asc "), "{}", lines[1]);
    assert_eq!(lines[4], "icepack seed2.asc icebreaker.bin");
}

#[test]
fn a_design_that_is_too_slow_gives_no_bitstream() {
    let tools = Pretended::new(&format!("echo '{NETLIST}' > netlist.json"), &[40.0]);
    fs::create_dir(tools.folder.path().join("made")).unwrap();
    fs::write(tools.folder.path().join("made/icebreaker.bin"), "old").unwrap();
    let output = tools.build(&[]);
    assert_eq!((output.status.code(), &last(&output)["code"]), (Some(1), &json!("build/slow")));
    assert!(!tools.folder.path().join("made/icebreaker.bin").exists());
}

#[test]
fn a_tool_that_fails_is_quoted() {
    let tools = Pretended::new("echo 'ERROR: no such cell'; exit 1", &[]);
    let output = tools.build(&[]);
    let error = last(&output);
    assert_eq!((output.status.code(), &error["code"]), (Some(4), &json!("tool/failed")));
    assert_eq!(error["cause"], "it said: ERROR: no such cell");
    assert!(error["fix"].as_str().unwrap().contains("made/yosys.log"), "{error}");
}

#[test]
fn requests_that_cannot_be_met_run_no_tool() {
    let tools = Pretended::new("exit 1", &[]);
    let output = tools.build(&["--config", "nano"]);
    assert_eq!((output.status.code(), &last(&output)["code"]), (Some(2), &json!("build/refused")));
    assert!(!tools.folder.path().join("made").exists());
}

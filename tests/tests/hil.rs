//! The tests of boards, proved against the simulated module: on its own bus, as a serial port, and as a
//! spidev with interrupt and reset lines.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use deku_tests::bench::root;
use deku_tests::hil::{enabled, Dut};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hil");
const SAMPLES: u32 = 100;
/// Every byte through a pseudo terminal is a message to the simulator.
const SAMPLES_SERIAL: u32 = 20;

fn dut(folder: &Path, config: &str, backend: &str) -> PathBuf {
    let path = folder.join("mine.toml");
    let text = format!("board = 'simulated'\nconfig = '{config}'\nbackend = '{backend}'\n");
    std::fs::write(&path, text).unwrap();
    path
}

/// The one record in `folder/results`, and what was printed.
fn test(folder: &Path, file: &Path, samples: u32, under: &[&str]) -> (Output, Value) {
    let results = folder.join("results");
    let mut command = Command::new(PROGRAM);
    command.args(under).arg("--dut").arg(file).args(["--samples", &samples.to_string()]);
    let output = command.arg("--results").arg(&results).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let records: Vec<_> = std::fs::read_dir(&results).expect(&text).flatten().collect();
    assert_eq!(records.len(), 1, "{text}");
    let record = std::fs::read_to_string(records[0].path()).unwrap();
    (output, serde_json::from_str(&record).unwrap())
}

/// The outcome of each check.
fn outcomes(record: &Value) -> Vec<String> {
    let one = |check: &Value| {
        format!("{} {}", check["name"].as_str().unwrap(), check["outcome"].as_str().unwrap())
    };
    record["checks"].as_array().unwrap().iter().map(one).collect()
}

/// All checks, the last two with these outcomes.
fn all(lines: [&str; 2]) -> Vec<String> {
    let bus = ["identity", "memory", "lockstep", "training", "link", "speed", "reset-command"];
    let passed = bus.iter().map(|name| format!("{name} passed"));
    let lines =
        ["reset-line", "interrupt"].iter().zip(lines).map(|(name, o)| format!("{name} {o}"));
    passed.chain(lines).collect()
}

#[test]
fn a_simulated_module_passes_and_leaves_a_record() {
    if deku_sim::testing::verilator_for("tests of boards on a simulated module").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("duts/simulated.toml");
    let (output, record) = test(folder.path(), &file, SAMPLES, &[]);
    assert_eq!(outcomes(&record), all(["passed", "skipped"]), "{record:#}");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("8 passed, 0 failed, 1 skipped"));
    let numbers = |n: usize| &record["checks"][n]["numbers"];
    assert_eq!(numbers(1)["latents"], 4096);
    assert_eq!(numbers(2)["samples"], SAMPLES);
    assert_eq!(numbers(3)["same_model"], true);
    assert!(numbers(4)["frames"].as_u64().unwrap() > 10 && numbers(5)["cycles"].as_u64() > Some(0));
}

#[test]
fn another_module_than_the_file_says_fails_and_is_asked_nothing_more() {
    if deku_sim::testing::verilator_for("a wrong module").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = dut(folder.path(), "up5k", "sim:nano");
    let (output, record) = test(folder.path(), &file, SAMPLES, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(outcomes(&record), ["identity failed"]);
    assert_eq!((&record["failed"], &record["passed"]), (&1.into(), &0.into()));
}

#[test]
fn a_device_that_is_not_there_fails_with_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = dut(folder.path(), "nano", "serial:/dev/ttyNOWHERE9");
    let (output, record) = test(folder.path(), &file, SAMPLES, &[]);
    assert_eq!(output.status.code(), Some(1));
    let what = record["checks"][0]["what"].as_str().unwrap();
    assert!(what.contains("error[device/missing]"), "{what}");
}

/// A child that ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn through_a_serial_port() {
    if deku_sim::testing::verilator_for("tests of boards through a serial port").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyDEKU").display().to_string();
    let mut command = Command::new(PROGRAM);
    command.args(["deku", "sim", "nano", &format!("--pty={link}"), "--json", "--quiet"]);
    let mut served = Served(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(served.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("\"ready\"")), "deku sim ended before it was ready");
    let file = dut(folder.path(), "nano", &format!("serial:{link},timeout=5000"));
    let (output, record) = test(folder.path(), &file, SAMPLES_SERIAL, &[]);
    assert_eq!(outcomes(&record), all(["skipped", "skipped"]), "{record:#}");
    assert!(output.status.success());
}

#[test]
fn through_a_spidev_with_interrupt_and_reset() {
    if deku_sim::testing::verilator_for("tests of boards through a spidev").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = dut(folder.path(), "nano", "spi:/dev/spidev0.0,irq=25,reset=24");
    let under = ["deku", "sim", "nano", "--quiet", "--spidev", "--gpio", "--", PROGRAM];
    let (output, record) = test(folder.path(), &file, SAMPLES, &under);
    assert_eq!(outcomes(&record), all(["passed", "passed"]), "{record:#}");
    assert!(output.status.success());
}

#[test]
fn the_examples_can_be_used_and_are_off() {
    let folder = root().join("duts");
    assert!(enabled(&folder).unwrap().is_empty());
    let mut links = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        if entry.path().extension().is_some_and(|e| e == "toml") {
            let dut = Dut::read(&entry.path()).unwrap_or_else(|e| panic!("{e}"));
            links.push(dut.backend.split(':').next().unwrap().to_owned());
        }
    }
    for link in ["spi", "serial", "usb", "sim"] {
        assert!(links.iter().any(|l| l == link), "no example for {link}: {links:?}");
    }
}

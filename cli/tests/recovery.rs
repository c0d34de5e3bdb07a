//! What goes wrong with a module while the program uses it: what is said, and what survives.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{command_with, reset_line, summary, table, with, Served};
use deku_cli::checkpoint::Checkpoint;
use serde_json::Value;

const SPI: &str = "spi:/dev/spidev7.3,hz=31250000";
const SERVE: [&str; 6] = ["sim", "nano", "--spidev=/dev/spidev7.3", "--gpio", "--socket", "m.sock"];
const TRAIN: [&str; 7] = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "60"];

fn no_simulator(test: &str) -> bool {
    deku_sim::testing::verilator_for(test).is_none()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn start(ready: &Value, folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command_with(ready, folder, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("deku starts")
}

/// Waits until a checkpoint has more samples than `before`; how many.
fn learned(child: &mut Child, file: &Path, before: u64) -> u64 {
    let start = Instant::now();
    loop {
        let done = Checkpoint::read(file).map_or(0, |c| c.run.standing.done);
        if done > before {
            return done;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended after {before} samples");
        assert!(start.elapsed() < Duration::from_secs(120), "no progress");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// How a run ended that must have failed because of the module.
fn failed(child: Child, code: &str) {
    let output = child.wait_with_output().unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{message}");
    assert!(message.contains(&format!("error[{code}]: ")), "{message}");
    let resume = "then `deku train --resume m.safetensors.checkpoint`";
    assert!(message.contains("\n  cause: ") && message.contains(resume), "{message}");
}

/// The module is reset, and later loses its power for a while: both times the program says so and
/// how to go on, and what comes out in the end is what comes out without all that.
#[test]
fn a_module_that_is_reset_while_it_learns() {
    if no_simulator("reset while learning") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let (_served, ready) = Served::start(folder, &SERVE);
    let (socket, file) = (folder.join("m.sock"), folder.join("m.safetensors.checkpoint"));
    let out = ["--out", "m.safetensors", "--checkpoint", "every=200", "--backend", SPI];
    let mut child = start(&ready, folder, &[&TRAIN[..], &out].concat());
    let done = learned(&mut child, &file, 0);
    drop(reset_line(&socket, false));
    drop(reset_line(&socket, true));
    failed(child, "module/restarted");

    let resume = ["train", "--resume", "m.safetensors.checkpoint"];
    let mut child = start(&ready, folder, &resume);
    learned(&mut child, &file, done);
    drop(reset_line(&socket, false));
    failed(child, "link/silent");
    // Nothing is lost by trying too early.
    let held = with(&ready, folder, &resume);
    let message = text(&held.stderr);
    assert_eq!(held.status.code(), Some(4), "{message}");
    assert!(message.contains("error[connect/stuck]: no answer, every byte but"), "{message}");

    drop(reset_line(&socket, true));
    let resumed = with(&ready, folder, &resume);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    summary(folder, &[&TRAIN[..], &["--out", "ref.safetensors"]].concat());
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    assert!(read("m.safetensors") == read("ref.safetensors"), "another model");
}

/// A second program is refused while the first one learns, and does not disturb it.
#[test]
fn two_programs_on_one_device() {
    if no_simulator("two programs") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let (_served, ready) = Served::start(folder, &SERVE);
    let file = folder.join("m.safetensors.checkpoint");
    let out = ["--out", "m.safetensors", "--checkpoint", "every=200", "--backend", SPI];
    let mut first = start(&ready, folder, &[&TRAIN[..], &out].concat());
    learned(&mut first, &file, 0);
    for command in [&["info"][..], &TRAIN] {
        let second = with(&ready, folder, &[command, &["--backend", SPI]].concat());
        let message = text(&second.stderr);
        assert_eq!(second.status.code(), Some(4), "{message}");
        assert!(message.contains("error[device/busy]: `/dev/spidev7.3` is in use"), "{message}");
        assert!(message.contains("`fuser /dev/spidev7.3` names it"), "{message}");
    }
    let first = first.wait_with_output().unwrap();
    assert!(first.status.success(), "{}", text(&first.stderr));
    summary(folder, &[&TRAIN[..], &["--out", "ref.safetensors"]].concat());
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    assert!(read("m.safetensors") == read("ref.safetensors"), "another model");
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

/// The last byte of register MAP_VERSION in the register memory.
const MAP_VERSION: usize = 11;

/// The Verilog of `nano` with another byte in one of its identity registers, in `folder`/hdl.
fn changed_identity(folder: &Path, byte: usize, value: u8) {
    let hdl = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hdl");
    for part in ["nano", "primitives"] {
        copy(&hdl.join(part), &folder.join("hdl").join(part));
    }
    let file = folder.join("hdl/nano/deku_regs.v");
    let verilog = fs::read_to_string(&file).unwrap();
    let start = format!("memory_q[{byte}] = 8'h");
    let (before, after) = verilog.split_once(&start).expect("the identity is somewhere else");
    fs::write(&file, format!("{before}{start}{value:02x}{}", &after[2..])).unwrap();
}

/// A bitstream of another configuration than the one that is asked for, and one with registers of
/// another version than this program knows.
#[test]
fn a_bitstream_that_does_not_belong_to_the_program() {
    if no_simulator("wrong bitstream") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let refused = |serve: &[&str], backend: &str, code: &str, fix: &str| {
        let (_served, ready) = Served::start(folder, serve);
        let output = with(&ready, folder, &["train", "--backend", backend]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{message}");
        assert!(message.contains(&format!("error[{code}]: ")), "{message}");
        assert!(message.contains(fix), "{message}");
    };
    let other = format!("{SPI},config=up5k");
    let fix = "fix: flash the right bitstream";
    refused(&SERVE, &other, "connect/config-hash", fix);
    let changed = [&SERVE[..], &["--hdl", "hdl"]].concat();
    // (Other wrong identities are tried with the driver's own tests; this takes a build.)
    changed_identity(folder, MAP_VERSION, 2);
    let fix = "flash the bitstream that belongs to this driver, or use the other driver";
    refused(&changed, SPI, "connect/map-version", fix);
}

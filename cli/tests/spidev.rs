//! The program, unchanged, talks to a simulated module through a spidev of the system.

mod common;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output};

use common::{deku, summary, table, Served};
use serde_json::Value;

const DEKU: &str = env!("CARGO_BIN_EXE_deku");
const TRAIN: [&str; 7] = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "2"];
const BACKEND: [&str; 2] = ["--backend", "spi:/dev/spidev7.3,hz=31250000"];
/// What `flock` is asked for.
const LOCK_EXCLUSIVE_NOT_BLOCKING: u32 = 6;

/// Runs `deku` with the variables that a server has printed.
fn with(ready: &Value, folder: &Path, arguments: &[&str]) -> Output {
    let variables = ready["environment"].as_object().expect("variables");
    Command::new(DEKU)
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().map(|(name, value)| (name, value.as_str().expect("text"))))
        .output()
        .expect("deku starts")
}

fn no_simulator(test: &str) -> bool {
    deku_sim::testing::verilator_for(test).is_none()
}

#[test]
fn a_command_sees_the_node_and_learns_the_same_as_the_reference() {
    if no_simulator("spidev, command") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let sim = ["sim", "nano", "--quiet", "--spidev=/dev/spidev7.3", "--", DEKU];
    let out = ["--out", "spi.safetensors"];
    let output = deku(folder, &[&sim[..], &TRAIN, &BACKEND, &out].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    summary(folder, &[&TRAIN[..], &["--out", "ref.safetensors"]].concat());
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("spi.safetensors"), read("ref.safetensors"));
    // Its exit code is the command's.
    let absent = deku(folder, &[&sim[..], &["info", "--backend", "spi:/dev/spidev7.4"]].concat());
    assert_eq!(absent.status.code(), Some(4));
    let message = String::from_utf8_lossy(&absent.stderr);
    assert!(message.contains("error[device/missing]"), "{message}");
}

#[test]
fn the_module_stays_from_one_program_to_the_next() {
    if no_simulator("spidev, served") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let serve = ["sim", "nano", "--spidev=/dev/spidev7.3", "--socket", "module.sock"];
    let (served, ready) = Served::start(folder, &serve);
    let out = ["--out", "spi.safetensors"];
    let trained = with(&ready, folder, &[&TRAIN[..], &BACKEND, &out].concat());
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    let model = ["--model", "spi.safetensors", "--out", "saved.safetensors"];
    let saved = with(&ready, folder, &[&["save"][..], &BACKEND, &model].concat());
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    let info = [&["info"][..], &BACKEND].concat();
    // One program at a time, as with the lock of a node.
    let mut other = UnixStream::connect(folder.join("module.sock")).unwrap();
    let lock = [3, 4, LOCK_EXCLUSIVE_NOT_BLOCKING].map(u32::to_ne_bytes).concat();
    other.write_all(&lock).unwrap();
    let mut reply = [1; 8];
    other.read_exact(&mut reply).unwrap();
    assert_eq!(reply, [0; 8]);
    let busy = with(&ready, folder, &info);
    let message = String::from_utf8_lossy(&busy.stderr);
    assert!(busy.status.code() == Some(4) && message.contains("error[device/busy]"), "{message}");
    drop(other);
    // Without the variables there is no such node, and no node without a module.
    assert_eq!(deku(folder, &info).status.code(), Some(4));
    drop(served);
    let gone = with(&ready, folder, &info);
    assert_eq!(gone.status.code(), Some(4));
    let message = String::from_utf8_lossy(&gone.stderr);
    assert!(message.contains("error[device/missing]"), "{message}");
    // What the first server has left is no obstacle.
    let (_served, again) = Served::start(folder, &serve);
    assert!(with(&again, folder, &info).status.success());
}

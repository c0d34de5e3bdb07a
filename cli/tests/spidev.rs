//! The program, unchanged, talks to a simulated module through a spidev of the system.

mod common;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use common::{
    command_with, deku, reset_line, summary, table, unplug, unplugged, with, Served, DEKU,
};
use serde_json::Value;

const BACKEND: [&str; 2] = ["--backend", "spi:/dev/spidev7.3,hz=31250000"];
const TRAIN: [&str; 7] = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "2"];
/// What `flock` is asked for.
const LOCK_EXCLUSIVE_NOT_BLOCKING: u32 = 6;

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

#[test]
fn unplugged_while_it_learns() {
    if no_simulator("spidev, unplugged") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let (served, ready) = Served::start(folder, &["sim", "nano", "--spidev=/dev/spidev7.3"]);
    let train = ["train", "--data", "csv:t.csv", "--columns", "16", "--epochs", "100000"];
    let mut train = command_with(&ready, folder, &[&train[..], &BACKEND].concat());
    let said = unplug(train.env("NO_COLOR", "1"), served);
    let gone = "Cannot send after transport endpoint shutdown (os error 108)";
    assert_eq!(said, unplugged("/dev/spidev7.3", gone));
}

#[test]
fn interrupt_and_reset_lines() {
    if no_simulator("GPIO lines") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let serve = ["sim", "nano", "--spidev=/dev/spidev7.3", "--gpio", "--socket", "module.sock"];
    let (_served, ready) = Served::start(folder, &serve);
    let lines = ["--backend", "spi:/dev/spidev7.3,hz=31250000,irq=25,reset=gpiochip0:24"];
    let info = [&["info"][..], &lines].concat();
    // A line that another program has.
    let holder = reset_line(&folder.join("module.sock"), false);
    let busy = with(&ready, folder, &info);
    let message = String::from_utf8_lossy(&busy.stderr);
    assert!(message.contains("error[device/line-busy]"), "{message}");
    assert!(message.contains("`holder` uses it"), "{message}");
    let wrong = ["info", "--backend", "spi:/dev/spidev7.3,irq=77"];
    let message = with(&ready, folder, &wrong).stderr;
    let message = String::from_utf8_lossy(&message);
    assert!(message.contains("error[device/no-line]"), "{message}");
    // It is gone, and the line is as it has left it: the module is held in reset.
    drop(holder);
    let deaf = with(&ready, folder, &[&["info"][..], &BACKEND].concat());
    assert_eq!(deaf.status.code(), Some(4), "{}", String::from_utf8_lossy(&deaf.stdout));
    // With the reset line it is woken, and learns with interrupts what it learns without.
    let out = ["--out", "lines.safetensors"];
    let trained = with(&ready, folder, &[&TRAIN[..], &lines, &out].concat());
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    summary(folder, &[&TRAIN[..], &["--out", "ref.safetensors"]].concat());
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("lines.safetensors"), read("ref.safetensors"));
    // One that answers is not reset: its weights are still there.
    let saved = ["save", "--model", "lines.safetensors", "--out", "saved.safetensors"];
    let saved = with(&ready, folder, &[&saved[..], &lines].concat());
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    assert_eq!(read("saved.safetensors"), read("lines.safetensors"));
}

#[test]
fn a_clock_that_the_module_can_not_follow_is_lowered() {
    if no_simulator("SCK too high") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    // SCK may be 0.8 of the system clock at most: 9.6 MHz, and 31.25 MHz are asked for.
    let sim =
        ["sim", "nano", "--clk-hz=12000000", "--quiet", "--spidev=/dev/spidev7.3", "--", DEKU];
    let out = ["--json", "--out", "slow.safetensors"];
    let output = deku(folder, &[&sim[..], &TRAIN, &BACKEND, &out].concat());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let events = said.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    let warnings: Vec<Value> = events.filter(|e| e["code"] == "link/slower").collect();
    assert_eq!(warnings.len(), 2, "{said}");
    assert!(warnings[1]["text"].as_str().unwrap().contains("SCK is now 7812500 Hz"), "{said}");
    summary(folder, &[&TRAIN[..], &["--out", "ref.safetensors"]].concat());
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("slow.safetensors"), read("ref.safetensors"));
}

#[test]
fn a_killed_program_leaves_the_device_to_the_next_one_at_once() {
    if no_simulator("spidev, killed") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let (_served, ready) = Served::start(folder, &["sim", "nano", "--spidev=/dev/spidev7.3"]);
    for round in 0..10 {
        let endless = ["--schedule", "endless", "--epochs", "1000000", "--quiet"];
        let arguments = [&TRAIN[..5], &endless, &BACKEND].concat();
        let mut holder = command_with(&ready, folder, &arguments);
        let mut holder = holder.stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100 + 20 * round));
        assert!(holder.try_wait().unwrap().is_none(), "it ended by itself");
        holder.kill().unwrap();
        holder.wait().unwrap();
        let next = with(&ready, folder, &[&["info"][..], &BACKEND].concat());
        assert!(next.status.success(), "{round}: {}", String::from_utf8_lossy(&next.stderr));
    }
}

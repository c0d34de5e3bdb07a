//! The program, unchanged, talks to a simulated module through a serial port of the system.

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{deku, summary};

/// A module served on a pseudo terminal, ended with the test.
struct Served(Child);

impl Served {
    fn start(folder: &Path, link: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_deku"))
            .args(["sim", "nano", "--json", "--quiet", &format!("--pty={link}")])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("deku starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let ready = lines.map_while(Result::ok).any(|line| line.contains("\"ready\""));
        assert!(ready, "the simulation ended before it was ready");
        Self(child)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two classes that differ in which half of the features is large.
fn table(folder: &Path) {
    let row = |n: u32| {
        let value =
            |k: u32| n.wrapping_mul(97).wrapping_add(k * 41) % 60 + (k / 4 == n % 2) as u32 * 40;
        let features: Vec<String> = (0..8).map(|k| value(k).to_string()).collect();
        format!("{},{}\n", features.join(","), n % 2)
    };
    std::fs::write(folder.join("t.csv"), (0..150).map(row).collect::<String>()).unwrap();
}

#[test]
fn the_same_model_as_the_reference() {
    if deku_sim::testing::verilator_for("serial port").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let link = folder.join("ttyDEKU").display().to_string();
    let served = Served::start(folder, &link);
    let backend = format!("serial:{link}");
    let train = |backend: &str, out: &str| {
        let arguments = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "2"];
        summary(folder, &[&arguments[..], &["--backend", backend, "--out", out]].concat())
    };
    train(&backend, "serial.safetensors");
    train("ref", "ref.safetensors");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("serial.safetensors"), read("ref.safetensors"));
    // The module goes on where the program has left it.
    let info = summary(folder, &["info", "--backend", &backend]);
    assert_eq!(info["max_classes"], 8);
    drop(served);
    let gone = deku(folder, &["info", "--backend", &backend]);
    assert_eq!(gone.status.code(), Some(4), "{}", String::from_utf8_lossy(&gone.stderr));
}

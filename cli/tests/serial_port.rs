//! The program, unchanged, talks to a simulated module through a serial port of the system.

mod common;

use common::{deku, summary, table, Served};

#[test]
fn the_same_model_as_the_reference() {
    if deku_sim::testing::verilator_for("serial port").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let link = folder.join("ttyDEKU").display().to_string();
    let (served, _) = Served::start(folder, &["sim", "nano", &format!("--pty={link}")]);
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

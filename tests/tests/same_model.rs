//! The program gives the same model over every way to a module.

use std::process::Command;

#[test]
fn four_ways_one_model() {
    if deku_sim::testing::verilator_for("same model over every backend").is_none() {
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_same-model")).arg("--quick").output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.ends_with("4 of 4 identical\n"), "{out}{err}");
    for way in ["ref ", "sim:nano ", "spi:/dev/spidev0.0 = nano ", "serial: (pty) = nano "] {
        assert!(out.contains(way), "no {way}in {out}");
    }
}

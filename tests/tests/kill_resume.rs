//! A few kills; `cargo run -p deku-tests --bin kill-resume` does as many as there is time for.

use std::process::Command;

fn kills(count: &str, backend: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_kill-resume"))
        .args(["--count", count, "--backend", backend])
        .output()
        .expect("it starts");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    let last = out.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("{count} kills")), "{last}");
}

#[test]
fn the_reference() {
    kills("10", "ref");
}

#[test]
fn a_simulated_module() {
    if deku_sim::testing::verilator_for("kill and resume").is_some() {
        kills("4", "sim:nano");
    }
}

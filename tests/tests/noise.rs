//! A little noise; `cargo xtask noise` tries more.

use std::process::Command;

#[test]
fn what_is_learned_over_a_bad_cable_is_what_the_reference_learns() {
    if deku_sim::testing::verilator_for("noise on the cable").is_none() {
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_noise")).arg("--quick").output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{out}{err}");
    for part in ["| 1e-4 ", "connecting: error", "loading: error", "streaming: error"] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    assert!(
        out.ends_with("1 of 1 rates identical, given up in time and usable afterwards\n"),
        "{out}"
    );
}

//! Proofs by yosys' SAT solver; the properties are in tests/formal.

use std::path::Path;
use std::process::{Command, Output};

use deku_tests::bench::root;
use deku_tests::tools::tool_for;

const LANE: &str = "deku_update_lane.v";

/// Runs the proof of a name with a design file; yosys sees only the folder it runs in.
fn prove(yosys: &Path, name: &str, file: &str, design: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for end in ["sv", "ys"] {
        let part = format!("{name}.{end}");
        std::fs::copy(root().join("tests/formal").join(&part), folder.path().join(part)).unwrap();
    }
    std::fs::write(folder.path().join(file), design).unwrap();
    let mut command = Command::new(yosys);
    command.env("YOWASP_CACHE_DIR", root().join("target/tools/gate-cache"));
    command.current_dir(&folder).args(["-q", &format!("{name}.ys")]).output().unwrap()
}

fn lane(config: &str) -> String {
    std::fs::read_to_string(root().join("hdl").join(config).join(LANE)).unwrap()
}

/// The update of a latent is exact for every input, and the latent stays in 0..=191.
#[test]
fn a_lane_computes_what_it_should() {
    let Some(yosys) = tool_for("proof of the update lane", "yosys") else { return };
    let mut proven = Vec::new();
    for config in ["nano", "up5k", "ecp5-85"] {
        let design = lane(config);
        if proven.contains(&design) {
            continue; // the lane of all configurations may be the same
        }
        let result = prove(&yosys, "update_lane", LANE, &design);
        proven.push(design);
        let said = String::from_utf8_lossy(&result.stderr).into_owned();
        assert!(result.status.success(), "{config}: {said}");
    }
}

/// The proof does not hold for a lane that is wrong.
#[test]
fn a_wrong_lane_is_found() {
    let Some(yosys) = tool_for("proof of a wrong update lane", "yosys") else { return };
    let (good, bad) = ("(sum_q[8] | (&sum_q[7:6]))", "sum_q[8]");
    let text = lane("nano");
    assert_eq!(text.matches(good).count(), 1, "the Verilog has changed, break it in another way");
    let result = prove(&yosys, "update_lane", LANE, &text.replace(good, bad));
    let said = String::from_utf8_lossy(&result.stderr).into_owned();
    assert!(!result.status.success() && said.contains("proof did fail"), "{said}");
}

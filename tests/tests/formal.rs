//! Proofs by yosys' SAT solver; the properties are in tests/formal.

use std::path::Path;
use std::process::{Command, Output};

use deku_tests::bench::root;
use deku_tests::tools::tool_for;

const LANE: &str = "deku_update_lane.v";

/// A proof in tests/formal, and a change that it must not survive.
struct Proof {
    name: &'static str,
    /// Design files in hdl/.
    files: &'static [&'static str],
    /// What is changed in the first of them.
    good: &'static str,
    bad: &'static str,
}

/// Chip select puts the SPI slave into one state.
const SPI: Proof = Proof {
    name: "spi_shift",
    files: &["primitives/deku_spi_shift.v", "primitives/deku_sync.v"],
    good: "if (cs_ni) bit_q <= 3'd0;",
    bad: "if (cs_ni) bit_q <= bit_q;",
};

/// The end of a frame puts the frame machine into its initial state.
const FRAME: Proof = Proof {
    name: "frame",
    files: &["nano/deku_frame.v"],
    good: "    if (!open_q) begin\n      pos_q <= 6'd1;",
    bad: "    if (start) begin\n      pos_q <= 6'd1;",
};

/// What the next proof assumes of the frame machine.
const FRAME_RECORDS: Proof = Proof {
    name: "frame_records",
    files: &["nano/deku_frame.v"],
    good: "assign records_o = streaming_q & !failed_q;",
    bad: "assign records_o = streaming_q;",
};

/// The queue of records never overflows, and a record that arrives never touches one that is queued.
const RECORD: Proof = Proof {
    name: "record",
    files: &["nano/deku_record.v"],
    good: "(!no_entry_q & !full_q)",
    bad: "(!no_entry_q)",
};

/// The queue of results never overflows, and a result has the number of its sample.
const RESULTS: Proof = Proof {
    name: "results",
    files: &["nano/deku_results.v", "nano/deku_sequencer.v", "primitives/deku_ram_1r1w.v"],
    good: "!reset_pending_q & !writing_q",
    bad: "!reset_pending_q",
};

/// The engine reads only words of the sample in work, and goes on where it ends.
const SAMPLE: Proof = Proof {
    name: "sample",
    files: &["nano/deku_walker.v", "nano/deku_sequencer.v"],
    good: "wire further = entry_q != last_q;",
    bad: "wire further = entry_q != end_q;",
};

impl Proof {
    fn read(&self) -> Vec<(String, String)> {
        let hdl = root().join("hdl");
        let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
        self.files
            .iter()
            .map(|file| (name(file), std::fs::read_to_string(hdl.join(file)).unwrap()))
            .collect()
    }

    /// Holds for the design, and not for the one that was changed. (Where the change shows after more steps than are
    /// looked at, it is the induction that does not go through any more.)
    fn check(&self) {
        let Some(yosys) = tool_for(&format!("proof of {}", self.name), "yosys") else { return };
        let mut files = self.read();
        let result = prove(&yosys, self.name, &files);
        let said = String::from_utf8_lossy(&result.stderr).into_owned();
        assert!(result.status.success(), "{}: {said}", self.name);
        let text = &mut files[0].1;
        let found = text.matches(self.good).count();
        assert_eq!(found, 1, "the Verilog has changed, break it in another way");
        *text = text.replace(self.good, self.bad);
        fails(self.name, &prove(&yosys, self.name, &files));
    }
}

/// The proof was tried, and does not hold.
fn fails(name: &str, result: &Output) {
    let said = String::from_utf8_lossy(&result.stderr).into_owned();
    assert!(!result.status.success() && said.contains("proof did fail"), "{name}: {said}");
}

/// Runs the proof of a name with design files; yosys sees only the folder it runs in.
fn prove(yosys: &Path, name: &str, files: &[(String, String)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for end in ["sv", "ys"] {
        let part = format!("{name}.{end}");
        std::fs::copy(root().join("tests/formal").join(&part), folder.path().join(part)).unwrap();
    }
    for (file, text) in files {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let mut command = Command::new(yosys);
    command.env("YOWASP_CACHE_DIR", root().join("target/tools/gate-cache"));
    command.current_dir(&folder).args(["-q", &format!("{name}.ys")]).output().unwrap()
}

#[test]
fn chip_select_resets_the_spi_slave() {
    SPI.check();
}

#[test]
fn the_end_of_a_frame_resets_the_frame_machine() {
    FRAME.check();
}

#[test]
fn a_record_never_overwrites_another() {
    FRAME_RECORDS.check();
    RECORD.check();
}

#[test]
fn the_engine_reads_one_sample() {
    SAMPLE.check();
}

#[test]
fn a_result_is_never_lost_and_has_its_number() {
    RESULTS.check();
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
        let result = prove(&yosys, "update_lane", &[(LANE.to_owned(), design.clone())]);
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
    let files = [(LANE.to_owned(), text.replace(good, bad))];
    fails("update_lane", &prove(&yosys, "update_lane", &files));
}

//! A whole session with a module in Icarus Verilog, which knows unknown values: everything without a
//! reset, every memory too, is unknown at the start, and nothing of it may be seen from outside.

use std::path::{Path, PathBuf};

use deku_driver::Deku;
use deku_ref::sample::Format;
use deku_ref::wire::Request;
use deku_ref::{Module, Phases, Xorshift32};
use deku_tests::bench::{self, root};
use deku_tests::case::{Case, OwnedExample, KINDS};
use deku_tests::icarus::{simulate, DONE};
use deku_tests::lockstep::{candidates, load};
use deku_tests::session::Session;
use deku_tests::tools::tool_for;

/// How long a session is. Simulating a cycle of `up5k` takes several times as long as one of `nano`.
#[derive(Clone, Copy)]
struct Length {
    /// Latents of the network, which are read back after every format.
    latents: usize,
    formats: &'static [Format],
}

const LONG: Length =
    Length { latents: 1200, formats: &[Format::Raw, Format::PackedSigned, Format::IndexList] };
const SHORT: Length = Length { latents: 600, formats: &[Format::PackedSigned] };

/// A change of a file that makes the module wrong.
struct Fault {
    file: &'static str,
    good: &'static str,
    bad: &'static str,
    /// What the player says then.
    found: &'static str,
}

const FAULTS: [Fault; 5] = [
    Fault {
        file: "deku_sequencer.v",
        good: "      tail_q <= 9'd0;\n",
        bad: "",
        found: "MISO is unknown",
    },
    Fault {
        file: "deku_walker.v",
        good: "if (!rst_ni) begin\n      forward_q <= 1'b0;\n    end else if (start_i)",
        bad: "if (start_i)",
        found: "an output is unknown",
    },
    Fault {
        file: "deku_engine.v",
        good: "(walk_transfer | reset_q)",
        bad: "(walk_transfer)",
        found: "a byte is",
    },
    // A result's last bytes are not written.
    Fault {
        file: "deku_results.v",
        good: "last_q <= writing_q & (at_q == 4'd8);",
        bad: "last_q <= writing_q & (at_q == 4'd4);",
        found: "MISO is unknown",
    },
    // Updates in the wrong order.
    Fault {
        file: "deku_walker.v",
        good: "list_addr_o = entry_q;",
        bad: "list_addr_o = updating_q ? (first_i + end_i - 8'd1 - entry_q) : entry_q;",
        found: "a byte is wrong",
    },
];

/// A small network of several layers that can do everything.
fn draw(random: &mut Xorshift32, config: &str, most: usize) -> Case {
    let all = Phases::LABELLED | Phases::PAIR | Phases::SINGLE | Phases::OVERLAY;
    for _ in 0..10_000 {
        let case = Case::draw(random, &bench::config(config).capacity());
        let latents: usize = case.latents.iter().map(Vec::len).sum();
        if case.network.phases().contains(all)
            && case.network.layers().len() >= 2
            && (most / 2..most).contains(&latents)
        {
            return case;
        }
    }
    panic!("no such network");
}

/// Examples of all kinds in some order, at least `each` of every kind.
fn examples(random: &mut Xorshift32, case: &Case, each: usize) -> Vec<OwnedExample> {
    let (mut seen, mut all) = ([0; KINDS], Vec::new());
    while seen.iter().any(|n| *n < each) {
        let example = case.example(random);
        if seen[example.kind()] < each {
            seen[example.kind()] += 1;
            all.push(example);
        }
    }
    all
}

/// Connects, loads a network, trains and infers in some formats, reads everything back; in between
/// frames that are damaged or cut short; at last a reset.
fn record(config: &str, seed: u32, length: Length) -> Session {
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    let case = draw(&mut random, config, length.latents);
    let mut deku = Deku::connect(Session::new(config)).expect("the model connects");
    load(&mut deku, &case).expect("a legal network");
    for format in length.formats {
        deku.set_format(*format).expect("a legal format");
        for example in examples(&mut random, &case, 1) {
            deku.stream([example.get()], |_, _, _| {}).expect("a legal example");
            damage(deku.transport(), &mut random);
            read_counters(&mut deku, &case, &example);
        }
        read_latents(&mut deku, &case);
    }
    let several = examples(&mut random, &case, 1);
    deku.stream(several.iter().map(OwnedExample::get), |_, _, _| {}).expect("legal examples");
    deku.damage_seen_by_module().expect("two registers");
    deku.reset().expect("a reset");
    deku.read_counters().expect("registers");
    deku.release()
}

/// A header with a wrong bit, and one that ends too early.
fn damage(session: &mut Session, random: &mut Xorshift32) {
    let mut frame = [0; 12];
    frame[..6].copy_from_slice(&Request::Nop.emit());
    frame[random.next() as usize % 6] ^= 1 << (random.next() % 8);
    let bits = 1 + random.next() as usize % 96;
    session.cut_short(&mut frame, bits);
    let mut frame = [0; 12];
    frame[..6].copy_from_slice(&Request::Nop.emit());
    session.cut_short(&mut frame, 1 + random.next() as usize % 47);
}

fn read_counters(deku: &mut Deku<Session>, case: &Case, example: &OwnedExample) {
    deku.generators().expect("registers");
    deku.counters().expect("registers");
    for layer in 0..case.network.layers().len() {
        let mut sums = vec![0; candidates(case, example.get().kind())];
        deku.goodness(layer, &mut sums).expect("a legal layer");
    }
}

fn read_latents(deku: &mut Deku<Session>, case: &Case) {
    for (layer, shape) in case.network.layers().iter().enumerate() {
        let mut latents = vec![0; shape.inputs * shape.columns];
        deku.read_weights(layer, &mut latents).expect("a legal layer");
    }
}

/// The Verilog of a configuration, one of its files with a fault.
fn sources(config: &str, folder: &Path, fault: Option<&Fault>) -> Vec<PathBuf> {
    let hdl = root().join("hdl").join(config);
    let list = std::fs::read_to_string(hdl.join("files.f")).unwrap();
    let mut files: Vec<_> = list.lines().map(|line| hdl.join(line)).collect();
    if let Some(fault) = fault {
        let file = files.iter_mut().find(|path| path.ends_with(fault.file)).expect("such a file");
        let text = std::fs::read_to_string(&*file).unwrap();
        let found = text.matches(fault.good).count();
        assert_eq!(found, 1, "the Verilog has changed, break it in another way");
        *file = folder.join(fault.file);
        std::fs::write(&*file, text.replace(fault.good, fault.bad)).unwrap();
    }
    files
}

/// Plays the session; what the player said.
fn play(
    iverilog: &Path,
    config: &str,
    session: &Session,
    start: u8,
    fault: Option<&Fault>,
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.hex");
    std::fs::write(&path, session.hex()).unwrap();
    let arguments = [
        format!("-Pbench.SESSION=\"{}\"", path.display()),
        format!("-Pbench.STEPS={}", session.steps()),
        format!("-Pbench.START={start}"),
    ];
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    simulate(iverilog, "module.v", &sources(config, folder.path(), fault), &arguments)
}

/// What is not known in hardware is 0 or 1: `start` is that of the registers that four-state simulation can not
/// follow, see module.v.
fn nothing_unknown(config: &str, length: Length, start: u8) {
    let test = format!("{config} in Icarus Verilog");
    let Some(iverilog) = tool_for(&test, "iverilog") else { return };
    let session = record(config, 1, length);
    let said = play(&iverilog, config, &session, start, None);
    println!("{config}: {said}");
    assert!(said.starts_with(&format!("{} frames", session.frames())), "{config}: {said}");
    assert!(said.ends_with(DONE), "{config}: {said}");
}

#[test]
fn nothing_unknown_leaves_nano() {
    nothing_unknown("nano", LONG, 0);
}

#[test]
fn nothing_unknown_leaves_up5k() {
    nothing_unknown("up5k", SHORT, 1);
}

/// A reset that is missing, a memory that is read before it is written, a wrong value: all of them are found.
#[test]
fn a_module_that_is_wrong_is_found() {
    let Some(iverilog) = tool_for("a wrong module in Icarus Verilog", "iverilog") else { return };
    let session = record("nano", 1, LONG);
    for fault in FAULTS {
        let said = play(&iverilog, "nano", &session, 0, Some(&fault));
        println!("{}: {said}", fault.file);
        assert!(said.starts_with(fault.found), "{}: {said}", fault.file);
    }
}

/// Frames with chip select high for some clock cycles in between; what the player said.
fn close_frames(iverilog: &Path, config: &str, gap: u32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let files = sources(config, folder.path(), None);
    simulate(iverilog, "close_frames.v", &files, &[&format!("-Pbench.GAP={gap}")])
}

/// The pause between two frames that docs/programmers_guide.md asks for is enough; half of it is not.
#[test]
fn frames_may_be_as_close_as_the_guide_says() {
    let Some(iverilog) = tool_for("frames close together", "iverilog") else { return };
    for config in ["nano", "up5k"] {
        assert_eq!(close_frames(&iverilog, config, 16), DONE, "{config}");
    }
    let said = close_frames(&iverilog, "nano", 8);
    assert!(said.starts_with("frame"), "{said}");
}

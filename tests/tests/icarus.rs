//! The versions of the primitives against each other, in Icarus Verilog, which knows unknown values.

use std::process::Command;

use deku_tests::bench::root;
use deku_tests::icarus::{output, simulate, DONE};
use deku_tests::tools::tool_for;

/// A version of a primitive made of the cells of a Gowin FPGA against the behavioural one, with our own models of
/// the cells in `gowin_cells.v`.
fn same_on_gowin(primitive: &str, behavioural: &str, arguments: &[&str]) {
    let test = format!("Gowin version of {primitive}");
    let Some(iverilog) = tool_for(&test, "iverilog") else { return };
    let path = |folder: &str| root().join(format!("hdl/primitives/{folder}deku_{primitive}.v"));
    let bench = format!("{primitive}.v");
    let cells = root().join("tests/icarus/gowin_cells.v");
    let [expected, got] = [vec![path(behavioural)], vec![path("gowin/"), cells]]
        .map(|sources| simulate(&iverilog, &bench, &sources, arguments));
    compare(&expected, &got);
}

/// What both versions of a primitive print in a bench, the iCE40 one with yosys' models of cells.
fn versions(primitive: &str, argument: &str) -> Option<[String; 2]> {
    let test = format!("iCE40 version of {primitive}");
    let iverilog = tool_for(&test, "iverilog")?;
    let cells = tool_for(&test, "ice40-cells")?;
    let path = |fabric: &str| root().join(format!("hdl/primitives/{fabric}/deku_{primitive}.v"));
    let bench = format!("{primitive}.v");
    Some([
        simulate(&iverilog, &bench, &[path("behavioural")], &[argument]),
        simulate(&iverilog, &bench, &[path("ice40"), cells], &[argument]),
    ])
}

fn same(primitive: &str, argument: &str) {
    let Some([expected, got]) = versions(primitive, argument) else { return };
    compare(&expected, &got);
}

fn compare(expected: &str, got: &str) {
    assert!(expected.ends_with(DONE), "the behavioural version: {:?}", expected.lines().last());
    assert!(expected.lines().count() > 20_000, "the bench compares too little");
    if let Some(line) = expected.lines().zip(got.lines()).position(|(e, g)| e != g) {
        let of = |text: &str| text.lines().nth(line).map(str::to_owned);
        panic!("line {line}: expected {:?}, got {:?}", of(expected), of(got));
    }
    assert!(expected == got, "one version ends early");
}

#[test]
fn the_ice40_accumulators_are_the_behavioural_ones() {
    same("mac_pair", "-DNOTHING");
}

#[test]
fn the_ice40_memory_is_the_behavioural_one() {
    same("weight_ram", "-Pbench.ADDR_BITS=12");
}

#[test]
fn a_small_ice40_memory_is_the_behavioural_one() {
    same("weight_ram", "-Pbench.ADDR_BITS=7");
}

/// 1408 words are banks of 1024, 256 and 128 in blocks of 4, 16 and 32 bits; 40 words do not fill their blocks.
#[test]
fn the_gowin_weight_memory_is_the_behavioural_one() {
    for (words, bits) in [(1408, 11), (40, 6)] {
        let (words, bits) = (format!("-Pbench.WORDS={words}"), format!("-Pbench.ADDR_BITS={bits}"));
        same_on_gowin("weight_ram", "behavioural/", &[&words, &bits]);
    }
}

/// Those of 256 entries and more are of blocks; 17 bits need two of 1024 entries, 16 bits half of one of 256.
#[test]
fn the_gowin_small_memories_are_the_behavioural_ones() {
    for (width, bits) in [(48, 6), (16, 8), (8, 9), (17, 10), (20, 12)] {
        let (width, bits) = (format!("-Pbench.WIDTH={width}"), format!("-Pbench.ADDR_BITS={bits}"));
        same_on_gowin("ram_1r1w", "", &[&width, &bits]);
    }
}

/// What yosys makes of the block RAM of a fabric, with our own model of DP16KD in `ecp5_cells.v`: logic stays as it
/// is, so that nothing but the memories is replaced. 1216 words are banks of 1024, 128 and 64.
#[test]
fn the_ecp5_weight_memory_is_the_behavioural_one() {
    const TOP: &str = "deku_weight_ram_2p";
    let test = "ECP5 version of the weight memory";
    let (Some(iverilog), Some(yosys)) = (tool_for(test, "iverilog"), tool_for(test, "yosys"))
    else {
        return;
    };
    let of = |folder: &str| root().join(format!("hdl/primitives/{folder}/{TOP}.v"));
    let folder = tempfile::tempdir().unwrap();
    let script = |extra: &str| {
        format!(
            "read_verilog {TOP}.v; chparam -set DEPTH 1216 -set ADDR_BITS 11 {TOP}; {extra}; \
             rename -top {TOP}; write_verilog -noattr netlist.v"
        )
    };
    let made = |from: &str, extra: &str| {
        std::fs::copy(of(from), folder.path().join(format!("{TOP}.v"))).unwrap();
        let mut command = Command::new(&yosys);
        output(command.current_dir(folder.path()).args(["-q", "-p", &script(extra)]));
        folder.path().join("netlist.v")
    };
    let size = ["-Pbench.WORDS=1216", "-Pbench.ADDR_BITS=11"];
    let bench = format!("{}.v", TOP.trim_start_matches("deku_"));
    let expected = simulate(
        &iverilog,
        &bench,
        &[made("behavioural", &format!("hierarchy -top {TOP}; proc"))],
        &size,
    );
    let netlist = made(
        "blockram",
        &format!("synth_lattice -family ecp5 -nodsp -top {TOP} -run begin:map_ffram"),
    );
    let blocks = std::fs::read_to_string(&netlist).unwrap().matches("  DP16KD #(").count();
    assert_eq!(blocks, 20, "64 bits of 4,096 entries are 16 blocks, of up to 512 entries two");
    let cells = root().join("tests/icarus/ecp5_cells.v");
    compare(&expected, &simulate(&iverilog, &bench, &[netlist, cells], &size));
}

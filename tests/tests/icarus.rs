//! The versions of the primitives against each other, in Icarus Verilog, which knows unknown values.

use std::path::{Path, PathBuf};
use std::process::Command;

use deku_tests::bench::root;
use deku_tests::tools::tool_for;

/// The last line of a bench that found nothing.
const DONE: &str = "done\n";

/// Runs a bench of tests/icarus with some sources; the result is what it printed.
fn simulate(iverilog: &Path, bench: &str, sources: &[PathBuf], argument: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("bench.vvp");
    let mut command = Command::new(iverilog);
    command.args(["-g2005", "-s", "bench", "-o"]).arg(&program).arg(argument);
    // Default values of ports are no Verilog-2005; nothing here relies on them.
    command.arg("-DNO_ICE40_DEFAULT_ASSIGNMENTS");
    command.arg(root().join("tests/icarus").join(bench)).args(sources);
    output(&mut command);
    output(Command::new(iverilog.with_file_name("vvp")).arg("-n").arg(program))
}

fn output(command: &mut Command) -> String {
    let result = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let out = String::from_utf8_lossy(&result.stdout).into_owned();
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{command:?} failed\n{out}{errors}");
    out
}

/// What both versions of a primitive print in a bench, the iCE40 one with yosys' models of cells.
fn versions(primitive: &str, argument: &str) -> Option<[String; 2]> {
    let test = format!("iCE40 version of {primitive}");
    let iverilog = tool_for(&test, "iverilog")?;
    let cells = tool_for(&test, "ice40-cells")?;
    let path = |fabric: &str| root().join(format!("hdl/primitives/{fabric}/deku_{primitive}.v"));
    let bench = format!("{primitive}.v");
    Some([
        simulate(&iverilog, &bench, &[path("behavioural")], argument),
        simulate(&iverilog, &bench, &[path("ice40"), cells], argument),
    ])
}

fn same(primitive: &str, argument: &str) {
    let Some([expected, got]) = versions(primitive, argument) else { return };
    assert!(expected.ends_with(DONE), "the behavioural version: {:?}", expected.lines().last());
    assert!(expected.lines().count() > 20_000, "the bench compares too little");
    if let Some(line) = expected.lines().zip(got.lines()).position(|(e, g)| e != g) {
        let of = |text: &str| text.lines().nth(line).map(str::to_owned);
        panic!("line {line}: expected {:?}, got {:?}", of(&expected), of(&got));
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

//! The cache, the compiler's errors, waveforms, and a simulation that dies.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{build, program, scratch, start};
use deku_sim::{Build, Progress, SckPhase, SimError, SimOptions, Simulator, Trace};
use embedded_hal::spi::SpiDevice;

fn verilog(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("design.v");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_cache_is_used_checked_and_shared() {
    let Some(build) = build("the_cache_is_used_checked_and_shared") else { return };
    let build = build.cache(scratch("cache"));
    let mut steps = Vec::new();
    let first = build.run_with(|step| steps.push(step)).unwrap();
    assert_eq!(steps.first(), Some(&Progress::Verilating));
    assert!(steps.iter().any(|step| matches!(step, Progress::Compiling { done: 3.., .. })));
    assert_eq!(steps.last(), Some(&Progress::Finished));

    let (start, mut steps) = (Instant::now(), Vec::new());
    assert_eq!(build.run_with(|step| steps.push(step)).unwrap(), first);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    assert_eq!(steps, [Progress::Cached]);

    std::fs::write(first.path(), b"garbage").unwrap();
    assert_eq!(translations_of_three_builders(&build), 1);
}

/// Verilator writes a large model into several files, which are compiled in another way than a single one.
#[test]
fn a_model_of_several_files_is_built() {
    let Some(build) = build("a_model_of_several_files_is_built") else { return };
    let build = build.argument("--output-split").argument("500").cache(scratch("several"));
    Simulator::start(&build.run().unwrap(), SimOptions::quick()).unwrap();
}

/// Three builders at once, whose programs must all run.
fn translations_of_three_builders(build: &Build) -> usize {
    let translations = AtomicUsize::new(0);
    let count = |step| {
        if step == Progress::Verilating {
            translations.fetch_add(1, Ordering::Relaxed);
        }
    };
    let work = || {
        let program = build.run_with(count).unwrap();
        Simulator::start(&program, SimOptions::quick()).unwrap();
    };
    std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(work))));
    translations.into_inner()
}

#[test]
fn broken_verilog_is_shown() {
    let Some(verilator) = deku_sim::testing::verilator_for("broken_verilog_is_shown") else {
        return;
    };
    let folder = scratch("broken");
    let path = verilog(&folder, "module deku_top (input wire a);\n  assign = a;\nendmodule\n");
    let build = Build::new("deku_top").source(path).verilator(verilator).cache(folder);
    let error = build.run().unwrap_err();
    let SimError::Compile { step: "Verilator", log, .. } = &error else { panic!("{error}") };
    assert!(log.is_file());
    let text = error.to_string();
    assert!(text.contains("design.v:2") && text.contains("The Verilog is in error"), "{text}");
}

#[test]
fn a_design_without_our_ports_is_explained() {
    let test = "a_design_without_our_ports_is_explained";
    let Some(verilator) = deku_sim::testing::verilator_for(test) else { return };
    let folder = scratch("ports");
    let path = verilog(&folder, "module deku_top (input wire clk_i);\nendmodule\n");
    let build = Build::new("deku_top").source(path).verilator(verilator).cache(folder);
    let text = build.run().unwrap_err().to_string();
    assert!(text.contains("ports") && text.contains("spi_sck_i"), "{text}");
}

#[test]
fn missing_sources_are_named() {
    let error = Build::new("deku_top").folder(scratch("empty")).unwrap_err();
    assert!(error.to_string().contains("no Verilog"), "{error}");
    let error = Build::new("deku_top").source("/nowhere/top.v").run().unwrap_err();
    assert!(error.to_string().contains("/nowhere/top.v"), "{error}");
}

#[test]
fn a_simulation_that_stops_says_why() {
    let Some(sim) = start("a_simulation_that_stops_says_why", SimOptions::quick()) else { return };
    let error = sim.spi().write(&[0xee, 0, 0]).unwrap_err();
    let SimError::ChildDied { command, stderr, .. } = &error else { panic!("{error}") };
    assert_eq!(*command, "SPI transfer");
    assert!(stderr.contains("fixture.v"), "{stderr}");
    assert!(matches!(sim.pins(), Err(SimError::ChildDied { .. })), "stays dead");
}

#[test]
fn waveforms_are_recorded() {
    let Some(program) = program("waveforms_are_recorded", Trace::Vcd) else { return };
    let folder = scratch("waves");
    let trace = Some(folder.join("first.vcd"));
    let sim = Simulator::start(&program, SimOptions { trace, ..SimOptions::quick() }).unwrap();
    sim.spi().write(&[1, 2, 3]).unwrap();
    sim.trace_off().unwrap();
    let size = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len();
    let first = size("first.vcd");
    assert!(first > 2_000);
    sim.spi().write(&[4, 5, 6]).unwrap();
    sim.trace_on(folder.join("second.vcd")).unwrap();
    sim.run_cycles(1000).unwrap();
    drop(sim);
    assert_eq!(size("first.vcd"), first);
    assert!(size("second.vcd") > 2_000);
    assert!(std::fs::read_to_string(folder.join("second.vcd")).unwrap().contains("count_q"));
}

/// The times of a VCD at which a signal rises.
fn rises(vcd: &str, signal: &str) -> Vec<u64> {
    let named = format!(" {signal} $end");
    let line = vcd.lines().find(|line| line.contains("$var") && line.contains(&named)).unwrap();
    let change = format!("1{}", line.split_whitespace().nth(3).unwrap());
    let (mut time, mut found) = (0, Vec::new());
    for line in vcd.lines() {
        if let Some(text) = line.strip_prefix('#') {
            time = text.parse().unwrap();
        } else if line == change {
            found.push(time);
        }
    }
    found
}

#[test]
fn sck_can_be_aligned_to_the_clock() {
    let Some(program) = program("sck_can_be_aligned_to_the_clock", Trace::Vcd) else { return };
    let file = scratch("phase").join("wave.vcd");
    for phase in [0, 3_000, 17_000] {
        let sck_phase = SckPhase::Aligned(phase);
        let options = SimOptions { sck_phase, sck_hz: 7_000_000, ..SimOptions::quick() };
        let sim = Simulator::start(&program, options).unwrap();
        sim.trace_on(&file).unwrap();
        sim.run_for(Duration::from_nanos(1234)).unwrap();
        sim.spi().write(&[1]).unwrap();
        drop(sim);
        let vcd = std::fs::read_to_string(&file).unwrap();
        let (clock, sck) = (rises(&vcd, "clk_i"), rises(&vcd, "spi_sck_i"));
        let before = clock.iter().rev().find(|time| **time <= sck[0]).unwrap();
        // coincident events are a picosecond apart in a waveform
        assert!((sck[0] - before).abs_diff(phase) <= 1, "{phase}: {} after {before}", sck[0]);
        assert!((sck[7] - sck[0]).abs_diff(7 * 142_857) <= 1);
    }
}

#[test]
fn what_the_design_prints_is_kept() {
    let Some(sim) = start("what_the_design_prints_is_kept", SimOptions::quick()) else { return };
    sim.spi().write(&[0xdd, 0]).unwrap();
    sim.run_cycles(10).unwrap();
    let start = Instant::now();
    while sim.console() != "the fixture says hello" {
        assert!(start.elapsed() < Duration::from_secs(5), "console: {:?}", sim.console());
    }
}

#[test]
fn fst_waveforms_are_recorded_or_the_missing_header_is_named() {
    let Some(build) = build("fst_waveforms_are_recorded") else { return };
    let program = match build.trace(Trace::Fst).run() {
        Ok(program) => program,
        Err(error) => return assert!(error.to_string().contains("Trace::Vcd"), "{error}"),
    };
    let file = scratch("fst").join("wave.fst");
    let sim = Simulator::start(&program, SimOptions::quick()).unwrap();
    sim.trace_on(&file).unwrap();
    sim.run_cycles(1000).unwrap();
    drop(sim);
    assert!(std::fs::metadata(file).unwrap().len() > 300);
}

#[test]
fn waveforms_need_their_build() {
    let Some(sim) = start("waveforms_need_their_build", SimOptions::quick()) else { return };
    let error = sim.trace_on("never.fst").unwrap_err();
    assert!(error.to_string().contains("Trace::Fst"), "{error}");
    sim.run_cycles(1).unwrap();
}

//! `cargo xtask gate`: area and speed of the generated module on its smallest FPGA.
//!
//! The limits are in `tests/build_budget.toml`. The measured figures go to `target/gate/` and, with
//! the limits, to the terminal. Placing takes minutes per seed; the tests only count the cells.

mod estimates;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{bail, Context as _, Result};
use serde::Serialize;
use serde_json::Value;

use crate::budget::{Budget, Cells, Module, FILE};
use crate::project::Project;
use crate::setup::{self, record::Tools, Need};
use crate::shell::{cargo, Log};

/// What was measured.
#[derive(Serialize)]
struct Measured {
    config: String,
    cells: Cells,
    clock_mhz: Vec<f64>,
    clock_median_mhz: f64,
}

/// Runs the gate by itself.
pub fn run(project: &Project) -> Result<()> {
    let tools = setup::ensure(project, &[Need::Gate])?;
    let log = Log::create(project.logs().join("gate.log"))?;
    check(project, &tools, &log)
}

fn budget(project: &Project) -> Result<Module> {
    Ok(Budget::read(project)?.module)
}

/// Cells above their limits, a sentence each.
fn beyond(budget: &Module, cells: &Cells) -> Vec<String> {
    let used = |cell: &str| cells.get(cell).copied().unwrap_or(0);
    let over = budget.cells.iter().filter(|(cell, limit)| used(cell) > **limit);
    over.map(|(cell, limit)| format!("{} {cell}, limit {limit}", used(cell))).collect()
}

/// Counts the cells of the module, without placing them, and compares with the limits.
pub fn count(project: &Project, tools: &Tools, log: &Log) -> Result<()> {
    let budget = budget(project)?;
    let folder = folder(project, &budget)?;
    synthesise(project, tools, log, budget.placed(), &folder)?;
    let mut command = setup::tool(tools, "nextpnr-ice40")?.command();
    command.current_dir(&folder).args(&budget.place);
    command.args(["--json", "netlist.json", "--pack-only"]);
    log.run(&mut command)
        .with_context(|| format!("{} was not packed\n{}", budget.config, log.tail(6)))?;
    let cells = packed(&log.text());
    if cells.is_empty() {
        bail!(
            "nextpnr did not say how many cells {} has (log {})",
            budget.config,
            log.path().display()
        );
    }
    print_cells(&budget, &cells);
    let over = beyond(&budget, &cells);
    if !over.is_empty() {
        bail!("{} does not keep its budget ({FILE}): {}", budget.config, over.join("; "));
    }
    estimates::check(project, &budget.config, &cells)
}

/// Cells from nextpnr's utilisation table: lines such as `ICESTORM_LC:  4896/ 5280  92%`.
fn packed(text: &str) -> Cells {
    let mut cells = Cells::new();
    for line in text.lines() {
        let Some((name, rest)) = line.trim_start_matches("Info:").trim().split_once(':') else {
            continue;
        };
        let used = rest.split('/').next().and_then(|n| n.trim().parse().ok());
        if let (true, Some(used)) = (name.starts_with("ICESTORM_"), used) {
            cells.insert(name.to_owned(), used);
        }
    }
    cells
}

/// Places the module and compares with the limits.
pub fn check(project: &Project, tools: &Tools, log: &Log) -> Result<()> {
    let budget = budget(project)?;
    let measured = measure(project, tools, log, &budget)?;
    print_cells(&budget, &measured.cells);
    let all: Vec<String> = measured.clock_mhz.iter().map(|f| format!("{f:.1}")).collect();
    println!("    clock {} MHz, at least {}", all.join(", "), budget.clock_mhz);
    let mut over = beyond(&budget, &measured.cells);
    if measured.clock_median_mhz < budget.clock_mhz {
        over.push(format!("{:.1} MHz, limit {}", measured.clock_median_mhz, budget.clock_mhz));
    }
    if !over.is_empty() {
        bail!("{} does not keep its budget ({FILE}): {}", budget.config, over.join("; "));
    }
    Ok(())
}

fn print_cells(budget: &Module, cells: &Cells) {
    for (cell, limit) in &budget.cells {
        println!("    {cell:<16} {:>6}  of {limit}", cells.get(cell).copied().unwrap_or(0));
    }
}

fn folder(project: &Project, budget: &Module) -> Result<PathBuf> {
    let folder = project.path("target/gate").join(&budget.config);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn measure(project: &Project, tools: &Tools, log: &Log, budget: &Module) -> Result<Measured> {
    let folder = &folder(project, budget)?;
    synthesise(project, tools, log, budget.placed(), folder)?;
    let mut measured = Measured {
        config: budget.config.clone(),
        cells: Cells::new(),
        clock_mhz: Vec::new(),
        clock_median_mhz: 0.0,
    };
    // One seed per core: a placement uses one.
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    for seeds in budget.seeds.chunks(cores) {
        println!("    seeds {seeds:?}, several minutes each");
        let reports = thread::scope(|scope| {
            let running: Vec<_> = seeds
                .iter()
                .map(|&seed| scope.spawn(move || place(project, tools, budget, folder, seed)))
                .collect();
            let done = running.into_iter().map(|seed| seed.join().expect("no panic"));
            done.collect::<Result<Vec<_>>>()
        })?;
        for report in reports {
            read(&report, &mut measured)?;
        }
    }
    measured.clock_mhz.sort_by(f64::total_cmp);
    measured.clock_median_mhz = measured.clock_mhz[measured.clock_mhz.len() / 2];
    let text = serde_json::to_string_pretty(&measured)? + "\n";
    fs::write(folder.join("measured.json"), text)?;
    Ok(measured)
}

/// Places with one seed; returns the report.
fn place(
    project: &Project,
    tools: &Tools,
    budget: &Module,
    folder: &Path,
    seed: u32,
) -> Result<PathBuf> {
    let log = Log::create(project.logs().join(format!("gate-seed{seed}.log")))?;
    let report = format!("seed{seed}.json");
    let options = fs::read_to_string(folder.join("place.args")).context("no options to place")?;
    let mut command = setup::tool(tools, "nextpnr-ice40")?.command();
    command.current_dir(folder).args(&budget.place).args(options.lines());
    command.args(["--json", "netlist.json", "--seed", &seed.to_string(), "--report", &report]);
    command.args(["--pcf-allow-unconstrained", "--timing-allow-fail"]);
    log.run(&mut command).with_context(|| {
        format!("{} was not placed (seed {seed})\n{}", budget.config, log.tail(6))
    })?;
    Ok(folder.join(report))
}

/// Synthesises a configuration for the iCE40 in `folder`; with it go the options of the placement, in which timing may have
/// a weight of its own.
pub fn synthesise(
    project: &Project,
    tools: &Tools,
    log: &Log,
    (config, timing_weight): (&str, Option<u32>),
    folder: &Path,
) -> Result<()> {
    let mut generator = cargo(project.root());
    generator.args(["run", "--release", "-p", "deku-rtlgen", "--bin", "deku-rtlgen", "--"]);
    generator.args(["synth", "--config", config, "--fabric", "ice40"]);
    generator.args(timing_weight.map(|n| format!("--timing-weight={n}")));
    log.run(generator.arg("--out").arg(folder))
        .with_context(|| format!("no Verilog of {config}\n{}", log.tail(6)))?;
    let yosys = setup::tool(tools, "yosys")?;
    log.run(yosys.command().current_dir(folder).args(["-q", "synth.ys"]))
        .with_context(|| format!("yosys did not synthesise {config}\n{}", log.tail(6)))
}

fn read(report: &Path, measured: &mut Measured) -> Result<()> {
    let text = fs::read_to_string(report).with_context(|| format!("no {}", report.display()))?;
    let value: Value = serde_json::from_str(&text)?;
    let used = value["utilization"].as_object().context("the report has no utilization")?;
    for (cell, row) in used {
        if let Some(count) = row["used"].as_u64().filter(|&n| n > 0) {
            let known = measured.cells.entry(cell.clone()).or_insert(0);
            *known = (*known).max(count);
        }
    }
    let clocks = value["fmax"].as_object().context("the report has no clock")?;
    // The system clock is the one of the most paths; SCK only clocks the shift register.
    let system = clocks.iter().find(|(name, _)| name.starts_with("clk_i"));
    let achieved = system.and_then(|(_, row)| row["achieved"].as_f64());
    measured.clock_mhz.push(achieved.context("the report does not know clk_i")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn cells_of_the_utilisation_table() {
        let text =
            "Info: Device utilisation:\nInfo: \t         ICESTORM_LC:    4896/   5280    92%\n\
                    Info: \t        ICESTORM_RAM:      30/     30   100%\nWarning: x\n";
        let cells = packed(text);
        assert_eq!((cells["ICESTORM_LC"], cells["ICESTORM_RAM"], cells.len()), (4896, 30, 2));
        assert!(packed("nothing").is_empty());
    }
}

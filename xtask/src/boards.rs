//! Boards built with `deku build` and compared with what is allowed: `cargo xtask boards` builds
//! all of them with several seeds, `cargo xtask test` one of each family of FPGAs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{bail, Context as _, Result};
use serde_json::Value;

use crate::budget::{self, Board, Budget};
use crate::demo::deku_of_tests;
use crate::explain::explained;
use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{output, run_attached, Log};

/// Builds the boards whose name contains one of `only`, or all of them, and keeps what was found out.
pub fn run(project: &Project, only: &[String]) -> Result<()> {
    build(project, &chosen(project, only)?)
}

/// Builds only those that were not built as they are now.
pub fn run_stale(project: &Project, only: &[String]) -> Result<()> {
    let budget = Budget::read(project)?;
    let seeds = budget.boards.iter().filter(|b| !b.in_tests).map(|b| b.seeds).min();
    let seeds = seeds.unwrap_or(1).to_string();
    let text = output(record(project).args(["--stale", &seeds]))?;
    let mut names = chosen(project, only)?;
    names.retain(|name| text.lines().any(|line| line.trim() == name));
    build(project, &names)
}

fn build(project: &Project, names: &[String]) -> Result<()> {
    setup::ensure(project, &[Need::Gate])?;
    let budget = Budget::read(project)?;
    let mut faults = Vec::new();
    for name in names {
        let Some(board) = budget.boards.iter().find(|b| b.name == *name && !b.in_tests) else {
            faults.push(format!("{name}: nothing about it in {}", budget::FILE));
            continue;
        };
        let built = run_attached(&mut command(project, board));
        let path = out(project, board).join("report.json");
        // Also of a board that is too slow: the page tells.
        if path.is_file() {
            run_attached(record(project).arg("--report").arg(&path))?;
        }
        if let Err(error) = built {
            faults.push(format!("{name}: {}", explained(&error)));
            continue;
        }
        let report = report(project, board)?;
        faults.extend(board.faults(&report));
        faults.extend(estimate(project, board, &report)?);
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// `deku bench board` with the records of this project.
fn record(project: &Project) -> Command {
    let mut command = deku_of_tests(project, "bench");
    command.args(["board", "--out"]).arg(project.path("docs/bench/boards"));
    command
}

/// Builds the boards that belong to the tests, all at once: they take about the same time, so that one after the other
/// on each core would leave a core idle at the end. The result tells how they are.
pub fn run_in_tests(project: &Project) -> Result<Vec<String>> {
    let budget = Budget::read(project)?;
    let results: Vec<Result<String>> = thread::scope(|scope| {
        let boards = budget.boards.iter().filter(|b| b.in_tests);
        let running: Vec<_> = boards.map(|b| scope.spawn(|| built(project, b))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    results.into_iter().collect()
}

/// Builds a board into a log of its own and compares it.
fn built(project: &Project, board: &Board) -> Result<String> {
    let log = Log::create(project.logs().join(format!("board-{}.log", folder(board))))?;
    let title = board.title();
    log.run(&mut command(project, board))
        .with_context(|| format!("{title} was not built\n{}", log.tail(8)))?;
    let report = report(project, board)?;
    let mut faults = board.faults(&report);
    faults.extend(estimate(project, board, &report)?);
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(format!("{title} {} LUTs, {} MHz", report["luts"], report["fmax_min_mhz"]))
}

/// What `deku estimate` says must be near to what was built.
fn estimate(project: &Project, board: &Board, report: &Value) -> Result<Option<String>> {
    let mut command = deku_of_tests(project, "estimate");
    command.args(["--board", &board.name, "--json"]);
    if let Some(config) = &board.config {
        command.args(["--config", config]);
    }
    let text = output(&mut command)?;
    let last = text.lines().last().unwrap_or_default();
    let estimate: Value =
        serde_json::from_str(last).with_context(|| format!("`{last}` is no estimate"))?;
    Ok(budget::wrong_estimate(board, &estimate, report))
}

fn command(project: &Project, board: &Board) -> Command {
    let mut command = deku_of_tests(project, "build");
    command.args(["--board", &board.name, "--seeds", &board.seeds.to_string(), "--out"]);
    command.arg(out(project, board));
    if let Some(config) = &board.config {
        command.args(["--config", config]);
    }
    command
}

fn report(project: &Project, board: &Board) -> Result<Value> {
    let path = out(project, board).join("report.json");
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

fn out(project: &Project, board: &Board) -> PathBuf {
    project.path("target/boards").join(folder(board))
}

/// The builds of the tests and those with all seeds do not overwrite each other.
fn folder(board: &Board) -> String {
    let tests = if board.in_tests { "-in-tests" } else { "" };
    format!("{}{tests}", board.name)
}

/// The boards of the project: a file each.
fn chosen(project: &Project, only: &[String]) -> Result<Vec<String>> {
    let folder = project.path("rtl-gen/boards");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.retain(|name| only.is_empty() || only.iter().any(|part| name.contains(part)));
    if names.is_empty() {
        bail!("no board is named {}.\nfix:   see rtl-gen/boards", only.join(" or "));
    }
    names.sort();
    Ok(names)
}

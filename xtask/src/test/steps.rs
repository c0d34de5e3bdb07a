//! The steps of a test run, in order.

use std::{env, fs};

use anyhow::{bail, Context as _, Result};

use super::outcome::Outcome;
use super::{hdl, hidden, libtest, no_std, published, Context};
use crate::demo::deku_of_tests;
use crate::fuzz::MANIFEST;
use crate::shell::{cargo, Log};
use crate::{boards, gate, golden, regen, setup};

/// One step.
pub struct Step {
    /// Short name, also of the log.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Does it.
    pub run: fn(&Context, &Log) -> Result<Outcome>,
}

/// All of them.
pub const STEPS: &[Step] = &[
    Step { name: "setup", title: "tools are there", run: set_up },
    Step { name: "format", title: "cargo fmt --check", run: format },
    Step { name: "clippy", title: "cargo clippy, warnings are errors", run: clippy },
    Step { name: "fuzzer", title: "the fuzzer: cargo fmt, clippy, its Cargo.lock", run: fuzzer },
    Step { name: "bare", title: "builds without Verilator, Python or C++", run: hidden::build },
    Step {
        name: "no-std",
        title: "deku-ref and deku-driver build without std",
        run: no_std::check,
    },
    Step { name: "docs", title: "cargo doc, warnings are errors", run: published::pages },
    Step {
        name: "packages",
        title: "every crate builds from its package",
        run: published::packages,
    },
    Step { name: "regen", title: "hdl/ and the pages made from it are up to date", run: generated },
    Step { name: "benchmarks", title: "docs/benchmarks.md is up to date", run: benchmarks },
    Step { name: "oracle", title: "the Python oracle's own tests", run: oracle },
    Step { name: "golden", title: "the oracle's vectors are up to date", run: vectors },
    Step { name: "tests", title: "cargo test --workspace", run: tests },
    Step { name: "lint", title: "verilator -Wall is silent, every release", run: hdl::lint },
    Step { name: "yosys", title: "yosys reads every configuration and board", run: hdl::yosys },
    Step {
        name: "gate",
        title: "area on the FPGA (cargo xtask gate also measures the clock)",
        run: area,
    },
    Step {
        name: "boards",
        title: "a bitstream for one board of each family (cargo xtask boards makes all)",
        run: bitstreams,
    },
];

fn set_up(context: &Context, _log: &Log) -> Result<Outcome> {
    let (tools, result) = setup::attempt(context.project, &setup::EVERYTHING)?;
    *context.tools.borrow_mut() = tools;
    result.map(|()| Outcome::passed())
}

fn format(context: &Context, log: &Log) -> Result<Outcome> {
    log.run(cargo(context.project.root()).args(["fmt", "--all", "--check", "--", "-l"]))
        .context("the files named above are not formatted.\nfix:   cargo fmt --all")?;
    Ok(Outcome::passed())
}

fn clippy(context: &Context, log: &Log) -> Result<Outcome> {
    log.run(cargo(context.project.root()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Outcome::passed())
}

/// `tests/fuzz` is no part of the workspace; without this, it would only be seen to be broken when
/// somebody fuzzes.
fn fuzzer(context: &Context, log: &Log) -> Result<Outcome> {
    let mut command = cargo(context.project.root());
    log.run(command.arg("fmt").args(MANIFEST).args(["--check", "--", "-l"])).with_context(
        || {
            format!(
                "the files named above are not formatted.\nfix:   cargo fmt {}",
                MANIFEST.join(" ")
            )
        },
    )?;
    let mut command = cargo(context.project.root());
    command.arg("clippy").args(MANIFEST).args(["--locked", "--", "-D", "warnings"]);
    // What both have in common is compiled once.
    if env::var_os("CARGO_TARGET_DIR").is_none() {
        command.env("CARGO_TARGET_DIR", context.project.path("target"));
    }
    log.run(&mut command).with_context(|| {
        format!(
            "the fuzzer does not build any more. If its Cargo.lock is old:\n\
             fix:   cargo update --workspace {}",
            MANIFEST.join(" ")
        )
    })?;
    Ok(Outcome::passed())
}

fn generated(context: &Context, log: &Log) -> Result<Outcome> {
    regen::check(context.project, log)?;
    Ok(Outcome::passed())
}

fn benchmarks(context: &Context, log: &Log) -> Result<Outcome> {
    let mut command = deku_of_tests(context.project, "bench");
    log.run(command.args(["report", "--check"]))
        .with_context(|| format!("the page is stale:\n{}", log.tail(6)))?;
    Ok(Outcome::passed())
}

fn oracle(context: &Context, log: &Log) -> Result<Outcome> {
    let tools = context.tools.borrow();
    let Some(python) = tools.get("python") else {
        return Ok(Outcome::not_run("no Python environment"));
    };
    let mut command = python.command();
    command.current_dir(context.project.path("tests/oracle")).env("PYTHONDONTWRITEBYTECODE", "1");
    log.run(command.args(["-m", "unittest"]))?;
    Ok(Outcome::passed())
}

fn vectors(context: &Context, log: &Log) -> Result<Outcome> {
    let tools = context.tools.borrow();
    if tools.get("python").is_none() {
        return Ok(Outcome::not_run("no Python environment"));
    }
    golden::check(context.project, &tools, log)?;
    Ok(Outcome::passed())
}

fn area(context: &Context, log: &Log) -> Result<Outcome> {
    let tools = context.tools.borrow();
    if tools.get("yosys").is_none() || tools.get("nextpnr-ice40").is_none() {
        return Ok(Outcome::not_run("no yosys or nextpnr"));
    }
    gate::count(context.project, &tools, log)?;
    Ok(Outcome::passed())
}

fn bitstreams(context: &Context, _log: &Log) -> Result<Outcome> {
    if context.tools.borrow().get("yosys").is_none() {
        return Ok(Outcome::not_run("no yosys"));
    }
    Ok(Outcome::passed_with(boards::run_in_tests(context.project)?.join("; ")))
}

fn tests(context: &Context, log: &Log) -> Result<Outcome> {
    let report = context.project.logs().join("not-run.txt");
    fs::write(&report, "")?;
    let mut command = cargo(context.project.root());
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.env("DEKU_TOOLS_JSON", context.project.tools_json());
    command.env("DEKU_NOT_RUN_LOG", &report);
    let status = log.status(&mut command)?;
    let text = log.text();
    let not_run = libtest::not_run(&fs::read_to_string(&report)?);
    let mut counts = libtest::without(libtest::counts(&text), not_run.len());
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    if counts.passed + counts.failed == 0 {
        bail!("cargo test ran no test");
    }
    let names: Vec<String> = libtest::failures(&text).into_iter().collect();
    let message =
        if status.success() { String::new() } else { format!("failed: {}", names.join(", ")) };
    Ok(Outcome { counts, message, details: libtest::reports(&text), not_run })
}

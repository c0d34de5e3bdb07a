//! `cargo xtask fuzz`: libFuzzer on the targets of `tests/src/fuzz`. See docs/fuzzing.md.

mod build;
mod corpus;
mod cpu;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context as _, Result};

use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{cargo, Log};
pub use build::MANIFEST;
use report::Run;

/// A target that needs longer for one input hangs.
const TIMEOUT_SECONDS: u64 = 60;

/// What is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// Only this target (may be repeated)
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Minutes for each
    #[arg(long, value_name = "N", default_value_t = 10)]
    minutes: u64,
    /// Run nothing: choose tests/corpus anew from all inputs that were found
    #[arg(long)]
    keep: bool,
}

/// Where things of a target are.
struct Place {
    name: String,
    /// Inputs that every test run replays.
    committed: PathBuf,
    /// Inputs that were found here.
    found: PathBuf,
    crashes: PathBuf,
}

/// Fuzzes the chosen targets one after the other, or chooses what to keep of what they found.
pub fn run(project: &Project, options: &Options) -> Result<()> {
    let places = places(project, &options.target)?;
    setup::ensure(project, &[Need::Simulate])?;
    let commit = report::commit(project);
    let program = build::program(project)?;
    if options.keep {
        return places.iter().try_for_each(|place| corpus::keep(project, &program, place));
    }
    let mut runs = Vec::new();
    for (n, place) in places.iter().enumerate() {
        println!("[{}/{}] {}: {} minutes", n + 1, places.len(), place.name, options.minutes);
        let run = fuzz(project, &program, place, 60 * options.minutes)?;
        let run = Run { commit: commit.clone(), ..run };
        report::append(project, &run)?;
        runs.push(run);
    }
    report::print(&runs);
    let mut page = cargo(project.root());
    page.args(["run", "--quiet", "-p", "deku-tests", "--example", "fuzz-page"]);
    fs::write(project.path("docs/fuzzing.md"), crate::shell::output(&mut page)?)?;
    if runs.iter().any(|run| run.crashes > 0) {
        bail!(
            "inputs were found that break something: {}\n\
             fix:   docs/fuzzing.md, \"When one is found\"",
            project.path("target/fuzz/crashes").display()
        );
    }
    Ok(())
}

/// The targets are the folders of tests/corpus; a test compares them with the functions.
fn places(project: &Project, only: &[String]) -> Result<Vec<Place>> {
    let folder = project.path("tests/corpus");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
        bail!("there is no target {unknown}.\nfix:   name one of {}", names.join(", "));
    }
    let chosen = names.into_iter().filter(|name| only.is_empty() || only.contains(name));
    let place = |name: String| Place {
        committed: folder.join(&name),
        found: project.path("target/fuzz/corpus").join(&name),
        crashes: project.path("target/fuzz/crashes").join(&name),
        name,
    };
    Ok(chosen.map(place).collect())
}

/// Runs a target for so many seconds, or until it breaks something.
fn fuzz(project: &Project, program: &Path, place: &Place, seconds: u64) -> Result<Run> {
    for folder in [&place.found, &place.crashes] {
        fs::create_dir_all(folder)?;
    }
    let log = Log::create(project.logs().join(format!("fuzz-{}.log", place.name)))?;
    let before = corpus::count(&place.crashes)?;
    let mut command = command(project, program, place);
    command.args([&place.found, &place.committed]);
    command.arg(format!("-artifact_prefix={}/", place.crashes.display()));
    command.arg(format!("-max_total_time={seconds}"));
    command.args(["-print_final_stats=1", "-rss_limit_mb=1024"]);
    // A slow input is no crash: report it as late as one that hangs.
    for option in ["timeout", "report_slow_units"] {
        command.arg(format!("-{option}={TIMEOUT_SECONDS}"));
    }
    let used = cpu::seconds_of_children();
    log.status(&mut command)?;
    let cpu_seconds = used.and_then(|used| cpu::seconds_of_children()?.checked_sub(used));
    let crashes = corpus::count(&place.crashes)? - before;
    let run = Run::of(&place.name, &log.text(), crashes)
        .with_context(|| format!("the fuzzer did not work:\n{}", log.tail(6)))?;
    let run = Run { cpu_seconds, ..run };
    println!("    {}", run.line());
    Ok(run)
}

/// The program for a target, at low priority where there is `nice`; temporary files in memory.
fn command(project: &Project, program: &Path, place: &Place) -> Command {
    let mut command = match crate::shell::which("nice") {
        Some(nice) => {
            let mut command = Command::new(nice);
            command.args(["-n", "19"]).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.current_dir(project.root());
    command.env("DEKU_FUZZ_TARGET", &place.name);
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    if Path::new("/dev/shm").is_dir() {
        command.env("TMPDIR", "/dev/shm");
    }
    command
}

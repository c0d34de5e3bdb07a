//! `cargo xtask test`: every check in order, all of them whatever fails, then a summary.

mod disk;
mod hdl;
mod hidden;
mod libtest;
mod no_std;
mod outcome;
mod published;
mod steps;
mod summary;

use std::cell::RefCell;
use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{bail, Context as _, Result};

use crate::explain::explained;
use crate::project::{in_ci, Project};
use crate::setup::record::Tools;
use crate::shell::Log;
use outcome::Outcome;
use steps::{Step, STEPS};
use summary::Row;

/// What the steps share.
pub struct Context<'a> {
    project: &'a Project,
    /// Filled by the set-up step.
    tools: RefCell<Tools>,
}

/// Prints the names of the steps.
pub fn list() {
    for step in STEPS {
        println!("{:<16} {}", step.name, step.title);
    }
}

/// Runs the chosen steps (all by default).
pub fn run(project: &Project, only: &[String]) -> Result<ExitCode> {
    let chosen = choose(only)?;
    forget(&project.logs());
    let context = Context { project, tools: RefCell::new(Tools::default()) };
    if in_ci() {
        // Nothing is compiled twice there, and its folders are a third of all.
        env::set_var("CARGO_INCREMENTAL", "0");
    }
    disk::tell();
    let start = Instant::now();
    let mut rows = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!("[{}/{}] {}: {}", index + 1, chosen.len(), step.name, step.title);
        rows.push(run_step(&context, step, index)?);
    }
    Ok(summary::print(&rows, start.elapsed()))
}

/// Removes the logs of the steps of an earlier run. Those of other commands stay: `cargo xtask fuzz` may be
/// writing one.
fn forget(logs: &Path) {
    for entry in fs::read_dir(logs).into_iter().flatten().flatten() {
        if is_of_step(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// `01-setup.log`, ...
fn is_of_step(name: &str) -> bool {
    name.split_once('-').is_some_and(|(n, _)| n.len() == 2 && n.parse::<u8>().is_ok())
}

/// The steps whose names contain one of `only`; the set-up always comes first.
fn choose(only: &[String]) -> Result<Vec<&'static Step>> {
    let wanted = |step: &&Step| only.iter().any(|name| step.name.contains(name.as_str()));
    if let Some(name) = only.iter().find(|name| !STEPS.iter().any(|s| s.name.contains(*name))) {
        bail!("no step is named {name}.\nfix:   cargo xtask test --list");
    }
    Ok(STEPS
        .iter()
        .filter(|step| only.is_empty() || step.name == "setup" || wanted(step))
        .collect())
}

fn run_step(context: &Context, step: &Step, index: usize) -> Result<Row> {
    let path = context.project.logs().join(format!("{:02}-{}.log", index + 1, step.name));
    let log = Log::create(path)?;
    let start = Instant::now();
    let outcome = match (step.run)(context, &log) {
        Ok(outcome) => outcome.strict_in(in_ci()),
        Err(error) => Outcome::failed(&explained(&error)),
    };
    let row = Row { name: step.name, seconds: start.elapsed().as_secs_f64(), outcome };
    println!("    {}", row.line());
    if row.outcome.has_failed() {
        show_failure(&row, &log)?;
    }
    Ok(row)
}

fn show_failure(row: &Row, log: &Log) -> Result<()> {
    log.note(&row.outcome.message).context("cannot write the log")?;
    let tail = log.tail(60);
    let details = &row.outcome.details;
    for line in if details.is_empty() { &tail } else { details }.lines() {
        println!("    | {line}");
    }
    println!("    log: {}", log.path().display());
    disk::warn();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name() {
        let names = |only: &[&str]| -> Vec<&str> {
            let only: Vec<String> = only.iter().map(|s| (*s).to_owned()).collect();
            choose(&only).unwrap().iter().map(|step| step.name).collect()
        };
        assert_eq!(names(&["clip"]), ["setup", "clippy"]);
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn logs_of_other_commands_stay() {
        assert!(["01-setup.log", "16-boards.log"].into_iter().all(is_of_step));
        let others = ["fuzz-frames.log", "gate-seed1.log", "gate.log", "not-run.txt", "100-x.log"];
        assert!(!others.into_iter().any(is_of_step));
    }

    #[test]
    fn an_unknown_step_is_refused() {
        let error = choose(&["nonsense".to_owned()]).err().unwrap();
        assert!(error.to_string().contains("cargo xtask test --list"));
    }
}

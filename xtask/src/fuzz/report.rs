//! What came of a run: for people, and for `tests/corpus/runs.jsonl`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::project::Project;
use crate::shell::output;

/// One run; `tests/src/fuzz/page.rs` reads it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    pub date: String,
    pub commit: String,
    pub target: String,
    pub seconds: u64,
    /// Of a core, where the system tells: less than `seconds` on a machine with other work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<u64>,
    pub executions: u64,
    pub coverage: u64,
    pub new_inputs: u64,
    pub crashes: u64,
}

impl Run {
    /// From what libFuzzer printed. The commit is the caller's to fill in: it is what was built.
    pub fn of(target: &str, log: &str, crashes: u64) -> Result<Self> {
        let date = output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?.trim().to_owned();
        Self::parse(log, crashes).map(|run| Self { date, target: target.to_owned(), ..run })
    }

    fn parse(log: &str, crashes: u64) -> Result<Self> {
        let statistic = |name: &str| {
            let line = log.lines().rev().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok())
                .with_context(|| format!("the log has no {name}"))
        };
        let executions = statistic("stat::number_of_executed_units")?;
        let per_second: u64 = statistic("stat::average_exec_per_sec")?;
        // `Done 63056 runs in 13 second(s)`, unless something was broken before.
        let done = log.lines().rev().find_map(|line| {
            line.strip_prefix("Done ")?.split(" runs in ").nth(1)?.split(' ').next()?.parse().ok()
        });
        let coverage = log
            .lines()
            .rev()
            .find_map(|line| line.split("cov: ").nth(1)?.split(' ').next()?.parse().ok());
        Ok(Self {
            date: String::new(),
            commit: String::new(),
            target: String::new(),
            seconds: done.unwrap_or(executions / per_second.max(1)),
            cpu_seconds: None,
            executions,
            coverage: coverage.unwrap_or(0),
            new_inputs: statistic("stat::new_units_added")?,
            crashes,
        })
    }

    /// For people.
    pub fn line(&self) -> String {
        format!(
            "{:<10} {:>6} s {:>12} executions {:>7} edges {:>6} new inputs {:>3} crashes",
            self.target,
            self.seconds,
            self.executions,
            self.coverage,
            self.new_inputs,
            self.crashes
        )
    }
}

/// The commit of the working copy, with `-dirty` if it was changed since.
pub fn commit(project: &Project) -> String {
    let mut git = Command::new("git");
    git.current_dir(project.root());
    git.args(["describe", "--always", "--dirty", "--abbrev=9", "--exclude=*"]);
    output(&mut git).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// A table of all runs.
pub fn print(runs: &[Run]) {
    println!();
    runs.iter().for_each(|run| println!("{}", run.line()));
}

/// Adds a line to the record.
pub fn append(project: &Project, run: &Run) -> Result<()> {
    let path = project.path("tests/corpus/runs.jsonl");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    writeln!(file, "{}", serde_json::to_string(run)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Run;

    const LOG: &str = "\
#559925\tREDUCE cov: 969 ft: 2609 corp: 368/155Kb lim: 4096 exec/s: 2372 rss: 35Mb L: 510/4094
###### End of recommended dictionary. ######
Done 63056 runs in 13 second(s)
stat::number_of_executed_units: 63056
stat::average_exec_per_sec:     4850
stat::new_units_added:          821
";

    #[test]
    fn what_libfuzzer_prints_is_understood() {
        let run = Run::parse(LOG, 0).unwrap();
        assert_eq!((run.seconds, run.executions, run.coverage), (13, 63_056, 969));
        assert_eq!((run.new_inputs, run.crashes), (821, 0));
    }

    #[test]
    fn a_run_that_broke_something_has_a_length_too() {
        let log = LOG.replace("Done", "SUMMARY: libFuzzer: deadly signal");
        assert_eq!(Run::parse(&log, 1).unwrap().seconds, 13);
        assert!(Run::parse("cannot start", 0).is_err());
    }
}

//! `cargo xtask performance`: everything that docs/benchmarks.md says, and the page.
//!
//! What is measured already, of the same sources with the same options, is skipped, so a run that was
//! interrupted goes on. `deku bench` knows what that is; this only walks through its parts.

use std::path::PathBuf;

use anyhow::{bail, Result};
use clap::ValueEnum;

use crate::boards;
use crate::demo::deku;
use crate::explain::explained;
use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::run_attached;

/// Where the builds of blocks go.
const BLOCKS: &str = "target/blocks";

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// The folder with mnist/ (its idx files) and traces/
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only this part (may be repeated)
    #[arg(long, value_enum)]
    part: Vec<Part>,
    /// Only what has a name that contains this (may be repeated)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure again what is measured
    #[arg(long)]
    again: bool,
}

/// A part of the page.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Training runs in software: accuracy, and the work of every epoch
    Training,
    /// Simulated modules: cycles and rates (hours)
    Modules,
    /// Blocks that are placed alone
    Blocks,
    /// Boards, three seeds each (hours)
    Boards,
}

/// All of them: the shorter ones first, so that what does not work is known early.
const ALL: [Part; 4] = [Part::Training, Part::Blocks, Part::Modules, Part::Boards];

/// Measures and writes the page.
pub fn run(project: &Project, options: &Options) -> Result<()> {
    let wanted = |part: &Part| options.part.is_empty() || options.part.contains(part);
    let parts: Vec<Part> = ALL.into_iter().filter(wanted).collect();
    let needs = parts.iter().map(|part| part.need()).collect::<Vec<_>>();
    setup::ensure(project, &needs)?;
    let mut faults = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        println!("{} of {}: {}", n + 1, parts.len(), part.name());
        // A board that is too slow must not keep the others from the page.
        if let Err(error) = part.run(project, options) {
            faults.push(format!("{}: {}", part.name(), explained(&error)));
        }
        report(project)?;
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

fn report(project: &Project) -> Result<()> {
    let mut command = deku(project, "bench");
    run_attached(command.arg("report").arg("--folder").arg(project.path("docs")))
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Training => "training runs",
            Self::Modules => "simulated modules",
            Self::Blocks => "blocks alone",
            Self::Boards => "boards",
        }
    }

    const fn need(self) -> Need {
        match self {
            Self::Training | Self::Modules => Need::Simulate,
            Self::Blocks | Self::Boards => Need::Gate,
        }
    }

    fn run(self, project: &Project, options: &Options) -> Result<()> {
        match self {
            Self::Training => all(project, options, "--training"),
            Self::Modules => all(project, options, "--modules"),
            Self::Blocks => blocks(project, options),
            Self::Boards if options.again => boards::run(project, &options.only),
            Self::Boards => boards::run_stale(project, &options.only),
        }
    }
}

fn all(project: &Project, options: &Options, what: &str) -> Result<()> {
    let Some(data) = &options.data else {
        bail!(
            "the samples are needed.\n\
             fix:   give --data DIR with the idx files of MNIST in DIR/mnist and the traces in DIR/traces"
        );
    };
    let mut command = deku(project, "bench");
    command.args(["all", what, "--data"]).arg(data);
    run_attached(command.args(common(options)).arg("--folder").arg(project.path("docs")))
}

fn blocks(project: &Project, options: &Options) -> Result<()> {
    let mut command = deku(project, "bench");
    command.arg("blocks").args(common(options)).arg("--out").arg(project.path(BLOCKS));
    run_attached(command.arg("--folder").arg(project.path("docs")))
}

fn common(options: &Options) -> Vec<String> {
    let only = options.only.iter().flat_map(|name| ["--only".to_owned(), name.clone()]);
    only.chain(options.again.then(|| "--again".to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_handed_on() {
        let options = |only: &[&str], again| Options {
            data: None,
            part: Vec::new(),
            only: only.iter().map(ToString::to_string).collect(),
            again,
        };
        assert!(common(&options(&[], false)).is_empty());
        let words = common(&options(&["up5k", "gw"], true)).join(" ");
        assert_eq!(words, "--only up5k --only gw --again");
    }

    #[test]
    fn training_needs_samples_before_anything_runs() {
        let options = Options { data: None, part: Vec::new(), only: Vec::new(), again: false };
        let project = Project::find().unwrap();
        let error = Part::Training.run(&project, &options).unwrap_err().to_string();
        assert!(error.contains("fix:   give --data DIR"), "{error}");
    }
}

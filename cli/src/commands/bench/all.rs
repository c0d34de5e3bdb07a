//! Everything that the plan names and that is not measured yet, or not as it is now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Command, FromArgMatches};
use deku_rtlgen::config::ModuleConfig;
use serde_json::json;

use super::training::number;
use super::{folder, module, training};
use crate::bench::{fingerprint, Plan, Planned, Record, Training, TRAINING_VERSION, VERSION};
use crate::error::{Error, Result};
use crate::output::Output;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder with mnist/ and traces/
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The folder of benchmarks.md and bench/, where plan.toml is and the raw numbers go
    #[arg(long, value_name = "DIR", default_value = "docs")]
    folder: PathBuf,
    /// Only training runs in software
    #[arg(long, conflicts_with = "modules")]
    training: bool,
    /// Only simulated modules
    #[arg(long)]
    modules: bool,
    /// Only what has a name that contains this (may be repeated)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure again what is measured
    #[arg(long)]
    again: bool,
    /// Say what would be measured and stop
    #[arg(long)]
    list: bool,
}

/// A measurement.
enum Task {
    Training { name: String, args: Box<training::Args> },
    Module { name: String, args: Box<module::ModuleArgs>, verilog: String },
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let plan = Plan::read(&args.bench().join("plan.toml"))?;
    let tasks: Vec<_> = tasks(args, &plan)?.into_iter().filter(|t| args.wants(t)).collect();
    let all = tasks.len();
    let tasks: Vec<_> = tasks.into_iter().filter(|t| args.again || !t.is_fresh(args)).collect();
    output.say(format!("{} of {all} measurements are to be made", tasks.len()));
    for (n, task) in tasks.iter().enumerate() {
        output.heading(format!("{} of {}: {}", n + 1, tasks.len(), task.name()));
        if !args.list {
            task.run(output)?;
        }
    }
    output.summary("bench all", json!({ "planned": all, "measured": tasks.len() }));
    Ok(())
}

impl Args {
    fn bench(&self) -> PathBuf {
        self.folder.join("bench")
    }

    fn wants(&self, task: &Task) -> bool {
        let kind = match task {
            Task::Training { .. } => !self.modules,
            Task::Module { .. } => !self.training,
        };
        kind && (self.only.is_empty() || self.only.iter().any(|part| task.name().contains(part)))
    }
}

/// Training runs first: they are the shorter ones.
fn tasks(args: &Args, plan: &Plan) -> Result<Vec<Task>> {
    let (mut runs, mut modules) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for name in &plan.configurations {
        let config = ModuleConfig::load(name)?;
        let verilog = fingerprint::of_module(&config);
        for network in plan.networks.iter().filter(|n| n.concerns(&config)) {
            // What does not fit stands in the report.
            let Ok(columns) = network.columns(&config) else { continue };
            if known.insert(network.training(columns)) {
                runs.push(training_task(args, plan, network, columns)?);
            }
            let name = network.measurement(&config, columns);
            let args = Box::new(parse(&module_words(args, plan, network, &config, columns))?);
            modules.push(Task::Module { name, args, verilog: verilog.clone() });
        }
    }
    runs.append(&mut modules);
    Ok(runs)
}

fn training_task(args: &Args, plan: &Plan, network: &Planned, columns: usize) -> Result<Task> {
    let mut words = recipe_words(args, plan, network, columns);
    words.extend(["--seeds".into(), list(&plan.seeds)]);
    words.extend(["--out".into(), args.bench().join("training").display().to_string()]);
    Ok(Task::Training { name: network.training(columns), args: Box::new(parse(&words)?) })
}

fn module_words(
    args: &Args,
    plan: &Plan,
    network: &Planned,
    config: &ModuleConfig,
    columns: usize,
) -> Vec<String> {
    let mut words = recipe_words(args, plan, network, columns);
    let more = [
        ("--backend", format!("sim:{}", config.name)),
        ("--seed", plan.seeds[0].to_string()),
        ("--epoch", list(&plan.measured_epochs)),
        ("--part", network.part.to_string()),
        ("--infer", plan.inferred.to_string()),
        ("--format", network.format.clone()),
        ("--out", args.bench().display().to_string()),
    ];
    words.extend(more.into_iter().flat_map(|(option, value)| [option.to_owned(), value]));
    words
}

fn recipe_words(args: &Args, plan: &Plan, network: &Planned, columns: usize) -> Vec<String> {
    let data = network.data.replace("DIR", &args.data.display().to_string());
    let options = [
        ("--data", Some(data)),
        ("--columns", number(Some(columns))),
        ("--epochs", number(Some(plan.epochs))),
        ("--drop", number(Some(network.drop))),
        ("--tau-k", number(network.tau_k)),
        ("--sh0", number(network.sh0)),
    ];
    let given = options.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?]));
    let mut words: Vec<String> = given.flatten().collect();
    words.extend(network.jitter.then(|| "--jitter".to_owned()));
    words
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// As if it had been written.
fn parse<A: clap::Args + FromArgMatches>(words: &[String]) -> Result<A> {
    let command = A::augment_args(Command::new("bench")).no_binary_name(true);
    let parsed = command.try_get_matches_from(words).and_then(|m| A::from_arg_matches(&m));
    parsed.map_err(|error| {
        Error::input("bench/plan", format!("the plan cannot be followed: {}", error.render()))
            .cause("a value of docs/bench/plan.toml is no legal option of `deku bench`")
            .fix("correct docs/bench/plan.toml")
    })
}

impl Task {
    fn name(&self) -> &str {
        match self {
            Self::Training { name, .. } | Self::Module { name, .. } => name,
        }
    }

    fn run(&self, output: Output) -> Result<()> {
        match self {
            Self::Training { args, .. } => training::run(args, output),
            Self::Module { args, .. } => module::run(args, output),
        }
    }

    /// Whether it was measured with the same options, of the same module.
    fn is_fresh(&self, args: &Args) -> bool {
        let file = |folder: &Path, name: &str| folder.join(format!("{name}.json"));
        match self {
            Self::Training { name, args: own } => {
                let path = file(&args.bench().join("training"), name);
                folder::read::<Training>(&path).is_ok_and(|r| {
                    r.version == TRAINING_VERSION && r.command == training::command(own)
                })
            }
            Self::Module { name, args: own, verilog } => {
                folder::read::<Record>(&file(&args.bench(), name)).is_ok_and(|r| {
                    let same = r.version == VERSION && r.command == module::command(own);
                    same && r.verilog.as_ref() == Some(verilog)
                })
            }
        }
    }
}

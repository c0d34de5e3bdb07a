//! docs/benchmarks.md.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::json;

use super::folder::{read, read_all};
use crate::bench::{markdown, Numbers, Plan, Record};
use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::output::Output;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of benchmarks.md and bench/
    #[arg(long, value_name = "DIR", default_value = "docs")]
    folder: PathBuf,
    /// Change nothing, fail if the page is not what the numbers say
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let numbers = numbers(&args.folder.join("bench"))?;
    let page = markdown(&numbers);
    let path = args.folder.join("benchmarks.md");
    if args.check {
        compare(&path, &page)?;
    } else {
        write_atomically(&path, page.as_bytes())?;
    }
    let (modules, runs, boards) =
        (numbers.records.len(), numbers.trainings.len(), numbers.boards.len());
    output.say(format!(
        "{}: {modules} measurements, {runs} training runs, {boards} boards",
        path.display()
    ));
    let fields = json!({
        "measurements": modules, "training_runs": runs, "boards": boards, "checked": args.check,
    });
    output.summary("bench report", fields);
    Ok(())
}

fn compare(path: &Path, page: &str) -> Result<()> {
    if std::fs::read_to_string(path).unwrap_or_default() == page {
        return Ok(());
    }
    let what = format!("`{}` is not what the raw numbers say", path.display());
    Err(Error::check("bench/stale", what)
        .cause("a measurement or the plan was changed, or the page was edited")
        .fix("run `deku bench report` and commit the page"))
}

/// Everything below docs/bench.
fn numbers(folder: &Path) -> Result<Numbers> {
    let (plan, blocks) = (folder.join("plan.toml"), folder.join("blocks.json"));
    let numbers = Numbers {
        plan: plan.is_file().then(|| Plan::read(&plan)).transpose()?,
        records: named(folder, "blocks")?,
        trainings: named(&folder.join("training"), "")?,
        boards: named(&folder.join("boards"), "")?,
        blocks: blocks.is_file().then(|| read(&blocks)).transpose()?,
        noise: named(&folder.join("link"), "")?,
    };
    numbers.records.iter().try_for_each(|(name, record)| check_minimum(name, record))?;
    match numbers.contradiction() {
        None => Ok(numbers),
        Some(what) => Err(Error::check("bench/contradiction", what)
            .cause("module and training run were measured with different data or versions of deku")
            .fix("measure both again with `deku bench all --again`")),
    }
}

fn named<R: DeserializeOwned>(folder: &Path, but: &str) -> Result<Vec<(String, R)>> {
    let all = read_all(folder, but)?;
    Ok(all.into_iter().map(|(_, name, record)| (name, record)).collect())
}

/// The minimum by the reference must be that by the oracle, where the oracle has counted.
fn check_minimum(name: &str, record: &Record) -> Result<()> {
    for part in &record.parts {
        let (oracle, ours) = (part.oracle, part.stretch.work.accesses());
        if oracle.is_some_and(|oracle| oracle != ours) {
            let what = format!("{name}: the oracle counts {oracle:?}, the reference {ours:?}");
            return Err(Error::check("bench/minimum", what)
                .cause("one of the two does not follow the learning rule, or the file was edited")
                .fix("measure again, then run tests/oracle/port_minimum.py"));
        }
    }
    Ok(())
}

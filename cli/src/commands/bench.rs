//! `deku bench`: measures a module; `deku bench report`: docs/benchmarks.md.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::args::{BackendArgs, DataArgs, LinkArg, NetworkArgs, RunArgs};
use crate::backend::Backend;
use crate::bench::{commit, markdown, measure, NoiseRecord, Record};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::output::Output;
use crate::setup;

/// Measure cycles, link and rate over a first epoch of labelled training.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// Write the raw numbers to DIR/NAME.json, NAME taken from configuration, data and network
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Write benchmarks.md from the raw numbers in bench/
    Report {
        /// The folder of benchmarks.md and bench/
        #[arg(long, value_name = "DIR", default_value = "docs")]
        folder: PathBuf,
        /// Change nothing, fail if the page is not what the numbers say
        #[arg(long)]
        check: bool,
    },
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    match &args.what {
        Some(What::Report { folder, check }) => report(folder, *check, output),
        None => run_measurement(args, output),
    }
}

fn run_measurement(args: &Args, output: Output) -> Result<()> {
    if args.backend.link != LinkArg::Spi {
        return Err(Error::usage("bench/link", "only SPI is measured")
            .cause("the report compares with the rate that SPI could reach")
            .fix("leave out --link"));
    }
    // Before the measurement, which takes minutes, and not after it.
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, "create", &e))?;
    }
    let mut data = Dataset::load(&args.data.data, None)?;
    let epoch = data.train.len() as u64;
    data.restrict(args.data.validation, args.data.samples)?;
    let run = RunArgs { epochs: Some(1), ..RunArgs::default() };
    let (model, _) = setup::fresh(&args.network, &run, &data)?;
    let mut hardware = Backend::hardware(&args.backend, output)?;
    let mut record = measure(&mut hardware, &model, &data, command(args), commit(), output)?;
    record.epoch = epoch;
    tell(&record, output);
    if let Some(folder) = &args.out {
        let name = name(&record);
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        let path = folder.join(format!("{name}.json"));
        write_atomically(&path, text.as_bytes())?;
        output.say(format!("raw numbers written to {}", path.display()));
    }
    let fields = serde_json::to_value(&record).unwrap_or(json!({}));
    output.summary("bench", json!({ "record": fields }));
    Ok(())
}

fn tell(record: &Record, output: Output) {
    let page = markdown(&[(name(record), record.clone())], &[]);
    let tables = page.split("\n## ").skip(1).take(3);
    for table in tables {
        for line in table.lines().filter(|l| !l.starts_with("|---")) {
            output.say(line);
        }
    }
    let per = record.work.rows as f64 / record.samples();
    output.say(format!(
        "{} samples, {per:.1} non-zero inputs each; reference {:.0} samples/s",
        record.work.samples, record.reference_samples_per_second
    ));
}

/// Name of the file: what was measured.
fn name(record: &Record) -> String {
    let shape = record.network.split(',').next().unwrap_or("network");
    format!("{}-{}-{shape}", record.configuration, record.data)
}

/// What the command line calls a value.
fn named(value: &impl clap::ValueEnum) -> Option<String> {
    value.to_possible_value().map(|name| name.get_name().to_owned())
}

/// The command without the folders of this machine.
fn command(args: &Args) -> String {
    let mut text = format!("deku bench --backend {}", args.backend.backend);
    let (kind, place) = args.data.data.split_once(':').unwrap_or((&args.data.data, ""));
    text += &format!(" --data {kind}{}", if place.is_empty() { "" } else { ":DIR" });
    if !args.network.columns.is_empty() {
        let columns: Vec<_> = args.network.columns.iter().map(ToString::to_string).collect();
        text += &format!(" --columns {}", columns.join(","));
    }
    let options = [
        ("--samples", args.data.samples.map(|n| n.to_string())),
        ("--seed", args.network.seed.map(|n| n.to_string())),
        ("--shift", args.network.shift.clone()),
        ("--clk-hz", args.backend.clk_hz.map(|n| n.to_string())),
        ("--sck-hz", args.backend.sck_hz.map(|n| n.to_string())),
        ("--format", args.backend.format.as_ref().and_then(named)),
    ];
    for (option, value) in options {
        text += &value.map_or(String::new(), |v| format!(" {option} {v}"));
    }
    text
}

fn report(folder: &Path, check: bool, output: Output) -> Result<()> {
    let records = read_records(&folder.join("bench"))?;
    let noise: Vec<(String, NoiseRecord)> = read_folder(&folder.join("bench/link"))?
        .into_iter()
        .map(|(_, name, record)| (name, record))
        .collect();
    let page = markdown(&records, &noise);
    let path = folder.join("benchmarks.md");
    if check {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        if found != page {
            return Err(Error::check(
                "bench/stale",
                format!("`{}` is not what the raw numbers say", path.display()),
            )
            .cause("a measurement was added or changed, or the page was edited")
            .fix("run `deku bench report` and commit the page"));
        }
    } else {
        write_atomically(&path, page.as_bytes())?;
    }
    output.say(format!("{}: {} measurements", path.display(), records.len()));
    output.summary("bench report", json!({ "measurements": records.len(), "checked": check }));
    Ok(())
}

/// The minimum by the reference must be that by the oracle, where the oracle has counted.
fn check_minimum(path: &Path, record: &Record) -> Result<()> {
    match record.oracle {
        Some(oracle) if oracle != record.accesses() => Err(Error::check(
            "bench/minimum",
            format!(
                "`{}`: the oracle counts {oracle:?}, the reference {:?}",
                path.display(),
                record.accesses()
            ),
        )
        .cause("one of the two does not follow the learning rule, or the file was edited")
        .fix("measure again, then run tests/oracle/port_minimum.py")),
        _ => Ok(()),
    }
}

fn read_records(folder: &Path) -> Result<Vec<(String, Record)>> {
    let records = read_folder::<Record>(folder)?;
    records.iter().try_for_each(|(path, _, record)| check_minimum(path, record))?;
    Ok(records.into_iter().map(|(_, name, record)| (name, record)).collect())
}

/// Every record of a folder with its path and name, by name.
fn read_folder<R: serde::de::DeserializeOwned>(folder: &Path) -> Result<Vec<(PathBuf, String, R)>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut records = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| Error::io(folder, "read", &e))?.path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, "read", &e))?;
        let record = serde_json::from_str(&text).map_err(|e| {
            Error::input("bench/raw", format!("`{}` holds no measurement: {e}", path.display()))
                .cause("it was edited, or written by another version of deku")
                .fix("measure again with the command in it, or remove it")
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        records.push((path, name, record));
    }
    records.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(records)
}

//! The measurement of one module.

use std::path::PathBuf;

use serde_json::json;

use super::folder;
use super::training::{number, options, RecipeArgs};
use crate::args::{BackendArgs, LinkArg};
use crate::backend::Backend;
use crate::bench::{
    commit, fingerprint, measure, table_of, timing, Plan, Recipe, Record, Request, VERSION,
};
use crate::error::{Error, Result};
use crate::hardware::Hardware;
use crate::output::Output;

#[derive(clap::Args, Debug)]
pub struct ModuleArgs {
    #[command(flatten)]
    backend: BackendArgs,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Epochs to measure, comma-separated; before each the module is loaded with what the reference knows then
    #[arg(long, value_name = "K[,K...]", value_delimiter = ',', default_value = "1")]
    epoch: Vec<u32>,
    /// Measure only the first N samples of each of these epochs
    #[arg(long, value_name = "N")]
    part: Option<usize>,
    /// Classify the first N test samples in the end
    #[arg(long, value_name = "N", default_value_t = 0)]
    infer: usize,
    /// Write the raw numbers to DIR/NAME.json, NAME taken from configuration, data and network
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &ModuleArgs, output: Output) -> Result<()> {
    check(args)?;
    if let Some(folder) = &args.out {
        folder::create(folder)?;
    }
    let (model, data) = args.recipe.fresh()?;
    let mut hardware = Backend::hardware(&args.backend, output)?;
    let request = Request {
        model: &model,
        data: &data,
        epochs: &args.epoch,
        samples: args.part.unwrap_or(usize::MAX),
        inferred: args.infer,
    };
    let measured = measure(&mut hardware, &request, output)?;
    let record = Record {
        version: VERSION,
        command: command(args),
        commit: commit(),
        configuration: hardware.configuration.name.clone(),
        configuration_hash: format!("{:08x}", hardware.configuration.hash()),
        verilog: verilog(args, &hardware),
        recipe: Recipe::of(&model, &data, args.recipe.epochs)?,
        seed: model.settings.rule.seed,
        format: hardware.format().to_string(),
        slices: hardware.configuration.slices,
        timing: timing(&hardware),
        parts: measured.parts,
        inference: measured.inference,
        driver: measured.driver,
    };
    table_of(&record).into_iter().for_each(|line| output.say(line));
    if let Some(folder) = &args.out {
        let path = folder::write(folder, &record.name(), &record)?;
        output.say(format!("raw numbers written to {}", path.display()));
    }
    let fields = serde_json::to_value(&record).unwrap_or(json!({}));
    output.summary("bench", json!({ "record": fields }));
    Ok(())
}

fn check(args: &ModuleArgs) -> Result<()> {
    if args.backend.link != LinkArg::Spi {
        return Err(Error::usage("bench/link", "only SPI is measured")
            .cause("the report compares with the rate that SPI could reach")
            .fix("leave out --link"));
    }
    Plan::check_epochs(&args.epoch, args.recipe.epochs).map_err(|what| {
        Error::usage("bench/epoch", what)
            .cause("--epoch names epochs of a run that is --epochs long")
            .fix("for example --epochs 20 --epoch 1,10,20")
    })
}

/// Fingerprint of what was simulated, if that was generated here.
fn verilog(args: &ModuleArgs, hardware: &Hardware) -> Option<String> {
    let generated = hardware.simulator.is_some() && args.backend.hdl.is_none();
    generated.then(|| fingerprint::of_module(&hardware.configuration))
}

/// What the command line calls a value.
fn named(value: &impl clap::ValueEnum) -> Option<String> {
    value.to_possible_value().map(|name| name.get_name().to_owned())
}

/// The command without the folders of this machine.
pub fn command(args: &ModuleArgs) -> String {
    let epochs: Vec<_> = args.epoch.iter().map(ToString::to_string).collect();
    let epochs = epochs.join(",");
    let head = format!("deku bench --backend {}{}", args.backend.backend, args.recipe.text());
    head + &options(&[
        ("--epoch", Some(epochs).filter(|list| list != "1")),
        ("--part", number(args.part)),
        ("--infer", number(Some(args.infer).filter(|n| *n > 0))),
        ("--clk-hz", number(args.backend.clk_hz)),
        ("--sck-hz", number(args.backend.sck_hz)),
        ("--format", args.backend.format.as_ref().and_then(named)),
    ])
}

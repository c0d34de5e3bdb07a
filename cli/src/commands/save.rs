//! `deku save`: takes what a module has learned into a file.

use std::path::PathBuf;

use serde_json::json;

use crate::args::BackendArgs;
use crate::backend::Backend;
use crate::error::Result;
use crate::files;
use crate::model::Model;
use crate::output::Output;
use crate::session::{Batched, Session};

/// Read what a module that is already running has learned into a model file.
///
/// The module keeps latents and generators; all else (topology, masks, schedule) comes from the
/// model that was loaded into it. A module in simulation is empty when it starts: use
/// `deku train --out` or `deku load --save` there.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    /// The model that was loaded into the module
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Where the model goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    files::check_folder(&args.out)?;
    let mut model = Model::read(&args.model)?;
    let mut hardware = Backend::hardware(&args.backend, output)?;
    hardware.driver.attach(&model.settings.network_config()?)?;
    let mut session = Batched::link(*hardware.driver, None);
    session.store(&mut model)?;
    model.save(&args.out)?;
    output.say(format!("model written to {}", args.out.display()));
    output.summary("save", json!({ "layers": model.layers.len() }));
    Ok(())
}

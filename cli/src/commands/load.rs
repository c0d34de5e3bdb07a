//! `deku load`: puts a model into a module, reads everything back and compares.

use std::path::PathBuf;

use serde_json::json;

use crate::args::BackendArgs;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::files;
use crate::model::Model;
use crate::output::Output;

/// Load a model into a module, read everything back and compare.
///
/// A module in software or in simulation ends with the command; --save keeps what was read back.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    backend: BackendArgs,
    /// The model
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Write what the module holds afterwards to FILE
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    if let Some(path) = &args.save {
        files::check_folder(path)?;
    }
    let model = Model::read(&args.model)?;
    let mut session = Backend::open(&args.backend, output)?;
    session.load(&model)?;
    let mut held = model.clone();
    held.layers.iter_mut().for_each(|l| l.latents.fill(0));
    session.store(&mut held)?;
    if held != model {
        return Err(Error::backend("load/read-back", "the module does not hold what was loaded")
            .cause("its weight memory or the link is faulty")
            .fix("`deku verify` finds the first difference"));
    }
    if let Some(path) = &args.save {
        held.save(path)?;
    }
    let latents: usize = model.layers.iter().map(|l| l.latents.len()).sum();
    output.say(format!(
        "{}: {latents} latents loaded and read back",
        model.settings.network_config()?
    ));
    output.summary("load", json!({ "latents": latents, "layers": model.layers.len() }));
    Ok(())
}

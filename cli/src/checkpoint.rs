//! Checkpoints: a model file that also says where its run stands, so that a run which was
//! interrupted at any moment goes on bit for bit. See docs/cli.md, "Checkpoints".

mod given;
mod place;

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::trainer::Standing;

pub(crate) use given::arguments;
pub use given::{Given, Options};
pub use place::{Place, Wish};

/// Version of what a checkpoint holds besides its model.
const VERSION: u32 = 1;
/// No run is longer.
const MOST_SAMPLES: u64 = 1 << 53;

/// A run at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The network at that moment.
    pub model: Model,
    /// The rest.
    pub run: RunState,
}

/// What a run is, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    version: u32,
    /// The options of `deku train` that it was started with.
    pub options: Options,
    /// Samples of the whole run.
    pub samples: u64,
    /// Fingerprint of the samples it is measured on; the model has that of those it learns from.
    pub test: String,
    /// How far it has come.
    pub standing: Standing,
}

impl RunState {
    /// A run that begins.
    #[must_use]
    pub fn new(options: Options, samples: u64, data: &Dataset) -> Self {
        let (test, standing) = (data.test.hash(), Standing::default());
        Self { version: VERSION, options, samples, test, standing }
    }

    /// Whether there is nothing left to learn from.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.standing.done == self.samples
    }

    fn parse(run: Value, path: &Path) -> Result<Self> {
        let version = run["version"].as_u64();
        if version != Some(VERSION.into()) {
            return Err(foreign_version(path, version));
        }
        let run: Self = serde_json::from_value(run).map_err(|e| damaged(path, &e.to_string()))?;
        if run.samples > MOST_SAMPLES || !run.standing.plausible(run.samples) {
            return Err(damaged(path, "its counts cannot be right"));
        }
        Ok(run)
    }

    /// Writes it with its model; a crash leaves the file before or this one.
    pub fn save(&self, model: &Model, path: &Path) -> Result<()> {
        let run = serde_json::to_value(self).map_err(|e| damaged(path, &e.to_string()))?;
        crate::files::write_atomically(path, &model.to_bytes_with(Some(run))?)
    }
}

impl Checkpoint {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self> {
        let (model, run) = Self::read_any(path)?;
        Ok(Self { model, run: run.ok_or_else(|| no_run(path))? })
    }

    /// Reads and checks a file that may also be a model without a run.
    pub fn read_any(path: &Path) -> Result<(Model, Option<RunState>)> {
        let (model, run) = Model::read_with(path)?;
        Ok((model, run.map(|run| RunState::parse(run, path)).transpose()?))
    }

    /// Refuses data that are not those of the run.
    pub fn check_data(&self, data: &Dataset) -> Result<()> {
        let host = &self.model.settings.host;
        let (learned, measured) =
            (data.train.hash() == host.data, data.test.hash() == self.run.test);
        if learned && measured {
            return Ok(());
        }
        let which = if learned { "test" } else { "training" };
        Err(Error::input(
            "checkpoint/data",
            format!("the {which} samples are not those of the run that is to go on"),
        )
        .cause("the files were changed, or --data names others; relative paths count from the folder in which the run was started")
        .fix("go back to that folder, or give --data with the place where the same files are now"))
    }
}

fn no_run(path: &Path) -> Error {
    let path = path.display();
    Error::input("checkpoint/model", format!("`{path}` is a model, not a checkpoint"))
        .cause("it was written by --out, which keeps what was learned but not the run")
        .fix(format!("go on with `deku train --model {path}`, or name the file of --checkpoint"))
}

fn foreign_version(path: &Path, version: Option<u64>) -> Error {
    let version = version.map_or("no".into(), |v| v.to_string());
    let what = format!(
        "the checkpoint `{}` has version {version}, this program reads {VERSION}",
        path.display()
    );
    Error::input("checkpoint/version", what)
        .cause("it was written by another version of deku")
        .fix("go on with the version that wrote it, or use its model: `deku train --model FILE`")
}

fn damaged(path: &Path, text: &str) -> Error {
    let what = format!("cannot use the checkpoint `{}`: {text}", path.display());
    Error::input("checkpoint/damaged", what)
        .cause("it was changed by another program")
        .fix("take a backup, or start the run again")
}

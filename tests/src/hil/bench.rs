//! What all checks need.

use std::path::Path;

use deku_cli::args::{BackendArgs, NetworkArgs, RunArgs};
use deku_cli::backend::Backend;
use deku_cli::data::Dataset;
use deku_cli::hardware::Hardware;
use deku_cli::model::Model;
use deku_cli::output::Output;
use deku_cli::setup;
use deku_ref::schedule::Schedule;
use deku_ref::Example;
use deku_rtlgen::config::ModuleConfig;
use serde_json::Value;

use super::{program, Dut, Plan};
use crate::digits::write_table;

/// Columns of the network that learns digits, where there is room for so many.
const COLUMNS: usize = 128;
/// Inputs of a digit.
const INPUTS: usize = 64;
/// Digits that are learned at least.
const FEWEST: u64 = 100;
/// Name of the table of digits.
const TABLE: &str = "digits.csv";

/// A device, and what it is tested with.
pub struct Bench<'a> {
    /// The device.
    pub dut: &'a Dut,
    /// What its module was generated from.
    pub module: ModuleConfig,
    /// How much to do.
    pub plan: Plan,
    /// For files in between.
    pub folder: &'a Path,
    deku: &'a [String],
    /// Columns for which there is room.
    pub columns: u32,
}

impl<'a> Bench<'a> {
    /// Chooses the network: as many of the digits' classes and columns as the module has room for.
    pub fn new(
        dut: &'a Dut,
        deku: &'a [String],
        plan: Plan,
        folder: &'a Path,
    ) -> Result<Self, String> {
        let module = dut.module()?;
        let capacity = module.capacity();
        let classes = capacity.max_classes.min(10);
        let no_room = |why| format!("{} has no room for digits of 8x8 pixels: {why}", module.name);
        if classes < 2 {
            return Err(no_room("it takes one class".to_owned()));
        }
        let columns = capacity.most_columns(INPUTS, classes).map_err(|e| no_room(e.to_string()))?;
        let columns = columns.min(COLUMNS) as u32;
        let rows = plan.samples.max(FEWEST) as usize;
        write_table(&folder.join(TABLE), classes as u8, rows)?;
        Ok(Self { dut, module, plan, folder, deku, columns })
    }

    /// Runs `deku`.
    pub fn deku(&self, arguments: &[&str]) -> Result<Value, String> {
        program::summary(self.deku, self.folder, arguments)
    }

    /// What `--data` names: the digits, in the folder of the bench.
    pub fn data(&self) -> String {
        format!("csv:{}", self.folder.join(TABLE).display())
    }

    /// The driver on the device.
    pub fn connect(&self) -> Result<Hardware, String> {
        let args = BackendArgs { backend: self.dut.backend.clone(), ..BackendArgs::default() };
        let output = Output { silent: true, quiet: true, ..Output::default() };
        Backend::hardware(&args, output).map_err(|e| e.to_string())
    }

    /// Digits, and a network that knows nothing of them yet.
    pub fn digits(&self) -> Result<Digits, String> {
        let data = Dataset::load(&self.data(), None).map_err(|e| e.to_string())?;
        let network =
            NetworkArgs { columns: vec![self.columns as usize], ..NetworkArgs::default() };
        let (model, _) = setup::fresh(&network, &RunArgs::default(), &data)
            .map_err(|e| format!("no network for {}: {e}", self.module.name))?;
        let schedule = model.settings.schedule().map_err(|e| e.to_string())?;
        Ok(Digits { data, model, schedule })
    }
}

/// Digits to learn.
pub struct Digits {
    data: Dataset,
    /// The network.
    pub model: Model,
    schedule: Schedule,
}

impl Digits {
    /// `count` examples, in the order of the table, again and again.
    pub fn examples(&self, count: u64) -> Vec<Example<'_>> {
        let train = &self.data.train;
        let example = |n: u64| {
            let at = (n % train.len() as u64) as usize;
            let (input, label) = (train.list(at), train.label(at));
            Example::Labelled { input, label, shift: self.schedule.rate_shift(n) }
        };
        (0..count).map(example).collect()
    }
}

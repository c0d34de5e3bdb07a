//! `deku configs`: what modules can be generated.

use std::collections::BTreeMap;

use deku_rtlgen::config::{ModuleConfig, BUILTIN};
use serde_json::json;

use crate::error::Result;
use crate::output::Output;

/// Inputs of the layers whose widths are told: MNIST, MNIST 14x14, digits.
const INPUTS: [usize; 3] = [784, 196, 64];
/// Their classes, or as many as the module takes.
const CLASSES: usize = 10;

/// List the configurations a module can be generated from.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, output: Output) -> Result<()> {
    output.heading("name       status         latents  lanes    clock  classes  columns at 784, 196, 64 inputs");
    for (name, _) in BUILTIN {
        let c = ModuleConfig::builtin(name)?;
        let classes = CLASSES.min(c.max_classes as usize);
        let columns = INPUTS.map(|inputs| c.capacity().most_columns(inputs, classes).unwrap_or(0));
        let status = format!("{:?}", c.status).to_lowercase();
        output.say(format!(
            "{name:<10} {status:<13} {:>8} {:>6} {:>5} MHz {:>8}  {}, {}, {}",
            32 * c.words,
            32 * c.slices,
            c.clock_hz / 1_000_000,
            c.max_classes,
            columns[0],
            columns[1],
            columns[2]
        ));
        output.event(
            "configuration",
            json!({
                "name": name,
                "status": status,
                "latents": 32 * c.words,
                "forward_lanes": 32 * c.slices,
                "update_lanes": c.update_lanes,
                "clock_hz": c.clock_hz,
                "max_classes": c.max_classes,
                "columns": INPUTS.iter().map(usize::to_string).zip(columns).collect::<BTreeMap<_, _>>(),
                "max_layers": c.max_layers,
                "list_entries": c.list_entries,
                "results": c.results,
                "uart": c.uart,
                "configuration_hash": format!("{:08x}", c.hash()),
            }),
        );
    }
    output.summary("configs", json!({ "configurations": BUILTIN.len() }));
    Ok(())
}

//! `deku configs`: what modules can be generated.

use deku_rtlgen::config::{ModuleConfig, BUILTIN};
use serde_json::json;

use crate::error::Result;
use crate::output::Output;

/// List the configurations a module can be generated from.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, output: Output) -> Result<()> {
    output.heading("name       status         latents  lanes    clock  classes  columns at 784, 196, 64 inputs");
    for (name, _) in BUILTIN {
        let c = ModuleConfig::builtin(name)?;
        let columns = [784, 196, 64].map(|inputs| 32 * (c.words / inputs));
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

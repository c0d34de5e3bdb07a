//! `deku boards`: what modules can be built for.

use deku_rtlgen::board::{Board, BUILTIN};
use serde_json::json;

use crate::error::Result;
use crate::output::Output;

/// List the boards a module can be built for.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, output: Output) -> Result<()> {
    output.heading("name            FPGA                             configuration  US$  board");
    for (name, _) in BUILTIN {
        let b = Board::builtin(name)?;
        let programs: Vec<_> = b.flash.iter().map(|f| f.program.as_str()).collect();
        output.say(format!(
            "{name:<15} {:<32} {:<14} {:>3}  {}",
            b.chip().name(),
            b.config,
            b.price_usd,
            b.title
        ));
        output.event(
            "board",
            json!({
                "name": name,
                "title": b.title,
                "fpga": b.chip().name(),
                "configuration": b.config,
                "price_usd": b.price_usd,
                "oscillator_hz": b.clock.hz,
                "uart": b.uart.is_some(),
                "flash": programs,
                "notes": b.notes,
            }),
        );
    }
    output.summary("boards", json!({ "boards": BUILTIN.len() }));
    Ok(())
}

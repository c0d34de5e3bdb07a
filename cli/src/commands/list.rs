//! `deku list`: what `--backend` can name on this computer.

use deku_rtlgen::config::BUILTIN;
use serde_json::{json, Value};

use crate::devices::{all, Access, Bridge, Device, Kind};
use crate::error::Result;
use crate::output::Output;

/// List backends, configurations and devices, also those that you may not use, and why.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, output: Output) -> Result<()> {
    let devices = all();
    for line in lines(&devices) {
        match line {
            Line::Heading(text) => output.heading(text),
            Line::Text(text) => output.say(text),
        }
    }
    for device in &devices {
        output.event("device", object(device));
    }
    let usable = devices.iter().filter(|d| d.access == Access::Granted).count();
    let fields = json!({
        "devices": devices.len(),
        "usable": usable,
        "configurations": configurations(),
    });
    output.summary("list", fields);
    Ok(())
}

/// A line for people.
pub(crate) enum Line {
    Heading(&'static str),
    Text(String),
}

/// What the command prints.
pub(crate) fn lines(devices: &[Device]) -> Vec<Line> {
    let mut lines = vec![
        Line::Heading("Software and simulation"),
        Line::Text("  ref                     the reference, in software".into()),
    ];
    for name in configurations() {
        lines.push(Line::Text(format!("  {:<24}simulated hardware", format!("sim:{name}"))));
    }
    for (kind, heading, none) in KINDS {
        lines.push(Line::Heading(heading));
        let mut found = devices.iter().filter(|d| d.kind == kind).peekable();
        if found.peek().is_none() {
            lines.push(Line::Text(format!("  none: {none}")));
        }
        lines.extend(found.flat_map(describe).map(Line::Text));
    }
    lines
}

const KINDS: [(Kind, &str, &str); 3] = [
    (
        Kind::Serial,
        "Serial ports",
        "plug the board in; `deku sim nano --pty` makes a simulated one",
    ),
    (
        Kind::Spidev,
        "SPI devices",
        "on a Raspberry Pi, `sudo raspi-config nonint do_spi 0` enables them",
    ),
    (
        Kind::UsbBoard,
        "Boards and bridges on USB",
        "plug the board in with a cable that carries data",
    ),
];

fn describe(device: &Device) -> Vec<String> {
    let name = device.backend().unwrap_or_else(|| device.node.display().to_string());
    let usb = device.usb.map_or(String::new(), |u| format!("  {:04x}:{:04x}", u.vendor, u.product));
    let boards = match device.boards().as_slice() {
        [] => String::new(),
        names => format!("  may be {}", names.join(" or ")),
    };
    let bridge = device.bridge.as_ref().map(|Bridge { chip, backend }| {
        let chip = chip.to_uppercase();
        format!(
            "    {backend:<22}{chip}, if its SPI lines are wired to a module (pcb-notes/README.md)"
        )
    });
    match &device.access {
        Access::Granted => {
            let line = format!("  {name:<24}usable{usb}{boards}");
            std::iter::once(line).chain(bridge).collect()
        }
        Access::Refused { cause, fix } => vec![
            format!("  {name:<24}not usable{usb}{boards}"),
            format!("    cause: {cause}"),
            format!("    fix: {fix}"),
        ],
    }
}

fn object(device: &Device) -> Value {
    let (usable, cause, fix) = match &device.access {
        Access::Granted => (true, None, None),
        Access::Refused { cause, fix } => (false, Some(cause), Some(fix)),
    };
    json!({
        "kind": device.kind.name(),
        "node": device.node.display().to_string(),
        "backend": device.backend(),
        "usb": device.usb.map(|u| format!("{:04x}:{:04x}", u.vendor, u.product)),
        "boards": device.boards(),
        "bridge": device.bridge.as_ref().map(|b| json!({ "chip": b.chip, "backend": b.backend })),
        "usable": usable,
        "cause": cause,
        "fix": fix,
    })
}

fn configurations() -> Vec<&'static str> {
    BUILTIN.iter().map(|(name, _)| *name).collect()
}

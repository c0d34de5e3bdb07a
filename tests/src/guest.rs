//! A virtual machine with a Linux kernel of its own, into which a simulated module is plugged by
//! USB: what `deku` says and learns there, through the kernel's USB, usbfs and libusb.

mod checks;
mod disk;
mod machine;
mod plugged;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::tools::{recorded, Tool};
use checks::{Steps, CHECKS};
use machine::Machine;
use plugged::Plugged;

/// Configuration of the module.
const CONFIG: &str = "up5k";
/// What is trained on it. It is emulated, so it must not be much.
const DATA: &str = "digits";
const OPTIONS: &str = "--columns 128 --epochs 1";
/// All that the machine may take, from its start to its end.
const LIMIT: Duration = Duration::from_secs(900);

/// What the machine is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The emulator.
    pub qemu: Tool,
    /// The kernel; beside it is the folder `modules`.
    pub linux: Tool,
    /// The programs of the system.
    pub busybox: Tool,
    /// What attaches a device.
    pub usbip: Tool,
    /// The program that is tested.
    pub deku: PathBuf,
}

impl Parts {
    /// Those that the set-up has recorded, and the `deku` beside this program.
    ///
    /// # Errors
    /// If one is missing, in words.
    pub fn recorded() -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|e| format!("where is this program: {e}"))?;
        let deku = program.with_file_name("deku");
        if !deku.exists() {
            return Err(format!("{} has not been built", deku.display()));
        }
        let tool =
            |name| recorded(name).ok_or_else(|| format!("no {name}; fix: cargo xtask usbip"));
        Ok(Self {
            qemu: tool("qemu-system-x86_64")?,
            linux: tool("linux")?,
            busybox: tool("busybox")?,
            usbip: tool("usbip")?,
            deku,
        })
    }
}

/// Starts the machine, and checks each of its steps; whether all were as they should.
///
/// # Errors
/// If the machine does not start or does not end, in words.
pub fn run(parts: &Parts) -> Result<bool, String> {
    let start = Instant::now();
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    println!("building the simulated module ({CONFIG})");
    let plugged = Plugged::start(CONFIG)?;
    println!("training the reference: deku train --data {DATA} {OPTIONS}");
    let expected = reference(parts, folder.path())?;
    println!("booting Linux {} in {}", parts.linux.version, parts.qemu.path.display());
    let initial = disk::make(parts, folder.path())?;
    let words =
        [("PORT", plugged.port().to_string()), ("DATA", DATA.into()), ("OPTIONS", OPTIONS.into())];
    let mut machine = Machine::start(parts, &initial, folder.path(), &words, LIMIT)?;
    let mut steps = Steps::new(expected);
    for check in &CHECKS {
        println!("  {:>4} s  {}", start.elapsed().as_secs(), check.title);
        let step = machine.step(check.name)?;
        match (check.passes)(&mut steps, &step) {
            Ok(note) if note.is_empty() => {}
            Ok(note) => println!("          {note}"),
            Err(why) => {
                println!("          WRONG: {why}\n{}", step.shown());
                steps.failed += 1;
            }
        }
    }
    machine.ends()?;
    let moved = plugged.ends_unplugged().map_err(|why| format!("USB/IP: {why}"))?;
    println!("  {moved} bytes went over USB while it was plugged in for the first time");
    let (passed, all) = (CHECKS.len() - steps.failed, CHECKS.len());
    println!("{passed} of {all} steps as they should be, {} s", start.elapsed().as_secs());
    Ok(passed == all)
}

/// The model that this computer makes.
fn reference(parts: &Parts, folder: &Path) -> Result<Vec<u8>, String> {
    let file = folder.join("reference");
    let mut command = std::process::Command::new(&parts.deku);
    command.args(["train", "--data", DATA, "--backend", "ref", "--quiet", "--json", "--out"]);
    let output = command.arg(&file).args(OPTIONS.split(' ')).output();
    let output = output.map_err(|e| format!("cannot run {}: {e}", parts.deku.display()))?;
    if !output.status.success() {
        return Err(format!("the reference: {}", String::from_utf8_lossy(&output.stdout)));
    }
    std::fs::read(&file).map_err(|e| format!("the reference made no model: {e}"))
}

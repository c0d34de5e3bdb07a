//! `cargo xtask usbip`: `deku` in a virtual machine, into which a module behind an FTDI chip is
//! plugged by USB/IP.
//!
//! Chip and module are simulated on this computer. Everything between them and `deku` is what it
//! is with a real one: libusb, usbfs, the kernel's USB and its own driver of the chip.

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::setup::{self, Need};
use crate::shell::{cargo, run_attached};

/// Builds `deku` and the program `usbip` of `deku-tests`, which tests it.
pub fn run(project: &Project) -> Result<()> {
    setup::ensure(project, &[Need::Simulate, Need::Guest])?;
    // In two steps: built together, `deku` would have what the tests ask of its libraries.
    let mut build = cargo(project.root());
    run_attached(build.args(["build", "--quiet", "--release", "-p", "deku-cli", "--bin", "deku"]))?;
    let mut command = cargo(project.root());
    command.args(["run", "--quiet", "--release", "-p", "deku-tests", "--bin", "usbip"]);
    command.env("DEKU_TOOLS_JSON", project.tools_json());
    run_attached(&mut command).context("deku does not do over USB what it should")
}

//! Icarus Verilog, the simulator that knows unknown values.

use anyhow::{Context as _, Result};

use super::compiler::found;
use super::record::Tools;
use super::site::Site;
use crate::shell::which;

/// Records `iverilog`, installing it where that is allowed.
pub fn ensure(site: &Site, tools: &mut Tools) -> Result<()> {
    if tools.get("iverilog").is_some() {
        return Ok(());
    }
    if which("iverilog").is_none() {
        site.install(&["iverilog"]).context("no Icarus Verilog, which looks for unknown values")?;
    }
    let path = which("iverilog").context("iverilog is still missing after its installation")?;
    tools.set("iverilog", found(path, "-V"));
    Ok(())
}

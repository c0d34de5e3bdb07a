//! `deku generate`: the Verilog of a configuration.

use std::path::PathBuf;

use deku_rtlgen::config::ModuleConfig;
use serde_json::json;

use crate::error::Result;
use crate::hardware::write_verilog;
use crate::output::Output;

/// Write the Verilog of a configuration.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name of `deku configs`, or a .toml file
    configuration: String,
    /// Folder that gets hdl/NAME and hdl/primitives
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let configuration = ModuleConfig::load(&args.configuration)?;
    let (files, lines) = write_verilog(&configuration, &args.out)?;
    let folder = args.out.join("hdl").join(&configuration.name);
    output
        .say(format!("{files} files, {lines} lines; top module deku_top in {}", folder.display()));
    output.summary(
        "generate",
        json!({
            "configuration": configuration.name,
            "configuration_hash": format!("{:08x}", configuration.hash()),
            "files": files,
            "lines": lines,
        }),
    );
    Ok(())
}

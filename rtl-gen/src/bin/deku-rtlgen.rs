//! Writes the Verilog of a Deku module.

use clap::{Parser, Subcommand};
use deku_rtlgen::config::{ModuleConfig, BUILTIN};
use deku_rtlgen::generate::{all_files, generate, write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Generates the Verilog of Deku modules.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that is committed: hdl/ of all built-in configurations and docs/registers.md
    Regen {
        /// Root of the repository, or any folder
        #[arg(long)]
        out: PathBuf,
    },
    /// One configuration
    Generate {
        /// Name of a built-in configuration, or a .toml file
        #[arg(long)]
        config: String,
        /// Folder for hdl/<name>, hdl/primitives and docs/registers.md
        #[arg(long)]
        out: PathBuf,
    },
    /// Names of the built-in configurations
    Configs,
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Regen { out } => {
            let configs = BUILTIN.iter().map(|(name, _)| ModuleConfig::builtin(name));
            write(&out, &all_files(&configs.collect::<Result<Vec<_>, _>>()?))?;
        }
        Command::Generate { config, out } => {
            let config = ModuleConfig::load(&config)?;
            let files = generate(&config).len();
            write(&out, &all_files(std::slice::from_ref(&config)))?;
            println!(
                "{}: {files} files in {}",
                config.name,
                out.join("hdl").join(&config.name).display()
            );
        }
        Command::Configs => BUILTIN.iter().for_each(|(name, _)| println!("{name}")),
    }
    Ok(())
}

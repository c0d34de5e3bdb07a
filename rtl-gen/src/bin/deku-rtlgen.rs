//! Writes the Verilog of a Deku module.

use clap::{Parser, Subcommand};
use deku_rtlgen::config::{Fabric, ModuleConfig, BUILTIN};
use deku_rtlgen::generate::{all_files, committed, generate, write};
use deku_rtlgen::{board, synth};
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
    /// Everything that is committed: hdl/ of all built-in configurations and boards, docs/registers.md, docs/boards.md, pcb-notes/wiring/
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
    /// The sources and the script that synthesise a module alone, in one folder
    Synth {
        /// Name of a built-in configuration, or a .toml file
        #[arg(long)]
        config: String,
        /// Whose primitives and script; by default the configuration's own
        #[arg(long)]
        fabric: Option<Fabric>,
        /// How much timing weighs in placement; by default as much as for the family
        #[arg(long, value_name = "N")]
        timing_weight: Option<u32>,
        /// Folder for them
        #[arg(long)]
        out: PathBuf,
    },
    /// Names of the built-in configurations
    Configs,
    /// Names of the built-in boards
    Boards,
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
            write(&out, &committed()?)?;
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
        Command::Synth { config, fabric, timing_weight, out } => {
            let config = ModuleConfig::load(&config)?;
            let files = synth::module(&config, fabric.unwrap_or(config.fabric), timing_weight);
            let files: Vec<_> = files.into_iter().map(|(n, t)| (PathBuf::from(n), t)).collect();
            write(&out, &files)?;
        }
        Command::Boards => board::BUILTIN.iter().for_each(|(name, _)| println!("{name}")),
        Command::Configs => BUILTIN.iter().for_each(|(name, _)| println!("{name}")),
    }
    Ok(())
}

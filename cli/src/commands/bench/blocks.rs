//! Blocks alone: area, and clock between registers.

use std::path::PathBuf;

use deku_rtlgen::config::ModuleConfig;
use serde_json::json;

use super::folder;
use crate::bench::{commit, fingerprint, Block, BlockRecord, Blocks, Plan, Seed, BLOCKS_VERSION};
use crate::build::{folder_in, BlockBuild};
use crate::error::Result;
use crate::output::Output;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only those whose name contains this (may be repeated)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Place with the seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    seeds: u32,
    /// Measure again what is measured
    #[arg(long)]
    again: bool,
    /// The folder of benchmarks.md and bench/, where plan.toml is and blocks.json goes
    #[arg(long, value_name = "DIR", default_value = "docs")]
    folder: PathBuf,
    /// Folder for everything that is made, a folder each
    #[arg(long, value_name = "DIR", default_value = "deku-build")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let bench = args.folder.join("bench");
    let plan = Plan::read(&bench.join("plan.toml"))?;
    let path = bench.join("blocks.json");
    let before = if path.is_file() { folder::read::<Blocks>(&path)?.blocks } else { Vec::new() };
    let mut blocks = before;
    blocks.retain(|known| plan.blocks.iter().any(|planned| planned.name == known.name));
    let mut measured = 0;
    for planned in plan.blocks.iter().filter(|b| args.wants(b)) {
        let build = build(args, planned)?;
        let sources = sources(&build);
        let known = blocks.iter().position(|b| b.name == planned.name);
        if !args.again && known.is_some_and(|n| blocks[n].sources == sources) {
            continue;
        }
        let record = measure(args, planned, &build, sources, output)?;
        match known {
            Some(n) => blocks[n] = record,
            None => blocks.push(record),
        }
        measured += 1;
        // Each at once: what comes after it may fail.
        blocks.sort_by_key(|b| plan.blocks.iter().position(|planned| planned.name == b.name));
        let all = Blocks { version: BLOCKS_VERSION, commit: commit(), blocks: blocks.clone() };
        folder::write(&bench, "blocks", &all)?;
    }
    let count = blocks.len();
    output.say(format!("{measured} of {count} blocks measured, {}", path.display()));
    output.summary("bench blocks", json!({ "blocks": count, "measured": measured }));
    Ok(())
}

impl Args {
    fn wants(&self, block: &Block) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| block.name.contains(part))
    }
}

fn build(args: &Args, block: &Block) -> Result<BlockBuild> {
    let mut config = ModuleConfig::load(&block.configuration)?;
    config.mac_pairs = block.mac_pairs.unwrap_or(config.mac_pairs);
    let folder = folder_in(&args.out, &block.name);
    BlockBuild::plan(&config, block.fabric, &block.module, folder)
}

fn sources(build: &BlockBuild) -> String {
    fingerprint::of_texts(build.files().iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

fn measure(
    args: &Args,
    block: &Block,
    build: &BlockBuild,
    sources: String,
    output: Output,
) -> Result<BlockRecord> {
    let mut progress = output.progress(&block.name, u64::from(args.seeds) + 1);
    let area = build.area(&mut progress)?;
    let mut seeds = Vec::new();
    if build.fits(&area) {
        build.synthesise(&mut progress)?;
        for seed in 1..=args.seeds {
            let mhz = build.place(seed, &mut progress)?;
            seeds.push(Seed { seed, fmax_mhz: (100.0 * mhz).round() / 100.0 });
        }
    }
    drop(progress);
    let record = BlockRecord {
        name: block.name.clone(),
        sources,
        chip: build.chip(),
        luts: area.netlist.luts,
        ffs: area.netlist.ffs,
        logic_cells: area.logic_cells,
        dsps: area.dsps,
        seeds,
    };
    let clocks = record.clocks();
    let clocks = clocks.map_or(String::new(), |(a, b)| format!(", {a:.1} MHz, median {b:.1}"));
    output.say(format!("{}: {} cells{clocks}", record.name, record.logic_cells));
    Ok(record)
}

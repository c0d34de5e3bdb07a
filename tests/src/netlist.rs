//! The netlist of a configuration in simulation, with the cell models of the tool that made it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use deku_ref::{
    Capacity, LayerConfig, Module as _, NetworkConfig, Phases, TrainConfig, Xorshift32,
};
use deku_sim::{Build, Program, SimOptions};
use serde_json::Value;

use crate::case::{below, KINDS};
use crate::trial::{Seen, Trial};
use crate::{bench, lockstep};

/// The file that yosys writes with `write_verilog`.
pub const VERILOG: &str = "netlist.v";
/// The same as JSON, for counting.
pub const JSON: &str = "netlist.json";

/// A synthesised configuration.
pub struct Netlist {
    /// The configuration.
    pub name: String,
    /// The folder with [`VERILOG`] and [`JSON`].
    pub folder: PathBuf,
    /// The cell models of the fabric.
    pub cells: PathBuf,
}

impl Netlist {
    /// What simulates it.
    #[must_use]
    pub fn build(&self) -> Build {
        Build::new("deku_top")
            .source(self.folder.join(VERILOG))
            .source(&self.cells)
            // Default values of ports are no Verilog-2005; the netlist connects every port.
            .argument("-DNO_ICE40_DEFAULT_ASSIGNMENTS")
            // One function of all logic takes the compiler much longer than many.
            .argument("--output-split")
            .argument("20000")
            .quickly()
    }

    /// Runs `trials` networks of `examples` examples each in lockstep with the reference;
    /// `progress` hears how many are done. The result is how often each kind of example ran.
    ///
    /// # Errors
    /// The first difference, or a kind of example that never ran.
    pub fn lockstep(
        &self,
        program: &Program,
        trials: u32,
        examples: usize,
        mut progress: impl FnMut(u32),
    ) -> Result<Seen, String> {
        let name = self.name.as_str();
        let mut seen = [0; KINDS];
        for seed in 1..=trials {
            let slowest_hz = 24_000_000;
            let trial = Trial { hdl: None, name, seed, examples, slowest_hz };
            let more = trial.run(program)?;
            seen.iter_mut().zip(more).for_each(|(sum, n)| *sum += n);
            progress(seed);
        }
        if seen.contains(&0) {
            return Err(format!("not every kind of example was executed: {seen:?}"));
        }
        Ok(seen)
    }

    /// Fills the whole latent memory with random values, reads it back and compares. The result is
    /// how many latents there are.
    ///
    /// # Errors
    /// The first latent that is another one, or what the module complained about.
    pub fn memory(&self, program: &Program) -> Result<usize, String> {
        let network = filling(&bench::config(&self.name).capacity())?;
        let LayerConfig { inputs, columns, .. } = network.layers()[0];
        let mut random = Xorshift32::derived(1);
        let mut latents = vec![0; inputs * columns];
        latents.fill_with(|| below(&mut random, LATENTS) as u8);
        let mut back = vec![0; latents.len()];
        let (_sim, mut deku) = bench::connect(program, SimOptions::quick());
        deku.configure(&network, &TRAINING).map_err(|e| e.to_string())?;
        deku.load_weights(0, &latents).map_err(|e| e.to_string())?;
        deku.read_weights(0, &mut back).map_err(|e| e.to_string())?;
        lockstep::same_latents(0, columns, &latents, &back)?;
        Ok(latents.len())
    }

    /// Cells of each block of the design in `hdl`: those that drive a signal of it or of what is in
    /// it. Of a signal that crosses a border only the outer name is left, so a block may have
    /// none; its cells are then its share of those that come from the file of its module.
    ///
    /// # Errors
    /// Blocks without a cell, and files that cannot be read.
    pub fn cells_per_block(&self, hdl: &Path) -> Result<BTreeMap<String, usize>, String> {
        let path = self.folder.join(JSON);
        let json: Value = serde_json::from_str(&read(&path)?)
            .map_err(|e| format!("{} is not JSON: {e}", path.display()))?;
        let module = &json["modules"]["deku_top"];
        let drivers = drivers(module);
        let folders = [hdl.join(&self.name), hdl.join("primitives")];
        let blocks = blocks(&instances(&folders)?, "deku_top", "");
        let count = |(path, kind): &(String, String)| {
            let share = from_file(kind, module) / blocks.iter().filter(|(_, k)| k == kind).count();
            (path.clone(), cells_of(path, module, &drivers).len().max(share))
        };
        let counts: BTreeMap<String, usize> = blocks.iter().map(count).collect();
        let empty: Vec<&str> =
            counts.iter().filter(|(_, n)| **n == 0).map(|(b, _)| b.as_str()).collect();
        if counts.is_empty() || !empty.is_empty() {
            return Err(format!("blocks without a cell: {}", empty.join(", ")));
        }
        Ok(counts)
    }
}

/// Values of a latent.
const LATENTS: usize = 192;

/// Nothing is learned while the memory is tried.
const TRAINING: TrainConfig = TrainConfig { temperature: 0, theta: 0, first_shift: 4, seed: 1 };

/// A network of one layer that needs every latent there is.
fn filling(capacity: &Capacity) -> Result<NetworkConfig, String> {
    let whole = |stride: &usize| capacity.words % stride == 0;
    for stride in (1..=capacity.code_words).filter(whole) {
        let (inputs, columns) = (capacity.words / stride, 32 * stride);
        let layer = LayerConfig { inputs, columns, shift: 4 };
        let network = NetworkConfig::new(&[layer], 2).and_then(|n| n.with_phases(Phases::SINGLE));
        if let Some(network) = network.ok().filter(|n| n.placement(capacity).is_ok()) {
            return Ok(network);
        }
    }
    Err(format!("no network of one layer fills {} words", capacity.words))
}

/// Name of the cell that drives each net.
type Drivers<'a> = BTreeMap<u64, &'a str>;

fn drivers(module: &Value) -> Drivers<'_> {
    let mut found = Drivers::new();
    for (name, cell) in module["cells"].as_object().into_iter().flatten() {
        for (port, direction) in cell["port_directions"].as_object().into_iter().flatten() {
            if direction == "output" {
                let bits = cell["connections"][port].as_array().into_iter().flatten();
                found.extend(bits.filter_map(Value::as_u64).map(|bit| (bit, name.as_str())));
            }
        }
    }
    found
}

/// The cells that drive a signal of a block which is no input of it: those end in `_i`.
fn cells_of<'a>(block: &str, module: &Value, drivers: &Drivers<'a>) -> BTreeSet<&'a str> {
    let inside = format!("{block}.");
    let nets = module["netnames"].as_object().into_iter().flatten();
    let nets = nets.filter(|(name, _)| name.starts_with(&inside) && !name.ends_with("_i"));
    let bits = nets.flat_map(|(_, net)| net["bits"].as_array().into_iter().flatten());
    bits.filter_map(|bit| drivers.get(&bit.as_u64()?).copied()).collect()
}

/// How many cells say that they come from the file of a module: those that are no tables.
fn from_file(kind: &str, module: &Value) -> usize {
    let file = format!("{kind}.v:");
    let cells = module["cells"].as_object().into_iter().flatten();
    let source = |cell: &Value| cell["attributes"]["src"].as_str().map(str::to_owned);
    cells.filter_map(|(_, cell)| source(cell)).filter(|s| s.starts_with(&file)).count()
}

/// Module and name of each instance, by the module it is in.
type Instances = BTreeMap<String, Vec<(String, String)>>;

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn instances(folders: &[PathBuf]) -> Result<Instances, String> {
    let mut found = Instances::new();
    for folder in folders {
        let told = |e| format!("cannot read {}: {e}", folder.display());
        for entry in std::fs::read_dir(folder).map_err(told)? {
            let path = entry.map_err(told)?.path();
            if path.extension().is_some_and(|e| e == "v") {
                let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.insert(module, in_module(&read(&path)?));
            }
        }
    }
    Ok(found)
}

/// The instances in a file: `deku_x u_y (`, or `deku_x #(` and later `) u_y (`.
fn in_module(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut module = None;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first.starts_with("deku_") {
            module = Some(first.to_owned());
        }
        let name = words.next().filter(|word| word.starts_with("u_"));
        if let (true, Some(name), Some(module)) =
            (first == ")" || first.starts_with("deku_"), name, &module)
        {
            found.push((module.clone(), name.to_owned()));
        }
    }
    found
}

/// The paths of all blocks below a module, and the modules they are made from.
fn blocks(instances: &Instances, module: &str, path: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (inner, name) in instances.get(module).into_iter().flatten() {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        found.extend(blocks(instances, inner, &below));
        found.push((below, inner.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_found_with_and_without_parameters() {
        let text = "  deku_a u_x (\n  ) ;\n  deku_ram #(\n    .W (1)\n  ) u_mem (\n  deku_sync u_s (.d_i(x));\n";
        let found = in_module(text);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found,
            [pair("deku_a", "u_x"), pair("deku_ram", "u_mem"), pair("deku_sync", "u_s")]
        );
    }

    #[test]
    fn blocks_of_blocks_are_found() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let all = Instances::from([
            ("top".into(), vec![pair("a", "u_1"), pair("a", "u_2")]),
            ("a".into(), vec![pair("b", "u_b")]),
        ]);
        let paths: Vec<String> =
            blocks(&all, "top", "").into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["u_1.u_b", "u_1", "u_2.u_b", "u_2"]);
    }

    #[test]
    fn cells_are_counted_by_what_they_drive() {
        let cell = |bit: u64| {
            serde_json::json!({
                "port_directions": {"O": "output", "I": "input"},
                "connections": {"O": [bit], "I": [4]},
            })
        };
        let module = serde_json::json!({
            "cells": {"one": cell(2), "two": cell(3)},
            "netnames": {
                "u_a.x_o": {"bits": [2, "0"]},
                "u_a.y_i": {"bits": [3]},
                "u_b.z_i": {"bits": [3]},
                "u_b.w_o": {"bits": ["1", 4]},
            },
        });
        let of = |block| cells_of(block, &module, &drivers(&module)).len();
        assert_eq!((of("u_a"), of("u_b")), (1, 0));
    }
}

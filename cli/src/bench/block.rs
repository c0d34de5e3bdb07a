//! What blocks of the module take that are placed alone.

use serde::{Deserialize, Serialize};

use super::board::Seed;

/// Version of the file.
pub const BLOCKS_VERSION: u32 = 1;

/// All of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// Version of this format.
    pub version: u32,
    /// Commit of the sources.
    pub commit: String,
    /// A record each.
    pub blocks: Vec<BlockRecord>,
}

/// A block that was synthesised alone, and placed between registers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockRecord {
    /// As in the plan.
    pub name: String,
    /// Fingerprint of its sources and scripts.
    pub sources: String,
    /// The FPGA it was placed on.
    pub chip: String,
    /// Look-up tables of its netlist, those of carry chains included.
    pub luts: u64,
    /// Flip-flops of its netlist.
    pub ffs: u64,
    /// Logic cells of the packed block (iCE40); elsewhere as `luts`.
    pub logic_cells: u64,
    /// MAC primitives of its netlist.
    pub dsps: u64,
    /// Clock with each seed; none if it does not fit the FPGA alone.
    pub seeds: Vec<Seed>,
}

impl BlockRecord {
    /// Slowest and median clock, MHz.
    #[must_use]
    pub fn clocks(&self) -> Option<(f64, f64)> {
        let mut all: Vec<f64> = self.seeds.iter().map(|s| s.fmax_mhz).collect();
        all.sort_by(f64::total_cmp);
        Some((*all.first()?, all[(all.len() - 1) / 2]))
    }
}

//! The weight memory of a simulated module, past its link.

use deku_ref::wire::latents::{unpack, COLUMNS, WORD_BYTES};
use deku_sim::{Backdoor, Simulator, Variable};

use crate::error::{Error, Result};

/// Bytes of one plane of a word.
const PLANE_BYTES: usize = WORD_BYTES / 4;

/// The planes of every slice: word n is entry `n / slices` of slice `n % slices`.
pub struct WeightMemory {
    backdoor: Backdoor,
    slices: Vec<[Variable; 4]>,
}

impl WeightMemory {
    /// Finds the memories `plane0_q` to `plane3_q` of each of so many slices.
    pub fn find(simulator: &Simulator, slices: usize) -> Result<Self> {
        let backdoor = simulator.backdoor()?;
        let planes = [0, 1, 2, 3].map(|n| {
            let name = format!("plane{n}_q");
            let mut all: Vec<Variable> =
                backdoor.list().iter().filter(|v| v.name == name).cloned().collect();
            all.sort_by(|a, b| a.scope.cmp(&b.scope));
            all
        });
        if planes.iter().any(|p| p.len() != slices) {
            return Err(Error::backend("verify/backdoor", format!("the simulation does not show the planes of {slices} weight memories"))
                .cause("the Verilog lacks `verilator public_flat_rw` at plane0_q to plane3_q of deku_weight_ram")
                .fix("generate the Verilog again, or leave out --hdl"));
        }
        let slice = |n: usize| [0, 1, 2, 3].map(|p| planes[p][n].clone());
        Ok(Self { slices: (0..slices).map(slice).collect(), backdoor })
    }

    /// The latents of words 0..`count`, 32 each.
    pub fn read(&self, count: usize) -> Result<Vec<[u8; COLUMNS]>> {
        let slices = self.slices.len();
        let mut words = vec![[0; WORD_BYTES]; count.next_multiple_of(slices)];
        for (slice, planes) in self.slices.iter().enumerate() {
            for (plane, variable) in planes.iter().enumerate() {
                let entries = self.backdoor.read(variable, 0, count.div_ceil(slices) as u32)?;
                for (n, entry) in entries.into_iter().enumerate() {
                    let at = plane * PLANE_BYTES;
                    words[n * slices + slice][at..at + PLANE_BYTES]
                        .copy_from_slice(&entry.to_be_bytes());
                }
            }
        }
        Ok(words[..count].iter().map(unpack).collect())
    }
}

//! A rate at which everything must go well, only slower.

use deku_cli::bench::{NoiseRow, Stretch};
use deku_driver::{Deku, LinkStats};
use deku_sim::{FaultPlan, Program, SimOptions, Simulator, Stats};

use super::Bus;
use crate::streamed::Stream;
use crate::{bench, lockstep};

/// What is tried.
pub struct Trial<'a> {
    /// The simulated module.
    pub program: &'a Program,
    /// What it learns.
    pub stream: &'a Stream,
    /// For the back door to its weights.
    pub slices: usize,
}

impl Trial<'_> {
    /// Loads and streams `samples` examples over a bad cable, the others over a good one, and
    /// compares everything with the reference.
    pub fn run(&self, samples: usize, faults: &FaultPlan) -> Result<NoiseRow, String> {
        let told = |e: deku_driver::Error<_>| e.to_string();
        let (sim, mut deku) = bench::connect(self.program, SimOptions::default());
        let set = |plan: &FaultPlan| sim.set_faults(plan).map_err(|e| e.to_string());
        set(faults)?;
        lockstep::load(&mut deku, &self.stream.case).map_err(told)?;
        deku.set_format(self.stream.format).map_err(told)?;
        let (first, mut results) = (now(&sim, &deku)?, Vec::new());
        self.stream.stream_part(&mut deku, 0..samples, &mut results).map_err(told)?;
        let second = now(&sim, &deku)?;
        set(&FaultPlan::none())?;
        self.stream.stream_from(&mut deku, samples, &mut results).map_err(told)?;
        let third = now(&sim, &deku)?;
        self.stream.compare(&sim, &mut deku, self.slices, &results)?;
        let link = deku.stats();
        let flipped = second.stats.injected;
        Ok(NoiseRow {
            bit_error_rate: faults.mosi_bit,
            flipped_to_module: flipped.mosi_bits,
            flipped_to_host: flipped.miso_bits,
            noisy: between(&first, &second),
            clean: between(&second, &third),
            damaged: link.damaged,
            unanswered: link.unanswered,
            rewinds: link.rewinds,
            resets: link.resets,
        })
    }
}

/// A moment.
struct Now {
    stats: Stats,
    link: LinkStats,
}

fn now(sim: &Simulator, deku: &Deku<Bus>) -> Result<Now, String> {
    let stats = sim.stats().map_err(|e| e.to_string())?;
    Ok(Now { stats, link: *deku.stats() })
}

fn between(first: &Now, second: &Now) -> Stretch {
    Stretch {
        elapsed_ps: second.stats.now_ps - first.stats.now_ps,
        frames: second.link.frames - first.link.frames,
        bytes: second.link.bytes - first.link.bytes,
    }
}

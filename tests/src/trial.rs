//! One random network on one configuration, in lockstep; what differs is recorded as a waveform.

use std::path::Path;

use deku_driver::{Deku, SpiTransport};
use deku_ref::sample::Format;
use deku_ref::Xorshift32;
use deku_sim::{Program, SckPhase, SimOptions, Simulator};

use crate::case::{below, Case, KINDS};
use crate::lockstep::{self, Difference};
use crate::streamed::Software;
use crate::{bench, lockstep::load};

/// An SPI clock that is slow compared with the system clock.
pub const SLOW: u64 = 1_000_000;

/// What is tried; everything random follows from `seed`.
pub struct Trial<'a> {
    /// The Verilog, to build the module once more when there is something to record; or no waveform.
    pub hdl: Option<&'a Path>,
    /// The configuration.
    pub name: &'a str,
    /// Seed of network, contents, examples, format and clocks.
    pub seed: u32,
    /// Examples.
    pub examples: usize,
    /// The slowest SPI clock; what is slow takes long to simulate.
    pub slowest_hz: u64,
}

/// How many examples of each kind were executed.
pub type Seen = [usize; KINDS];

/// A difference and when it was found.
struct Found {
    difference: Difference,
    network: String,
    cycle: u64,
}

impl Trial<'_> {
    /// Runs it; after a difference once more, with a waveform of the example that differs.
    ///
    /// # Errors
    /// The first difference: example, layer, input, column, both values, cycle, waveform.
    pub fn run(&self, program: &Program) -> Result<Seen, String> {
        let found = match self.attempt(program, None) {
            Ok(seen) => return Ok(seen),
            Err(found) => *found,
        };
        let Found { difference: Difference { example, what }, network, cycle } = found;
        let label = format!("{}-{}", self.name, self.seed);
        let waveform = self.hdl.map_or_else(String::new, |hdl| {
            bench::waveform(hdl, self.name, &label, |program, path| {
                let _ = self.attempt(program, Some((example, path)));
            })
        });
        let (name, seed) = (self.name, self.seed);
        Err(format!(
            "{name}, seed {seed}, example {example}, cycle {cycle}: {what}\n{network}\n{waveform}"
        ))
    }

    fn attempt(
        &self,
        program: &Program,
        record: Option<(usize, &Path)>,
    ) -> Result<Seen, Box<Found>> {
        let mut random = Xorshift32::derived(self.seed);
        random.skip(16);
        let case = Case::draw(&mut random, &bench::config(self.name).capacity());
        // The system clock is at least 1.25 x SCK.
        let options = SimOptions {
            sck_hz: self.slowest_hz + u64::from(random.next()) % (38_400_000 - self.slowest_hz),
            sck_phase: SckPhase::Random,
            seed: u64::from(random.next()),
            ..SimOptions::quick()
        };
        let formats = [Format::Raw, Format::PackedSigned, Format::IndexList];
        let format = formats[below(&mut random, formats.len())];
        let (sim, mut deku) = bench::connect(program, options);
        let started = start(&mut deku, &case, format);
        let compared = started.and_then(|mut reference| {
            let before = |n| {
                if let Some((_, path)) = record.filter(|(first, _)| *first == n) {
                    let _ = sim.trace_on(path);
                }
            };
            let modules = (&mut reference, &mut deku);
            lockstep::run(modules, &case, &mut random, self.examples, before)
        });
        compared.map_err(|difference| {
            let network = format!("{:?}", case.network);
            Box::new(Found { difference, network, cycle: cycle(&sim) })
        })
    }
}

/// Prepares the module, and makes the reference.
fn start(
    deku: &mut Deku<SpiTransport<deku_sim::SimSpi>>,
    case: &Case,
    format: Format,
) -> Result<Software, Difference> {
    let failed = |what: String| Difference { example: 0, what };
    load(deku, case).map_err(|e| failed(e.to_string()))?;
    deku.set_format(format).map_err(|e| failed(e.to_string()))?;
    Software::new(&case.network, &case.training).map_err(|e| failed(e.to_string()))
}

fn cycle(sim: &Simulator) -> u64 {
    sim.stats().map_or(0, |stats| stats.cycles)
}

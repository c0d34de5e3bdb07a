//! A module behind a cable that flips bits, on both lines: what is learned must be what the
//! reference learns, whatever it takes; where nothing gets through, an error must say so soon, and
//! the module must be usable when the cable is good again.

mod hopeless;
mod images;
mod noisy;

use deku_cli::bench::{noise_table, NoiseRecord, Timing, NOISE_VERSION};
use deku_driver::SpiTransport;
use deku_ref::wire::record;
use deku_sim::{FaultPlan, SimOptions, SimSpi};

use crate::bench;

/// What is tried.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Configuration of the module.
    pub config: String,
    /// Samples at each rate.
    pub samples: usize,
    /// Bit-error rates at which everything must go well; 0 among them gives what to compare with.
    pub rates: Vec<f64>,
    /// The rate at which nothing gets through.
    pub hopeless: f64,
    /// Of images and faults.
    pub seed: u32,
}

impl Default for Campaign {
    fn default() -> Self {
        Self {
            config: "up5k".into(),
            samples: 10_000,
            rates: vec![0.0, 1e-6, 1e-5, 1e-4],
            hopeless: 1e-2,
            seed: 1,
        }
    }
}

impl Campaign {
    /// Tries everything; `command` and `commit` are only written down.
    ///
    /// # Errors
    /// What went wrong, with the rate at which it did.
    pub fn run(&self, command: String, commit: String) -> Result<NoiseRecord, String> {
        let program = bench::program(&self.config);
        let config = bench::config(&self.config);
        // A good cable brings the driver back to long frames: shown with a tenth more.
        let after = (self.samples / 10).max(20);
        let stream = images::stream(&config.capacity(), self.samples + after, self.seed);
        let slices = config.slices as usize;
        let mut rows = Vec::new();
        for &rate in &self.rates {
            let trial = noisy::Trial { program: &program, stream: &stream, slices };
            let row = trial.run(self.samples, &flips(rate, self.seed));
            let row = row.map_err(|what| format!("bit-error rate {rate:e}: {what}"))?;
            println!("{}", noise_table::row(&row, self.samples as u64));
            rows.push(row);
        }
        let trial = hopeless::Trial { program: &program, stream: &stream, slices };
        let given_up = trial.run(&flips(self.hopeless, self.seed));
        let given_up =
            given_up.map_err(|what| format!("bit-error rate {:e}: {what}", self.hopeless))?;
        let network = &stream.case.network;
        let bytes: usize = stream.examples[..self.samples]
            .iter()
            .map(|e| record::len(&e.get(), stream.format, network.record_inputs()))
            .sum();
        let options = SimOptions::default();
        Ok(NoiseRecord {
            version: NOISE_VERSION,
            command,
            commit,
            configuration: self.config.clone(),
            configuration_hash: format!("{:08x}", config.hash()),
            network: network.to_string(),
            format: stream.format.to_string(),
            samples: self.samples as u64,
            clean_samples: after as u64,
            record_bytes: bytes as u64,
            timing: Timing::of(&options),
            rows,
            hopeless_rate: self.hopeless,
            given_up,
        })
    }
}

/// Bits flipped on both lines.
fn flips(rate: f64, seed: u32) -> FaultPlan {
    FaultPlan { seed: seed.into(), mosi_bit: rate, miso_bit: rate, ..FaultPlan::none() }
}

/// The driver's transport.
type Bus = SpiTransport<SimSpi>;

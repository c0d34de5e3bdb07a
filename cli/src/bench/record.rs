//! What a measurement leaves behind: one JSON file, raw numbers only.

use deku_driver::LONGEST_FRAME;
use deku_sim::SimOptions;
use serde::{Deserialize, Serialize};

/// Version of the files.
pub const VERSION: u32 = 1;

/// One measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of this format.
    pub version: u32,
    /// How to measure it again; `DIR` stands for the folder of the data.
    pub command: String,
    /// Commit of the sources.
    pub commit: String,
    /// Configuration of the module.
    pub configuration: String,
    /// Its hash.
    pub configuration_hash: String,
    /// User seed.
    pub seed: u32,
    /// Network, as text.
    pub network: String,
    /// Scale S of each layer.
    pub shifts: Vec<u8>,
    /// Temperature k of the rival's draw, tau = 2^k.
    pub temperature: u8,
    /// First rate shift.
    pub first_shift: u8,
    /// Share of the columns that a class owns, in 256ths; masks are drawn per column.
    pub mask_share: u16,
    /// Kind of data.
    pub data: String,
    /// Samples of a whole epoch; fewer were measured if `--samples` is part of the command.
    pub epoch: u64,
    /// Fingerprint of the samples.
    pub data_hash: String,
    /// Sample format on the link.
    pub format: String,
    /// Words accumulated per clock cycle.
    pub slices: u32,
    /// Clocks.
    pub timing: Timing,
    /// What was to be done, counted by the reference.
    pub work: Work,
    /// The same, counted by the Python oracle from the data set (tests/oracle/port_minimum.py).
    #[serde(default)]
    pub oracle: Option<Accesses>,
    /// What it took.
    pub cost: Option<Cost>,
    /// What the driver costs the host, on the machine of the measurement.
    #[serde(default)]
    pub driver: Option<DriverCost>,
    /// Samples per second of the reference, on one core of the machine of the measurement.
    pub reference_samples_per_second: f64,
}

/// Clocks and gaps of the simulated link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// System clock.
    pub clk_hz: u64,
    /// SPI clock.
    pub sck_hz: u64,
    /// SCK periods per byte, the pause between bytes included.
    pub sck_per_byte: u32,
    /// Chip select high between frames.
    pub gap_ns: u64,
    /// Longest frame.
    pub max_frame: usize,
}

/// What the samples ask for, whoever does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Samples.
    pub samples: u64,
    /// Samples that updated a layer.
    pub updated: u64,
    /// Non-zero inputs of all layers.
    pub rows: u64,
    /// Words of 32 columns that a forward pass needs: rows x words of a row.
    pub forward_words: u64,
    /// Words that an update needs: rows x words with a factor that is not 0.
    pub update_words: u64,
    /// Bytes of all records.
    pub record_bytes: u64,
}

/// Accesses of the weight port, by the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accesses {
    /// Of forward passes: one per non-zero row and word.
    pub forward: u64,
    /// Of updates: eight per non-zero row and word with a factor.
    pub update: u64,
}

/// What the simulation counted while the samples were streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Clock cycles of forward passes.
    pub forward_cycles: u64,
    /// Clock cycles of updates.
    pub update_cycles: u64,
    /// Clock cycles of an engine that is neither idle nor in a pass.
    pub overhead_cycles: u64,
    /// Clock cycles without anything to do.
    pub idle_cycles: u64,
    /// Simulated time.
    pub elapsed_ps: u64,
    /// Bytes on the link, each way.
    pub link_bytes: u64,
    /// Frames.
    pub link_frames: u64,
}

/// What the driver alone took for all samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverCost {
    /// Processor time of one core: the fastest of five runs.
    pub cpu_ns: u64,
    /// Frames.
    pub frames: u64,
    /// Bytes of all frames, each way.
    pub bytes: u64,
}

/// Accesses of the weight port per word and update: four planes read, four written.
const UPDATE_ACCESSES: u64 = 8;

impl Record {
    /// Accesses of the weight port that the samples need at least.
    #[must_use]
    pub fn accesses(&self) -> Accesses {
        Accesses {
            forward: self.work.forward_words,
            update: UPDATE_ACCESSES * self.work.update_words,
        }
    }

    /// Cycles per sample that the weight port needs at least: one access per slice and cycle.
    #[must_use]
    pub fn port_minimum(&self) -> f64 {
        let accesses = self.accesses();
        (accesses.forward + accesses.update) as f64 / f64::from(self.slices) / self.samples()
    }

    /// Samples, as a divisor.
    #[must_use]
    pub fn samples(&self) -> f64 {
        self.work.samples.max(1) as f64
    }

    /// Samples per second of the link alone: records back to back in frames of the largest size.
    #[must_use]
    pub fn link_rate(&self) -> f64 {
        self.samples() / self.timing.seconds(self.work.record_bytes as f64)
    }
}

impl Timing {
    /// That of a simulated link.
    #[must_use]
    pub fn of(options: &SimOptions) -> Self {
        Self {
            clk_hz: options.clk_hz,
            sck_hz: options.sck_hz,
            sck_per_byte: 8 + options.idle_clocks_per_byte,
            gap_ns: options.gap.as_nanos() as u64,
            max_frame: LONGEST_FRAME,
        }
    }

    /// Seconds that so many bytes take in frames of the largest size.
    #[must_use]
    pub fn seconds(&self, bytes: f64) -> f64 {
        let frames = (bytes / self.max_frame as f64).ceil();
        bytes * f64::from(self.sck_per_byte) / self.sck_hz as f64
            + frames * self.gap_ns as f64 * 1e-9
    }
}

impl Cost {
    /// Cycles in which the engine worked.
    #[must_use]
    pub fn busy(&self) -> u64 {
        self.forward_cycles + self.update_cycles + self.overhead_cycles
    }
}

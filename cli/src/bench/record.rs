//! What the measurement of a module leaves behind: one JSON file, raw numbers only.

use deku_driver::LONGEST_FRAME;
use deku_sim::SimOptions;
use serde::{Deserialize, Serialize};

use super::recipe::Recipe;

/// Version of the files.
pub const VERSION: u32 = 2;

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
    /// Fingerprint of the Verilog that was simulated; none where nothing was.
    pub verilog: Option<String>,
    /// What was learned.
    pub recipe: Recipe,
    /// User seed.
    pub seed: u32,
    /// Sample format on the link.
    pub format: String,
    /// Words accumulated per clock cycle.
    pub slices: u32,
    /// Clocks.
    pub timing: Timing,
    /// Parts of the training run.
    pub parts: Vec<Part>,
    /// Test samples, classified with what was learned until the last part.
    pub inference: Option<Streamed>,
    /// What the driver costs the host in the last part, on the machine of the measurement.
    pub driver: Option<DriverCost>,
}

/// The beginning of an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Which epoch, from 1.
    pub epoch: u32,
    /// Its first samples.
    pub stretch: Streamed,
    /// The same, counted by the Python oracle from the data set (tests/oracle/port_minimum.py).
    #[serde(default)]
    pub oracle: Option<Accesses>,
}

/// Samples that were streamed in one go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streamed {
    /// What was to be done, counted by the reference.
    pub work: Work,
    /// Bytes of all records.
    pub record_bytes: u64,
    /// What it took, where there is a clock.
    pub cost: Option<Cost>,
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
}

/// Accesses of the weight port.
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
    /// Samples.
    pub samples: u64,
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
    /// Name of the file: what was measured.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", self.configuration, self.recipe.name())
    }

    /// Cycles per sample that the weight port needs at least: one access per slice and cycle.
    #[must_use]
    pub fn port_minimum(&self, work: &Work) -> f64 {
        let accesses = work.accesses();
        (accesses.forward + accesses.update) as f64 / f64::from(self.slices) / work.divisor()
    }

    /// Samples per second of the link alone: records back to back in frames of the largest size.
    #[must_use]
    pub fn link_rate(&self, stretch: &Streamed) -> f64 {
        stretch.work.divisor() / self.timing.seconds(stretch.record_bytes as f64)
    }
}

impl Work {
    /// Accesses of the weight port that the samples need at least.
    #[must_use]
    pub fn accesses(&self) -> Accesses {
        Accesses { forward: self.forward_words, update: UPDATE_ACCESSES * self.update_words }
    }

    /// Samples, as a divisor.
    #[must_use]
    pub fn divisor(&self) -> f64 {
        self.samples.max(1) as f64
    }

    /// Percentage of the samples that update.
    #[must_use]
    pub fn updated_percent(&self) -> f64 {
        100.0 * self.updated as f64 / self.divisor()
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

    /// Simulated time in seconds.
    #[must_use]
    pub fn elapsed(&self) -> f64 {
        self.elapsed_ps as f64 * 1e-12
    }
}

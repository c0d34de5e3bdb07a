//! What a campaign with a noisy cable leaves behind: raw numbers only.

use serde::{Deserialize, Serialize};

use super::record::Timing;

/// Version of the files.
pub const NOISE_VERSION: u32 = 1;

/// A campaign: every row ended with the state of the reference, or there would be no file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseRecord {
    /// Version of this format.
    pub version: u32,
    /// How to measure it again.
    pub command: String,
    /// Commit of the sources.
    pub commit: String,
    /// Configuration of the module.
    pub configuration: String,
    /// Its hash.
    pub configuration_hash: String,
    /// Network, as text.
    pub network: String,
    /// Sample format on the link.
    pub format: String,
    /// Samples over the noisy cable, at each rate.
    pub samples: u64,
    /// Samples after that, over a good one.
    pub clean_samples: u64,
    /// Bytes of the records of the former.
    pub record_bytes: u64,
    /// Clocks.
    pub timing: Timing,
    /// One per bit-error rate.
    pub rows: Vec<NoiseRow>,
    /// The rate at which nothing gets through.
    pub hopeless_rate: f64,
    /// How the driver gave up there.
    pub given_up: Vec<GivenUp>,
}

/// A bit-error rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseRow {
    /// Probability that a bit is flipped, on each of the two lines.
    pub bit_error_rate: f64,
    /// Bits flipped on the way to the module, loading included.
    pub flipped_to_module: u64,
    /// Bits flipped on the way to the host.
    pub flipped_to_host: u64,
    /// The samples over the noisy cable.
    pub noisy: Stretch,
    /// Those over a good one.
    pub clean: Stretch,
    /// Frames with a damaged preamble.
    pub damaged: u64,
    /// Frames whose answer was damaged, missing or negative.
    pub unanswered: u64,
    /// Times the stream went back.
    pub rewinds: u64,
    /// RESETs sent.
    pub resets: u64,
}

/// A stretch of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// Simulated time.
    pub elapsed_ps: u64,
    /// Frames.
    pub frames: u64,
    /// Bytes of all frames.
    pub bytes: u64,
}

impl Stretch {
    /// Samples per second of simulated time.
    #[must_use]
    pub fn rate(&self, samples: u64) -> f64 {
        samples as f64 / (self.elapsed_ps.max(1) as f64 * 1e-12)
    }

    /// Mean length of a frame.
    #[must_use]
    pub fn frame(&self) -> f64 {
        self.bytes as f64 / self.frames.max(1) as f64
    }
}

/// What the driver was doing when it gave up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenUp {
    /// Connecting, loading or streaming.
    pub doing: String,
    /// Code of the error.
    pub code: String,
    /// Its sentence.
    pub message: String,
    /// Seconds until it came.
    pub seconds: f64,
}

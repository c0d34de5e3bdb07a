//! How patient the driver is, and what it insists on.

/// Options of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Consecutive attempts without any progress before the link is given up, 1 or more.
    pub attempts: u32,
    /// Consecutive polls of a busy module without any progress before it counts as stalled. A
    /// poll takes some ten microseconds over SPI, a millisecond over a USB serial port, plus what
    /// [`crate::Pace`] adds.
    pub polls: u32,
    /// Hash of the configuration the bitstream must have been generated from; `None` = any.
    pub config_hash: Option<u32>,
}

impl Options {
    /// 32 attempts, 1,000,000 polls, any configuration.
    pub const DEFAULT: Self = Self { attempts: 32, polls: 1_000_000, config_hash: None };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

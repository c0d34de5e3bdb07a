//! Constants of the learning rule.

use super::ConfigError;
use crate::format::MAX_RATE_SHIFT;
use crate::prng::Xorshift32;

/// Largest temperature exponent k (temperature 2^k).
pub const MAX_TEMPERATURE: u8 = 12;
/// Largest threshold of the single phase (20 bits).
pub const MAX_THETA: u32 = (1 << 20) - 1;

/// Constants of the learning rule that are not part of the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TrainConfig {
    /// Exponent k of the temperature of the rival's draw (temperature = 2^k goodness), 0..=12.
    pub temperature: u8,
    /// Threshold of the single phase, in units of goodness, 0..=1048575.
    pub theta: u32,
    /// First rate shift SH0 of the schedule, 0..=10.
    pub first_shift: u8,
    /// User seed that every stream is derived from, not 0.
    pub seed: u32,
}

impl TrainConfig {
    /// Images.
    pub const IMAGES: Self = Self { temperature: 5, theta: 0, first_shift: 4, seed: 1 };
    /// Windows of calls.
    pub const CALLS: Self = Self { temperature: 6, theta: 0, first_shift: 2, seed: 1 };
    /// Text.
    pub const TEXT: Self = Self { temperature: 8, theta: 0, first_shift: 3, seed: 1 };
    /// Label overlay.
    pub const OVERLAY: Self = Self { temperature: 5, theta: 0, first_shift: 5, seed: 1 };

    /// Checks every range.
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.temperature > MAX_TEMPERATURE {
            return Err(ConfigError::Temperature { exponent: self.temperature });
        }
        if self.theta > MAX_THETA {
            return Err(ConfigError::Theta { theta: self.theta });
        }
        if self.first_shift > MAX_RATE_SHIFT {
            return Err(ConfigError::RateShift { shift: self.first_shift });
        }
        Xorshift32::new(self.seed).map(|_| ()).ok_or(ConfigError::Seed)
    }
}

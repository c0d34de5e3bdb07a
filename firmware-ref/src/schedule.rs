//! The rate shift over time (recipe, section 5).

use crate::config::ConfigError;
use crate::format::MAX_RATE_SHIFT;

/// Percentages of the planned examples at which the rate halves.
pub const MARKS: [u64; 5] = [30, 50, 65, 80, 90];
/// What endless training adds to the first rate shift.
pub const ENDLESS: u8 = 2;

/// Rate shift of every example of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    first: u8,
    planned: Option<u64>,
}

impl Schedule {
    /// A run of `planned` examples that starts with rate shift `first` (SH0, 0..=5).
    ///
    /// # Errors
    /// [`ConfigError::RateShift`] if the rate shift would exceed 10 at the end.
    pub const fn planned(first: u8, planned: u64) -> Result<Self, ConfigError> {
        Self::new(first, Some(planned), MARKS.len() as u8)
    }

    /// Training without an end, at the constant rate shift `first + 2` (SH0 of 0..=8).
    ///
    /// # Errors
    /// [`ConfigError::RateShift`] if that exceeds 10.
    pub const fn endless(first: u8) -> Result<Self, ConfigError> {
        Self::new(first, None, ENDLESS)
    }

    const fn new(first: u8, planned: Option<u64>, rise: u8) -> Result<Self, ConfigError> {
        let shift = first.saturating_add(rise);
        if shift > MAX_RATE_SHIFT {
            return Err(ConfigError::RateShift { shift });
        }
        Ok(Self { first, planned })
    }

    /// Rate shift of the next example after `seen` examples, 0..=10: SH0 plus the number of marks
    /// m with `100 * seen >= m * planned`.
    #[must_use]
    pub fn rate_shift(&self, seen: u64) -> u8 {
        let Some(planned) = self.planned else { return self.first + ENDLESS };
        let reached =
            |&&mark: &&u64| u128::from(seen) * 100 >= u128::from(planned) * u128::from(mark);
        self.first + MARKS.iter().filter(reached).count() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_at_the_marks() {
        let s = Schedule::planned(4, 1000).unwrap();
        let shifts = [0, 299, 300, 499, 500, 650, 800, 899, 900, 5000].map(|n| s.rate_shift(n));
        assert_eq!(shifts, [4, 4, 5, 5, 6, 7, 8, 8, 9, 9]);
    }

    #[test]
    fn marks_of_a_number_that_is_no_multiple() {
        let s = Schedule::planned(0, 7).unwrap(); // 30 % = 2.1, 50 % = 3.5, 65 % = 4.55
        assert_eq!([2, 3, 4, 5, 6].map(|n| s.rate_shift(n)), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn endless_is_constant() {
        let s = Schedule::endless(2).unwrap();
        assert_eq!([s.rate_shift(0), s.rate_shift(u64::MAX)], [4, 4]);
    }

    #[test]
    fn never_above_ten() {
        assert_eq!(Schedule::planned(5, 1).unwrap().rate_shift(9), 10);
        assert_eq!(Schedule::planned(6, 1), Err(ConfigError::RateShift { shift: 11 }));
        assert_eq!(Schedule::endless(9), Err(ConfigError::RateShift { shift: 11 }));
    }
}

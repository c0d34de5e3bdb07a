//! E8M0: the power-of-two scale of the OCP Microscaling (MX) formats.
//!
//! A layer has one constant scale 2^S: its accumulators are the codes times that scale. S is
//! called *shift* throughout, because dividing by the scale is a shift.

use super::E2M1;

/// A scale 2^S with S in 0..=15, the part of E8M0 that a layer can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct E8M0(u8);

impl E8M0 {
    /// Largest S.
    pub const MAX_SHIFT: u8 = 15;
    /// Exponent bias of the MX format.
    pub const BIAS: u8 = 127;

    /// The scale 2^`shift`; `None` above 15.
    #[must_use]
    pub const fn from_shift(shift: u8) -> Option<Self> {
        if shift <= Self::MAX_SHIFT {
            Some(Self(shift))
        } else {
            None
        }
    }

    /// The scale of an E8M0 byte; `None` if its exponent is not 0..=15 (or it is NaN).
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits.checked_sub(Self::BIAS) {
            Some(shift) => Self::from_shift(shift),
            None => None,
        }
    }

    /// The E8M0 byte: 127 + S.
    #[must_use]
    pub const fn bits(self) -> u8 {
        Self::BIAS + self.0
    }

    /// S, 0..=15.
    #[must_use]
    pub const fn shift(self) -> u8 {
        self.0
    }

    /// Activity of an accumulator (units of half): 0 up to 0, else `accumulator / 2^S` to the
    /// nearest code, ties up, saturating (recipe, section 3).
    #[must_use]
    pub const fn encode(self, accumulator: i16) -> E2M1 {
        if accumulator <= 0 {
            return E2M1::ZERO;
        }
        let a = accumulator as u32;
        E2M1::nearest_half(if self.0 == 0 { a << 1 } else { a >> (self.0 - 1) })
    }

    /// Whether a layer whose largest accumulator is `largest` has nothing but zero codes.
    #[must_use]
    pub const fn is_dead(self, largest: u16) -> bool {
        (largest as i32) < self.thresholds()[0] as i32
    }

    /// Smallest accumulators that encode to the codes 1..=7, ascending; 32767 where no legal
    /// accumulator (at most 32760) is large enough. Turns [`Self::encode`] into comparisons.
    #[must_use]
    pub const fn thresholds(self) -> [i16; 7] {
        let mut out = [0; 7];
        let mut k = 0;
        while k < 7 {
            let step = E2M1::STEPS[k] as u32;
            let a = if self.0 == 0 { step.div_ceil(2) } else { step << (self.0 - 1) };
            out[k] = if a > i16::MAX as u32 { i16::MAX } else { a as i16 };
            k += 1;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MAX_INPUTS;

    const LARGEST: i16 = 12 * MAX_INPUTS as i16;

    #[test]
    fn bytes_round_trip() {
        for shift in 0..=E8M0::MAX_SHIFT {
            let scale = E8M0::from_shift(shift).unwrap();
            assert_eq!(E8M0::from_bits(scale.bits()), Some(scale));
        }
        assert_eq!(E8M0::from_shift(16), None);
        assert_eq!(E8M0::from_bits(126), None);
        assert_eq!(E8M0::from_bits(255), None);
    }

    #[test]
    fn encode_follows_the_table_of_the_recipe() {
        for shift in 0..=15u8 {
            for a in -20..=LARGEST {
                let wide = i32::from(a);
                let v = if shift == 0 { wide << 1 } else { wide >> (shift - 1) };
                let expected = match v {
                    i32::MIN..=0 => 0,
                    1..=2 => 1,
                    3..=4 => 2,
                    5..=6 => 3,
                    7..=9 => 4,
                    10..=13 => 6,
                    14..=19 => 8,
                    _ => 12,
                };
                assert_eq!(E8M0(shift).encode(a).magnitude(), expected, "S {shift} a {a}");
            }
        }
    }

    #[test]
    fn thresholds_agree_with_encode() {
        for shift in 0..=15u8 {
            let scale = E8M0(shift);
            let t = scale.thresholds();
            for a in (-5..=LARGEST).chain(t).filter(|&a| a <= LARGEST) {
                let code = t.iter().filter(|&&t| a >= t).count();
                assert_eq!(code, usize::from(scale.encode(a).bits()), "S {shift} a {a}");
                assert_eq!(scale.is_dead(a.max(0) as u16), code == 0);
            }
        }
    }
}

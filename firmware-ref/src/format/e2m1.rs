//! E2M1: the 4-bit floating-point element of the OCP Microscaling (MX) formats.
//!
//! Sign, two exponent bits, one mantissa bit. Everything in this crate computes with *twice* the
//! value, so that all eight magnitudes are integers.

use core::fmt;

/// Twice the magnitude of each 3-bit code: 0, 0.5, 1, 1.5, 2, 3, 4, 6.
const TWICE: [u8; 8] = [0, 1, 2, 3, 4, 6, 8, 12];

/// A 4-bit E2M1 code: bit 3 is the sign, bits 2:0 the magnitude.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct E2M1(u8);

impl E2M1 {
    /// +0.
    pub const ZERO: Self = Self(0);
    /// +6, the largest: code 7.
    pub const MAX: Self = Self(7);
    /// Thresholds of [`Self::nearest_half`]: the smallest quarter steps (`2 * twice`) that round
    /// to the codes 1..=7.
    pub const STEPS: [u8; 7] = [1, 3, 5, 7, 10, 14, 20];

    /// The code `bits` (0..=15); `None` above.
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        if bits < 16 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// The code in the low four bits.
    #[must_use]
    pub const fn from_low_bits(bits: u8) -> Self {
        Self(bits & 15)
    }

    /// The non-negative code whose doubled value is nearest to `twice`, ties up, saturating at 12.
    #[must_use]
    pub const fn nearest(twice: u32) -> Self {
        Self::nearest_half(if twice > 12 { 24 } else { 2 * twice })
    }

    /// The non-negative code nearest to `quarters` / 4, ties up, saturating (recipe, section 3).
    #[must_use]
    pub const fn nearest_half(quarters: u32) -> Self {
        let mut code = 0;
        while code < 7 && quarters >= Self::STEPS[code] as u32 {
            code += 1;
        }
        Self(code as u8)
    }

    /// The code, 0..=15.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Twice the magnitude: 0, 1, 2, 3, 4, 6, 8 or 12.
    #[must_use]
    pub const fn magnitude(self) -> u8 {
        TWICE[(self.0 & 7) as usize]
    }

    /// Twice the value, -12..=12; -0 decodes to 0.
    #[must_use]
    pub const fn twice(self) -> i8 {
        let magnitude = self.magnitude() as i8;
        if self.0 & 8 == 0 {
            magnitude
        } else {
            -magnitude
        }
    }

    /// Whether the value is 0 (codes 0 and 8).
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 & 7 == 0
    }

    /// Goodness of this activity: the square of twice the value, 0..=144.
    #[must_use]
    pub const fn square(self) -> u8 {
        self.magnitude() * self.magnitude()
    }
}

impl fmt::Debug for E2M1 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "E2M1({}/2)", self.twice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_ocp_table() {
        for bits in 0..16u8 {
            let (exponent, mantissa) = (i32::from(bits >> 1 & 3), f64::from(bits & 1));
            let magnitude = match exponent {
                0 => mantissa * 0.5,
                e => (1.0 + mantissa * 0.5) * 2f64.powi(e - 1),
            };
            let value = if bits & 8 == 0 { magnitude } else { -magnitude };
            let code = E2M1::new(bits).unwrap();
            assert_eq!(f64::from(code.twice()), 2.0 * value);
            assert_eq!(f64::from(code.square()), 4.0 * value * value);
            assert_eq!(code.bits(), bits);
        }
        assert_eq!(E2M1::new(16), None);
        assert!(E2M1::from_low_bits(0xF8).is_zero());
    }

    #[test]
    fn nearest_follows_the_table_of_the_recipe() {
        for v in 0..=300u32 {
            let expected = match v {
                0..=4 => v,
                5..=6 => 6,
                7..=9 => 8,
                _ => 12,
            };
            assert_eq!(u32::from(E2M1::nearest(v).magnitude()), expected, "{v}");
        }
    }

    #[test]
    fn nearest_returns_every_magnitude_unchanged() {
        for bits in 0..8 {
            let code = E2M1::from_low_bits(bits);
            assert_eq!(E2M1::nearest(u32::from(code.magnitude())), code);
        }
    }
}

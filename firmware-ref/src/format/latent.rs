//! The latent: one byte that holds a ternary weight and the fraction that is on its way to the
//! next one.

/// Largest rate shift sh.
pub const MAX_RATE_SHIFT: u8 = 10;

/// An unsigned byte 0..=191: bits 7:6 are the trit (00 = -1, 01 = 0, 10 = +1), bits 5:0 the
/// fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Latent(u8);

impl Latent {
    /// Largest latent.
    pub const MAX: u8 = 191;

    /// The latent `byte`; `None` above 191 (trit `11`).
    #[must_use]
    pub const fn new(byte: u8) -> Option<Self> {
        if byte <= Self::MAX {
            Some(Self(byte))
        } else {
            None
        }
    }

    /// A fresh latent from a random byte: `96 + (byte as signed >> 1)`, 32..=159, so that half
    /// the weights start at 0.
    #[must_use]
    pub const fn initial(random: u8) -> Self {
        Self((96 + (random as i8 >> 1) as i16) as u8)
    }

    /// The byte, 0..=191.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// The ternary weight, -1, 0 or +1.
    #[must_use]
    pub const fn trit(self) -> i8 {
        trit(self.0)
    }

    /// The fraction, 0..=63.
    #[must_use]
    pub const fn fraction(self) -> u8 {
        self.0 & 63
    }

    /// One update: `clamp(L + ((product + (random >> (10 - sh))) >> sh), 0, 191)` with
    /// arithmetic shifts (recipe, section 4). `product` is x times the column factor
    /// (-144..=144), `random` ten random bits, `sh` the rate shift 0..=10.
    #[must_use]
    pub const fn updated(self, product: i16, random: u16, sh: u8) -> Self {
        let rnd = (random >> (MAX_RATE_SHIFT - sh)) as i16;
        let sum = self.0 as i16 + ((product + rnd) >> sh);
        Self(if sum < 0 {
            0
        } else if sum > Self::MAX as i16 {
            Self::MAX
        } else {
            sum as u8
        })
    }
}

/// Trit of a latent byte.
#[inline]
#[must_use]
pub(crate) const fn trit(byte: u8) -> i8 {
    (byte >> 6) as i8 - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn trit_and_fraction_make_the_byte() {
        for byte in 0..=Latent::MAX {
            let l = Latent::new(byte).unwrap();
            assert_eq!((l.trit() + 1) as u8 * 64 + l.fraction(), byte);
        }
        assert_eq!(Latent::new(192), None);
    }

    #[test]
    fn half_of_the_fresh_weights_are_zero() {
        let zeros = (0..=255u8).filter(|&r| Latent::initial(r).trit() == 0).count();
        assert_eq!(zeros, 128);
        assert_eq!(Latent::initial(0x80).byte(), 32);
        assert_eq!(Latent::initial(0x7F).byte(), 159);
    }

    proptest! {
        /// The form of the hardware: `clamp(({L, rnd10} + d * (x << (10 - sh))) >> 10)`.
        #[test]
        fn update_equals_the_fixed_point_form(
            byte in 0..=Latent::MAX, d in -12i32..=12, x in -12i32..=12, random in 0u16..1024,
            sh in 0u8..=10,
        ) {
            let fixed = (i32::from(byte) << 10 | i32::from(random)) + d * (x << (10 - sh));
            let expected = (fixed >> 10).clamp(0, 191) as u8;
            let got = Latent::new(byte).unwrap().updated((x * d) as i16, random, sh);
            prop_assert_eq!(got.byte(), expected);
        }
    }
}

//! Gumbel noise of the rival's draw (recipe, section 4).

/// `gum(u) = round(16 * -ln(-ln((u + 0.5) / 256)))`, rounded half up: standard Gumbel noise in
/// sixteenths for a random byte u, -29..=100.
#[rustfmt::skip]
pub const GUMBEL: [i8; 256] = [
    -29, -26, -25, -23, -22, -22, -21, -20, -20, -19, -19, -18, -18, -17, -17, -16,
    -16, -16, -15, -15, -15, -15, -14, -14, -14, -13, -13, -13, -13, -12, -12, -12,
    -12, -11, -11, -11, -11, -10, -10, -10, -10, -10, -9, -9, -9, -9, -9, -8,
    -8, -8, -8, -8, -7, -7, -7, -7, -7, -6, -6, -6, -6, -6, -5, -5,
    -5, -5, -5, -5, -4, -4, -4, -4, -4, -4, -3, -3, -3, -3, -3, -3,
    -2, -2, -2, -2, -2, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3,
    3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 6, 6,
    6, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9,
    9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 12, 12, 12,
    12, 12, 13, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15, 16,
    16, 16, 16, 17, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20,
    20, 20, 21, 21, 21, 22, 22, 22, 23, 23, 23, 24, 24, 24, 25, 25,
    25, 26, 26, 26, 27, 27, 28, 28, 29, 29, 29, 30, 30, 31, 31, 32,
    32, 33, 34, 34, 35, 35, 36, 37, 37, 38, 39, 40, 41, 41, 42, 43,
    44, 45, 47, 48, 49, 51, 52, 54, 56, 59, 61, 65, 69, 74, 82, 100,
];

/// Noise in units of goodness for a random byte and the temperature 2^`exponent` (0..=12):
/// `(gum(u) << exponent) >> 4`, arithmetic shift.
#[inline]
#[must_use]
pub const fn noise(u: u8, exponent: u8) -> i32 {
    ((GUMBEL[u as usize] as i32) << exponent) >> 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_the_formula() {
        for (u, &g) in GUMBEL.iter().enumerate() {
            let uniform = (u as f64 + 0.5) / 256.0;
            let expected = (16.0 * -(-uniform.ln()).ln() + 0.5).floor();
            assert_eq!(f64::from(g), expected, "{u}");
        }
    }

    #[test]
    fn range_and_sum_of_the_recipe() {
        assert_eq!((GUMBEL[0], GUMBEL[255]), (-29, 100));
        assert!(GUMBEL.is_sorted());
        assert_eq!(GUMBEL.iter().map(|&g| i32::from(g)).sum::<i32>(), 2358);
    }

    #[test]
    fn noise_rounds_towards_minus_infinity() {
        assert_eq!(noise(0, 4), -29);
        assert_eq!(noise(0, 3), -15);
        assert_eq!(noise(255, 0), 6);
        assert_eq!(noise(255, 12), 25_600);
    }
}

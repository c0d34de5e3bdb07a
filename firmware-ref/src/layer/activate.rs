//! Activities and goodness (recipe, section 3).

use crate::format::{E2M1, E8M0};

/// Twice the value added by each step of the code: magnitudes 0, 1, 2, 3, 4, 6, 8, 12.
const RISE: [i16; 7] = {
    let mut rise = [0; 7];
    let mut k = 0;
    while k < 7 {
        let (low, high) = (E2M1::from_low_bits(k as u8), E2M1::from_low_bits(k as u8 + 1));
        rise[k] = (high.magnitude() - low.magnitude()) as i16;
        k += 1;
    }
    rise
};

/// Encodes accumulators: twice the activity into `codes`, its square into `squares` (both as
/// long as `sums`). Returns the largest accumulator, 0 if none is positive.
pub(crate) fn activate(sums: &[i16], scale: E8M0, codes: &mut [u8], squares: &mut [u8]) -> u16 {
    let thresholds = scale.thresholds();
    let mut largest = 0i16;
    for ((&a, y), q) in sums.iter().zip(codes).zip(squares) {
        largest = largest.max(a);
        let mut twice = 0i16;
        for (threshold, rise) in thresholds.into_iter().zip(RISE) {
            twice += if a >= threshold { rise } else { 0 };
        }
        *y = twice as u8;
        *q = (twice * twice) as u8;
    }
    largest as u16
}

/// Goodness of each class: the squares of its columns, summed. `masks` is `[classes][columns]`,
/// 0xFF = in the class.
pub(crate) fn class_goodness(squares: &[u8], masks: &[u8], goodness: &mut [u32]) {
    for (g, mask) in goodness.iter_mut().zip(masks.chunks_exact(squares.len())) {
        *g = squares.iter().zip(mask).map(|(&q, &m)| u32::from(q & m)).sum();
    }
}

/// Goodness of a whole input: all squares, summed.
pub(crate) fn total_goodness(squares: &[u8]) -> u32 {
    squares.iter().map(|&q| u32::from(q)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_are_those_of_the_format() {
        let sums: Vec<i16> = (-40..2000).chain([32760]).collect();
        let (mut codes, mut squares) = (vec![0; sums.len()], vec![0; sums.len()]);
        for shift in 0..=15 {
            let scale = E8M0::from_shift(shift).unwrap();
            assert_eq!(activate(&sums, scale, &mut codes, &mut squares), 32760);
            for ((&a, &y), &q) in sums.iter().zip(&codes).zip(&squares) {
                let code = scale.encode(a);
                assert_eq!((y, q), (code.magnitude(), code.square()), "S {shift} a {a}");
            }
        }
    }

    #[test]
    fn largest_is_0_when_nothing_is_positive() {
        let scale = E8M0::from_shift(3).unwrap();
        assert_eq!(activate(&[-5, 0, -9], scale, &mut [9; 3], &mut [9; 3]), 0);
    }

    #[test]
    fn goodness_counts_the_columns_of_the_class() {
        let squares = [1, 4, 144, 144];
        let masks = [0xFF, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF];
        let mut g = [9; 3];
        class_goodness(&squares, &masks, &mut g);
        assert_eq!(g, [145, 0, 292]);
        assert_eq!(total_goodness(&squares), 293);
    }
}

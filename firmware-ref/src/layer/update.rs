//! The update (recipe, sections 2 and 4): for every word with a non-zero factor, for every row of
//! the list, one step of the rounding generator and one addition per column.

use crate::config::WORD_COLUMNS;
use crate::format::{trit, Latent, MAX_RATE_SHIFT};
use crate::list::Entry;
use crate::prng::Xorshift32;

/// Rows whose random bits are drawn ahead.
const BATCH: usize = 8;

/// The ternary layer that is updated: latents and their trits, row-major.
pub(crate) struct Weights<'w> {
    pub latents: &'w mut [u8],
    pub trits: &'w mut [i8],
}

/// Updates a layer with a list and the column factors (-12..=12, one per column), in the order of
/// the recipe. Returns the number of ternary weights that changed.
pub(crate) fn update(
    mut weights: Weights<'_>,
    list: &[Entry],
    factors: &[i16],
    shift: u8,
    round: &mut Xorshift32,
) -> u32 {
    let columns = factors.len();
    let mut flips = 0u32;
    for (word, factors) in factors.chunks(WORD_COLUMNS).enumerate() {
        if factors.iter().any(|&d| d != 0) {
            let at = Place { columns, first: word * WORD_COLUMNS };
            let n = match factors.try_into() {
                Ok(factors) => full_word(&mut weights, at, list, factors, shift, round),
                Err(_) => last_word(&mut weights, at, list, factors, shift, round),
            };
            flips = flips.wrapping_add(n);
        }
    }
    flips
}

/// A word of columns: the row length and the first column.
#[derive(Clone, Copy)]
struct Place {
    columns: usize,
    first: usize,
}

impl Place {
    fn start(self, row: u16) -> usize {
        usize::from(row) * self.columns + self.first
    }
}

/// 32 columns.
fn full_word(
    weights: &mut Weights<'_>,
    at: Place,
    list: &[Entry],
    factors: &[i16; WORD_COLUMNS],
    shift: u8,
    round: &mut Xorshift32,
) -> u32 {
    let mut flips = 0;
    let mut random = [[0; WORD_COLUMNS]; BATCH];
    for batch in list.chunks(BATCH) {
        for lanes in &mut random[..batch.len()] {
            *lanes = spread(round.next(), shift);
        }
        for (e, lanes) in batch.iter().zip(&random) {
            let start = at.start(e.index);
            let latents = &mut weights.latents[start..start + WORD_COLUMNS];
            let trits = &mut weights.trits[start..start + WORD_COLUMNS];
            let (Ok(latents), Ok(trits)) = (latents.try_into(), trits.try_into()) else {
                unreachable!("slices of the length of a word")
            };
            flips += row(latents, trits, i16::from(e.code.twice()), factors, lanes, shift);
        }
    }
    flips
}

/// Random bits of the 32 lanes: `(rotate_right(w, l) & 0x3FF) >> (10 - sh)`.
///
/// Four neighbouring lanes need 13 neighbouring bits; the multiplication places a copy of them
/// for each lane, shifted so that the lane's ten bits come to lie at a multiple of 16.
#[inline]
fn spread(w: u32, shift: u8) -> [i16; WORD_COLUMNS] {
    const COPIES: u64 = 1 | 1 << 15 | 1 << 30 | 1 << 45;
    const EACH: u64 = 0x0001_0001_0001_0001;
    let twice = u64::from(w) | u64::from(w) << 32;
    let keep = EACH * ((1 << shift) - 1);
    let mut lanes = [0; WORD_COLUMNS];
    for (n, four) in lanes.chunks_exact_mut(4).enumerate() {
        let bits = twice >> (4 * n) & 0x1FFF;
        let placed = (bits.wrapping_mul(COPIES) >> (MAX_RATE_SHIFT - shift)) & keep;
        for (k, lane) in four.iter_mut().enumerate() {
            *lane = (placed >> (16 * k)) as i16;
        }
    }
    lanes
}

/// One row of one word.
#[inline]
fn row(
    latents: &mut [u8; WORD_COLUMNS],
    trits: &mut [i8; WORD_COLUMNS],
    x: i16,
    factors: &[i16; WORD_COLUMNS],
    random: &[i16; WORD_COLUMNS],
    shift: u8,
) -> u32 {
    let mut new = [0u8; WORD_COLUMNS];
    for l in 0..WORD_COLUMNS {
        let step = (x * factors[l] + random[l]) >> shift;
        new[l] = (i16::from(latents[l]) + step).clamp(0, i16::from(Latent::MAX)) as u8;
    }
    let mut flips = 0u8;
    for l in 0..WORD_COLUMNS {
        let t = trit(new[l]);
        flips += u8::from(t != trits[l]);
        trits[l] = t;
    }
    *latents = new;
    u32::from(flips)
}

/// The word at the end of a row, with fewer than 32 columns.
fn last_word(
    weights: &mut Weights<'_>,
    at: Place,
    list: &[Entry],
    factors: &[i16],
    shift: u8,
    round: &mut Xorshift32,
) -> u32 {
    let mut flips = 0;
    for e in list {
        let random = spread(round.next(), shift);
        let (start, x) = (at.start(e.index), i16::from(e.code.twice()));
        for (l, (&d, &random)) in factors.iter().zip(&random).enumerate() {
            let step = (x * d + random) >> shift;
            let latent = &mut weights.latents[start + l];
            *latent = (i16::from(*latent) + step).clamp(0, i16::from(Latent::MAX)) as u8;
            let t = trit(*latent);
            flips += u32::from(t != weights.trits[start + l]);
            weights.trits[start + l] = t;
        }
    }
    flips
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::E2M1;
    use proptest::prelude::*;

    /// The recipe, literally: latents after the update, the generator, the flips.
    fn literal(
        latents: &mut [u8],
        list: &[Entry],
        factors: &[i16],
        sh: u8,
        round: &mut Xorshift32,
    ) -> u32 {
        let columns = factors.len();
        let mut flips = 0;
        for first in (0..columns).step_by(32) {
            let last = columns.min(first + 32);
            if factors[first..last].iter().all(|&d| d == 0) {
                continue;
            }
            for e in list {
                let w = round.next();
                for (j, &d) in factors.iter().enumerate().take(last).skip(first) {
                    let random = w.rotate_right((j - first) as u32) & 0x3FF;
                    let at = usize::from(e.index) * columns + j;
                    let old = Latent::new(latents[at]).unwrap();
                    let product = i16::from(e.code.twice()) * d;
                    let new = old.updated(product, random as u16, sh);
                    flips += u32::from(new.trit() != old.trit());
                    latents[at] = new.byte();
                }
            }
        }
        flips
    }

    #[test]
    fn spread_is_the_rotation() {
        let mut xs = Xorshift32::derived(5);
        for _ in 0..200 {
            let w = xs.next();
            for shift in 0..=10u8 {
                for (l, lane) in spread(w, shift).into_iter().enumerate() {
                    let random = w.rotate_right(l as u32) & 0x3FF;
                    assert_eq!(lane, (random >> (10 - shift)) as i16);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn equals_the_recipe(
            columns in 1usize..100, inputs in 1usize..30, shift in 0u8..=10, seed in 1u32..,
        ) {
            let mut xs = Xorshift32::derived(seed);
            let mut latents: Vec<u8> =
                (0..columns * inputs).map(|_| (xs.next() % 192) as u8).collect();
            let mut trits: Vec<i8> = latents.iter().map(|&l| trit(l)).collect();
            let list: Vec<Entry> = (0..inputs as u16)
                .map(|i| Entry::new(i, E2M1::from_low_bits(xs.next_byte())))
                .filter(|e| !e.code.is_zero())
                .collect();
            // Whole words without a factor are common.
            let factors: Vec<i16> = (0..columns)
                .map(|j| if seed >> (j / 32) & 1 == 0 { 0 } else { (xs.next() % 25) as i16 - 12 })
                .collect();
            let mut expected = latents.clone();
            let (mut a, mut b) = (Xorshift32::derived(seed), Xorshift32::derived(seed));
            let flips = literal(&mut expected, &list, &factors, shift, &mut a);
            let weights = Weights { latents: &mut latents, trits: &mut trits };
            prop_assert_eq!(update(weights, &list, &factors, shift, &mut b), flips);
            prop_assert_eq!(&latents, &expected);
            prop_assert_eq!(a, b);
            prop_assert!(latents.iter().zip(&trits).all(|(&l, &t)| trit(l) == t));
        }
    }
}

//! Accumulators: `a[j] += w[i][j] * x_i` over a list (recipe, section 3).
//!
//! Rows with the same code are summed first, in bytes, and multiplied once: a sum of at most
//! [`BIN`] trits fits an `i8`, and the order of additions is of no consequence because nothing
//! overflows.

use crate::format::E2M1;
use crate::list::Entry;

/// Rows summed in bytes before they are multiplied.
const BIN: usize = 127;
/// Distance of bins in the scratch memory.
const BIN_STRIDE: usize = 128;
/// Length of the scratch memory: one bin per code.
pub(crate) const BINS_LENGTH: usize = 16 * BIN_STRIDE;

/// Adds the rows of `list` to `sums` (units of half). `trits` is row-major with `sums.len()`
/// columns; `rows` and `partials` are scratch of [`BINS_LENGTH`] and `sums.len()`.
pub(crate) fn accumulate(
    list: &[Entry],
    trits: &[i8],
    sums: &mut [i16],
    partials: &mut [i8],
    rows: &mut [u16],
) {
    let mut filled = [0usize; 16];
    let bins = &mut rows[..BINS_LENGTH];
    for e in list {
        let code = usize::from(e.code.bits() & 15);
        let n = filled[code] & (BIN_STRIDE - 1);
        bins[code * BIN_STRIDE + n] = e.index;
        filled[code] = n + 1;
        if n + 1 == BIN {
            add_bin(&bins[code * BIN_STRIDE..][..BIN], e.code, trits, sums, partials);
            filled[code] = 0;
        }
    }
    for (code, &n) in filled.iter().enumerate().filter(|&(_, &n)| n > 0) {
        let rows = &bins[code * BIN_STRIDE..][..n];
        add_bin(rows, E2M1::from_low_bits(code as u8), trits, sums, partials);
    }
}

/// Adds `code` times the sum of at most [`BIN`] rows.
fn add_bin(rows: &[u16], code: E2M1, trits: &[i8], sums: &mut [i16], partials: &mut [i8]) {
    let partials = &mut partials[..sums.len()];
    partials.fill(0);
    let mut fours = rows.chunks_exact(4);
    for four in &mut fours {
        add_four([four[0], four[1], four[2], four[3]], trits, partials);
    }
    for &row in fours.remainder() {
        for (p, &t) in partials.iter_mut().zip(row_of(trits, row, sums.len())) {
            *p = p.wrapping_add(t);
        }
    }
    let x = i16::from(code.twice());
    for (a, &p) in sums.iter_mut().zip(&*partials) {
        *a = a.wrapping_add(x.wrapping_mul(i16::from(p)));
    }
}

fn add_four(rows: [u16; 4], trits: &[i8], partials: &mut [i8]) {
    let columns = partials.len();
    let [a, b, c, d] = rows.map(|row| row_of(trits, row, columns));
    for ((((p, &a), &b), &c), &d) in partials.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *p = p.wrapping_add(a).wrapping_add(b).wrapping_add(c.wrapping_add(d));
    }
}

fn row_of(trits: &[i8], row: u16, columns: usize) -> &[i8] {
    &trits[usize::from(row) * columns..][..columns]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prng::Xorshift32;

    /// The formula, literally.
    fn literal(list: &[Entry], trits: &[i8], columns: usize) -> Vec<i16> {
        let row = |e: &Entry, j: usize| i16::from(trits[usize::from(e.index) * columns + j]);
        (0..columns)
            .map(|j| list.iter().map(|e| row(e, j) * i16::from(e.code.twice())).sum())
            .collect()
    }

    fn check(inputs: usize, columns: usize, code_of: impl Fn(u32) -> u8, seed: u32) {
        let mut xs = Xorshift32::derived(seed);
        let trits: Vec<i8> = (0..inputs * columns).map(|_| (xs.next() % 3) as i8 - 1).collect();
        let mut list = Vec::new();
        for index in 0..inputs as u16 {
            let code = E2M1::from_low_bits(code_of(xs.next()));
            if !code.is_zero() {
                list.push(Entry::new(index, code));
            }
        }
        let mut sums = vec![7; columns];
        accumulate(&list, &trits, &mut sums, &mut vec![0; columns], &mut [0; BINS_LENGTH]);
        let expected: Vec<i16> = literal(&list, &trits, columns).iter().map(|a| a + 7).collect();
        assert_eq!(sums, expected);
    }

    #[test]
    fn equals_the_formula() {
        for (inputs, columns) in [(1, 1), (5, 31), (64, 32), (784, 40), (300, 97)] {
            check(inputs, columns, |r| (r >> 20) as u8 & 15, 3);
        }
    }

    #[test]
    fn more_rows_of_one_code_than_a_bin_holds() {
        check(2730, 33, |_| 7, 4);
        check(127, 33, |_| 15, 5);
        check(128, 33, |_| 1, 6);
    }

    #[test]
    fn largest_accumulator_does_not_overflow() {
        let list: Vec<Entry> = (0..2730).map(|i| Entry::new(i, E2M1::MAX)).collect();
        for w in [-1i8, 1] {
            let mut sums = [0];
            accumulate(&list, &[w; 2730], &mut sums, &mut [0], &mut [0; BINS_LENGTH]);
            assert_eq!(sums, [32760 * i16::from(w)]);
        }
    }
}

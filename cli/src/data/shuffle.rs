//! The fixed shuffle behind data splits.

use deku_ref::init::shuffle;
use deku_ref::Xorshift32;

/// 0..n, shuffled by Fisher-Yates with xorshift32 from `seed`.
#[must_use]
pub fn permutation(n: usize, seed: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    shuffle(&mut order, &mut Xorshift32::derived(seed));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_swaps_follow_the_generator() {
        // xorshift32 from 1: 270369, 67634689; i = 2: 270369 % 3 = 0, i = 1: 67634689 % 2 = 1.
        assert_eq!(permutation(3, 1), [2, 1, 0]);
    }
}

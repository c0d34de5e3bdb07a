//! The xorshift32 generator, the only source of randomness.

/// Replaces a derived state of 0 (docs/theory_of_operation.md, section 1).
pub const ZERO_REPLACEMENT: u32 = 0x6D2B_79F5;

/// Marsaglia's xorshift32 with the triple (13, 17, 5); period 2^32 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Xorshift32(u32);

impl Xorshift32 {
    /// A generator with this state; `None` for 0, where it would stand still.
    #[must_use]
    pub const fn new(state: u32) -> Option<Self> {
        if state == 0 {
            None
        } else {
            Some(Self(state))
        }
    }

    /// A generator with a derived state, 0 replaced by [`ZERO_REPLACEMENT`].
    #[must_use]
    pub const fn derived(state: u32) -> Self {
        Self(if state == 0 { ZERO_REPLACEMENT } else { state })
    }

    /// One step; the output is the new state.
    #[inline]
    #[allow(clippy::should_implement_trait)] // endless: not an iterator
    pub const fn next(&mut self) -> u32 {
        let mut x = self.0;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.0 = x;
        x
    }

    /// One step; the top byte of the output.
    #[inline]
    pub const fn next_byte(&mut self) -> u8 {
        (self.next() >> 24) as u8
    }

    /// Goes on by `steps` steps.
    pub const fn skip(&mut self, steps: u32) {
        let mut n = 0;
        while n < steps {
            self.next();
            n += 1;
        }
    }

    /// The state, never 0.
    #[must_use]
    pub const fn state(&self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_outputs_of_seed_1() {
        // 1 -> 270369 -> 67634689: the sequence printed in Marsaglia's paper for this triple.
        let mut xs = Xorshift32::new(1).unwrap();
        assert_eq!([xs.next(), xs.next(), xs.next()], [270_369, 67_634_689, 2_647_435_461]);
    }

    #[test]
    fn zero_is_refused_or_replaced() {
        assert_eq!(Xorshift32::new(0), None);
        assert_eq!(Xorshift32::derived(0).state(), ZERO_REPLACEMENT);
        assert_eq!(Xorshift32::derived(7).state(), 7);
    }

    #[test]
    fn skip_is_repeated_next() {
        let (mut a, mut b) = (Xorshift32::derived(9), Xorshift32::derived(9));
        a.skip(3);
        (0..3).for_each(|_| _ = b.next());
        assert_eq!(a, b);
    }
}

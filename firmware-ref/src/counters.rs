//! What the network counts while it works.

use crate::config::MAX_LAYERS;

/// Counters since the last [`Counters::clear`], modulo 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Training examples executed (inference does not count).
    pub samples: u32,
    /// Examples that updated the layer.
    pub updates: [u32; MAX_LAYERS],
    /// Ternary weights of the layer changed.
    pub flips: [u32; MAX_LAYERS],
    /// Forward passes in which every code of the layer was 0. Each candidate's pass counts, a
    /// recomputation (label overlay) does not.
    pub dead: [u32; MAX_LAYERS],
    /// Largest accumulator of the layer's last counted forward pass, 0 if none was positive.
    /// Not touched by [`Counters::clear`].
    pub max_accumulator: [u16; MAX_LAYERS],
}

impl Counters {
    /// Sets everything that counts to 0.
    pub fn clear(&mut self) {
        *self = Self { max_accumulator: self.max_accumulator, ..Self::default() };
    }

    /// Counts a forward pass of `layer` whose largest accumulator was `max`, `dead` if all codes
    /// were 0.
    pub(crate) fn pass(&mut self, layer: usize, max: u16, dead: bool) {
        self.max_accumulator[layer] = max;
        self.dead[layer] = self.dead[layer].wrapping_add(u32::from(dead));
    }

    /// Counts an update of `layer`.
    pub(crate) fn update(&mut self, layer: usize) {
        self.updates[layer] = self.updates[layer].wrapping_add(1);
    }

    /// Counts changed weights of `layer`.
    pub(crate) fn flip(&mut self, layer: usize, flips: u32) {
        self.flips[layer] = self.flips[layer].wrapping_add(flips);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_keeps_the_accumulator() {
        let mut c = Counters { samples: u32::MAX, ..Counters::default() };
        c.pass(2, 99, true);
        c.update(1);
        c.flip(1, 5);
        assert_eq!((c.dead[2], c.updates[1], c.flips[1]), (1, 1, 5));
        c.clear();
        let empty = Counters { max_accumulator: [0, 0, 99, 0], ..Counters::default() };
        assert_eq!(c, empty);
    }
}

//! How goodness is distributed.

use serde::{Deserialize, Serialize};

/// Bins of a histogram.
pub const BINS: usize = 32;

/// Goodness of the truth and of the best other candidate. The bins grow with what they have to
/// hold: nobody has to know before how good a network gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Width of a bin, a power of two; the first one begins at 0.
    pub width: u32,
    /// Examples by the goodness of the truth.
    pub truth: [u64; BINS],
    /// Examples by the goodness of the best other candidate.
    pub other: [u64; BINS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { width: 1, truth: [0; BINS], other: [0; BINS] }
    }
}

impl Histogram {
    /// Counts an example.
    pub fn take(&mut self, truth: u32, other: u32) {
        while (truth.max(other) / self.width) as usize >= BINS {
            self.widen();
        }
        self.truth[(truth / self.width) as usize] += 1;
        self.other[(other / self.width) as usize] += 1;
    }

    fn widen(&mut self) {
        self.width *= 2;
        for bins in [&mut self.truth, &mut self.other] {
            let pair = |n: usize| bins.get(2 * n..2 * n + 2).map_or(0, |two| two.iter().sum());
            *bins = std::array::from_fn(pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_grow_and_keep_what_they_hold() {
        let mut histogram = Histogram::default();
        for truth in 0..32 {
            histogram.take(truth, 31);
        }
        assert_eq!((histogram.width, histogram.truth), (1, [1; BINS]));
        histogram.take(64, 0);
        assert_eq!(histogram.width, 4);
        assert_eq!(histogram.truth[..9], [4; 8].into_iter().chain([0]).collect::<Vec<_>>()[..]);
        assert_eq!((histogram.truth[16], histogram.other[7], histogram.other[0]), (1, 32, 1));
        // The largest there is.
        histogram.take((1 << 24) - 1, u32::MAX);
        assert_eq!(histogram.other[BINS - 1], 1);
        assert_eq!(histogram.truth.iter().sum::<u64>(), 34);
    }
}

//! What an example came to.

use crate::config::MAX_LAYERS;

/// Result of an inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inference {
    /// Candidate with the largest summed goodness, lowest index wins.
    pub class: u8,
    /// Its summed goodness.
    pub goodness: u32,
}

/// Result of a training example; all goodness is from before the update, summed over the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Candidate with the largest goodness, lowest index wins.
    pub class: u8,
    /// Rival drawn by each layer (may be the truth); `None` for layers that do not exist.
    pub rivals: [Option<u8>; MAX_LAYERS],
    /// One bit per layer that was updated, bit 0 = layer 0.
    pub updated: u8,
    /// Goodness of the best candidate that is not the truth (0 if there is no other).
    pub goodness_other: u32,
    /// Goodness of the truth.
    pub goodness_truth: u32,
}

/// How the candidates compare: what the result record says about goodness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// Candidate with the largest goodness, lowest index wins.
    pub class: u8,
    /// Goodness of the best candidate that is not the truth (of all candidates without a truth;
    /// 0 if there is none).
    pub other: u32,
    /// Goodness of the truth, 0 without a truth.
    pub truth: u32,
}

impl Ranking {
    /// Ranks the summed goodness of 1..=256 candidates. A `truth` that is not a candidate counts
    /// as none.
    #[must_use]
    pub fn of(goodness: &[u32], truth: Option<u8>) -> Self {
        let truth = truth.map(usize::from).filter(|&t| t < goodness.len());
        let (mut class, mut best, mut other) = (0, 0, 0);
        for (c, &g) in goodness.iter().enumerate() {
            if g > best {
                (class, best) = (c, g);
            }
            if truth != Some(c) && g > other {
                other = g;
            }
        }
        Self { class: class as u8, other, truth: truth.map_or(0, |t| goodness[t]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_index_wins_and_the_truth_is_left_out() {
        let g = [3, 9, 9, 1];
        assert_eq!(Ranking::of(&g, None), Ranking { class: 1, other: 9, truth: 0 });
        assert_eq!(Ranking::of(&g, Some(1)), Ranking { class: 1, other: 9, truth: 9 });
        assert_eq!(Ranking::of(&g, Some(0)), Ranking { class: 1, other: 9, truth: 3 });
        assert_eq!(Ranking::of(&g, Some(255)), Ranking { class: 1, other: 9, truth: 0 });
        assert_eq!(Ranking::of(&[5], Some(0)), Ranking { class: 0, other: 0, truth: 5 });
        assert_eq!(Ranking::of(&[0, 0], None), Ranking { class: 0, other: 0, truth: 0 });
    }
}

//! How long frames may be: as long as possible while the link is clean, shorter while it is not.

/// Shortest length the budget goes down to, bytes. A single unit or record may exceed it.
const MIN: usize = 64;
/// Damaged frames in a row after which shorter ones are no cure. Connecting and refusals are decided
/// earlier.
const HOPELESS: u32 = 8;

/// Halved by a damaged frame, raised by an eighth by a clean one: settles where about one frame
/// in seven is damaged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    now: usize,
    max: usize,
    /// Damaged frames since the last clean one.
    streak: u32,
}

impl Budget {
    pub const fn new(max: usize) -> Self {
        Self { now: max, max, streak: 0 }
    }

    /// Length to aim for.
    pub const fn now(&self) -> usize {
        self.now
    }

    /// Length that must not be exceeded.
    pub const fn max(&self) -> usize {
        self.max
    }

    /// Whether there was no damage for a while.
    pub const fn is_full(&self) -> bool {
        self.now == self.max
    }

    /// Whether so many frames in a row were damaged that something else must change. Where one frame in
    /// seven is damaged this happens once in six million frames.
    pub const fn is_hopeless(&self) -> bool {
        self.streak >= HOPELESS
    }

    /// Something was done about it.
    pub fn hope(&mut self) {
        self.streak = 0;
    }

    pub fn clean(&mut self) {
        self.streak = 0;
        self.now = (self.now + self.now / 8).min(self.max);
    }

    pub fn damaged(&mut self) {
        self.streak = self.streak.saturating_add(1);
        self.now = (self.now / 2).max(MIN).min(self.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_between_its_limits() {
        let mut budget = Budget::new(4096);
        (0..9).for_each(|_| budget.damaged());
        assert_eq!(budget.now(), MIN);
        (0..40).for_each(|_| budget.clean());
        assert_eq!(budget.now(), 4096);
    }

    #[test]
    fn a_small_maximum_wins() {
        let mut budget = Budget::new(58);
        budget.damaged();
        assert_eq!(budget.now(), 58);
    }
}

//! The examples that were sent and have no result yet.

/// Numbers and list entries of the examples without result. The oldest is `first`.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    first: u8,
    next: u8,
    /// List entries by sequence number.
    costs: [u16; 256],
    used: usize,
    max_records: usize,
    max_entries: usize,
}

impl Window {
    /// An empty window; `results` and `entries` are capabilities of the module.
    pub fn new(next: u8, results: usize, entries: usize) -> Self {
        let max_records = results.clamp(1, 128);
        Self { first: next, next, costs: [0; 256], used: 0, max_records, max_entries: entries }
    }

    /// Sequence number of the oldest example, or of the next one if there is none.
    pub fn first(&self) -> u8 {
        self.first
    }

    /// Sequence number of the next example to be sent.
    pub fn next(&self) -> u8 {
        self.next
    }

    /// Examples without result.
    pub fn len(&self) -> usize {
        self.next.wrapping_sub(self.first).into()
    }

    /// Entries the module has for the lists of queued examples.
    pub fn max_entries(&self) -> usize {
        self.max_entries
    }

    /// Whether there is credit for an example of `entries` list entries.
    pub fn has_room(&self, entries: usize) -> bool {
        self.len() < self.max_records && self.used + entries <= self.max_entries
    }

    /// Adds an example of `entries` list entries (65,535 at most).
    pub fn push(&mut self, entries: usize) {
        self.costs[usize::from(self.next)] = entries as u16;
        self.used += entries;
        self.next = self.next.wrapping_add(1);
    }

    /// Removes the oldest example.
    pub fn pop(&mut self) {
        self.used -= usize::from(self.costs[usize::from(self.first)]);
        self.first = self.first.wrapping_add(1);
    }

    /// Distance of a sequence number from the oldest example.
    pub fn position(&self, sequence: u8) -> usize {
        sequence.wrapping_sub(self.first).into()
    }

    /// Forgets the examples from `sequence` on, which must be in the window or the next number:
    /// they were not executed.
    pub fn rewind(&mut self, sequence: u8) {
        while self.next != sequence {
            self.next = self.next.wrapping_sub(1);
            self.used -= usize::from(self.costs[usize::from(self.next)]);
        }
    }

    /// Starts again at 0. The window must be empty.
    pub fn restart(&mut self) {
        debug_assert_eq!(self.len(), 0);
        (self.first, self.next) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_come_and_go() {
        let mut w = Window::new(254, 4, 100);
        for cost in [10, 20, 30] {
            assert!(w.has_room(cost));
            w.push(cost);
        }
        assert!(!w.has_room(41) && w.has_room(40));
        w.push(40);
        assert!(!w.has_room(0), "four records are in flight");
        assert_eq!((w.first(), w.next(), w.len()), (254, 2, 4));
        w.pop();
        assert!(w.has_room(10) && !w.has_room(11));
        assert_eq!(w.position(1), 2);
        w.rewind(0);
        assert_eq!((w.len(), w.position(0)), (1, 1));
        assert!(w.has_room(80) && !w.has_room(81));
        w.rewind(255);
        assert_eq!(w.len(), 0);
        assert!(w.has_room(100));
    }
}

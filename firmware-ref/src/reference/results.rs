//! Results that are kept until the host has them, and how they go out.

use crate::wire::result::RESULT_LEN;
use crate::wire::ExampleResult;

/// The ring of results. Result number n lies at `n % RESULTS`; RESULTS divides 256.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ring {
    /// Number of the next result.
    next: u8,
    /// First result the host does not have.
    acknowledged: u8,
    /// Result that goes out, and how many of its bytes are gone.
    sending: u8,
    sent: usize,
}

impl Ring {
    /// Number of the next result.
    pub fn next(&self) -> u8 {
        self.next
    }

    /// Takes the host's word for the first result it does not have, and starts sending there.
    pub fn acknowledge(&mut self, first: u8) {
        self.acknowledged = first;
        self.sending = first;
        self.sent = 0;
    }

    /// Whether there is room for another result.
    pub fn has_room(&self, results: &[ExampleResult]) -> bool {
        usize::from(self.next.wrapping_sub(self.acknowledged)) < results.len()
    }

    /// Adds a result.
    pub fn push(&mut self, mut result: ExampleResult, results: &mut [ExampleResult]) {
        result.sequence = self.next;
        results[usize::from(self.next) % results.len()] = result;
        self.next = self.next.wrapping_add(1);
    }

    /// Fills `out` with results, and zeros where there is none.
    pub fn send(&mut self, out: &mut [u8], results: &[ExampleResult]) {
        let mut out = out;
        while !out.is_empty() && self.sending != self.next {
            let bytes = results[usize::from(self.sending) % results.len()].emit();
            let rest = &bytes[self.sent..];
            let n = rest.len().min(out.len());
            let (now, later) = out.split_at_mut(n);
            now.copy_from_slice(&rest[..n]);
            out = later;
            self.sent += n;
            if self.sent == RESULT_LEN {
                self.sending = self.sending.wrapping_add(1);
                self.sent = 0;
            }
        }
        out.fill(0);
    }
}

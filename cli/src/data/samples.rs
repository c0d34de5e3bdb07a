//! Encoded samples.

use deku_ref::{Entry, E2M1};
use sha2::{Digest, Sha256};

/// Encoded samples: for each the list of its non-zero inputs and its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    entries: Vec<Entry>,
    /// End of each sample's list in `entries`.
    ends: Vec<usize>,
    labels: Vec<u8>,
}

impl Samples {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// List of non-zero inputs of sample `n`.
    #[must_use]
    pub fn list(&self, n: usize) -> &[Entry] {
        let start = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.entries[start..self.ends[n]]
    }

    /// Label of sample `n`.
    #[must_use]
    pub fn label(&self, n: usize) -> u8 {
        self.labels[n]
    }

    /// Mean number of non-zero inputs.
    #[must_use]
    pub fn mean_list(&self) -> f64 {
        self.entries.len() as f64 / self.len().max(1) as f64
    }

    /// Labels of all samples.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    pub(super) fn push(&mut self, codes: impl Iterator<Item = E2M1>, label: u8) {
        let list = codes.enumerate().filter(|(_, code)| !code.is_zero());
        self.push_list(list.map(|(i, code)| Entry::new(i as u16, code)), label);
    }

    /// A sample from its non-zero inputs, in ascending order.
    pub(super) fn push_list(&mut self, list: impl Iterator<Item = Entry>, label: u8) {
        self.entries.extend(list);
        self.ends.push(self.entries.len());
        self.labels.push(label);
    }

    /// Cuts the samples from `at` on off.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        Self {
            entries: self.entries.split_off(start),
            ends: self.ends.split_off(at).into_iter().map(|end| end - start).collect(),
            labels: self.labels.split_off(at),
        }
    }

    /// Fingerprint of lists and labels, the same for everyone who has the same samples.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut sha = Sha256::new();
        for n in 0..self.len() {
            sha.update([self.label(n)]);
            sha.update((self.list(n).len() as u16).to_be_bytes());
            for e in self.list(n) {
                sha.update(e.index.to_be_bytes());
                sha.update([e.code.bits()]);
            }
        }
        sha.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}

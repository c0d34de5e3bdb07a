//! Examples that own their lists, until a batch of them is handed over.

use std::ops::Range;

use deku_ref::{Entry, Example};

/// Examples in order.
#[derive(Debug, Default)]
pub struct Queue {
    entries: Vec<Entry>,
    waiting: Vec<Waiting>,
}

/// An example without its lists.
#[derive(Debug)]
struct Waiting {
    shape: Example<'static>,
    first: Range<usize>,
    second: Range<usize>,
}

impl Queue {
    /// Number of examples.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Copies an example to the end.
    pub fn push(&mut self, example: &Example<'_>) {
        let first = self.keep(example.input());
        let second = self.keep(example.second().unwrap_or_default());
        self.waiting.push(Waiting { shape: with_lists(*example, &[], &[]), first, second });
    }

    /// The examples.
    pub fn examples(&self) -> Vec<Example<'_>> {
        let list = |range: &Range<usize>| &self.entries[range.clone()];
        self.waiting.iter().map(|w| with_lists(w.shape, list(&w.first), list(&w.second))).collect()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.waiting.clear();
    }

    fn keep(&mut self, list: &[Entry]) -> Range<usize> {
        let start = self.entries.len();
        self.entries.extend_from_slice(list);
        start..self.entries.len()
    }
}

/// The same example with other lists.
pub fn with_lists<'a>(
    example: Example<'_>,
    first: &'a [Entry],
    second: &'a [Entry],
) -> Example<'a> {
    let input = first;
    match example {
        Example::Infer { truth, .. } => Example::Infer { input, truth },
        Example::Labelled { label, shift, .. } => Example::Labelled { input, label, shift },
        Example::Pair { shift, .. } => Example::Pair { positive: input, negative: second, shift },
        Example::Positive { shift, .. } => Example::Positive { input, shift },
        Example::Negative { shift, .. } => Example::Negative { input, shift },
        Example::Overlay { label, shift, .. } => Example::Overlay { input, label, shift },
        Example::OverlayInfer { truth, .. } => Example::OverlayInfer { input, truth },
    }
}

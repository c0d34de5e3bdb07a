//! The list memory: queued records, one behind the other.
//!
//! A record takes three entries (kind and sequence number, rate shift and label, length of the
//! input; four with the length of a second input) and those of its inputs.

use crate::example::Example;
use crate::list::Entry;
use crate::wire::{Kind, RecordHead};

/// How much of the list memory is in use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Queue {
    used: usize,
    records: usize,
}

/// The first record of a queue.
pub(super) struct Front<'l> {
    pub head: RecordHead,
    pub inputs: [&'l [Entry]; 2],
}

impl Queue {
    /// Entries in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Records queued.
    pub fn records(&self) -> usize {
        self.records
    }

    /// Room for the inputs of another record of `kind`; `None` if there is not even room for the
    /// record itself.
    pub fn room<'l>(&self, kind: Kind, list: &'l mut [Entry]) -> Option<&'l mut [Entry]> {
        list.get_mut(self.used + kind.list_overhead()..)
    }

    /// Adds a record whose inputs were put into [`Queue::room`].
    pub fn push(&mut self, head: &RecordHead, lengths: [usize; 2], list: &mut [Entry]) {
        let [kind, sequence, shift, label] = head.emit();
        let words = [
            u16::from_be_bytes([kind, sequence]),
            u16::from_be_bytes([shift, label]),
            lengths[0] as u16,
            lengths[1] as u16,
        ];
        let overhead = head.kind.list_overhead();
        for (entry, word) in list[self.used..].iter_mut().zip(&words[..overhead]) {
            entry.index = *word;
        }
        self.used += overhead + lengths[0] + lengths[1];
        self.records += 1;
    }

    /// The oldest record.
    pub fn front<'l>(&self, list: &'l [Entry]) -> Option<Front<'l>> {
        if self.records == 0 {
            return None;
        }
        let [kind, sequence] = list[0].index.to_be_bytes();
        let [shift, label] = list[1].index.to_be_bytes();
        let head = RecordHead { kind: Kind::from_byte(kind)?, sequence, shift, label };
        let overhead = head.kind.list_overhead();
        let first = usize::from(list[2].index);
        let second = if overhead == 4 { usize::from(list[3].index) } else { 0 };
        let (a, rest) = list[overhead..].split_at(first);
        Some(Front { head, inputs: [a, &rest[..second]] })
    }

    /// Removes the oldest record, which took `entries` entries.
    pub fn pop(&mut self, entries: usize, list: &mut [Entry]) {
        list.copy_within(entries..self.used, 0);
        self.used -= entries;
        self.records -= 1;
    }
}

impl<'l> Front<'l> {
    /// The record as an example.
    pub fn example(&self) -> Example<'l> {
        let RecordHead { kind, shift, label, .. } = self.head;
        let [input, second] = self.inputs;
        let truth = Some(label);
        match kind {
            Kind::Infer => Example::Infer { input, truth },
            Kind::Labelled => Example::Labelled { input, label, shift },
            Kind::Pair => Example::Pair { positive: input, negative: second, shift },
            Kind::Positive => Example::Positive { input, shift },
            Kind::Negative => Example::Negative { input, shift },
            Kind::Overlay => Example::Overlay { input, label, shift },
            Kind::OverlayInfer => Example::OverlayInfer { input, truth },
        }
    }
}

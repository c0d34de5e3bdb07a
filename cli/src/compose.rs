//! From samples of a data set to examples for the module, in each phase.
//!
//! | phase | training | inference |
//! |---|---|---|
//! | labelled | one LABELLED example | one INFER |
//! | overlay | one OVERLAY example, the module appends the label rows | one OVERLAY_INFER |
//! | pair | one PAIR: sample + rows of its label, sample + rows of a wrong label | one INFER per label, with its rows |
//! | single | POSITIVE: sample + rows of its label, then NEGATIVE: sample + rows of a wrong label | as pair |
//!
//! Row k of label c is input `inputs + c * copies + k`, with the largest code (value 12).

use deku_ref::{Entry, Example, E2M1};

use crate::error::Result;
use crate::model::{Phase, Settings};
use crate::order::Drawn;

impl Phase {
    /// Whether label rows are ordinary inputs, appended by the host.
    #[must_use]
    pub fn host_rows(self) -> bool {
        matches!(self, Self::Pair | Self::Single)
    }

    /// Whether a wrong label is drawn for each sample.
    #[must_use]
    pub fn draws_wrong_label(self) -> bool {
        self.host_rows()
    }
}

/// Makes examples; keeps the lists it appends rows to.
#[derive(Debug)]
pub struct Composer {
    phase: Phase,
    inputs: usize,
    classes: usize,
    copies: usize,
    first: Vec<Entry>,
    second: Vec<Entry>,
}

impl Composer {
    /// For this network.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let Settings { inputs, classes, copies, phase, .. } = *settings;
        Self { phase, inputs, classes, copies, first: Vec::new(), second: Vec::new() }
    }

    /// Hands the training examples of a sample to `push`, each with the candidate that is right.
    pub fn train(
        &mut self,
        sample: Drawn<'_>,
        shift: u8,
        mut push: impl FnMut(Example<'_>, u8) -> Result<()>,
    ) -> Result<()> {
        let (input, label) = (sample.list, sample.label);
        if self.phase.host_rows() {
            append_rows(
                &mut self.first,
                input,
                self.inputs + usize::from(label) * self.copies,
                self.copies,
            );
            let wrong = usize::from(sample.wrong);
            append_rows(&mut self.second, input, self.inputs + wrong * self.copies, self.copies);
        }
        let (positive, negative) = (&self.first[..], &self.second[..]);
        match self.phase {
            Phase::Labelled => push(Example::Labelled { input, label, shift }, label),
            Phase::Overlay => push(Example::Overlay { input, label, shift }, label),
            Phase::Pair => push(Example::Pair { positive, negative, shift }, 0),
            Phase::Single => {
                push(Example::Positive { input: positive, shift }, 0)?;
                push(Example::Negative { input: negative, shift }, 1)
            }
        }
    }

    /// Hands the examples that classify a sample to `push`; there are [`Self::questions`] of them.
    pub fn infer(
        &mut self,
        input: &[Entry],
        mut push: impl FnMut(Example<'_>) -> Result<()>,
    ) -> Result<()> {
        match self.phase {
            Phase::Labelled => push(Example::Infer { input, truth: None }),
            Phase::Overlay => push(Example::OverlayInfer { input, truth: None }),
            Phase::Pair | Phase::Single => (0..self.classes).try_for_each(|label| {
                append_rows(&mut self.first, input, self.inputs + label * self.copies, self.copies);
                push(Example::Infer { input: &self.first, truth: None })
            }),
        }
    }

    /// A sample with the rows of a label appended.
    pub fn with_rows(&mut self, input: &[Entry], label: u8) -> &[Entry] {
        append_rows(
            &mut self.first,
            input,
            self.inputs + usize::from(label) * self.copies,
            self.copies,
        );
        &self.first
    }

    /// Examples it takes to classify one sample.
    #[must_use]
    pub fn questions(&self) -> usize {
        if self.phase.host_rows() {
            self.classes
        } else {
            1
        }
    }
}

fn append_rows(out: &mut Vec<Entry>, input: &[Entry], row: usize, copies: usize) {
    out.clear();
    out.extend_from_slice(input);
    out.extend((row..row + copies).map(|i| Entry::new(i as u16, E2M1::MAX)));
}

//! One example: what a module is asked to do with one or two inputs.

use crate::config::{NetworkConfig, Phases};
use crate::format::MAX_RATE_SHIFT;
use crate::list::{self, Entry};
use crate::network::NetworkError;
use crate::wire::Kind;

/// An example, borrowed from the caller.
///
/// Inputs are lists of the non-zero inputs, strictly ascending (see [`crate::list`]). `shift` is
/// the rate shift sh, 0..=10: the larger, the smaller the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are explained above and at each variant
pub enum Example<'a> {
    /// Forward only, nothing is drawn or changed; `truth`, if known, only sorts the goodness.
    Infer { input: &'a [Entry], truth: Option<u8> },
    /// Positive phase on the label (below the number of classes), negative on the drawn rival.
    Labelled { input: &'a [Entry], label: u8, shift: u8 },
    /// Two passes: the first input is good, the second is bad.
    Pair { positive: &'a [Entry], negative: &'a [Entry], shift: u8 },
    /// A good input, against the threshold.
    Positive { input: &'a [Entry], shift: u8 },
    /// A bad input, against the threshold.
    Negative { input: &'a [Entry], shift: u8 },
    /// Label overlay, training: one pass per label.
    Overlay { input: &'a [Entry], label: u8, shift: u8 },
    /// Label overlay, inference.
    OverlayInfer { input: &'a [Entry], truth: Option<u8> },
}

/// Label byte of an example without a label.
pub const NO_LABEL: u8 = 255;

impl<'a> Example<'a> {
    /// Kind of the record that carries it.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Infer { .. } => Kind::Infer,
            Self::Labelled { .. } => Kind::Labelled,
            Self::Pair { .. } => Kind::Pair,
            Self::Positive { .. } => Kind::Positive,
            Self::Negative { .. } => Kind::Negative,
            Self::Overlay { .. } => Kind::Overlay,
            Self::OverlayInfer { .. } => Kind::OverlayInfer,
        }
    }

    /// Rate shift, 0 for inference.
    #[must_use]
    pub const fn shift(&self) -> u8 {
        match *self {
            Self::Labelled { shift, .. }
            | Self::Pair { shift, .. }
            | Self::Positive { shift, .. }
            | Self::Negative { shift, .. }
            | Self::Overlay { shift, .. } => shift,
            Self::Infer { .. } | Self::OverlayInfer { .. } => 0,
        }
    }

    /// Label byte on the wire: the label or truth, [`NO_LABEL`] without a truth, 0 where none is
    /// meant.
    #[must_use]
    pub const fn label(&self) -> u8 {
        match *self {
            Self::Labelled { label, .. } | Self::Overlay { label, .. } => label,
            Self::Infer { truth, .. } | Self::OverlayInfer { truth, .. } => match truth {
                Some(truth) => truth,
                None => NO_LABEL,
            },
            Self::Pair { .. } | Self::Positive { .. } | Self::Negative { .. } => 0,
        }
    }

    /// The first, or only, input.
    #[must_use]
    pub const fn input(&self) -> &'a [Entry] {
        match *self {
            Self::Infer { input, .. }
            | Self::Labelled { input, .. }
            | Self::Positive { input, .. }
            | Self::Negative { input, .. }
            | Self::Overlay { input, .. }
            | Self::OverlayInfer { input, .. } => input,
            Self::Pair { positive, .. } => positive,
        }
    }

    /// The second input of a pair.
    #[must_use]
    pub const fn second(&self) -> Option<&'a [Entry]> {
        match *self {
            Self::Pair { negative, .. } => Some(negative),
            _ => None,
        }
    }

    /// Entries of the list memory its record takes: the non-zero inputs, and three (four for a
    /// pair) for the record itself.
    #[must_use]
    pub const fn list_entries(&self) -> usize {
        let second = match self.second() {
            Some(list) => list.len(),
            None => 0,
        };
        self.kind().list_overhead() + self.input().len() + second
    }

    /// Checks it against a network: everything a module would refuse, before it is sent.
    ///
    /// # Errors
    /// The first [`NetworkError`] found.
    pub fn check(&self, config: &NetworkConfig) -> Result<(), NetworkError> {
        self.check_head(config)?;
        let inputs = config.record_inputs();
        list::check(self.input(), inputs)?;
        list::check(self.second().unwrap_or_default(), inputs)?;
        Ok(())
    }

    /// Checks everything but the inputs.
    ///
    /// # Errors
    /// [`NetworkError::RateShift`], [`NetworkError::Label`], [`NetworkError::NoMasks`] or
    /// [`NetworkError::NoLabelRows`].
    pub fn check_head(&self, config: &NetworkConfig) -> Result<(), NetworkError> {
        let shift = self.shift();
        if shift > MAX_RATE_SHIFT {
            return Err(NetworkError::RateShift { shift });
        }
        self.check_label(config)
    }

    fn check_label(&self, config: &NetworkConfig) -> Result<(), NetworkError> {
        let phases = config.phases();
        let kind = self.kind();
        if matches!(kind, Kind::Infer | Kind::Labelled) && !phases.contains(Phases::LABELLED) {
            return Err(NetworkError::NoMasks);
        }
        if matches!(kind, Kind::Overlay | Kind::OverlayInfer) && config.copies() == 0 {
            return Err(NetworkError::NoLabelRows);
        }
        let (label, classes) = (self.label(), config.classes());
        let none = label == NO_LABEL && !kind.trains();
        if kind.has_label() && !none && usize::from(label) >= classes {
            return Err(NetworkError::Label { label, classes });
        }
        Ok(())
    }
}

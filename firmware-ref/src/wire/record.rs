//! Records: one example each, inside a STREAM frame from the host.
//!
//! | byte | content |
//! |---|---|
//! | 0 | 0x80 + [`Kind`] |
//! | 1 | sequence number |
//! | 2 | rate shift, 0..=10 (bits 7:4 zero) |
//! | 3 | label, 255 = none (kinds that infer), 0 where none is meant |
//! | 4.. | one input, two for a pair, in the sample format |
//! | last 2 | CRC-16 of everything before |

use super::{crc, CRC_LEN};
use crate::example::{Example, NO_LABEL};
use crate::format::MAX_RATE_SHIFT;
use crate::sample::{self, Format, SampleError};
use nom::number::complete::u8;
use nom::Parser;

/// Added to the kind in byte 0: tells a record from idle bytes.
pub const MARK: u8 = 0x80;
/// Bytes before the first input.
pub const HEAD_LEN: usize = 4;

/// What is to be done with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Forward only.
    Infer = 0,
    /// Positive phase on the label, negative on the drawn rival.
    Labelled = 1,
    /// Two inputs, the first good, the second bad.
    Pair = 2,
    /// A good input against the threshold.
    Positive = 3,
    /// A bad input against the threshold.
    Negative = 4,
    /// Label overlay, training.
    Overlay = 5,
    /// Label overlay, inference.
    OverlayInfer = 6,
}

impl Kind {
    /// Every kind, in order of its number.
    pub const ALL: [Self; 7] = [
        Self::Infer,
        Self::Labelled,
        Self::Pair,
        Self::Positive,
        Self::Negative,
        Self::Overlay,
        Self::OverlayInfer,
    ];

    /// The kind in byte 0 of a record; `None` if it starts no record.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte ^ MARK)).copied()
    }

    /// Whether it may change weights.
    #[must_use]
    pub const fn trains(self) -> bool {
        !matches!(self, Self::Infer | Self::OverlayInfer)
    }

    /// Whether its label byte means a class.
    #[must_use]
    pub const fn has_label(self) -> bool {
        matches!(self, Self::Infer | Self::Labelled | Self::Overlay | Self::OverlayInfer)
    }

    /// Inputs of a record, 1 or 2.
    #[must_use]
    pub const fn inputs(self) -> usize {
        match self {
            Self::Pair => 2,
            _ => 1,
        }
    }

    /// Entries of the list memory a record takes besides those of its inputs.
    #[must_use]
    pub const fn list_overhead(self) -> usize {
        2 + self.inputs()
    }

    /// Whether `label` is legal for this kind with `classes` classes: a class, or 255 where
    /// nothing is trained; anything where no label is meant.
    #[must_use]
    pub fn accepts(self, label: u8, classes: usize) -> bool {
        !self.has_label() || usize::from(label) < classes || (label == NO_LABEL && !self.trains())
    }

    /// Candidate that is the truth, for a legal label.
    #[must_use]
    pub fn truth(self, label: u8, classes: usize) -> Option<u8> {
        match self {
            Self::Pair | Self::Positive => Some(0),
            Self::Negative => Some(1),
            _ => (usize::from(label) < classes).then_some(label),
        }
    }
}

/// The bytes of a record before its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHead {
    /// What to do.
    pub kind: Kind,
    /// Sequence number.
    pub sequence: u8,
    /// Rate shift as sent; legal up to 10.
    pub shift: u8,
    /// Label byte as sent.
    pub label: u8,
}

impl RecordHead {
    /// The head's bytes.
    #[must_use]
    pub const fn emit(&self) -> [u8; HEAD_LEN] {
        [MARK + self.kind as u8, self.sequence, self.shift, self.label]
    }

    /// Reads a head from the start of `bytes`; `None` if it is cut short or starts no record.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let parsed: nom::IResult<_, _> = (u8, u8, u8, u8).parse(bytes);
        let (_, (kind, sequence, shift, label)) = parsed.ok()?;
        Some(Self { kind: Kind::from_byte(kind)?, sequence, shift, label })
    }

    /// Whether the rate shift is legal.
    #[must_use]
    pub const fn shift_is_legal(&self) -> bool {
        self.shift <= MAX_RATE_SHIFT
    }
}

/// Bytes of the record of `example`, for `inputs` inputs in `format`.
#[must_use]
pub fn len(example: &Example<'_>, format: Format, inputs: usize) -> usize {
    let input = |list: &[crate::Entry]| format.len(list.len(), inputs);
    HEAD_LEN + input(example.input()) + example.second().map_or(0, input) + CRC_LEN
}

/// Writes the record of `example` to the start of `out` and returns the number of bytes.
///
/// # Errors
/// [`SampleError`] if an input is illegal or `out` too short; `out` is then undefined. Rate shift
/// and label are written as they are, [`Example::check`] checks them.
pub fn emit(
    example: &Example<'_>,
    sequence: u8,
    format: Format,
    inputs: usize,
    out: &mut [u8],
) -> Result<usize, SampleError> {
    let (needed, given) = (len(example, format, inputs), out.len());
    let out = out.get_mut(..needed).ok_or(SampleError::Buffer { needed, given })?;
    let (shift, label) = (example.shift(), example.label());
    let head = RecordHead { kind: example.kind(), sequence, shift, label };
    out[..HEAD_LEN].copy_from_slice(&head.emit());
    let mut at = HEAD_LEN;
    for list in [Some(example.input()), example.second()].into_iter().flatten() {
        at += sample::encode(format, list, inputs, &mut out[at..needed - CRC_LEN])?;
    }
    crc::seal(out);
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, E2M1};

    #[test]
    fn layout() {
        let input = [Entry::new(0, E2M1::MAX), Entry::new(9, E2M1::from_low_bits(1))];
        let mut out = [0xEE; 32];
        let example = Example::Labelled { input: &input, label: 3, shift: 4 };
        let n = emit(&example, 200, Format::PackedUnsigned, 10, &mut out).unwrap();
        assert_eq!(n, 4 + 2 + 2);
        assert_eq!(out[..6], [0x81, 200, 4, 3, 0b1111_0000, 0b0000_1001]);
        assert!(crc::crc16_is_right(&out[..n]));

        let pair = Example::Pair { positive: &input, negative: &[], shift: 0 };
        let n = emit(&pair, 0, Format::IndexList, 10, &mut out).unwrap();
        assert_eq!(out[..12], [0x82, 0, 0, 0, 0, 2, 0x00, 0x07, 0x00, 0x91, 0, 0]);
        assert_eq!((n, pair.list_entries()), (14, 6));
        assert!(matches!(
            emit(&pair, 0, Format::IndexList, 10, &mut out[..13]),
            Err(SampleError::Buffer { needed: 14, given: 13 })
        ));
    }

    #[test]
    fn heads_round_trip_and_idle_bytes_are_none() {
        for kind in Kind::ALL {
            let head = RecordHead { kind, sequence: 7, shift: 10, label: 255 };
            assert_eq!(RecordHead::parse(&head.emit()), Some(head));
        }
        for byte in (0x00..0x80).chain(0x87..=0xFF) {
            assert_eq!(RecordHead::parse(&[byte, 0, 0, 0]), None);
        }
        assert_eq!(RecordHead::parse(&[0x80, 0, 0]), None);
    }

    #[test]
    fn labels() {
        for kind in Kind::ALL {
            let labelled = kind.has_label();
            assert!(kind.accepts(9, 10), "{kind:?}");
            assert_eq!(kind.accepts(10, 10), !labelled);
            assert_eq!(kind.accepts(255, 10), !labelled || !kind.trains());
            assert!(kind.accepts(255, 256));
        }
        assert_eq!(Kind::Infer.truth(255, 10), None);
        assert_eq!(Kind::OverlayInfer.truth(255, 256), Some(255));
        assert_eq!(Kind::Negative.truth(0, 10), Some(1));
    }
}

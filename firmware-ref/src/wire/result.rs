//! Results: one per example, inside the answer to a STREAM frame.
//!
//! | byte | content |
//! |---|---|
//! | 0 | 0xA0 + one bit per updated layer |
//! | 1 | sequence number |
//! | 2 | predicted class |
//! | 3 | rival drawn by layer 0, 255 = none |
//! | 4..=6 | summed goodness of the best other candidate |
//! | 7..=9 | summed goodness of the truth |
//! | 10..=11 | CRC-16 of everything before |

use super::crc::{crc16_is_right, seal};
use super::IDLE;
use crate::outcome::Outcome;
use nom::number::complete::{be_u24, u8};
use nom::Parser;

/// Bytes of a result.
pub const RESULT_LEN: usize = 12;
/// Bytes of the body before the first result: the module is still looking at the header.
pub const TURNAROUND: usize = 2;
/// High half of byte 0.
pub const MARK: u8 = 0xA0;
const NO_RIVAL: u8 = 255;

/// What became of one example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExampleResult {
    /// Sequence number of its record.
    pub sequence: u8,
    /// One bit per layer that was updated, bit 0 = layer 0; 0..=15.
    pub updated: u8,
    /// Candidate with the largest goodness summed over the layers, lowest index wins.
    pub class: u8,
    /// Rival drawn by layer 0; `None` if nothing was drawn (and for rival 255 of 256 classes).
    pub rival: Option<u8>,
    /// Summed goodness of the best candidate that is not the truth (of the prediction, if there
    /// is no truth), below 2^24.
    pub other: u32,
    /// Summed goodness of the truth (0 if there is none), below 2^24.
    pub truth: u32,
}

impl ExampleResult {
    /// The result of an outcome.
    #[must_use]
    pub const fn of(outcome: &Outcome, sequence: u8) -> Self {
        Self {
            sequence,
            updated: outcome.updated,
            class: outcome.class,
            rival: outcome.rivals[0],
            other: outcome.goodness_other,
            truth: outcome.goodness_truth,
        }
    }

    /// The result's bytes.
    #[must_use]
    pub fn emit(&self) -> [u8; RESULT_LEN] {
        let mut bytes = [0; RESULT_LEN];
        bytes[0] = MARK | self.updated & 0xF;
        bytes[1] = self.sequence;
        bytes[2] = self.class;
        bytes[3] = self.rival.unwrap_or(NO_RIVAL);
        bytes[4..7].copy_from_slice(&self.other.to_be_bytes()[1..]);
        bytes[7..10].copy_from_slice(&self.truth.to_be_bytes()[1..]);
        seal(&mut bytes);
        bytes
    }

    /// Reads a result from the start of `bytes`; `None` if it is cut short or damaged.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..RESULT_LEN)?;
        if bytes[0] & 0xF0 != MARK || !crc16_is_right(bytes) {
            return None;
        }
        let parsed: nom::IResult<_, _> = (u8, u8, u8, u8, be_u24, be_u24).parse(bytes);
        let (_, (mark, sequence, class, rival, other, truth)) = parsed.ok()?;
        let rival = (rival != NO_RIVAL).then_some(rival);
        Some(Self { sequence, updated: mark & 0xF, class, rival, other, truth })
    }
}

/// The results in the body of an answer to a STREAM frame, in order; damaged bytes are skipped
/// and counted.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    rest: &'a [u8],
    damaged: usize,
}

impl<'a> Results<'a> {
    /// Looks for results in `body`, the answer after its preamble.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { rest: body, damaged: 0 }
    }

    /// Bytes so far that were neither idle nor part of a result. What looks like the start of a
    /// result that the end of the frame cuts off does not count.
    #[must_use]
    pub const fn damaged(&self) -> usize {
        self.damaged
    }
}

impl Iterator for Results<'_> {
    type Item = ExampleResult;

    fn next(&mut self) -> Option<ExampleResult> {
        loop {
            let idle = self.rest.iter().take_while(|b| **b == IDLE).count();
            self.rest = &self.rest[idle..];
            if self.rest.is_empty() {
                return None;
            }
            if let Some(result) = ExampleResult::parse(self.rest) {
                self.rest = &self.rest[RESULT_LEN..];
                return Some(result);
            }
            if self.rest.len() < RESULT_LEN && self.rest[0] & 0xF0 == MARK {
                self.rest = &[];
                return None;
            }
            self.damaged += 1;
            self.rest = &self.rest[1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn result(sequence: u8) -> ExampleResult {
        let (rival, other) = (Some(3), 0x0A_0B0C);
        ExampleResult { sequence, updated: 5, class: 9, rival, other, truth: 0xFF_FFFF }
    }

    #[test]
    fn layout() {
        let bytes = result(0x42).emit();
        assert_eq!(bytes[..10], [0xA5, 0x42, 9, 3, 0x0A, 0x0B, 0x0C, 0xFF, 0xFF, 0xFF]);
        assert_eq!(ExampleResult::parse(&bytes), Some(result(0x42)));
        assert_eq!(ExampleResult::parse(&bytes[..11]), None);
    }

    #[test]
    fn results_are_found_between_idle_and_damaged_bytes() {
        let mut body = Vec::from([0, 0]);
        body.extend(result(1).emit());
        body.extend(result(2).emit());
        body.push(0);
        body.extend(result(3).emit());
        body.extend(&result(4).emit()[..7]);
        let found = |body: &[u8]| {
            let mut results = Results::new(body);
            let found: Vec<u8> = results.by_ref().map(|r| r.sequence).collect();
            (found, results.damaged())
        };
        assert_eq!(found(&body), (Vec::from([1, 2, 3]), 0));
        body[0] = 0xA0; // a damaged idle byte
        assert_eq!(found(&body), (Vec::from([1, 2, 3]), 1));
        body[2 + 12 + 5] ^= 4; // a damaged result
        assert_eq!(found(&body).0, [1, 3]);
    }
}

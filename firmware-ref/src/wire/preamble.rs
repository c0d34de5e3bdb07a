//! The first six bytes from the module: its state when chip select fell.

use super::crc::{crc16_is_right, seal};
use super::HEADER_LEN;
use core::fmt;
use nom::number::complete::{be_u16, u8};
use nom::Parser;

const SYNC: u8 = 0b10 << 6;
const SYNC_MASK: u8 = 0b11 << 6;
const BUSY: u8 = 1 << 5;
const CREDIT: u8 = 1 << 4;
const INTERRUPT: u8 = 1 << 3;
const ERROR: u8 = 1 << 2;
const LOADED: u8 = 1 << 1;

/// The status byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// An example is queued or in work.
    pub busy: bool,
    /// The list memory has room for one input without any zero (`3 + INPUTS` entries).
    pub credit: bool,
    /// An enabled interrupt cause is set: the level of the IRQ line.
    pub interrupt: bool,
    /// A bit of register ERROR is set.
    pub error: bool,
    /// Every configured layer has been loaded.
    pub loaded: bool,
}

impl Status {
    /// The status as a byte.
    #[must_use]
    pub const fn emit(&self) -> u8 {
        SYNC | flag(self.busy, BUSY)
            | flag(self.credit, CREDIT)
            | flag(self.interrupt, INTERRUPT)
            | flag(self.error, ERROR)
            | flag(self.loaded, LOADED)
    }

    /// Reads a status byte; `None` if the sync pattern is missing.
    #[must_use]
    pub const fn parse(byte: u8) -> Option<Self> {
        if byte & SYNC_MASK != SYNC {
            return None;
        }
        Some(Self {
            busy: byte & BUSY != 0,
            credit: byte & CREDIT != 0,
            interrupt: byte & INTERRUPT != 0,
            error: byte & ERROR != 0,
            loaded: byte & LOADED != 0,
        })
    }
}

const fn flag(on: bool, mask: u8) -> u8 {
    if on {
        mask
    } else {
        0
    }
}

/// What a module says of itself at the start of every frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preamble {
    /// State bits.
    pub status: Status,
    /// Sequence number the next record must have.
    pub next_sequence: u8,
    /// Free entries of the list memory, at most 65,535.
    pub free_entries: u16,
}

impl Preamble {
    /// The preamble's bytes.
    #[must_use]
    pub fn emit(&self) -> [u8; HEADER_LEN] {
        let [f1, f0] = self.free_entries.to_be_bytes();
        let mut bytes = [self.status.emit(), self.next_sequence, f1, f0, 0, 0];
        seal(&mut bytes);
        bytes
    }

    /// Reads a preamble from the start of an answer.
    ///
    /// # Errors
    /// [`PreambleError`] if it is too short, damaged, or without the sync pattern.
    pub fn parse(answer: &[u8]) -> Result<Self, PreambleError> {
        let bytes = answer.first_chunk::<HEADER_LEN>().ok_or(PreambleError::Short)?;
        if !crc16_is_right(bytes) {
            return Err(PreambleError::Damaged { bytes: *bytes });
        }
        let parsed: nom::IResult<_, _> = (u8, u8, be_u16).parse(&bytes[..]);
        let (_, (status, next_sequence, free_entries)) =
            parsed.map_err(|_| PreambleError::Short)?;
        let status = Status::parse(status).ok_or(PreambleError::Damaged { bytes: *bytes })?;
        Ok(Self { status, next_sequence, free_entries })
    }
}

/// Why six bytes are no preamble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreambleError {
    /// Fewer than six bytes.
    Short,
    /// Wrong CRC-16 or no sync pattern.
    Damaged {
        /// What was received.
        bytes: [u8; HEADER_LEN],
    },
}

impl fmt::Display for PreambleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("an answer shorter than its preamble of 6 bytes"),
            Self::Damaged { bytes } => {
                write!(f, "a damaged preamble ({bytes:02x?}): the link is not clean")
            }
        }
    }
}

impl core::error::Error for PreambleError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emitted_preambles_parse() {
        for bits in 0..32u8 {
            let on = |n: u8| bits & (1 << n) != 0;
            let status = Status {
                busy: on(0),
                credit: on(1),
                interrupt: on(2),
                error: on(3),
                loaded: on(4),
            };
            let preamble = Preamble { status, next_sequence: bits * 7, free_entries: 0x1234 };
            assert_eq!(Preamble::parse(&preamble.emit()), Ok(preamble));
        }
    }

    #[test]
    fn layout() {
        let status = Status { busy: true, loaded: true, ..Status::default() };
        let bytes = Preamble { status, next_sequence: 9, free_entries: 0x0102 }.emit();
        assert_eq!(bytes[..4], [0b1010_0010, 9, 1, 2]);
    }

    #[test]
    fn quiet_lines_are_no_preamble() {
        for line in [0x00, 0xFF] {
            let answer = [line; 6];
            assert_eq!(Preamble::parse(&answer), Err(PreambleError::Damaged { bytes: answer }));
        }
        assert_eq!(Preamble::parse(&[0x80; 5]), Err(PreambleError::Short));
    }
}

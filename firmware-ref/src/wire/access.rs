//! Bodies of READ and WRITE frames.
//!
//! READ: two turnaround bytes, then in the answer the units and their CRC-16, which starts from
//! [`read_seed`].
//! WRITE: per unit a *block* (the unit and the CRC-16 of header bytes 0..=4 and the unit), three
//! turnaround bytes, and one byte or more during which the module answers with the acknowledge.

use super::crc::{crc16, crc16_more, seal_from};
use super::{Access, Request, CRC_LEN, HEADER_LEN};

/// Answer to a WRITE of which every block was committed.
pub const WRITE_DONE: u8 = 0xA5;
/// Answer to any other WRITE.
pub const WRITE_FAILED: u8 = 0x5A;
/// Turnaround bytes of a READ.
pub const READ_TURNAROUND: usize = 2;
/// Turnaround bytes of a WRITE.
pub const WRITE_TURNAROUND: usize = 3;

/// Where the units start in the answer to a READ.
pub const READ_DATA: usize = HEADER_LEN + READ_TURNAROUND;

impl Access {
    /// Bytes of all its units.
    #[must_use]
    pub const fn data_len(&self) -> usize {
        self.units() as usize * self.space().unit()
    }

    /// Bytes of a READ frame.
    #[must_use]
    pub const fn read_len(&self) -> usize {
        READ_DATA + self.data_len() + CRC_LEN
    }

    /// Bytes of one block of a WRITE frame.
    #[must_use]
    pub const fn block_len(&self) -> usize {
        self.space().unit() + CRC_LEN
    }

    /// Position of the acknowledge in the answer to a WRITE.
    #[must_use]
    pub const fn write_ack(&self) -> usize {
        HEADER_LEN + self.units() as usize * self.block_len() + WRITE_TURNAROUND
    }

    /// Bytes of a WRITE frame.
    #[must_use]
    pub const fn write_len(&self) -> usize {
        self.write_ack() + 1
    }

    /// Units that fit a READ frame of `frame` bytes.
    #[must_use]
    pub fn units_per_read(space: super::Space, frame: usize) -> u16 {
        clamp(frame.saturating_sub(READ_DATA + CRC_LEN) / space.unit())
    }

    /// Units that fit a WRITE frame of `frame` bytes.
    #[must_use]
    pub fn units_per_write(space: super::Space, frame: usize) -> u16 {
        let around = HEADER_LEN + WRITE_TURNAROUND + 1;
        clamp(frame.saturating_sub(around) / (space.unit() + CRC_LEN))
    }
}

fn clamp(units: usize) -> u16 {
    units.min(Access::MAX_UNITS as usize) as u16
}

/// Writes a READ frame into `frame`, whose length must be [`Access::read_len`].
pub fn emit_read(access: Access, frame: &mut [u8]) {
    debug_assert_eq!(frame.len(), access.read_len());
    frame.fill(0);
    put_header(Request::Read(access), frame);
}

/// The units in the answer to a READ; `None` if it is damaged, cut short, or was refused.
#[must_use]
pub fn read_data(access: Access, answer: &[u8]) -> Option<&[u8]> {
    let data = answer.get(READ_DATA..access.read_len())?;
    let seed = read_seed(&Request::Read(access).emit());
    (crc16_more(seed, data) == 0).then(|| &data[..access.data_len()])
}

/// Where the CRC-16 of the answer to a READ starts: the CRC-16 of header bytes 0..=4, with its
/// highest bit set.
///
/// So the answer to another header is not taken for this one's, nor is a preamble in the middle
/// of an answer (after a glitch on chip select). The bit keeps it from being 0: an answer of
/// zeros is never right.
#[must_use]
pub fn read_seed(frame: &[u8]) -> u16 {
    header_crc(frame) | 0x8000
}

/// Writes a WRITE frame into `frame`, whose length must be [`Access::write_len`] or more (the
/// module repeats its acknowledge to the end); `unit(n, bytes)` fills the bytes of unit `n`
/// (counted from 0).
pub fn emit_write(access: Access, frame: &mut [u8], mut unit: impl FnMut(usize, &mut [u8])) {
    debug_assert!(frame.len() >= access.write_len());
    frame.fill(0);
    put_header(Request::Write(access), frame);
    let header = header_crc(frame);
    let body = frame.get_mut(HEADER_LEN..).unwrap_or_default();
    let blocks = body.chunks_exact_mut(access.block_len()).take(access.units() as usize);
    for (n, block) in blocks.enumerate() {
        let size = access.space().unit();
        unit(n, &mut block[..size]);
        seal_from(header, block);
    }
}

/// Whether the answer to a WRITE says that every block was committed, in every byte from the
/// acknowledge on.
#[must_use]
pub fn write_done(access: Access, answer: &[u8]) -> bool {
    let acknowledge = answer.get(access.write_ack()..).unwrap_or_default();
    !acknowledge.is_empty() && acknowledge.iter().all(|byte| *byte == WRITE_DONE)
}

/// State of the CRC-16 of every block of a WRITE frame before the unit's own bytes.
#[must_use]
pub fn header_crc(frame: &[u8]) -> u16 {
    crc16(frame.get(..HEADER_LEN - 1).unwrap_or_default())
}

/// The unit of a block, if the block's CRC is right. `header` comes from [`header_crc`].
#[must_use]
pub fn block_unit(header: u16, block: &[u8]) -> Option<&[u8]> {
    let (unit, _) = block.split_last_chunk::<CRC_LEN>()?;
    (crc16_more(header, block) == 0).then_some(unit)
}

fn put_header(request: Request, frame: &mut [u8]) {
    if let Some(header) = frame.first_chunk_mut() {
        *header = request.emit();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Space;
    use super::*;

    #[test]
    fn write_frame_layout() {
        let access = Access::new(Space::Registers, 0x0C, 2).unwrap();
        let mut frame = [0xEE; 6 + 2 * 6 + 3 + 1];
        assert_eq!(access.write_len(), frame.len());
        emit_write(access, &mut frame, |n, unit| unit.fill(n as u8 + 1));
        assert_eq!(frame[6..10], [1; 4]);
        assert_eq!(frame[12..16], [2; 4]);
        assert_eq!(frame[18..], [0; 4]);
        let crc = header_crc(&frame);
        assert_eq!(block_unit(crc, &frame[6..12]), Some(&[1; 4][..]));
        assert_eq!(block_unit(crc, &frame[12..18]), Some(&[2; 4][..]));
        frame[13] ^= 0x10;
        assert_eq!(block_unit(crc, &frame[12..18]), None);
    }

    #[test]
    fn a_block_is_not_right_under_another_header() {
        let at = |first| {
            let access = Access::new(Space::Masks, first, 1).unwrap();
            let mut frame = [0; 16];
            emit_write(access, &mut frame, |_, unit| unit.fill(7));
            frame
        };
        assert_eq!(block_unit(header_crc(&at(5)), &at(6)[6..12]), None);
    }

    #[test]
    fn read_answers_are_checked() {
        let access = Access::new(Space::Registers, 0, 1).unwrap();
        let mut answer = [0; 14];
        assert_eq!(access.read_len(), answer.len());
        assert_eq!(read_data(access, &answer), None, "refused");
        answer[8..12].copy_from_slice(b"DEKU");
        seal_from(read_seed(&Request::Read(access).emit()), &mut answer[8..]);
        assert_eq!(read_data(access, &answer), Some(&b"DEKU"[..]));
        assert_eq!(read_data(access, &answer[..13]), None, "cut off");
        let other = Access::new(Space::Registers, 1, 1).unwrap();
        assert_eq!(read_data(other, &answer), None, "another header");
        let preamble = super::super::Preamble::default().emit();
        answer[8..].copy_from_slice(&preamble);
        assert_eq!(read_data(access, &answer), None, "a second preamble");
    }

    /// Whatever is read: a refused or ignored READ answers with zeros.
    #[test]
    fn zeros_are_never_an_answer() {
        for first in 0..=u16::MAX {
            for units in [1, 2, 16] {
                let access = Access::new(Space::Registers, first, units).unwrap();
                assert_eq!(read_data(access, &[0; 128]), None);
            }
        }
    }

    #[test]
    fn every_acknowledge_must_be_right() {
        let access = Access::new(Space::Registers, 0x0C, 1).unwrap();
        let mut answer = [0; 17];
        answer[15] = WRITE_DONE;
        assert!(write_done(access, &answer[..16]) && !write_done(access, &answer));
        answer[16] = WRITE_DONE;
        assert!(write_done(access, &answer) && !write_done(access, &answer[..15]));
    }

    #[test]
    fn frames_hold_what_they_claim() {
        for space in [Space::Registers, Space::Latents] {
            for frame in 0..600 {
                let units = Access::units_per_read(space, frame);
                let len = |u| Access::new(space, 0, u).unwrap().read_len();
                assert!(units == 0 || len(units) <= frame);
                assert!(len(units + 1) > frame);
                let units = Access::units_per_write(space, frame);
                let len = |u| Access::new(space, 0, u).unwrap().write_len();
                assert!(units == 0 || len(units) <= frame);
                assert!(len(units + 1) > frame);
            }
        }
    }
}

//! Frames to a module, right and wrong, as an input describes them. A fuzzer would not find a CRC:
//! most of them are made right here.

use deku_ref::wire::access::emit_write;
use deku_ref::wire::crc::{crc8, seal};
use deku_ref::wire::{Access, Request, Space, HEADER_LEN};

use super::bytes::Bytes;

/// Steps that are taken of an input.
const MOST_STEPS: usize = 24;

/// What happens to a module.
#[derive(Debug)]
pub(super) enum Step {
    /// A frame.
    Frame {
        bytes: Vec<u8>,
        /// Chip select rises after so many bits; all of them, if they are fewer.
        bits: usize,
        /// Chip select rises for a moment before this bit.
        glitch: Option<usize>,
    },
    /// Time passes: so many bytes on the link would have taken as long.
    Wait(usize),
}

/// The steps of an input.
pub(super) struct Script<'d> {
    input: Bytes<'d>,
    left: usize,
}

impl<'d> Script<'d> {
    pub fn new(input: Bytes<'d>) -> Self {
        Self { input, left: MOST_STEPS }
    }

    /// The next step for a module that expects the record `sequence`.
    pub fn next(&mut self, sequence: u8) -> Option<Step> {
        self.left = self.left.checked_sub(1)?;
        if self.input.is_empty() {
            return None;
        }
        let kind = self.input.u8();
        let bytes = match kind & 7 {
            0 => self.some_bytes(),
            1 => self.with_header(),
            2 => self.write(),
            3 => self.read(),
            4 | 5 => self.stream(sequence),
            6 => Request::Reset.emit().to_vec(),
            _ => return Some(Step::Wait(usize::from(self.input.u8()) * 16)),
        };
        let all = 8 * bytes.len();
        let mut position = |wanted: bool| wanted.then(|| usize::from(self.input.u16()) % (all + 1));
        let bits = position(kind & 8 != 0).unwrap_or(all);
        Some(Step::Frame { bytes, bits, glitch: position(kind & 16 != 0) })
    }

    fn some_bytes(&mut self) -> Vec<u8> {
        let len = self.input.u8();
        self.input.take(len.into()).to_vec()
    }

    /// Any header with a right CRC-8, and a body.
    fn with_header(&mut self) -> Vec<u8> {
        let mut bytes = self.input.array::<5>().to_vec();
        bytes.push(crc8(&bytes));
        bytes.extend(self.some_bytes());
        bytes
    }

    fn access(&mut self, most: u8) -> Access {
        let choice = self.input.u8();
        let spaces = [Space::Registers, Space::Latents, Space::Masks, Space::Goodness];
        let (space, units) = (spaces[usize::from(choice & 3)], (choice >> 2) % (most + 1));
        Access::new(space, self.input.u16(), units.into()).expect("few units")
    }

    /// A WRITE with right blocks, but for one bit if the input says so.
    fn write(&mut self) -> Vec<u8> {
        let access = self.access(6);
        let mut frame = vec![0; access.write_len() + 1];
        let input = &mut self.input;
        emit_write(access, &mut frame, |_, unit| {
            let data = input.take(unit.len());
            unit[..data.len()].copy_from_slice(data);
        });
        self.damage(&mut frame);
        frame
    }

    fn read(&mut self) -> Vec<u8> {
        let access = self.access(12);
        let mut frame = vec![0; access.read_len()];
        deku_ref::wire::access::emit_read(access, &mut frame);
        self.damage(&mut frame);
        frame
    }

    /// A STREAM with records; their numbers and CRC are right unless the input says otherwise.
    fn stream(&mut self, sequence: u8) -> Vec<u8> {
        let choice = self.input.u8();
        let behind = choice >> 4;
        let acknowledge = sequence.wrapping_sub(behind);
        let mut frame = Request::Stream { acknowledge }.emit().to_vec();
        for n in 0..choice % 4 {
            let mut record = self.some_bytes();
            if let Some([kind, number]) = record.first_chunk_mut() {
                *kind = 0x80 | (*kind % 8);
                *number = number.wrapping_add(sequence).wrapping_add(n);
            }
            record.extend([0; 2]);
            seal(&mut record);
            frame.extend(record);
        }
        let idle = HEADER_LEN + usize::from(self.input.u8() % 64);
        frame.resize(frame.len().max(idle), 0);
        self.damage(&mut frame);
        frame
    }

    fn damage(&mut self, frame: &mut [u8]) {
        if self.input.u8() == 0xFF {
            let at = usize::from(self.input.u16()) % (8 * frame.len());
            frame[at / 8] ^= 1 << (at % 8);
        }
    }
}

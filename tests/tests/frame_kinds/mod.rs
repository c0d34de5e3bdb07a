//! Frames, right and wrong.

use deku_ref::wire::crc::{crc16_more, crc8};
use deku_ref::wire::Request;
use deku_ref::{Capacity, Xorshift32};
use deku_tests::case::below;

/// Units of every space.
pub struct Sizes([usize; 4]);

impl Sizes {
    /// Those of a module.
    pub fn of(capacity: &Capacity) -> Self {
        let goodness = capacity.max_layers << 8;
        Self([128, capacity.words, capacity.mask_words, goodness])
    }
}

/// A header with a right CRC-8.
pub fn header(opcode: u8, address: u16, length: u16) -> Vec<u8> {
    let [a, b] = address.to_be_bytes();
    let [c, d] = length.to_be_bytes();
    let mut bytes = vec![opcode, a, b, c, d];
    bytes.push(crc8(&bytes));
    bytes
}

const fn unit(space: u16) -> usize {
    if space == 1 {
        32
    } else {
        4
    }
}

/// A READ frame, with the CRC of the answer and not more.
pub fn read(space: u16, first: u16, units: u16) -> Vec<u8> {
    let mut frame = header(0x31, first, space << 14 | units);
    frame.resize(6 + 2 + usize::from(units) * unit(space) + 2, 0);
    frame
}

/// A WRITE frame with two acknowledges; block `damaged - 1` has a wrong CRC.
pub fn write(
    space: u16,
    first: u16,
    units: u16,
    damaged: usize,
    mut fill: impl FnMut(usize, &mut [u8]),
) -> Vec<u8> {
    let mut frame = header(0x52, first, space << 14 | units);
    let start = crc16_more(0xFFFF, &frame[..5]);
    for n in 0..usize::from(units) {
        let mut bytes = vec![0; unit(space)];
        fill(n, &mut bytes);
        let crc = crc16_more(start, &bytes) ^ u16::from(damaged == n + 1) << (n % 16);
        frame.extend(bytes);
        frame.extend(crc.to_be_bytes());
    }
    frame.resize(frame.len() + 5, 0);
    frame
}

/// One or two bits flipped in a third of the cases.
pub fn damaged(random: &mut Xorshift32, frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if below(random, 3) == 0 {
        for _ in 0..1 + below(random, 2) {
            let at = below(random, 8 * frame.len());
            frame[at / 8] ^= 1 << (at % 8);
        }
    }
    frame
}

/// Bits of a frame that are sent: mostly all of them.
pub fn length(random: &mut Xorshift32, bytes: usize) -> usize {
    match below(random, 6) {
        0 => below(random, 8 * bytes + 1),
        1 => 8 * below(random, bytes + 1),
        _ => 8 * bytes,
    }
}

/// Any frame but a stream.
pub fn any(random: &mut Xorshift32, sizes: &Sizes) -> Vec<u8> {
    let frame = match below(random, 8) {
        0 => (0..below(random, 40)).map(|_| random.next() as u8).collect(),
        1 => Request::Reset.emit().to_vec(),
        2 => header(0xAD, 0xDE4B ^ 1 << below(random, 16), 0x5E7A),
        3 => header(random.next() as u8, random.next() as u16, random.next() as u16),
        4 | 5 => any_read(random, sizes),
        _ => any_write(random, sizes),
    };
    let mut frame = if below(random, 4) == 0 { spoiled_header(random, frame) } else { frame };
    if below(random, 4) == 0 {
        frame.resize(frame.len() + below(random, 12), random.next() as u8);
    }
    frame
}

/// With flipped bits in the first bytes.
fn spoiled_header(random: &mut Xorshift32, mut frame: Vec<u8>) -> Vec<u8> {
    let end = frame.len().min(6);
    if end > 0 {
        let head = damaged(random, &frame[..end]);
        frame[..end].copy_from_slice(&head);
    }
    frame
}

/// A first unit: anywhere, or close to the end of the space.
fn place(random: &mut Xorshift32, units: usize) -> u16 {
    match below(random, 4) {
        0 => (units + below(random, 6)).saturating_sub(4) as u16,
        1 if below(random, 8) == 0 => random.next() as u16,
        _ => below(random, units) as u16,
    }
}

fn any_read(random: &mut Xorshift32, sizes: &Sizes) -> Vec<u8> {
    let space = below(random, 4);
    // What goodness there is before the first example is not defined.
    let beyond = if space == 3 { sizes.0[3] } else { 0 };
    let first = place(random, sizes.0[space]).max(beyond as u16);
    let units = [0, 1, 2, 5, 9][below(random, 5)].max(u16::from(space == 3));
    read(space as u16, first, units)
}

fn any_write(random: &mut Xorshift32, sizes: &Sizes) -> Vec<u8> {
    let space = below(random, 4);
    let first = place(random, sizes.0[space]);
    let units = [0, 1, 1, 2, 5][below(random, 5)];
    let wrong = if below(random, 4) == 0 { 1 + below(random, 5) } else { 0 };
    let illegal = below(random, 4) == 0;
    write(space as u16, first, units, wrong, |_, bytes| {
        bytes.iter_mut().for_each(|b| *b = random.next() as u8);
        if space == 1 && !illegal {
            // No trit 11.
            bytes[..8].iter_mut().for_each(|b| *b &= !((*b & 0xAA) >> 1));
        }
    })
}

/// Makes a record illegal, or perhaps only another one.
pub fn spoil_record(random: &mut Xorshift32, bytes: &mut Vec<u8>) {
    let end = bytes.len();
    match below(random, 7) {
        0 => bytes[0] = random.next() as u8,
        1 => bytes[1] = bytes[1].wrapping_add(1 + below(random, 255) as u8),
        2 => bytes[2] = random.next() as u8,
        3 => bytes[3] = random.next() as u8,
        4 => bytes.truncate(1 + below(random, end)),
        5 => bytes[end - 1] ^= 1 << below(random, 8),
        _ => {
            let at = below(random, 8 * end);
            bytes[at / 8] ^= 1 << (at % 8);
        }
    }
    // In half of the cases the CRC is right nevertheless.
    if below(random, 2) == 0 && bytes.len() > 2 {
        deku_ref::wire::crc::seal(bytes);
    }
}

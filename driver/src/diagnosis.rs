//! Why a module does not answer, read from what came back instead of an answer.

use core::fmt;
use deku_ref::map_hash::MAP_HASH;
use deku_ref::regs;
use deku_ref::wire::{Preamble, HEADER_LEN};

/// Why no module was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// Every byte was 00.
    AllLow,
    /// Every byte was FF.
    AllHigh,
    /// Every byte after the first was the same one.
    Stuck {
        /// Which.
        byte: u8,
    },
    /// The answer is shifted by one bit.
    ShiftedByOneBit,
    /// The bytes of every `word` bytes are in reverse order.
    SwappedBytes {
        /// 2 or 4.
        word: usize,
    },
    /// The bits of every byte are in reverse order.
    ReversedBits,
    /// The module speaks, but does not understand.
    Deaf,
    /// Something answers, but not like a module.
    Noise {
        /// The first six bytes of the last answer.
        bytes: [u8; HEADER_LEN],
    },
    /// A preamble and registers, but not those of a Deku.
    NotDeku {
        /// Register MAGIC.
        magic: u32,
    },
    /// Register BYTE_ORDER is wrong.
    ByteOrder {
        /// What it holds.
        found: u32,
    },
    /// The bitstream has another version of the register map.
    MapVersion {
        /// Version of the module.
        module: u32,
    },
    /// The bitstream has another register map of the same version.
    MapHash {
        /// Hash of the module.
        module: u32,
    },
    /// The bitstream was generated from another configuration than the one asked for.
    ConfigHash {
        /// Hash of the module.
        module: u32,
        /// Hash asked for.
        expected: u32,
    },
}

impl Diagnosis {
    /// Looks for a reason why `answer` does not start with a preamble.
    pub(crate) fn of(answer: &[u8]) -> Self {
        let mut bytes = [0; LOOK];
        let n = answer.len().min(LOOK);
        bytes[..n].copy_from_slice(&answer[..n]);
        if answer.iter().all(|b| *b == 0x00) {
            return Self::AllLow;
        }
        if answer.iter().all(|b| *b == 0xFF) {
            return Self::AllHigh;
        }
        if is_stuck(answer) {
            return Self::Stuck { byte: bytes[1] };
        }
        let is_preamble = |bytes: [u8; LOOK]| Preamble::parse(&bytes).is_ok();
        if is_preamble(late(bytes)) || is_preamble(early(bytes)) {
            return Self::ShiftedByOneBit;
        }
        if let Some(word) = [2, 4].into_iter().find(|word| is_preamble(swapped(bytes, *word))) {
            return Self::SwappedBytes { word };
        }
        if is_preamble(bytes.map(u8::reverse_bits)) {
            return Self::ReversedBits;
        }
        let mut first = [0; HEADER_LEN];
        first.copy_from_slice(&bytes[..HEADER_LEN]);
        Self::Noise { bytes: first }
    }

    /// Whether it names a definite mistake (and not just a bad line).
    pub(crate) const fn is_definite(&self) -> bool {
        !matches!(self, Self::AllLow | Self::AllHigh | Self::Noise { .. } | Self::Deaf)
    }

    /// Short name, stable.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AllLow => "connect/all-low",
            Self::AllHigh => "connect/all-high",
            Self::Stuck { .. } => "connect/stuck",
            Self::ShiftedByOneBit => "connect/shifted",
            Self::SwappedBytes { .. } => "connect/swapped",
            Self::ReversedBits => "connect/reversed",
            Self::Deaf => "connect/deaf",
            Self::Noise { .. } => "connect/noise",
            Self::NotDeku { .. } => "connect/magic",
            Self::ByteOrder { .. } => "connect/byte-order",
            Self::MapVersion { .. } => "connect/map-version",
            Self::MapHash { .. } => "connect/map-hash",
            Self::ConfigHash { .. } => "connect/config-hash",
        }
    }
}

/// Whether nothing comes but a constant: a line that nobody drives, no power, or a module held in
/// reset (whose shift register answers with what happens to be in it).
pub(crate) fn is_stuck(answer: &[u8]) -> bool {
    match answer {
        [_, second, rest @ ..] => rest.len() >= HEADER_LEN && rest.iter().all(|b| b == second),
        _ => false,
    }
}

/// Bytes of an answer that are looked at.
const LOOK: usize = 8;

/// The answer, if the host sampled every bit one clock too late.
fn late(bytes: [u8; LOOK]) -> [u8; LOOK] {
    // The first bit is lost; it is the 1 of the sync pattern.
    (u64::from_be_bytes(bytes) >> 1 | 1 << 63).to_be_bytes()
}

/// The answer, if the host sampled every bit one clock too early.
fn early(bytes: [u8; LOOK]) -> [u8; LOOK] {
    (u64::from_be_bytes(bytes) << 1).to_be_bytes()
}

/// The answer, if every `word` bytes are in reverse order.
fn swapped(mut bytes: [u8; LOOK], word: usize) -> [u8; LOOK] {
    bytes.chunks_mut(word).for_each(<[u8]>::reverse);
    bytes
}

impl core::error::Error for Diagnosis {}

impl fmt::Display for Diagnosis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AllLow => out.write_str(
                "no answer, every byte is 00: the FPGA is not configured or has no power; flash \
                 the bitstream, check the supply and the MISO wire",
            ),
            Self::AllHigh => out.write_str(
                "no answer, every byte is FF: nothing drives the line; check that the module is \
                 connected, and the wires of MISO and chip select",
            ),
            Self::Stuck { byte } => write!(
                out,
                "no answer, every byte but the first is {byte:02x}: the module is held in reset or \
                 has no clock; check the reset line, or give it to the program"
            ),
            Self::ShiftedByOneBit => out.write_str(
                "the answer is shifted by one bit: wrong SPI mode; use mode 0 (clock idles low, \
                 data is sampled on the rising edge)",
            ),
            Self::SwappedBytes { word } => write!(
                out,
                "the bytes of every {} bits arrive in reverse order: use transfers of 8-bit words",
                8 * word
            ),
            Self::ReversedBits => out.write_str(
                "the bits of every byte arrive in reverse order: send the most significant bit \
                 first",
            ),
            Self::Deaf => out.write_str(
                "the module answers but does not understand: the wire to it (MOSI, or its RX) is \
                 broken or too noisy; check it, or lower the clock",
            ),
            Self::Noise { bytes } => write!(
                out,
                "the answer starts with {bytes:02x?}, which no module says: lower the clock, \
                 check wires and ground, and that this is the right device"
            ),
            Self::NotDeku { magic } => write!(
                out,
                "register MAGIC is {magic:#010x} instead of {:#010x}: this is not a Deku module, \
                 choose another device or flash the bitstream",
                regs::MAGIC_VALUE
            ),
            Self::ByteOrder { found } => write!(
                out,
                "register BYTE_ORDER is {found:#010x} instead of {:#010x}: the link changes the \
                 order of the bytes; use transfers of 8-bit words",
                regs::BYTE_ORDER_VALUE
            ),
            Self::MapVersion { module } => write!(
                out,
                "the bitstream has register map version {module}, this driver knows version {}: \
                 flash the bitstream that belongs to this driver, or use the other driver",
                regs::VERSION
            ),
            Self::MapHash { module } => write!(
                out,
                "the bitstream's register map (hash {module:#010x}) is not this driver's (hash \
                 {MAP_HASH:#010x}): generate and flash the bitstream again, from the same sources"
            ),
            Self::ConfigHash { module, expected } => write!(
                out,
                "the bitstream was generated from another configuration (hash {module:#010x}) \
                 than the one asked for ({expected:#010x}): flash the right bitstream"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deku_ref::wire::Status;

    fn answer() -> [u8; 16] {
        let status = Status { loaded: true, ..Status::default() };
        let preamble = Preamble { status, next_sequence: 3, free_entries: 2048 };
        let mut answer = [0; 16];
        answer[..6].copy_from_slice(&preamble.emit());
        answer
    }

    #[test]
    fn every_wrong_line_has_its_name() {
        let good = answer();
        let bits = u128::from_be_bytes(good);
        let is = |bytes: [u8; 16], diagnosis| assert_eq!(Diagnosis::of(&bytes), diagnosis);
        is([0; 16], Diagnosis::AllLow);
        is([0xFF; 16], Diagnosis::AllHigh);
        let mut held = [0x60; 16];
        held[0] = 0xB0;
        is(held, Diagnosis::Stuck { byte: 0x60 });
        is((bits >> 1).to_be_bytes(), Diagnosis::ShiftedByOneBit);
        is((bits >> 1 | 1 << 127).to_be_bytes(), Diagnosis::ShiftedByOneBit);
        is((bits << 1).to_be_bytes(), Diagnosis::ShiftedByOneBit);
        for word in [2, 4] {
            let mut swapped = good;
            swapped.chunks_mut(word).for_each(<[u8]>::reverse);
            is(swapped, Diagnosis::SwappedBytes { word });
        }
        is(good.map(u8::reverse_bits), Diagnosis::ReversedBits);
        let mut noise = good;
        noise[1] ^= 0x10;
        assert!(matches!(Diagnosis::of(&noise), Diagnosis::Noise { .. }));
    }
}

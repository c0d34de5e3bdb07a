//! The first six bytes from the host: what a frame is about.

use super::crc::crc8;
use super::HEADER_LEN;
use core::fmt;
use nom::number::complete::{be_u16, u8};
use nom::Parser;

const NOP: u8 = 0x00;
const READ: u8 = 0x31;
const WRITE: u8 = 0x52;
const STREAM: u8 = 0x64;
const RESET: u8 = 0xAD;

const RESET_ADDRESS: u16 = 0xDE4B;
const RESET_LENGTH: u16 = 0x5E7A;

/// A memory or register file that READ and WRITE address in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The register map, one 32-bit register per unit.
    Registers = 0,
    /// Latents, one word of 32 columns per unit.
    Latents = 1,
    /// Class masks, 32 columns of one class per unit.
    Masks = 2,
    /// Goodness of the last sample (read only), unit `(layer << 8) + candidate`.
    Goodness = 3,
}

impl Space {
    /// Bytes of one unit.
    #[must_use]
    pub const fn unit(self) -> usize {
        match self {
            Self::Latents => super::latents::WORD_BYTES,
            Self::Registers | Self::Masks | Self::Goodness => 4,
        }
    }

    const fn from_bits(bits: u16) -> Self {
        match bits & 3 {
            0 => Self::Registers,
            1 => Self::Latents,
            2 => Self::Masks,
            _ => Self::Goodness,
        }
    }
}

/// `units` consecutive units of a space, from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    space: Space,
    first: u16,
    units: u16,
}

impl Access {
    /// Most units one frame can name.
    pub const MAX_UNITS: u16 = 0x3FFF;

    /// An access to `units` (0..=16,383) units from unit `first` on.
    ///
    /// # Errors
    /// [`AccessError`] if `units` does not fit its 14 bits. Whether the space is that large only
    /// the module knows.
    pub const fn new(space: Space, first: u16, units: u16) -> Result<Self, AccessError> {
        if units > Self::MAX_UNITS {
            return Err(AccessError { units });
        }
        Ok(Self { space, first, units })
    }

    /// Addressed space.
    #[must_use]
    pub const fn space(&self) -> Space {
        self.space
    }

    /// First unit.
    #[must_use]
    pub const fn first(&self) -> u16 {
        self.first
    }

    /// Number of units.
    #[must_use]
    pub const fn units(&self) -> u16 {
        self.units
    }

    /// Unit behind the last one, as a number that can not overflow.
    #[must_use]
    pub const fn end(&self) -> u32 {
        self.first as u32 + self.units as u32
    }
}

/// An access with more units than a header can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError {
    /// Units asked for.
    pub units: u16,
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { units } = self;
        write!(
            f,
            "{units} units do not fit one frame (the length field has 14 bits); split the access"
        )
    }
}

impl core::error::Error for AccessError {}

/// What a frame asks of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Nothing: only the preamble of the answer matters.
    Nop,
    /// Read units, see [`super::access`].
    Read(Access),
    /// Write units, see [`super::access`].
    Write(Access),
    /// Exchange records and results, see [`super::record`] and [`super::result`].
    Stream {
        /// Sequence number of the first result the host does not have yet.
        acknowledge: u8,
    },
    /// Drop queued records and results, start again at sequence number 0.
    Reset,
}

impl Request {
    /// The header's bytes.
    #[must_use]
    pub fn emit(&self) -> [u8; HEADER_LEN] {
        let (opcode, address, length) = match *self {
            Self::Nop => (NOP, 0, 0),
            Self::Read(a) => (READ, a.first, (a.space as u16) << 14 | a.units),
            Self::Write(a) => (WRITE, a.first, (a.space as u16) << 14 | a.units),
            Self::Stream { acknowledge } => (STREAM, u16::from(acknowledge), 0),
            Self::Reset => (RESET, RESET_ADDRESS, RESET_LENGTH),
        };
        let ([a1, a0], [l1, l0]) = (address.to_be_bytes(), length.to_be_bytes());
        let mut bytes = [opcode, a1, a0, l1, l0, 0];
        bytes[5] = crc8(&bytes[..5]);
        bytes
    }

    /// Reads the header's bytes.
    ///
    /// # Errors
    /// [`RequestError`], in this order of precedence: damaged, unknown opcode, wrong magic.
    pub fn parse(bytes: &[u8; HEADER_LEN]) -> Result<Self, RequestError> {
        if crc8(bytes) != 0 {
            return Err(RequestError::Damaged);
        }
        let (opcode, address, length) = fields(bytes).ok_or(RequestError::Damaged)?;
        let access = Access {
            space: Space::from_bits(length >> 14),
            first: address,
            units: length & 0x3FFF,
        };
        match opcode {
            NOP => Ok(Self::Nop),
            READ => Ok(Self::Read(access)),
            WRITE => Ok(Self::Write(access)),
            STREAM => Ok(Self::Stream { acknowledge: address as u8 }),
            RESET if (address, length) == (RESET_ADDRESS, RESET_LENGTH) => Ok(Self::Reset),
            RESET => Err(RequestError::Magic),
            opcode => Err(RequestError::Opcode { opcode }),
        }
    }
}

fn fields(bytes: &[u8]) -> Option<(u8, u16, u16)> {
    let parsed: nom::IResult<_, _> = (u8, be_u16, be_u16).parse(bytes);
    parsed.ok().map(|(_, fields)| fields)
}

/// Why a header asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The CRC-8 is wrong.
    Damaged,
    /// No such opcode.
    Opcode {
        /// The opcode found.
        opcode: u8,
    },
    /// A RESET without its magic words.
    Magic,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("frame header with a wrong CRC-8: send the frame again"),
            Self::Opcode { opcode } => write!(f, "unknown opcode {opcode:#04x} in a frame header"),
            Self::Magic => f.write_str("RESET without its magic words was not executed"),
        }
    }
}

impl core::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests() -> [Request; 6] {
        let access = |space, first, units| Access::new(space, first, units).unwrap();
        [
            Request::Nop,
            Request::Read(access(Space::Registers, 0, 12)),
            Request::Read(access(Space::Goodness, 0x0305, 0x3FFF)),
            Request::Write(access(Space::Latents, 4095, 1)),
            Request::Stream { acknowledge: 0xC3 },
            Request::Reset,
        ]
    }

    #[test]
    fn emitted_requests_parse() {
        for request in requests() {
            assert_eq!(Request::parse(&request.emit()), Ok(request));
        }
    }

    #[test]
    fn layout() {
        let write = Request::Write(Access::new(Space::Latents, 0x0123, 5).unwrap());
        assert_eq!(write.emit()[..5], [0x52, 0x01, 0x23, 0x40, 0x05]);
        assert_eq!(Request::Reset.emit()[..5], [0xAD, 0xDE, 0x4B, 0x5E, 0x7A]);
    }

    #[test]
    fn errors_of_up_to_three_bits_are_found() {
        for request in requests() {
            let good = request.emit();
            let flip = |bytes: &mut [u8; 6], bit: usize| bytes[bit / 8] ^= 1 << (bit % 8);
            for a in 0..48 {
                for b in a..48 {
                    for c in b..48 {
                        let mut bytes = good;
                        flip(&mut bytes, a);
                        flip(&mut bytes, b);
                        flip(&mut bytes, c);
                        assert_eq!(Request::parse(&bytes), Err(RequestError::Damaged));
                    }
                }
            }
        }
    }

    #[test]
    fn reset_needs_its_magic_and_opcodes_are_checked() {
        let mut bytes = Request::Reset.emit();
        bytes[2] ^= 1;
        bytes[5] = crc8(&bytes[..5]);
        assert_eq!(Request::parse(&bytes), Err(RequestError::Magic));
        bytes[0] = 0x77;
        bytes[5] = crc8(&bytes[..5]);
        assert_eq!(Request::parse(&bytes), Err(RequestError::Opcode { opcode: 0x77 }));
    }

    #[test]
    fn too_many_units() {
        assert_eq!(Access::new(Space::Masks, 0, 0x4000), Err(AccessError { units: 0x4000 }));
    }
}

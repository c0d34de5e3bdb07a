//! Requests and replies of the library, see `sim/preload/spidev.c`.

use std::io::{self, Read, Write};

/// Longer requests are nonsense.
const MOST_BYTES: usize = 1 << 22;

/// Type of the ioctls of GPIO chips.
const GPIO_MAGIC: u32 = 0xB4;

/// What a program asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// `read`: the number of bytes is the payload.
    Read,
    /// `write`.
    Write,
    /// `flock`: the operation is the payload.
    Lock,
    /// An ioctl of a GPIO chip or of one of its lines.
    Gpio {
        /// Its number.
        number: u8,
    },
    /// An ioctl of spidev.
    Ioctl {
        /// Its number.
        number: u8,
        /// Whether it sets something.
        sets: bool,
        /// Size of its argument.
        size: usize,
    },
}

impl Code {
    /// Of the C enum, else the fields of an ioctl: direction 2 bits, size 14, type 8, number 8.
    fn of(code: u32) -> Self {
        match code {
            1 => Self::Read,
            2 => Self::Write,
            3 => Self::Lock,
            _ if code >> 8 & 0xFF == GPIO_MAGIC => Self::Gpio { number: code as u8 },
            _ => Self::Ioctl {
                number: code as u8,
                sets: code >> 30 & 1 == 1,
                size: (code >> 16 & 0x3FFF) as usize,
            },
        }
    }
}

/// What is sent back: the result and what was read.
pub(super) type Answer = Result<(usize, Vec<u8>), i32>;

/// The next request; `None` if the program has closed the device.
pub(super) fn receive(stream: &mut impl Read) -> io::Result<Option<(Code, Vec<u8>)>> {
    let mut head = [0; 8];
    match stream.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let [code, length] = [0, 4].map(|at| word(&head[at..]));
    if length as usize > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the request is too long"));
    }
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload)?;
    Ok(Some((Code::of(code), payload)))
}

/// Sends a reply, in one go.
pub(super) fn reply(stream: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let nothing = Vec::new();
    let (result, data) = match answer {
        Ok((result, data)) => (i32::try_from(*result).unwrap_or(i32::MAX), data),
        Err(errno) => (-errno, &nothing),
    };
    let length = u32::try_from(data.len()).unwrap_or(0);
    stream.write_all(&[&result.to_ne_bytes()[..], &length.to_ne_bytes(), data].concat())
}

/// The first four bytes as a number; missing ones count as 0.
pub(super) fn word(bytes: &[u8]) -> u32 {
    let mut four = [0; 4];
    let n = bytes.len().min(4);
    four[..n].copy_from_slice(&bytes[..n]);
    u32::from_ne_bytes(four)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_kernel() {
        // SPI_IOC_WR_MAX_SPEED_HZ and SPI_IOC_MESSAGE(2).
        let set = Code::Ioctl { number: 4, sets: true, size: 4 };
        assert_eq!(Code::of(0x4004_6B04), set);
        assert_eq!(Code::of(0x4040_6B00), Code::Ioctl { number: 0, sets: true, size: 64 });
        assert_eq!(Code::of(3), Code::Lock);
        // GPIO_V2_GET_LINE_IOCTL.
        assert_eq!(Code::of(0xC250_B407), Code::Gpio { number: 7 });
    }

    #[test]
    fn a_closed_connection_is_no_error() {
        assert!(receive(&mut &[][..]).unwrap().is_none());
        let endless = [1, 0, 0, 0, 255, 255, 255, 255];
        assert!(receive(&mut &endless[..]).is_err());
    }
}

//! A USB/IP server with one device, an FT232H: the kernel of another computer, or of a virtual
//! machine, believes that the chip is plugged in there.
//!
//! Written from the kernel's `Documentation/usb/usbip_protocol.rst`. Commands are answered in the
//! order in which they come; only data that the chip does not take yet wait.

mod chip;
mod descriptors;
mod urbs;
mod wire;

use std::fmt;
use std::io::{self, Read, Write};

pub use chip::Ft232h;
pub use descriptors::SERIAL;

use crate::ftdi;
use urbs::Urbs;
use wire::{Command, Operation};

/// How the other side names the device: bus and port.
pub const BUS_ID: &str = "1-1";

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The other side only asked what there is, or for something else.
    Asked,
    /// The other side let the device go.
    Detached,
    /// The chip was unplugged.
    Unplugged,
}

/// Why a connection failed.
#[derive(Debug)]
pub enum ServeError {
    /// The connection broke.
    Io(io::Error),
    /// The other side does not speak the protocol, in words.
    Protocol(String),
}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(out, "the USB/IP connection broke: {error}"),
            Self::Protocol(what) => write!(out, "what came is not USB/IP: {what}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// Serves one connection until it ends.
///
/// # Errors
/// If it breaks, or if the other side does not keep to the protocol.
pub fn serve<W: ftdi::Wire>(
    stream: &mut (impl Read + Write),
    chip: &mut Ft232h<W>,
) -> Result<End, ServeError> {
    match wire::operation(stream)? {
        Operation::List => {
            stream.write_all(&wire::listed())?;
            Ok(End::Asked)
        }
        Operation::Import(name) => {
            let known = name == BUS_ID;
            stream.write_all(&wire::imported(known))?;
            if known {
                attached(stream, chip)
            } else {
                Ok(End::Asked)
            }
        }
    }
}

fn attached<W: ftdi::Wire>(
    stream: &mut (impl Read + Write),
    chip: &mut Ft232h<W>,
) -> Result<End, ServeError> {
    let mut urbs = Urbs::new(chip);
    while let Some(command) = wire::command(stream)? {
        let answers = match command {
            Command::Submit(submit) => urbs.submit(submit),
            Command::Unlink { seqnum, victim } => vec![urbs.unlink(seqnum, victim)],
        };
        if urbs.unplugged() {
            return Ok(End::Unplugged);
        }
        for answer in answers {
            stream.write_all(&answer)?;
        }
    }
    Ok(End::Detached)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ftdi::Loop;

    /// The other side, which has said everything at once.
    struct Said {
        rest: io::Cursor<Vec<u8>>,
        answered: Vec<u8>,
    }

    impl Read for Said {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.rest.read(bytes)
        }
    }

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.answered.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn import(name: &str) -> Vec<u8> {
        let mut bytes = vec![0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0];
        bytes.extend(name.as_bytes());
        bytes.resize(40, 0);
        bytes
    }

    /// A transfer: direction, endpoint, length.
    fn submit(place: [u32; 3], setup: [u8; 8], data: &[u8]) -> Vec<u8> {
        let [input, endpoint, length] = place;
        let words = [1, 7, 0x0001_0002, input, endpoint, 0, length, 0, 0, 0];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
        bytes.extend(setup);
        bytes.extend(data);
        bytes
    }

    /// How a conversation ends, and what was answered in it.
    fn talk(parts: &[Vec<u8>], unplugged_after: Option<usize>) -> (End, Vec<u8>) {
        let mut said = Said { rest: io::Cursor::new(parts.concat()), answered: Vec::new() };
        let mut chip = Ft232h::new(Loop::default(), unplugged_after);
        let end = serve(&mut said, &mut chip).unwrap_or_else(|e| panic!("{e}"));
        (end, said.answered)
    }

    /// Sets the chip up, exchanges three bytes and receives them.
    fn exchange() -> Vec<Vec<u8>> {
        let configure = submit([0, 0, 0], [0, 9, 1, 0, 0, 0, 0, 0], &[]);
        let mpsse = submit([0, 0, 0], [0x40, 0x0B, 0, 2, 1, 0, 0, 0], &[]);
        let out = submit([0, 2, 7], [0; 8], &[0x31, 2, 0, 0xDE, 0x4B, 0x55, 0x87]);
        vec![import(BUS_ID), configure, mpsse, out, submit([1, 1, 512], [0; 8], &[])]
    }

    #[test]
    fn a_device_that_was_imported_answers_until_it_is_let_go() {
        let (end, answered) = talk(&exchange(), None);
        assert_eq!(end, End::Detached);
        assert_eq!(answered.len(), 320 + 4 * 48 + 5);
        assert_eq!(answered[320 + 4 * 48..], [0x32, 0x60, 0xDE, 0x4B, 0x55]);
    }

    #[test]
    fn a_device_that_is_unplugged_says_nothing_more() {
        let (end, answered) = talk(&exchange(), Some(10));
        assert_eq!((end, answered.len()), (End::Unplugged, 320 + 2 * 48));
    }

    #[test]
    fn another_device_than_the_one_is_refused() {
        assert_eq!(talk(&[import("1-2")], None), (End::Asked, wire::imported(false)));
    }
}

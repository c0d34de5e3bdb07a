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

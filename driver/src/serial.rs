//! UART: one frame is one COBS packet, ended by a zero byte, in each direction.

use crate::Transport;
use cobs::CobsDecoder;
use core::fmt;
use core::ops::Range;
use deku_ref::wire::{Request, HEADER_LEN};
use embedded_io::{Error as _, ErrorKind, Read, Write};

/// A module on a UART (8N1), or on anything else that carries bytes.
///
/// Reads must give up after a while with [`ErrorKind::TimedOut`] (as serial ports on a computer
/// do), or a lost byte stops the host for good. The receiving side must be able to buffer a whole
/// packet. `BUFFER` is the size of the packet buffer in bytes; frames are about 1/254 shorter.
#[derive(Debug)]
pub struct SerialTransport<U, const BUFFER: usize = 1040> {
    port: U,
    packet: [u8; BUFFER],
    /// Bytes received, and which of them are not used yet.
    chunk: [u8; CHUNK],
    received: Range<usize>,
    /// An exchange failed: answers may be under way.
    late_answers: bool,
    resyncs: usize,
}

/// Why an exchange over a UART failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SerialError<E> {
    /// The port failed.
    Port(E),
    /// No answer, or not all of it, in time.
    TimedOut,
    /// The port was closed.
    Closed,
    /// The answer is no COBS packet, or longer than what was sent.
    Garbled,
    /// More bytes arrive than any packet has, and none of them ends one.
    Endless,
    /// The answer is shorter than what was sent.
    Short {
        /// Bytes sent.
        sent: usize,
        /// Bytes received.
        received: usize,
    },
}

impl<E: fmt::Debug> core::error::Error for SerialError<E> {}

impl<E: fmt::Debug> fmt::Display for SerialError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(error) => write!(out, "the serial port failed: {error:?}"),
            Self::TimedOut => out.write_str(
                "no answer in time: check the baud rate, that RX and TX are crossed, and that the \
                 module has a UART",
            ),
            Self::Closed => out.write_str("the serial port was closed: plug the device in again"),
            Self::Garbled => {
                out.write_str("the answer is garbled: check the baud rate, or use a lower one")
            }
            Self::Endless => out.write_str(
                "what arrives has no end: something else than a module sends there, or the baud \
                 rate is wrong; check the port and the baud rate",
            ),
            Self::Short { sent, received } => write!(
                out,
                "{received} bytes came back for {sent}: bytes get lost, use a lower baud rate"
            ),
        }
    }
}

/// Longest frame of a packet of `packet` bytes: a byte per 254, two delimiters.
const fn max_frame(packet: usize) -> usize {
    let bytes = packet.saturating_sub(2);
    bytes.saturating_sub(bytes.div_ceil(255))
}

/// Packets to skip when an answer is awaited.
const MAX_LATE_ANSWERS: usize = 16;
/// Lengths of the frames that skip late answers, beyond the header.
const RESYNC_LENGTHS: usize = 32;
/// Bytes read at a time.
const CHUNK: usize = 256;

impl<U: Read + Write, const BUFFER: usize> SerialTransport<U, BUFFER> {
    /// A module at the other end of `port`.
    pub const fn new(port: U) -> Self {
        let (packet, chunk) = ([0; BUFFER], [0; CHUNK]);
        Self { port, packet, chunk, received: 0..0, late_answers: true, resyncs: 0 }
    }

    /// The port.
    pub fn port(&mut self) -> &mut U {
        &mut self.port
    }

    /// The port, given back.
    pub fn release(self) -> U {
        self.port
    }

    /// Sends a packet. The zero byte before it ends whatever the module may have received of an
    /// earlier one.
    fn send(&mut self, frame: &[u8]) -> Result<(), SerialError<U::Error>> {
        let (start, rest) = self.packet.split_at_mut(1);
        start[0] = 0;
        let n = cobs::try_encode(frame, rest).map_err(|_| SerialError::Garbled)?;
        rest[n] = 0;
        self.port.write_all(&self.packet[..n + 2]).map_err(SerialError::Port)?;
        self.port.flush().map_err(SerialError::Port)
    }

    /// Receives a packet into `frame`; returns its length. Longer ones are skipped to their end, as
    /// far as it is that of a packet.
    fn receive(&mut self, frame: &mut [u8]) -> Result<usize, SerialError<U::Error>> {
        let mut decoder = CobsDecoder::new(frame);
        let mut broken = false;
        for _ in 0..BUFFER {
            let byte = self.byte()?;
            match decoder.feed(byte) {
                Ok(Some(len)) if !broken => return Ok(len),
                Ok(None) => {}
                // The packet is skipped to its end.
                _ if byte == 0 => return Err(SerialError::Garbled),
                _ => broken = true,
            }
        }
        Err(SerialError::Endless)
    }

    /// The next byte received.
    fn byte(&mut self) -> Result<u8, SerialError<U::Error>> {
        if self.received.is_empty() {
            let n = self.port.read(&mut self.chunk).map_err(|error| match error.kind() {
                ErrorKind::TimedOut => SerialError::TimedOut,
                _ => SerialError::Port(error),
            })?;
            self.received = 0..n;
        }
        let at = self.received.next().ok_or(SerialError::Closed)?;
        self.chunk.get(at).copied().ok_or(SerialError::Closed)
    }

    /// Skips late answers: a frame of a length that none of them is likely to have.
    fn resync(&mut self) -> Result<(), SerialError<U::Error>> {
        let mut frame = [0; HEADER_LEN + RESYNC_LENGTHS];
        self.resyncs = (self.resyncs + 1) % RESYNC_LENGTHS;
        let len = HEADER_LEN + self.resyncs;
        frame[..HEADER_LEN].copy_from_slice(&Request::Nop.emit());
        self.send(&frame[..len])?;
        for _ in 0..MAX_LATE_ANSWERS {
            match self.receive(&mut frame) {
                Ok(n) if n == len => return Ok(()),
                Ok(_) | Err(SerialError::Garbled) => {}
                Err(error) => return Err(error),
            }
        }
        Err(SerialError::Garbled)
    }
}

impl<U: Read + Write, const BUFFER: usize> Transport for SerialTransport<U, BUFFER> {
    type Error = SerialError<U::Error>;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        if self.late_answers {
            self.resync()?;
        }
        self.late_answers = true;
        self.send(frame)?;
        let (sent, received) = (frame.len(), self.receive(frame)?);
        if received < sent {
            return Err(SerialError::Short { sent, received });
        }
        self.late_answers = false;
        Ok(())
    }

    fn max_frame(&self) -> usize {
        max_frame(BUFFER)
    }
}

//! The driver on a UART that loses, changes and invents bytes, as the input says; when it ends, the
//! line is sound, silent, or babbles for ever.
//!
//! Whatever arrives, the driver ends: with what it was asked for, or with an error.

use std::collections::VecDeque;

use deku_driver::{Deku, Options, SerialTransport};
use deku_ref::reference::OwnedDevice;
use embedded_io::{ErrorKind, ErrorType, Read, Write};

use super::bytes::Bytes;
use super::{frames, small, Seen};

/// No program needs so many.
const MOST_BYTES: usize = 4_000_000;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let mut input = Bytes(data);
    let after = match input.u8() & 3 {
        0 | 1 => After::Sound,
        2 => After::Silent,
        _ => After::Babbles(b'x'),
    };
    let port = Port {
        device: frames::device(),
        input,
        after,
        incoming: Vec::new(),
        outgoing: VecDeque::new(),
        bytes: 0,
    };
    let options = Options { attempts: 6, polls: 40, config_hash: None };
    let transport: SerialTransport<_, 600> = SerialTransport::new(port);
    let connected = Deku::<_>::connect_with(transport, (), options);
    if let Err(error) = connected.and_then(|mut deku| small::use_all(&mut deku)) {
        assert!(!error.to_string().is_empty());
    }
}

/// What the line does when the input has ended.
enum After {
    Sound,
    Silent,
    /// The same byte for ever: another device, or another baud rate.
    Babbles(u8),
}

/// A module behind a line.
struct Port<'d> {
    device: OwnedDevice,
    input: Bytes<'d>,
    after: After,
    incoming: Vec<u8>,
    outgoing: VecDeque<u8>,
    bytes: usize,
}

impl Port<'_> {
    /// A packet has ended: the module answers.
    fn packet(&mut self) {
        let packet = std::mem::take(&mut self.incoming);
        let mut frame = vec![0; packet.len()];
        let Ok(report) = cobs::decode(&packet, &mut frame) else { return };
        let frame = &mut frame[..report.frame_size()];
        self.device.exchange(frame);
        let mut answer = vec![0; cobs::max_encoding_length(frame.len()) + 1];
        let len = cobs::encode(frame, &mut answer);
        answer.truncate(len + 1);
        self.line(&mut answer);
        self.outgoing.extend(answer);
    }

    /// What becomes of an answer on its way.
    fn line(&mut self, answer: &mut Vec<u8>) {
        if self.input.is_empty() {
            return match self.after {
                After::Sound => {}
                After::Silent | After::Babbles(_) => answer.clear(),
            };
        }
        let (choice, at) = (self.input.u8(), usize::from(self.input.u8()) % answer.len().max(1));
        match choice & 7 {
            0 | 1 => {}
            2 => drop(answer.remove(at)),
            3 => answer[at] ^= self.input.u8(),
            4 => answer.truncate(at),
            5 => {
                let len = self.input.u8();
                let some = self.input.take(len.into()).iter().copied();
                drop(answer.splice(at..at, some));
            }
            6 => answer.clear(),
            _ => answer.splice(.., self.input.take(at).iter().copied()).for_each(drop),
        }
    }
}

#[derive(Debug)]
struct Timeout;

impl embedded_io::Error for Timeout {
    fn kind(&self) -> ErrorKind {
        ErrorKind::TimedOut
    }
}

impl ErrorType for Port<'_> {
    type Error = Timeout;
}

impl Read for Port<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Timeout> {
        let n = out.len().min(self.outgoing.len().max(1));
        self.bytes += n;
        assert!(self.bytes < MOST_BYTES, "the driver does not end");
        if self.outgoing.is_empty() {
            let After::Babbles(byte) = self.after else { return Err(Timeout) };
            out[..n].fill(byte);
            return if self.input.is_empty() { Ok(n) } else { Err(Timeout) };
        }
        out.iter_mut().zip(self.outgoing.drain(..n)).for_each(|(o, b)| *o = b);
        Ok(n)
    }
}

impl Write for Port<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Timeout> {
        for byte in bytes {
            match byte {
                0 if self.incoming.is_empty() => {}
                0 => self.packet(),
                byte => self.incoming.push(*byte),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Timeout> {
        Ok(())
    }
}

//! The framed UART: COBS packets, lost and invented bytes.

mod common;

use common::Case;
use deku_driver::{Deku, SerialError, SerialTransport, Transport};
use deku_ref::reference::OwnedDevice;
use deku_ref::Xorshift32;
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use proptest::prelude::*;
use std::collections::VecDeque;

/// A module with a UART: it answers every packet as soon as it has ended. A read without anything
/// to read times out.
struct Port {
    device: OwnedDevice,
    incoming: Vec<u8>,
    outgoing: VecDeque<u8>,
    random: Xorshift32,
    /// Probability that a byte is lost or flipped, in either direction, in units of 2^-32.
    faults: u32,
    /// Answers that are held back once.
    late: usize,
}

impl Port {
    fn new(device: OwnedDevice, faults: u32, seed: u32) -> Self {
        let random = Xorshift32::derived(seed);
        let (incoming, outgoing) = (Vec::new(), VecDeque::new());
        Self { device, incoming, outgoing, random, faults, late: 0 }
    }

    /// The byte after its way over the wire.
    fn wire(&mut self, byte: u8) -> Option<u8> {
        if self.random.next() >= self.faults {
            return Some(byte);
        }
        let drawn = self.random.next();
        (drawn & 8 != 0).then_some(byte ^ 1 << (drawn & 7))
    }

    fn packet(&mut self) {
        let packet = std::mem::take(&mut self.incoming);
        let mut frame = vec![0; packet.len()];
        let Ok(report) = cobs::decode(&packet, &mut frame) else { return };
        let frame = &mut frame[..report.frame_size()];
        self.device.exchange(frame);
        let mut answer = cobs_of(frame);
        answer.push(0);
        for byte in answer {
            let byte = self.wire(byte);
            self.outgoing.extend(byte);
        }
    }
}

fn cobs_of(frame: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; cobs::max_encoding_length(frame.len())];
    let n = cobs::encode(frame, &mut packet);
    packet.truncate(n);
    packet
}

#[derive(Debug)]
struct Timeout;

impl embedded_io::Error for Timeout {
    fn kind(&self) -> ErrorKind {
        ErrorKind::TimedOut
    }
}

impl ErrorType for Port {
    type Error = Timeout;
}

impl Read for Port {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Timeout> {
        if self.late > 0 || self.outgoing.is_empty() {
            self.late = self.late.saturating_sub(1);
            return Err(Timeout);
        }
        let n = out.len().min(self.outgoing.len()).min(1 + self.random.next() as usize % 40);
        out.iter_mut().zip(self.outgoing.drain(..n)).for_each(|(o, b)| *o = b);
        Ok(n)
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Timeout> {
        for byte in bytes {
            match self.wire(*byte) {
                Some(0) if self.incoming.is_empty() => {}
                Some(0) => self.packet(),
                byte => self.incoming.extend(byte),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Timeout> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(common::same_cases())]

    #[test]
    fn good_and_bad_lines(
        seed in any::<u32>(), faults in prop_oneof![Just(0u32), 0u32..1 << 22], pace in 0u32..200,
    ) {
        let case = Case::new(seed, 60);
        let mut device = case.device();
        device.set_pace(pace);
        let transport: SerialTransport<_> = SerialTransport::new(Port::new(device, faults, seed));
        case.check(transport).unwrap();
    }
}

#[test]
fn late_answers_are_skipped() {
    let case = Case::new(5, 0);
    let mut transport: SerialTransport<_> = SerialTransport::new(Port::new(case.device(), 0, 1));
    let mut frame = [0; 20];
    transport.exchange(&mut frame).unwrap();
    let quiet = frame;
    for _ in 0..3 {
        transport.port().late = 1;
        assert!(matches!(transport.exchange(&mut [0; 20]), Err(SerialError::TimedOut)));
    }
    // The answers of the three frames are still under way.
    let mut other = [0; 11];
    transport.exchange(&mut other).unwrap();
    assert_eq!(other[..6], quiet[..6]);
}

/// Another device at the other end, or another baud rate: no packet ever ends.
#[derive(Debug)]
struct Babble;

impl ErrorType for Babble {
    type Error = Timeout;
}

impl Read for Babble {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Timeout> {
        out.fill(b'x');
        Ok(out.len())
    }
}

impl Write for Babble {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Timeout> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Timeout> {
        Ok(())
    }
}

#[test]
fn a_line_that_never_falls_silent_is_given_up() {
    let mut transport: SerialTransport<_> = SerialTransport::new(Babble);
    assert!(matches!(transport.exchange(&mut [0; 20]), Err(SerialError::Endless)));
    let error = Deku::connect(transport).unwrap_err().to_string();
    assert!(error.contains("Endless"), "{error}");
}

#[test]
fn frames_of_every_length_fit_their_packet() {
    let case = Case::new(5, 0);
    let mut transport: SerialTransport<_, 300> =
        SerialTransport::new(Port::new(case.device(), 0, 1));
    let max = transport.max_frame();
    assert!(max > 290);
    for length in 0..=max {
        let mut frame = vec![0xEE; length];
        transport.exchange(&mut frame).unwrap();
    }
    assert!(transport.exchange(&mut vec![0xEE; max + 10]).is_err());
    transport.exchange(&mut [0; 9]).unwrap();
}

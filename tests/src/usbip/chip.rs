//! The chip as a host controller sees it: requests to it, and its two pipes.

use std::thread::sleep;
use std::time::Duration;

use deku_driver::mpsse::{Chip, Pipes};

use super::descriptors::{descriptor, ENDPOINTS};
use crate::ftdi::{Ftdi, FtdiError, Wire};

/// Between two packets without data, unless the chip was told otherwise.
const LATENCY_MS: u16 = 16;
/// Line status before the data of a packet.
const STATUS: usize = 2;

/// Why a transfer is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The chip refuses it.
    Stall,
    /// Not a whole number of packets: the last one would not fit.
    Overflow,
    /// The chip takes nothing now.
    NotNow,
    /// It is gone.
    Unplugged,
}

impl From<FtdiError> for Refused {
    fn from(error: FtdiError) -> Self {
        match error {
            FtdiError::Stuck => Self::NotNow,
            FtdiError::Unplugged => Self::Unplugged,
            FtdiError::Request(_) => Self::Stall,
        }
    }
}

/// A request as it lies in a setup packet.
struct Setup {
    kind: u8,
    request: u8,
    value: u16,
    length: usize,
}

impl Setup {
    fn of(bytes: [u8; 8]) -> Self {
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        Self { kind: bytes[0], request: bytes[1], value: word(2), length: word(6).into() }
    }
}

/// An FT232H on a port of high speed.
#[derive(Debug)]
pub struct Ft232h<W> {
    model: Ftdi<W>,
    latency_ms: u16,
    configured: bool,
    /// Bytes that went over its pipes.
    pub moved: usize,
}

impl<W: Wire> Ft232h<W> {
    /// A chip with `wire` on its channel. It is unplugged after so many bytes, if that is said.
    pub fn new(wire: W, unplugged_after: Option<usize>) -> Self {
        let mut model = Ftdi::new(Chip::Ft232h, true, wire);
        model.unplugged_after = unplugged_after;
        Self { model, latency_ms: LATENCY_MS, configured: false, moved: 0 }
    }

    /// A request to the chip, with what it says.
    pub(super) fn control(&mut self, setup: [u8; 8]) -> Result<Vec<u8>, Refused> {
        let setup = Setup::of(setup);
        let mut answer = match setup.kind {
            0x40 => self.vendor(&setup)?,
            0xC0 => self.vendor_question(&setup)?,
            _ => self.standard(&setup)?,
        };
        answer.truncate(setup.length);
        Ok(answer)
    }

    fn standard(&mut self, setup: &Setup) -> Result<Vec<u8>, Refused> {
        match (setup.kind, setup.request) {
            (0x80, 0x06) => descriptor(setup.value).ok_or(Refused::Stall),
            // Status of the device and its parts: powered by the bus, nothing stalled.
            (0x80..=0x82, 0x00) => Ok(vec![0, 0]),
            (0x80, 0x08) => Ok(vec![self.configured.into()]),
            (0x81, 0x0A) => Ok(vec![0]),
            (0x00, 0x09) if setup.value <= 1 => {
                self.configured = setup.value == 1;
                Ok(Vec::new())
            }
            // The only setting of the interface; an endpoint that is not to be stalled any more.
            (0x01, 0x0B) | (0x02, 0x01) if setup.value == 0 => Ok(Vec::new()),
            _ => Err(Refused::Stall),
        }
    }

    fn vendor(&mut self, setup: &Setup) -> Result<Vec<u8>, Refused> {
        self.model.control(setup.request, setup.value)?;
        if setup.request == 0x09 {
            self.latency_ms = setup.value;
        }
        Ok(Vec::new())
    }

    /// What the kernel's own driver asks: state of the line, latency timer, a word of the EEPROM,
    /// which is blank.
    fn vendor_question(&mut self, setup: &Setup) -> Result<Vec<u8>, Refused> {
        match setup.request {
            0x05 => Ok(vec![0x32, 0x60]),
            0x0A => Ok(vec![self.latency_ms.to_le_bytes()[0]]),
            0x90 => Ok(vec![0xFF, 0xFF]),
            _ => Err(Refused::Stall),
        }
    }

    /// Sends to the chip; how many bytes it took.
    pub(super) fn output(&mut self, endpoint: u32, bytes: &[u8]) -> Result<usize, Refused> {
        if !self.configured || endpoint != u32::from(ENDPOINTS.1) {
            return Err(Refused::Stall);
        }
        let taken = self.model.bulk_out(bytes)?;
        self.moved += taken;
        Ok(taken)
    }

    /// Receives from the chip. It says at least that it has nothing, when its latency timer ends.
    pub(super) fn input(&mut self, endpoint: u32, length: usize) -> Result<Vec<u8>, Refused> {
        if !self.configured || endpoint | 0x80 != u32::from(ENDPOINTS.0) {
            return Err(Refused::Stall);
        }
        if length == 0 || length % self.model.packet() != 0 {
            return Err(Refused::Overflow);
        }
        let mut bytes = vec![0; length];
        let count = self.model.bulk_in(&mut bytes)?;
        if count == STATUS {
            sleep(Duration::from_millis(self.latency_ms.into()));
        }
        bytes.truncate(count);
        self.moved += count;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ftdi::Loop;

    fn chip() -> Ft232h<Loop> {
        let mut chip = Ft232h::new(Loop::default(), None);
        chip.control([0x00, 0x09, 1, 0, 0, 0, 0, 0]).unwrap();
        chip
    }

    #[test]
    fn answers_are_not_longer_than_what_is_asked_for() {
        let ask = |length| chip().control([0x80, 0x06, 0, 1, 0, 0, length, 0]).unwrap();
        assert_eq!(ask(8).len(), 8);
        assert_eq!(ask(64).len(), 18);
    }

    #[test]
    fn the_latency_timer_is_remembered() {
        let mut chip = chip();
        let mut ask = || chip.control([0xC0, 0x0A, 0, 0, 1, 0, 1, 0]).unwrap();
        assert_eq!(ask(), [16]);
        chip.control([0x40, 0x09, 3, 0, 1, 0, 0, 0]).unwrap();
        assert_eq!(chip.control([0xC0, 0x0A, 0, 0, 1, 0, 1, 0]).unwrap(), [3]);
        assert_eq!(chip.input(1, 512).unwrap(), [0x32, 0x60], "no data");
    }

    #[test]
    fn what_it_does_not_know_is_refused() {
        let mut chip = chip();
        let requests = [
            // A string that does not exist, another configuration, a request of no chip.
            [0x80, 0x06, 9, 3, 0, 0, 255, 0],
            [0x00, 0x09, 2, 0, 0, 0, 0, 0],
            [0x40, 0x77, 0, 0, 1, 0, 0, 0],
        ];
        for request in requests {
            assert_eq!(chip.control(request), Err(Refused::Stall), "{request:?}");
        }
        assert_eq!(chip.input(1, 100), Err(Refused::Overflow));
        assert_eq!(chip.input(2, 512), Err(Refused::Stall));
        assert_eq!(chip.output(1, &[0]), Err(Refused::Stall));
        let mut fresh = Ft232h::new(Loop::default(), None);
        assert_eq!(fresh.output(2, &[0]), Err(Refused::Stall), "not configured yet");
    }
}

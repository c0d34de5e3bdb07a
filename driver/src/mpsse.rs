//! SPI through an FTDI chip on USB: its MPSSE moves the lines, one frame is one chip select.
//!
//! Nothing here knows of an operating system: [`Pipes`] is all that is asked of the USB side.
//! Lines of the channel: bit 0 SCK, 1 MOSI, 2 MISO, 3 chip select, one of 4 to 7 reset if wanted. All
//! others stay inputs: on a board that is made for something else nothing is driven against.

mod chip;
mod command;
mod error;

pub use chip::{Channel, Chip};
pub use error::MpsseError;

use crate::Transport;
use command::{Commands, Out, PIECE};

/// A channel of an FTDI chip, as USB shows it.
///
/// Nothing is hidden: answers come with the two bytes of line status that the chip puts in front of
/// each packet.
pub trait Pipes {
    /// What can go wrong on USB.
    type Error: core::fmt::Debug;

    /// A vendor request to the channel, without data.
    ///
    /// # Errors
    /// If the chip refuses it or is gone.
    fn control(&mut self, request: u8, value: u16) -> Result<(), Self::Error>;

    /// Sends bytes to the channel and returns how many it took.
    ///
    /// # Errors
    /// If it took none in time or is gone.
    fn bulk_out(&mut self, bytes: &[u8]) -> Result<usize, Self::Error>;

    /// One transfer from the channel: whole packets, the last one perhaps shorter; their length.
    ///
    /// # Errors
    /// If none came in time or the chip is gone.
    fn bulk_in(&mut self, bytes: &mut [u8]) -> Result<usize, Self::Error>;

    /// Length of a full packet: 512 at high speed, 64 at full speed.
    fn packet(&self) -> usize;
}

/// SCK is not lowered further by itself, Hz.
const SLOWEST: u32 = 500_000;
/// Longest frame; the protocol needs no longer ones.
const FRAME: usize = 4096;
/// Answers without data after which nothing will come: at least one every millisecond.
const EMPTY: u32 = 500;
/// Line status before the data of a packet.
const STATUS: usize = 2;
/// Received at a time: a whole number of packets.
const INPUT: usize = 5 * 512;
/// Between two answers of the chip, ms. The longer, the longer a lost byte goes unnoticed.
const LATENCY_MS: u16 = 1;

/// Vendor requests, and what they are asked.
mod vendor {
    pub const RESET: u8 = 0x00;
    pub const EVENT_CHARACTER: u8 = 0x06;
    pub const ERROR_CHARACTER: u8 = 0x07;
    pub const LATENCY: u8 = 0x09;
    pub const BIT_MODE: u8 = 0x0B;
    /// Everything, then what was received, then what is to be sent.
    pub const RESETS: [u16; 3] = [0, 1, 2];
    pub const NO_MODE: u16 = 0x0000;
    pub const MPSSE: u16 = 0x0200;
}

/// How the bus is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MpsseSettings {
    /// SCK, Hz; at most 0.8 of the module's system clock. The next lower one is taken that the chip
    /// can make of 60 MHz: 30, 15, 10, 7.5, 6 MHz ...
    pub hz: u32,
    /// Longest frame, bytes, 64 to 4096.
    pub max_frame: usize,
    /// Line (4 to 7) that resets the module while it is low; driven only if it is named.
    pub reset: Option<u8>,
}

impl Default for MpsseSettings {
    /// 7.5 MHz, which most wirings can do, no reset line.
    fn default() -> Self {
        Self { hz: 8_000_000, max_frame: FRAME, reset: None }
    }
}

/// A module on the SPI lines of an FTDI chip (mode 0, most significant bit first). Where hardly any
/// frame arrives unharmed, SCK is halved.
#[derive(Debug)]
pub struct Mpsse<P> {
    pipes: P,
    chip: Chip,
    settings: MpsseSettings,
    /// The chip is set up, and nothing of an earlier frame is under way.
    ready: bool,
    input: [u8; INPUT],
    /// What of `input` nobody has taken yet.
    received: core::ops::Range<usize>,
    out: Out,
}

impl<P: Pipes> Mpsse<P> {
    /// Sets the chip up and finds out whether its MPSSE answers.
    ///
    /// # Errors
    /// If USB fails or the MPSSE does not answer.
    pub fn new(
        pipes: P,
        chip: Chip,
        settings: MpsseSettings,
    ) -> Result<Self, MpsseError<P::Error>> {
        let (input, out) = ([0; INPUT], Out::new());
        let mut new = Self { pipes, chip, settings, ready: false, input, received: 0..0, out };
        new.begin()?;
        Ok(new)
    }

    /// SCK as the chip makes it, Hz.
    #[must_use]
    pub fn hz(&self) -> u32 {
        chip::sck(chip::divisor(self.settings.hz))
    }

    /// The USB side.
    pub fn pipes(&mut self) -> &mut P {
        &mut self.pipes
    }

    /// Resets the module by its line, if there is one: it forgets its network, a driver has to
    /// connect again.
    ///
    /// # Errors
    /// If USB fails.
    pub fn reset_module(&mut self) -> Result<(), MpsseError<P::Error>> {
        if !self.ready {
            self.begin()?;
        }
        self.out.clear();
        self.lines().reset(&mut self.out);
        self.flush()
    }

    fn lines(&self) -> Commands {
        Commands::new(self.settings.reset)
    }

    /// From whatever state the chip is in to an idle bus. Leaving the mode makes all lines inputs,
    /// so that a frame which was cut off is over for the module.
    fn begin(&mut self) -> Result<(), MpsseError<P::Error>> {
        use vendor::{BIT_MODE, ERROR_CHARACTER, EVENT_CHARACTER, LATENCY, MPSSE, NO_MODE, RESET};
        self.ready = false;
        let requests = [
            (RESET, vendor::RESETS[0]),
            (BIT_MODE, NO_MODE),
            (EVENT_CHARACTER, 0),
            (ERROR_CHARACTER, 0),
            (LATENCY, LATENCY_MS),
            (BIT_MODE, MPSSE),
            (RESET, vendor::RESETS[1]),
            (RESET, vendor::RESETS[2]),
        ];
        for (request, value) in requests {
            self.pipes.control(request, value).map_err(MpsseError::Usb)?;
        }
        self.received = 0..0;
        // Two of them: what was left of earlier answers may look like the first.
        self.ask_nonsense(0xAA)?;
        self.ask_nonsense(0xAB)?;
        self.out.clear();
        self.lines().set_up(&mut self.out, chip::divisor(self.settings.hz));
        self.flush()?;
        self.ready = true;
        Ok(())
    }

    /// A command that does not exist: an MPSSE that understands commands says so.
    fn ask_nonsense(&mut self, nonsense: u8) -> Result<(), MpsseError<P::Error>> {
        const BAD_COMMAND: u8 = 0xFA;
        self.out.clear();
        self.out.push(&[nonsense, command::SEND_NOW]);
        self.flush()?;
        let mut last = [0; 2];
        for _ in 0..FRAME {
            let mut next = [0];
            self.receive(&mut next).map_err(|error| match error {
                MpsseError::TimedOut => MpsseError::NoMpsse,
                error => error,
            })?;
            last = [last[1], next[0]];
            if last == [BAD_COMMAND, nonsense] {
                return Ok(());
            }
        }
        Err(MpsseError::NoMpsse)
    }

    /// Sends what was composed.
    fn flush(&mut self) -> Result<(), MpsseError<P::Error>> {
        let mut rest = self.out.bytes();
        while !rest.is_empty() {
            let taken = self.pipes.bulk_out(rest).map_err(MpsseError::Usb)?;
            rest = match rest.get(taken..) {
                Some(rest) if taken > 0 => rest,
                _ => return Err(MpsseError::TimedOut),
            };
        }
        Ok(())
    }

    /// Receives as many bytes as `answer` has.
    fn receive(&mut self, answer: &mut [u8]) -> Result<(), MpsseError<P::Error>> {
        let (mut done, mut empty) = (0, 0);
        while done < answer.len() {
            if self.received.is_empty() {
                empty += 1;
                if empty > EMPTY {
                    return Err(MpsseError::TimedOut);
                }
                self.fetch()?;
            } else {
                let count = self.received.len().min(answer.len() - done);
                let from = self.received.start;
                answer[done..done + count].copy_from_slice(&self.input[from..from + count]);
                self.received.start += count;
                (done, empty) = (done + count, 0);
            }
        }
        Ok(())
    }

    /// One transfer, of which the line status is left out.
    fn fetch(&mut self) -> Result<(), MpsseError<P::Error>> {
        let packet = self.pipes.packet().clamp(STATUS + 1, 512);
        let whole = INPUT - INPUT % packet;
        let n = self.pipes.bulk_in(&mut self.input[..whole]).map_err(MpsseError::Usb)?.min(whole);
        let mut len = 0;
        for start in (0..n).step_by(packet) {
            let end = (start + packet).min(n);
            let data = (start + STATUS).min(end)..end;
            let count = data.len();
            self.input.copy_within(data, len);
            len += count;
        }
        self.received = 0..len;
        Ok(())
    }

    /// A frame in pieces, of which two are under way at most: the chip stops its clock while nobody
    /// takes what it has received, and then takes no more than its buffer holds. Chip select stays
    /// low meanwhile.
    fn frame(&mut self, frame: &mut [u8]) -> Result<(), MpsseError<P::Error>> {
        let piece = self.chip.piece().min(PIECE);
        let (len, mut sent, mut received) = (frame.len(), 0, 0);
        while received < len {
            let end = (sent + piece).min(len);
            if sent < end {
                self.send_piece(frame, sent..end)?;
            }
            // The first piece is answered only after the second was sent.
            if sent > 0 || end == len {
                let until = (received + piece).min(len);
                self.receive(&mut frame[received..until])?;
                received = until;
            }
            sent = end;
        }
        Ok(())
    }

    fn send_piece(
        &mut self,
        frame: &[u8],
        piece: core::ops::Range<usize>,
    ) -> Result<(), MpsseError<P::Error>> {
        let lines = self.lines();
        self.out.clear();
        if piece.start == 0 {
            lines.select(&mut self.out);
        }
        let last = piece.end == frame.len();
        lines.exchange(&mut self.out, &frame[piece]);
        if last {
            lines.deselect(&mut self.out);
        }
        self.out.push(&[command::SEND_NOW]);
        self.flush()
    }
}

impl<P: Pipes> Transport for Mpsse<P> {
    type Error = MpsseError<P::Error>;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        if !self.ready {
            self.begin()?;
        }
        self.ready = false;
        self.frame(frame)?;
        if !self.received.is_empty() {
            return Err(MpsseError::TooMuch);
        }
        self.ready = true;
        Ok(())
    }

    fn max_frame(&self) -> usize {
        self.settings.max_frame.clamp(64, FRAME)
    }

    fn slow_down(&mut self) -> bool {
        let hz = self.hz() / 2;
        if hz < SLOWEST {
            return false;
        }
        self.settings.hz = hz;
        // It is set when the chip is set up the next time.
        self.ready = false;
        true
    }
}

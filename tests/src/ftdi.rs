//! An FTDI chip: what comes over USB is interpreted as its MPSSE would, and moves the lines of a bus.
//!
//! Written from FTDI's notes AN_108 (commands) and AN_135 (use), not from the driver. It has
//! the habits that make such a chip hard to use: it starts as a serial port with its clock divided by
//! five, its buffers are short, it stops while nobody takes what it has received, it holds answers
//! back unless told not to, and two bytes of status come before the data of each packet.

mod wire;

use std::collections::VecDeque;
use std::fmt;

use deku_driver::mpsse::{Chip, Pipes};

pub use wire::{Loop, SimWire, Wire};

/// Lines of the channel.
const SCK: u8 = 1;
const MOSI: u8 = 1 << 1;
const CS: u8 = 1 << 3;

/// What the chip says of its line.
const STATUS: [u8; 2] = [0x32, 0x60];
/// Answers that are held back: times that the latency timer ends.
const HELD_BACK: u32 = 2;
/// Time that setting the lines takes.
const LINES_PS: u64 = 200_000;
const PS_PER_S: u64 = 1_000_000_000_000;

/// Why a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FtdiError {
    /// The chip takes nothing, because nobody takes what it has received.
    Stuck,
    /// It was unplugged.
    Unplugged,
    /// It does not know the request.
    Request(u8),
}

impl fmt::Display for FtdiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self:?}")
    }
}

/// What the chip is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A serial port.
    Serial,
    /// Waiting for a command.
    Command,
    /// In an exchange, so many bytes to go.
    Exchange(u32),
}

/// A chip with something on its lines.
#[derive(Debug)]
pub struct Ftdi<W> {
    wire: W,
    mode: Mode,
    to_chip: VecDeque<u8>,
    to_host: VecDeque<u8>,
    /// Bytes that either buffer holds.
    buffer: usize,
    packet: usize,
    send_now: bool,
    held_back: u32,
    divided: bool,
    adaptive: bool,
    three_phases: bool,
    divisor: u16,
    /// Levels and directions.
    lines: (u8, u8),
    /// Bytes over USB, in both directions, after which it is unplugged.
    pub unplugged_after: Option<usize>,
    /// The next byte that it would send gets lost.
    pub lose_one: bool,
    /// It is an imitation that knows no MPSSE.
    pub deaf: bool,
    /// What was sent after the line status because the latency timer ended, not because it was asked.
    pub late: u32,
    used: usize,
}

impl<W: Wire> Ftdi<W> {
    /// A chip with `wire` on its first channel, on a port of high speed or of full speed.
    pub fn new(chip: Chip, high_speed: bool, wire: W) -> Self {
        let kilobytes = match chip {
            Chip::Ft232h => 1,
            Chip::Ft2232h => 4,
            Chip::Ft4232h => 2,
        };
        Self {
            wire,
            mode: Mode::Serial,
            to_chip: VecDeque::new(),
            to_host: VecDeque::new(),
            buffer: kilobytes * 1024,
            packet: if high_speed { 512 } else { 64 },
            send_now: false,
            held_back: 0,
            divided: true,
            adaptive: false,
            three_phases: false,
            divisor: 0,
            lines: (0, 0),
            unplugged_after: None,
            lose_one: false,
            deaf: false,
            late: 0,
            used: 0,
        }
    }

    /// What is on its lines.
    pub fn wire(&mut self) -> &mut W {
        &mut self.wire
    }

    /// Half a period of SCK.
    fn half_ps(&self) -> u64 {
        let master = if self.divided { 12_000_000 } else { 60_000_000 };
        (u64::from(self.divisor) + 1) * PS_PER_S / master
    }

    fn use_up(&mut self, bytes: usize) -> Result<(), FtdiError> {
        self.used += bytes;
        match self.unplugged_after {
            Some(limit) if self.used > limit => Err(FtdiError::Unplugged),
            _ => Ok(()),
        }
    }

    fn set_lines(&mut self, levels: u8, outputs: u8) {
        self.lines = (levels, outputs);
        // Inputs are pulled up.
        let level = |line: u8| outputs & line == 0 || levels & line != 0;
        self.wire.cs(level(CS));
        self.wire.sck(level(SCK));
        self.wire.mosi(level(MOSI));
        (4..8).for_each(|n| self.wire.other(n, level(1 << n)));
        self.wire.wait(LINES_PS);
    }

    /// Does what it can with what it has.
    fn work(&mut self) {
        loop {
            let went_on = match self.mode {
                Mode::Serial => {
                    self.to_chip.clear();
                    false
                }
                Mode::Command => self.command(),
                Mode::Exchange(left) => self.exchange(left),
            };
            if !went_on {
                return;
            }
        }
    }

    /// The next command, if all of it is there.
    fn command(&mut self) -> bool {
        let Some(&code) = self.to_chip.front() else { return false };
        let length = match code {
            0x80 | 0x82 | 0x86 | 0x31 => 3,
            _ => 1,
        };
        if self.to_chip.len() < length || self.to_host.len() + 2 > self.buffer {
            return false;
        }
        let bytes: Vec<u8> = self.to_chip.drain(..length).collect();
        match bytes[..] {
            [0x80, levels, outputs] => self.set_lines(levels, outputs),
            [0x86, low, high] => self.divisor = u16::from_le_bytes([low, high]),
            [0x31, low, high] => {
                assert!(!self.adaptive && !self.three_phases, "SPI with the clock of JTAG or I2C");
                let count = u32::from(u16::from_le_bytes([low, high])) + 1;
                self.mode = Mode::Exchange(count);
            }
            [0x85 | 0x82, ..] => {}
            [0x87] => self.send_now = true,
            [0x8A] => self.divided = false,
            [0x8B] => self.divided = true,
            [0x8C] => self.three_phases = true,
            [0x8D] => self.three_phases = false,
            [0x96] => self.adaptive = true,
            [0x97] => self.adaptive = false,
            _ => self.to_host.extend([0xFA, code]),
        }
        true
    }

    /// One byte: out while SCK falls, in while it rises, most significant bit first.
    fn exchange(&mut self, left: u32) -> bool {
        if self.to_host.len() >= self.buffer {
            return false;
        }
        let Some(out) = self.to_chip.pop_front() else { return false };
        let half = self.half_ps();
        let mut answer = 0;
        for bit in (0..8).rev() {
            self.wire.mosi(out >> bit & 1 == 1);
            self.wire.wait(half);
            answer = answer << 1 | u8::from(self.wire.miso());
            self.wire.sck(true);
            self.wire.wait(half);
            self.wire.sck(false);
        }
        if !std::mem::take(&mut self.lose_one) {
            self.to_host.push_back(answer);
        }
        self.mode = if left == 1 { Mode::Command } else { Mode::Exchange(left - 1) };
        true
    }

    fn bit_mode(&mut self, value: u16) -> Result<(), FtdiError> {
        self.mode = match value >> 8 {
            0 => Mode::Serial,
            2 if self.deaf => Mode::Serial,
            2 => Mode::Command,
            other => return Err(FtdiError::Request(other as u8)),
        };
        self.set_lines(0, 0);
        (self.divided, self.adaptive, self.three_phases, self.divisor) = (true, false, false, 0);
        Ok(())
    }

    /// A packet, if there is one; the last of a transfer is not full.
    fn next_packet(&mut self) -> Vec<u8> {
        let room = self.packet - STATUS.len();
        let mut packet = STATUS.to_vec();
        let full = self.to_host.len() >= room;
        if !full && !self.send_now && !self.to_host.is_empty() {
            self.held_back += 1;
            if self.held_back < HELD_BACK {
                return packet;
            }
            self.late += 1;
        }
        self.held_back = 0;
        let count = room.min(self.to_host.len());
        packet.extend(self.to_host.drain(..count));
        packet
    }
}

impl<W: Wire> Pipes for Ftdi<W> {
    type Error = FtdiError;

    fn control(&mut self, request: u8, value: u16) -> Result<(), FtdiError> {
        self.use_up(8)?;
        match (request, value) {
            (0x00, 0) => {
                self.to_chip.clear();
                self.to_host.clear();
            }
            (0x00, 1) => self.to_host.clear(),
            (0x00, 2) => self.to_chip.clear(),
            (0x06 | 0x07, _) | (0x09, 1..=255) => {}
            (0x0B, mode) => self.bit_mode(mode)?,
            _ => return Err(FtdiError::Request(request)),
        }
        Ok(())
    }

    fn bulk_out(&mut self, bytes: &[u8]) -> Result<usize, FtdiError> {
        self.use_up(bytes.len())?;
        for (n, byte) in bytes.iter().enumerate() {
            if self.to_chip.len() >= self.buffer {
                self.work();
            }
            if self.to_chip.len() >= self.buffer {
                return if n == 0 { Err(FtdiError::Stuck) } else { Ok(n) };
            }
            self.to_chip.push_back(*byte);
        }
        self.work();
        Ok(bytes.len())
    }

    fn bulk_in(&mut self, bytes: &mut [u8]) -> Result<usize, FtdiError> {
        assert_eq!(bytes.len() % self.packet, 0, "a packet could be longer than its room");
        let mut len = 0;
        loop {
            self.work();
            let packet = self.next_packet();
            bytes[len..len + packet.len()].copy_from_slice(&packet);
            len += packet.len();
            if packet.len() < self.packet || len == bytes.len() {
                break;
            }
        }
        if self.to_host.is_empty() {
            self.send_now = false;
        }
        self.use_up(len)?;
        Ok(len)
    }

    fn packet(&self) -> usize {
        self.packet
    }
}

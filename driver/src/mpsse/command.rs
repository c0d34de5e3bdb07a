//! The commands of the MPSSE that are used, and how frames are made of them.

/// Answers are not held back until the latency timer ends.
pub(super) const SEND_NOW: u8 = 0x87;
/// Direction and level of the lower eight lines.
const SET_LINES: u8 = 0x80;
/// Bytes out while SCK falls, in while it rises, most significant bit first; takes length - 1.
const EXCHANGE: u8 = 0x31;
const NO_LOOPBACK: u8 = 0x85;
const DIVISOR: u8 = 0x86;
const UNDIVIDED: u8 = 0x8A;
const TWO_PHASES: u8 = 0x8D;
const NO_ADAPTIVE_CLOCK: u8 = 0x97;

const SCK: u8 = 1;
const MOSI: u8 = 1 << 1;
const CS: u8 = 1 << 3;

/// Times that lines are set in a row: each takes 0.2 us, a module wants chip select for eight of
/// its cycles before and after a frame.
const HOLD: usize = 5;
/// The same for a reset, 12.8 us.
const RESET_HOLD: usize = 64;

/// Bytes of the longest piece of a frame.
pub(super) const PIECE: usize = 2048;
/// Lines twice, the head of an exchange, the end.
const OVERHEAD: usize = 2 * 3 * HOLD + 3 + 1;
const ROOM: usize = PIECE + OVERHEAD;

/// Bytes to be sent.
#[derive(Debug)]
pub(super) struct Out {
    bytes: [u8; ROOM],
    len: usize,
}

impl Out {
    pub const fn new() -> Self {
        Self { bytes: [0; ROOM], len: 0 }
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// What has no room is left out: nothing composed here is that long.
    pub fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Composes commands for a bus.
#[derive(Clone, Copy)]
pub(super) struct Commands {
    /// The bit of the reset line, 0 if there is none.
    reset: u8,
}

impl Commands {
    pub fn new(reset: Option<u8>) -> Self {
        let bit = |line: u8| if (4..8).contains(&line) { 1 << line } else { 0 };
        Self { reset: reset.map_or(0, bit) }
    }

    /// Lines that are high; the others of the bus are low.
    fn lines(self, out: &mut Out, high: u8, times: usize) {
        let outputs = SCK | MOSI | CS | self.reset;
        (0..times).for_each(|_| out.push(&[SET_LINES, high, outputs]));
    }

    pub fn set_up(self, out: &mut Out, divisor: u16) {
        let [low, high] = divisor.to_le_bytes();
        out.push(&[UNDIVIDED, NO_ADAPTIVE_CLOCK, TWO_PHASES, NO_LOOPBACK, DIVISOR, low, high]);
        self.deselect(out);
    }

    pub fn select(self, out: &mut Out) {
        self.lines(out, self.reset, HOLD);
    }

    pub fn deselect(self, out: &mut Out) {
        self.lines(out, CS | self.reset, HOLD);
    }

    pub fn reset(self, out: &mut Out) {
        self.lines(out, CS, RESET_HOLD);
        self.lines(out, CS | self.reset, RESET_HOLD);
    }

    /// 1 to 65,536 bytes.
    pub fn exchange(self, out: &mut Out, bytes: &[u8]) {
        if let Some(n) = bytes.len().checked_sub(1) {
            let [low, high] = (n as u16).to_le_bytes();
            out.push(&[EXCHANGE, low, high]);
            out.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_piece_has_room() {
        let (mut out, lines) = (Out::new(), Commands::new(Some(4)));
        lines.select(&mut out);
        lines.exchange(&mut out, &[0x5A; PIECE]);
        lines.deselect(&mut out);
        out.push(&[SEND_NOW]);
        assert_eq!(out.bytes().len(), ROOM);
        assert_eq!(out.bytes().last(), Some(&SEND_NOW));
    }

    #[test]
    fn only_the_lines_of_the_bus_are_driven() {
        for (reset, outputs) in [(None, 0x0B), (Some(4), 0x1B), (Some(7), 0x8B), (Some(2), 0x0B)] {
            let mut out = Out::new();
            Commands::new(reset).select(&mut out);
            assert_eq!(out.bytes()[2], outputs, "{reset:?}");
        }
    }
}

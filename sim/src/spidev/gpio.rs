//! A GPIO chip with the module's interrupt and reset lines, as the kernel's second interface for
//! them has it (`linux/gpio.h`).

use super::errno::{EBUSY, EINVAL, ENOTTY, EPERM};
use super::node::{Controller, Node};
use super::wire::{word, Answer};

/// The line on which the module interrupts, as on a Raspberry Pi wired for it.
pub const IRQ_LINE: u32 = 25;
/// The line that resets the module while it is low.
pub const RESET_LINE: u32 = 24;

/// Lines of the chip. Nothing is connected to the others.
const LINES: u32 = 28;
/// First word of an event, by which the library knows it.
const EVENT: u32 = 0x7EDC_0DE0;

/// Numbers of the ioctls.
mod nr {
    pub const CHIP_INFO: u8 = 1;
    pub const LINE_INFO: u8 = 5;
    pub const GET_LINE: u8 = 7;
    pub const GET_VALUES: u8 = 14;
    pub const SET_VALUES: u8 = 15;
}

/// Flags of a line.
mod flag {
    pub const USED: u64 = 1;
    pub const ACTIVE_LOW: u64 = 2;
    pub const INPUT: u64 = 4;
    pub const OUTPUT: u64 = 8;
    pub const RISING: u64 = 16;
}

/// Where things are in `struct gpio_v2_line_request`.
mod request {
    pub const SIZE: usize = 592;
    pub const CONSUMER: std::ops::Range<usize> = 256..288;
    pub const FLAGS: usize = 288;
    pub const ATTRIBUTES: usize = 296;
    pub const FIRST_ATTRIBUTE: usize = 320;
    pub const LINES: usize = 560;
}

/// Where `struct gpio_v2_line_info` has the number of the line.
const INFO_LINE: std::ops::Range<usize> = 64..68;

/// A line that a program has taken.
pub(super) struct Line {
    number: u32,
    flags: u64,
    /// It was seen low, and nobody was told yet that it has risen.
    expected: bool,
}

/// The line that is asked for or about, if one is.
pub(super) fn wanted(number: u8, payload: &[u8]) -> Option<u32> {
    match number {
        nr::GET_LINE => Some(word(payload)),
        nr::LINE_INFO => payload.get(INFO_LINE).map(word),
        _ => None,
    }
}

/// Answers an ioctl of the chip or of a line.
pub(super) fn handle<C: Controller>(
    node: &mut Node<C>,
    owner: u64,
    line: &mut Option<Line>,
    number: u8,
    payload: Vec<u8>,
) -> Answer {
    match (number, line) {
        (nr::CHIP_INFO, None) => Ok((0, chip_info())),
        (nr::LINE_INFO, None) => line_info(node, payload).map(|info| (0, info)),
        (nr::GET_LINE, line @ None) => {
            *line = Some(take(node, owner, &payload)?);
            Ok((0, Vec::new()))
        }
        (nr::GET_VALUES, Some(line)) => line.get(node, payload).map(|values| (0, values)),
        (nr::SET_VALUES, Some(line)) => line.set(node, &payload).map(|()| (0, Vec::new())),
        _ => Err(ENOTTY),
    }
}

/// The event of a line that has risen since it was seen low. Time goes by for it.
pub(super) fn news<C: Controller>(node: &mut Node<C>, line: &mut Line) -> Option<Vec<u8>> {
    if !std::mem::take(&mut line.expected) || !node.irq(true).ok()? {
        return None;
    }
    // Time stamp, kind (rising edge) and line; the rest is 0.
    let mut event = [EVENT, 0, 1, line.number].map(u32::to_ne_bytes).concat();
    event.resize(48, 0);
    Some(event)
}

fn chip_info() -> Vec<u8> {
    let mut info = vec![0; 68];
    info[..4].copy_from_slice(b"deku");
    info[32..36].copy_from_slice(b"deku");
    info[64..].copy_from_slice(&LINES.to_ne_bytes());
    info
}

fn line_info<C: Controller>(node: &Node<C>, mut info: Vec<u8>) -> Result<Vec<u8>, i32> {
    let number = word(info.get(INFO_LINE).ok_or(EINVAL)?);
    if number >= LINES {
        return Err(EINVAL);
    }
    let name = format!("GPIO{number}");
    info[..name.len()].copy_from_slice(name.as_bytes());
    let mut flags = if number == RESET_LINE { flag::OUTPUT } else { flag::INPUT };
    if let Some((_, consumer)) = node.lines.get(&number) {
        info[32..32 + consumer.len()].copy_from_slice(consumer.as_bytes());
        flags |= flag::USED;
    }
    info.get_mut(72..80).ok_or(EINVAL)?.copy_from_slice(&flags.to_ne_bytes());
    Ok(info)
}

/// `GPIO_V2_GET_LINE` for one line.
fn take<C: Controller>(node: &mut Node<C>, owner: u64, asked: &[u8]) -> Result<Line, i32> {
    if asked.len() != request::SIZE || word(&asked[request::LINES..]) != 1 {
        return Err(EINVAL);
    }
    let (number, flags) = (word(asked), long(&asked[request::FLAGS..]));
    let (is_output, is_input) = (flags & flag::OUTPUT != 0, flags & flag::INPUT != 0);
    if number >= LINES || (number == IRQ_LINE && is_output) || (is_output && is_input) {
        return Err(EINVAL);
    }
    if node.lines.contains_key(&number) {
        return Err(EBUSY);
    }
    let consumer = asked[request::CONSUMER].split(|b| *b == 0).next().unwrap_or_default();
    let consumer: String =
        String::from_utf8_lossy(consumer).chars().filter(char::is_ascii).collect();
    node.lines.insert(number, (owner, consumer));
    let line = Line { number, flags, expected: false };
    if is_output {
        line.drive(node, initial_value(asked))?;
    }
    Ok(line)
}

/// The value that an output begins with: its attribute 2.
fn initial_value(asked: &[u8]) -> bool {
    let attributes = asked[request::FIRST_ATTRIBUTE..request::LINES].chunks_exact(24);
    let mut used = attributes.take(word(&asked[request::ATTRIBUTES..]) as usize);
    used.any(|attribute| word(attribute) == 2 && attribute[8..].first().is_some_and(|b| b & 1 == 1))
}

impl Line {
    fn get<C: Controller>(
        &mut self,
        node: &mut Node<C>,
        mut values: Vec<u8>,
    ) -> Result<Vec<u8>, i32> {
        let high = self.number == IRQ_LINE && node.irq(false)?;
        let active = high != (self.flags & flag::ACTIVE_LOW != 0);
        self.expected = self.number == IRQ_LINE && !high && self.flags & flag::RISING != 0;
        values.get_mut(..8).ok_or(EINVAL)?.copy_from_slice(&u64::from(active).to_ne_bytes());
        Ok(values)
    }

    fn set<C: Controller>(&self, node: &mut Node<C>, values: &[u8]) -> Result<(), i32> {
        if self.flags & flag::OUTPUT == 0 {
            return Err(EPERM);
        }
        self.drive(node, long(values) & 1 == 1)
    }

    fn drive<C: Controller>(&self, node: &mut Node<C>, active: bool) -> Result<(), i32> {
        let high = active != (self.flags & flag::ACTIVE_LOW != 0);
        if self.number == RESET_LINE {
            node.reset(high)?;
        }
        Ok(())
    }
}

fn long(bytes: &[u8]) -> u64 {
    let mut eight = [0; 8];
    let n = bytes.len().min(8);
    eight[..n].copy_from_slice(&bytes[..n]);
    u64::from_ne_bytes(eight)
}

//! Waiting for the interrupt line instead of asking again and again.

use crate::Pace;

/// Waits in a row without an interrupt after which the line counts as not connected.
const MISSES: u32 = 3;

/// The interrupt line of a module, as the host sees it.
pub trait InterruptLine {
    /// Waits until the line is high; `false` if that takes longer than any example can, or if the
    /// line can not be read.
    fn wait_high(&mut self) -> bool;
}

/// Waits for the interrupt line while the module is busy.
///
/// A line that never tells anything is given up for the rest of the connection, which then polls
/// as if there were none: a wire that came off costs time, not results.
#[derive(Clone, Debug)]
pub struct Interrupt<L> {
    line: L,
    missed: u32,
}

impl<L: InterruptLine> Interrupt<L> {
    /// With this line.
    pub const fn new(line: L) -> Self {
        Self { line, missed: 0 }
    }
}

impl<L: InterruptLine> Pace for Interrupt<L> {
    fn wait(&mut self, outstanding: usize) {
        // Without results to come nothing may ever happen.
        if outstanding == 0 || !self.interrupts() {
            return;
        }
        self.missed = if self.line.wait_high() { 0 } else { self.missed + 1 };
    }

    fn interrupts(&self) -> bool {
        self.missed < MISSES
    }
}

/// A pin that is looked at again and again: cheaper than frames, on any microcontroller.
#[cfg(feature = "spi")]
#[derive(Clone, Debug)]
pub struct PinLine<P, D> {
    pin: P,
    delay: D,
    every_ns: u32,
    looks: u32,
}

#[cfg(feature = "spi")]
impl<P, D> PinLine<P, D> {
    /// Looks every `every_ns` nanoseconds, for `timeout_us` microseconds at most; 100,000 are
    /// longer than any example takes.
    pub const fn new(pin: P, delay: D, every_ns: u32, timeout_us: u32) -> Self {
        let every = if every_ns == 0 { 1 } else { every_ns };
        let looks = timeout_us.saturating_mul(1000) / every + 1;
        Self { pin, delay, every_ns: every, looks }
    }
}

#[cfg(feature = "spi")]
impl<P: embedded_hal::digital::InputPin, D: embedded_hal::delay::DelayNs> InterruptLine
    for PinLine<P, D>
{
    fn wait_high(&mut self) -> bool {
        for _ in 0..self.looks {
            match self.pin.is_high() {
                Ok(true) => return true,
                Ok(false) => self.delay.delay_ns(self.every_ns),
                Err(_) => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Line(bool, u32);

    impl InterruptLine for Line {
        fn wait_high(&mut self) -> bool {
            self.1 += 1;
            self.0
        }
    }

    #[test]
    fn a_dead_line_is_given_up() {
        let mut pace = Interrupt::new(Line(false, 0));
        (0..10).for_each(|_| pace.wait(1));
        assert_eq!(pace.line.1, MISSES);
        assert!(!pace.interrupts());
    }

    #[test]
    fn a_late_interrupt_is_forgiven() {
        let mut pace = Interrupt::new(Line(false, 0));
        pace.wait(1);
        pace.wait(0);
        pace.line.0 = true;
        pace.wait(1);
        assert_eq!((pace.missed, pace.line.1), (0, 2));
    }
}

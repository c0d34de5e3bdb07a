//! Pins that are bits of a word in memory, as those of a board are bits of a register.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

static PORT: AtomicU32 = AtomicU32::new(0);

/// One of them.
pub struct Pin(u32);

impl Pin {
    /// With its number.
    pub const fn new(number: u32) -> Self {
        Self(1 << number)
    }

    fn set(&mut self, high: bool) {
        let others = PORT.load(Relaxed) & !self.0;
        PORT.store(others | if high { self.0 } else { 0 }, Relaxed);
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(PORT.load(Relaxed) & self.0 != 0)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

/// Waits by counting.
pub struct Loop;

impl DelayNs for Loop {
    fn delay_ns(&mut self, ns: u32) {
        (0..ns / 16).for_each(|_| core::hint::spin_loop());
    }
}

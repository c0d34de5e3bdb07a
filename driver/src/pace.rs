//! What to do while the module is busy and there is nothing to send.

/// Called before a frame that only asks how far the module is.
///
/// `()` polls at once, which is right where an exchange blocks anyway.
pub trait Pace {
    /// Waits a little; `outstanding` examples have no result yet.
    fn wait(&mut self, outstanding: usize);

    /// Whether [`Pace::wait`] waits for the interrupt line: the driver then lets the module raise
    /// it, and clears what has raised it before waiting.
    fn interrupts(&self) -> bool {
        false
    }
}

impl Pace for () {
    fn wait(&mut self, _outstanding: usize) {}
}

/// Waits a fixed time before every such frame.
#[cfg(feature = "spi")]
#[derive(Clone, Copy, Debug)]
pub struct Delay<D> {
    delay: D,
    ns: u32,
}

#[cfg(feature = "spi")]
impl<D: embedded_hal::delay::DelayNs> Delay<D> {
    /// Waits `ns` nanoseconds with `delay`.
    pub const fn new(delay: D, ns: u32) -> Self {
        Self { delay, ns }
    }
}

#[cfg(feature = "spi")]
impl<D: embedded_hal::delay::DelayNs> Pace for Delay<D> {
    fn wait(&mut self, _outstanding: usize) {
        self.delay.delay_ns(self.ns);
    }
}

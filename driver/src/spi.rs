//! SPI: one frame is one transaction.

use crate::{Transport, LONGEST_FRAME};
use embedded_hal::spi::SpiDevice;

/// A module on an SPI bus (mode 0, most significant bit first).
#[derive(Clone, Debug)]
pub struct SpiTransport<S> {
    device: S,
    max_frame: usize,
}

impl<S: SpiDevice> SpiTransport<S> {
    /// Frames of up to [`LONGEST_FRAME`] bytes, which Linux' spidev allows by default.
    pub const fn new(device: S) -> Self {
        Self::with_max_frame(device, LONGEST_FRAME)
    }

    /// Frames of up to `max_frame` bytes (64 at least): the parameter `bufsiz` of spidev, or what
    /// the DMA of a controller can do.
    pub const fn with_max_frame(device: S, max_frame: usize) -> Self {
        Self { device, max_frame }
    }

    /// The SPI device.
    pub fn device(&mut self) -> &mut S {
        &mut self.device
    }

    /// The SPI device, given back.
    pub fn release(self) -> S {
        self.device
    }
}

impl<S: SpiDevice> Transport for SpiTransport<S> {
    type Error = S::Error;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), S::Error> {
        self.device.transfer_in_place(frame)
    }

    fn max_frame(&self) -> usize {
        self.max_frame
    }
}

//! What the driver needs of a link.

/// Longest frame the driver makes by itself, bytes: what Linux' spidev takes unless it is told
/// otherwise, and enough for the longest record.
pub const LONGEST_FRAME: usize = 4096;

/// A way to exchange frames with a module.
pub trait Transport {
    /// What can go wrong on the host's side.
    type Error: core::fmt::Debug;

    /// Sends `frame` as one frame and puts the answer, of the same length, in its place.
    ///
    /// # Errors
    /// If the host's interface failed. The frame may or may not have reached the module: the
    /// driver finds out and tries again.
    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error>;

    /// Longest frame that can be exchanged, bytes; 64 at least.
    fn max_frame(&self) -> usize;

    /// Lowers the clock, because hardly anything gets through; `false` if it can not be lowered (any
    /// more).
    fn slow_down(&mut self) -> bool {
        false
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    type Error = T::Error;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), T::Error> {
        T::exchange(self, frame)
    }

    fn max_frame(&self) -> usize {
        T::max_frame(self)
    }

    fn slow_down(&mut self) -> bool {
        T::slow_down(self)
    }
}

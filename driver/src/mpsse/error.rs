//! Why an exchange through an FTDI chip failed.

use core::fmt;

/// Why an exchange through an FTDI chip failed. `E` is the error of USB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MpsseError<E> {
    /// USB failed.
    Usb(E),
    /// The chip does not answer commands of an MPSSE.
    NoMpsse,
    /// Not everything came back.
    TimedOut,
    /// More came back than was asked for.
    TooMuch,
}

impl<E: fmt::Debug> core::error::Error for MpsseError<E> {}

impl<E: fmt::Debug> fmt::Display for MpsseError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usb(error) => write!(out, "USB failed: {error:?}"),
            Self::NoMpsse => out.write_str(
                "the chip does not answer as an MPSSE: this channel has none, or it is another \
                 chip; use an FT232H, or channel A or B of an FT2232H",
            ),
            Self::TimedOut => out.write_str(
                "the chip answers only in part: bytes are lost on USB; plug it in again, without \
                 a hub",
            ),
            Self::TooMuch => out.write_str(
                "the chip answers more than it was asked: another program has used it; plug it in \
                 again",
            ),
        }
    }
}

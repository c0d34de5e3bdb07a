//! Chips with an MPSSE, and the clocks they make.

/// An FTDI chip whose MPSSE runs at 60 MHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// One channel, buffers of 1 KB.
    Ft232h,
    /// Two channels, buffers of 4 KB each.
    Ft2232h,
    /// Four channels, the first two with an MPSSE, buffers of 2 KB each.
    Ft4232h,
}

/// One of the channels that have an MPSSE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The first one, the only one of an FT232H.
    #[default]
    A,
    /// The second one.
    B,
}

impl Channel {
    /// Number of its USB interface.
    #[must_use]
    pub const fn interface(self) -> u8 {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}

impl Chip {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ft232h, Self::Ft2232h, Self::Ft4232h];

    /// The chip that calls itself so on USB, unless its numbers were changed. `release` is the
    /// device's own version: an FT2232D has the product number of an FT2232H, but no fast MPSSE.
    #[must_use]
    pub const fn of(vendor: u16, product: u16, release: u16) -> Option<Self> {
        match (vendor, product, release >> 8) {
            (0x0403, 0x6014, _) => Some(Self::Ft232h),
            (0x0403, 0x6010, 7) => Some(Self::Ft2232h),
            (0x0403, 0x6011, _) => Some(Self::Ft4232h),
            _ => None,
        }
    }

    /// Its name, in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ft232h => "ft232h",
            Self::Ft2232h => "ft2232h",
            Self::Ft4232h => "ft4232h",
        }
    }

    /// The chip of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chip| chip.name() == name)
    }

    /// Whether it has this channel.
    #[must_use]
    pub const fn has(self, channel: Channel) -> bool {
        !matches!((self, channel), (Self::Ft232h, Channel::B))
    }

    /// Bytes exchanged by one command: with its command, less than either buffer holds.
    pub(crate) const fn piece(self) -> usize {
        match self {
            Self::Ft232h => 896,
            Self::Ft2232h | Self::Ft4232h => 1920,
        }
    }
}

/// The MPSSE toggles SCK with at most this rate, Hz.
const MASTER: u32 = 60_000_000;

/// The divisor for a clock of at most `hz`.
pub(super) fn divisor(hz: u32) -> u16 {
    let half = (MASTER / 2).div_ceil(hz.max(1));
    u16::try_from(half.saturating_sub(1)).unwrap_or(u16::MAX)
}

/// The clock that a divisor makes, Hz.
pub(super) fn sck(divisor: u16) -> u32 {
    MASTER / 2 / (u32::from(divisor) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_lower_clock_is_taken() {
        for (wanted, got) in [
            (100_000_000, 30_000_000),
            (30_000_000, 30_000_000),
            (29_999_999, 15_000_000),
            (8_000_000, 7_500_000),
            (500_000, 500_000),
            (1_000, 1_000),
        ] {
            assert_eq!(sck(divisor(wanted)), got, "{wanted}");
        }
        assert_eq!(divisor(0), u16::MAX);
    }

    #[test]
    fn chips_are_known_by_their_numbers() {
        assert_eq!(Chip::of(0x0403, 0x6014, 0x0900), Some(Chip::Ft232h));
        assert_eq!(Chip::of(0x0403, 0x6010, 0x0700), Some(Chip::Ft2232h));
        assert_eq!(Chip::of(0x0403, 0x6010, 0x0500), None, "an FT2232D");
        assert_eq!(Chip::of(0x0403, 0x6001, 0x0600), None, "an FT232R");
        for chip in Chip::ALL {
            assert_eq!(Chip::named(chip.name()), Some(chip));
        }
        assert!(!Chip::Ft232h.has(Channel::B));
    }
}

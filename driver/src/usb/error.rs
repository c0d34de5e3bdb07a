//! Why a chip on USB cannot be used.

use std::path::PathBuf;
use std::string::{String, ToString as _};
use std::vec::Vec;
use std::{fmt, format};

use crate::mpsse::Chip;

/// A chip on USB that can not be used, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsbError {
    /// The computer does not let programs look at USB.
    Unavailable(String),
    /// No chip has this serial number or place.
    Missing {
        /// What was looked for.
        wanted: String,
        /// Serial numbers or places of the chips that are there.
        seen: Vec<String>,
    },
    /// Several chips could be meant.
    Ambiguous {
        /// What was looked for.
        wanted: String,
        /// Their places.
        places: Vec<String>,
    },
    /// It is there, but not for this user.
    Denied {
        /// Its node.
        node: PathBuf,
        /// Its vendor number.
        vendor: u16,
        /// Its product number.
        product: u16,
    },
    /// Its numbers are not those of a chip with an MPSSE.
    NotABridge {
        /// Where it is.
        place: String,
        /// Its vendor number.
        vendor: u16,
        /// Its product number.
        product: u16,
    },
    /// The chip has no second channel.
    NoChannel {
        /// Where it is.
        place: String,
        /// What it is.
        chip: Chip,
    },
    /// It does not behave like a chip with an MPSSE.
    NoMpsse {
        /// Where it is.
        place: String,
        /// What it does.
        why: String,
    },
    /// A driver of the kernel has the channel and does not let go.
    KernelDriver {
        /// Where the channel is, as the kernel names it: `1-2.4:1.0`.
        interface: String,
    },
    /// Another program has it.
    Busy {
        /// Its node.
        node: PathBuf,
    },
    /// It is not there any more.
    Unplugged,
    /// No answer in time.
    TimedOut,
    /// Something else, in the words of libusb.
    Failed(String),
}

impl UsbError {
    /// Stable short name, without the area: `missing`, `denied` ...
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Missing { .. } => "missing",
            Self::Ambiguous { .. } => "ambiguous",
            Self::Denied { .. } => "denied",
            Self::NotABridge { .. } | Self::NoChannel { .. } | Self::NoMpsse { .. } => "no-mpsse",
            Self::KernelDriver { .. } => "driver",
            Self::Busy { .. } => "busy",
            Self::Unplugged => "unplugged",
            Self::TimedOut | Self::Failed(_) => "failed",
        }
    }

    /// What happened, the likely cause and the fix, a sentence each.
    #[must_use]
    pub fn sentences(&self) -> [String; 3] {
        match self {
            Self::Unavailable(_) | Self::Missing { .. } | Self::Ambiguous { .. } => {
                self.searching()
            }
            Self::NotABridge { .. } | Self::NoChannel { .. } | Self::NoMpsse { .. } => {
                self.unable()
            }
            _ => self.using(),
        }
    }

    /// Nothing was found, or too much.
    fn searching(&self) -> [String; 3] {
        let look = "`deku list` shows what is plugged in".to_string();
        match self {
            Self::Missing { wanted, seen } => [
                format!("there is no USB bridge `{wanted}`"),
                match seen.as_slice() {
                    [] => "no FT232H, FT2232H or FT4232H is plugged in, or its cable carries no data".to_string(),
                    seen => format!("plugged in: {}", seen.join(", ")),
                },
                format!("{look}; the name is the serial number, or the place such as 1-2.4"),
            ],
            Self::Ambiguous { wanted, places } => [
                match wanted.as_str() {
                    "any" => format!("{} USB bridges are plugged in", places.len()),
                    wanted => format!("{} USB bridges have the serial number `{wanted}`", places.len()),
                },
                format!("they are at {}", places.join(", ")),
                format!("name the place, for example usb:{}", places.first().map_or("1-1", String::as_str)),
            ],
            Self::Unavailable(why) => [
                format!("USB can not be used here: {why}"),
                "the kernel has no USB, or a container was started without /dev/bus/usb".to_string(),
                "look at `ls /dev/bus/usb`; give the container the devices (docker: --device /dev/bus/usb)".to_string(),
            ],
            _ => self.using(),
        }
    }

    /// The device cannot do it.
    fn unable(&self) -> [String; 3] {
        let wanted = "an FT232H, or channel A or B of an FT2232H or FT4232H, can do it".to_string();
        match self {
            Self::NotABridge { place, vendor, product } => [
                format!("the USB device {place} ({vendor:04x}:{product:04x}) is no chip with an MPSSE"),
                "only FT232H, FT2232H and FT4232H have one that is fast enough".to_string(),
                "use `serial:` if it is a serial port; if its numbers were changed, say what it is, as in chip=ft232h".to_string(),
            ],
            Self::NoChannel { place, chip } => [
                format!("the USB device {place} has no channel B"),
                format!("it is an {}, which has one channel", chip.name().to_uppercase()),
                "leave out channel=".to_string(),
            ],
            Self::NoMpsse { place, why } => [
                format!("the USB device {place} does not answer as an MPSSE: {why}"),
                "it is an imitation, or chip= says what it is not".to_string(),
                wanted,
            ],
            _ => self.using(),
        }
    }

    /// It is the right one, but it cannot be used (any more).
    fn using(&self) -> [String; 3] {
        match self {
            Self::Denied { node, vendor, product } => [
                format!("`{}` may not be opened by this user", node.display()),
                "no udev rule gives it to those who sit at the computer".to_string(),
                format!("add a udev rule with TAG+=\"uaccess\" for {vendor:04x}:{product:04x} and plug it in again"),
            ],
            Self::KernelDriver { interface } => [
                format!("a driver of the kernel holds the USB interface {interface}"),
                "ftdi_sio made a serial port of it, and does not let go".to_string(),
                format!("end what uses that port, or `echo {interface} | sudo tee /sys/bus/usb/drivers/ftdi_sio/unbind`"),
            ],
            Self::Busy { node } => [
                format!("`{}` is in use", node.display()),
                "another program, perhaps another deku, has this channel".to_string(),
                format!("end that program; `fuser {}` names it", node.display()),
            ],
            Self::Unplugged => [
                "the USB bridge is gone".to_string(),
                "it was unplugged, lost power, or was reset by its hub".to_string(),
                "plug it in again and repeat the command; a module with power of its own has kept what it learned".to_string(),
            ],
            Self::TimedOut => [
                "the USB bridge does not answer in time".to_string(),
                "it hangs, or USB is disturbed".to_string(),
                "plug it in again, without a hub and with a short cable".to_string(),
            ],
            other => [
                match other {
                    Self::Failed(why) => format!("the USB bridge failed: {why}"),
                    _ => "the USB bridge failed".to_string(),
                },
                "USB is disturbed, or the device is faulty".to_string(),
                "plug it in again, without a hub and with a short cable".to_string(),
            ],
        }
    }
}

impl fmt::Display for UsbError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [what, cause, fix] = self.sentences();
        write!(out, "{what}: {cause}; {fix}")
    }
}

impl std::error::Error for UsbError {}

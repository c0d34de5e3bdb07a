//! Modules behind an FTDI chip on USB: finding the chip, opening it, saying why that is impossible.
//!
//! ```no_run
//! use deku_driver::{usb, Deku};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let link = usb::open("FT7K2X1P", &usb::UsbSettings::default())?;
//! let mut deku = Deku::connect(link)?;
//! println!("{:?}", deku.identity());
//! # Ok(())
//! # }
//! ```

mod choose;
mod error;
mod find;
mod handle;

pub use choose::{choose, Wanted};
pub use error::UsbError;
pub use find::{bridges, Found};
pub use handle::Handle;

use crate::mpsse::{Channel, Chip, Mpsse, MpsseError, MpsseSettings};

/// A module behind a chip on USB.
pub type UsbLink = Mpsse<Handle>;

/// How a chip is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsbSettings {
    /// Its channel.
    pub channel: Channel,
    /// What chip it is, if its numbers were changed.
    pub chip: Option<Chip>,
    /// The bus.
    pub bus: MpsseSettings,
}

/// Opens the chip with this serial number, at this place (`1-2.4`, as the kernel names it), or the
/// only one there is (`any`). The driver of the kernel, which makes a serial port of it, is put
/// aside while the channel is used.
///
/// # Errors
/// If there is no such chip or several, if it is denied, in use or cannot do it.
pub fn open(wanted: &str, settings: &UsbSettings) -> Result<UsbLink, UsbError> {
    let wanted = Wanted { id: wanted, chip: settings.chip, channel: settings.channel };
    let found = bridges()?;
    let (found, chip) = choose(&found, &wanted)?;
    let handle = Handle::open(found, settings.channel)?;
    Mpsse::new(handle, chip, settings.bus).map_err(|error| match error {
        MpsseError::Usb(error) => error,
        error => UsbError::NoMpsse { place: found.place.clone(), why: std::format!("{error}") },
    })
}

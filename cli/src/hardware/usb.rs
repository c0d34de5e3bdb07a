//! A module behind a chip on USB.

use deku_driver::mpsse::MpsseError;
use deku_driver::usb::{UsbError, UsbLink};

use super::{answers, Clocked, LinkError};
use crate::backend::Settings;
use crate::error::{Error, Result};

impl Clocked for UsbLink {
    fn hz(&self) -> u32 {
        UsbLink::hz(self)
    }

    fn explain(error: MpsseError<UsbError>) -> LinkError {
        match error {
            MpsseError::Usb(error) => LinkError::Explained(Box::new(error.into())),
            error => LinkError::Spoken(error.to_string()),
        }
    }
}

/// Resets a module that does not answer, if its reset line is named.
pub(super) fn awake(mut link: UsbLink, settings: &Settings) -> Result<UsbLink> {
    let wired = matches!(settings, Settings::Usb(usb) if usb.bus.reset.is_some());
    if wired && !answers(&mut link) {
        link.reset_module().map_err(|error| match error {
            MpsseError::Usb(error) => Error::from(error),
            error => UsbError::Failed(error.to_string()).into(),
        })?;
    }
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_is_gone_has_a_code_of_its_own() {
        let gone = UsbLink::explain(MpsseError::Usb(UsbError::Unplugged));
        let error = Error::from(deku_driver::Error::Transport(gone));
        assert_eq!(error.code, "usb/unplugged");
        assert!(error.fix.contains("plug it in again"), "{error}");
        let lost = UsbLink::explain(MpsseError::TimedOut);
        assert_eq!(Error::from(deku_driver::Error::Transport(lost)).code, "link/transport");
    }
}

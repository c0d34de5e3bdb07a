//! Serial ports, for the framed UART.

use std::boxed::Box;
use std::format;
use std::path::Path;
use std::string::ToString as _;
use std::time::Duration;

use embedded_io_adapters::std::FromStd;
use serialport::{ErrorKind, SerialPort};

use super::fault::DeviceError;
use super::kind::Kind;
use super::node::{check, of, OpenError};
use crate::{SerialError, SerialTransport, Transport};

/// A module on a serial port.
pub struct SerialLink(SerialTransport<FromStd<Box<dyn SerialPort>>>);

impl core::fmt::Debug for SerialLink {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("SerialLink").finish_non_exhaustive()
    }
}

impl Transport for SerialLink {
    type Error = DeviceError;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), DeviceError> {
        self.0.exchange(frame).map_err(|error| match error {
            // The other errors are sentences already.
            SerialError::Port(error) => DeviceError::of(&error),
            error => DeviceError::of(&error),
        })
    }

    fn max_frame(&self) -> usize {
        self.0.max_frame()
    }
}

/// Settings of a port; always eight bits, no parity, one stop bit, no flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits per second; that of the module's configuration.
    pub baud: u32,
    /// How long an answer may take before it counts as lost. Bridges hold bytes back for up to
    /// 16 ms.
    pub timeout: Duration,
}

impl Default for SerialSettings {
    /// 1,000,000 baud, 200 ms.
    fn default() -> Self {
        Self { baud: 1_000_000, timeout: Duration::from_millis(200) }
    }
}

/// Opens a serial port, for this program alone, and forgets what it has received before.
///
/// # Errors
/// If the node is missing, denied, in use or no serial port, or if it refuses the baud rate.
pub fn open_serial(path: &Path, settings: &SerialSettings) -> Result<SerialLink, OpenError> {
    const WANTED: Kind = Kind::SerialPort;
    check(path, WANTED)?;
    let opened =
        serialport::new(path.to_string_lossy(), settings.baud).timeout(settings.timeout).open();
    let port = opened.map_err(|error| match error.kind {
        // Ports are opened exclusively: the system says "busy".
        ErrorKind::NoDevice => OpenError::Busy(path.into()),
        ErrorKind::Io(std::io::ErrorKind::NotFound) => {
            OpenError::Missing { path: path.into(), wanted: WANTED }
        }
        ErrorKind::Io(kind) if kind != std::io::ErrorKind::Other => of(path, WANTED, &kind.into()),
        ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
            let text = error.to_string();
            match text.contains("ioctl") || text.contains("typewriter") {
                true => OpenError::NotADevice { path: path.into(), wanted: WANTED },
                false => OpenError::Settings {
                    path: path.into(),
                    what: format!("{} baud: {text}", settings.baud),
                },
            }
        }
    })?;
    let _ = port.clear(serialport::ClearBuffer::All);
    Ok(SerialLink(SerialTransport::new(FromStd::new(port))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_of_another_kind_is_told_apart() {
        let opened = open_serial("/dev/null".as_ref(), &SerialSettings::default());
        let error = opened.expect_err("/dev/null is no serial port");
        assert_eq!(error.code(), "not-a-device", "{error}");
    }

    #[test]
    fn a_port_that_is_not_there_is_missing() {
        let opened = open_serial("/dev/ttyNOWHERE9".as_ref(), &SerialSettings::default());
        assert_eq!(opened.err().map(|error| error.code()), Some("missing"));
    }
}

//! A channel that was opened.

use std::format;
use std::string::ToString as _;
use std::time::Duration;

use rusb::{Context, DeviceHandle, Direction, UsbContext as _};

use super::choose::denied;
use super::find::{context, place};
use super::{Found, UsbError};
use crate::mpsse::{Channel, Pipes};

/// Longer than any piece of a frame takes.
const TIMEOUT: Duration = Duration::from_secs(1);
/// A vendor request to the device, without data.
const VENDOR_OUT: u8 = 0x40;

/// A channel of a chip, for this program alone.
#[derive(Debug)]
pub struct Handle {
    handle: DeviceHandle<Context>,
    /// Number by which vendor requests name the channel.
    index: u16,
    input: u8,
    output: u8,
    packet: usize,
}

impl Handle {
    /// Opens a channel of a device that was found.
    pub(super) fn open(found: &Found, channel: Channel) -> Result<Self, UsbError> {
        let devices = context()?.devices().map_err(|e| UsbError::Failed(e.to_string()))?;
        let device = devices.iter().find(|device| place(device).as_deref() == Some(&found.place));
        let device = device.ok_or(UsbError::Unplugged)?;
        let handle = device.open().map_err(|error| of_opening(found, error))?;
        // Not everywhere there is a driver of the kernel; then there is nothing to put aside.
        let _ = handle.set_auto_detach_kernel_driver(true);
        claim(&handle, found, channel.interface())?;
        let endpoints = Endpoints::of(&handle, channel.interface())?;
        let Endpoints { input, output, packet } = endpoints;
        Ok(Self { handle, index: u16::from(channel.interface()) + 1, input, output, packet })
    }
}

fn claim(handle: &DeviceHandle<Context>, found: &Found, interface: u8) -> Result<(), UsbError> {
    let active = handle.kernel_driver_active(interface) == Ok(true);
    handle.claim_interface(interface).map_err(|error| match error {
        rusb::Error::Busy if active => driver(found, interface),
        error => of_opening(found, error),
    })
}

fn driver(found: &Found, interface: u8) -> UsbError {
    UsbError::KernelDriver { interface: format!("{}:1.{interface}", found.place) }
}

fn of_opening(found: &Found, error: rusb::Error) -> UsbError {
    match error {
        rusb::Error::Access => denied(found),
        rusb::Error::Busy => UsbError::Busy { node: found.node.clone() },
        error => of_transfer(error),
    }
}

/// A device that goes while something is under way shows itself in several ways; only one of them is
/// certain.
fn of_transfer(error: rusb::Error) -> UsbError {
    match error {
        rusb::Error::NoDevice | rusb::Error::NotFound => UsbError::Unplugged,
        rusb::Error::Timeout => UsbError::TimedOut,
        error => UsbError::Failed(error.to_string()),
    }
}

/// Where a channel sends and receives.
struct Endpoints {
    input: u8,
    output: u8,
    packet: usize,
}

impl Endpoints {
    fn of(handle: &DeviceHandle<Context>, interface: u8) -> Result<Self, UsbError> {
        let configuration = handle.device().active_config_descriptor().map_err(of_transfer)?;
        let (mut input, mut output) = (None, None);
        for interface in configuration.interfaces().filter(|i| i.number() == interface) {
            let endpoints = interface.descriptors().flat_map(|i| i.endpoint_descriptors());
            for endpoint in endpoints {
                let at = (endpoint.address(), usize::from(endpoint.max_packet_size()));
                match endpoint.direction() {
                    Direction::In => input = Some(at),
                    Direction::Out => output = Some(at),
                }
            }
        }
        match (input, output) {
            (Some((input, packet)), Some((output, _))) => Ok(Self { input, output, packet }),
            _ => Err(UsbError::Failed("the interface has no pair of endpoints".to_string())),
        }
    }
}

impl Pipes for Handle {
    type Error = UsbError;

    fn control(&mut self, request: u8, value: u16) -> Result<(), UsbError> {
        let sent = self.handle.write_control(VENDOR_OUT, request, value, self.index, &[], TIMEOUT);
        sent.map(|_| ()).map_err(of_transfer)
    }

    fn bulk_out(&mut self, bytes: &[u8]) -> Result<usize, UsbError> {
        self.handle.write_bulk(self.output, bytes, TIMEOUT).map_err(of_transfer)
    }

    fn bulk_in(&mut self, bytes: &mut [u8]) -> Result<usize, UsbError> {
        self.handle.read_bulk(self.input, bytes, TIMEOUT).map_err(of_transfer)
    }

    fn packet(&self) -> usize {
        self.packet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libusb_says_is_told_apart() {
        let found = Found {
            vendor: 0x0403,
            product: 0x6014,
            chip: None,
            serial: None,
            place: "1-2.4".into(),
            node: "/dev/bus/usb/001/007".into(),
            allowed: true,
        };
        let code = |error| of_opening(&found, error).code();
        assert_eq!(code(rusb::Error::Access), "denied");
        assert_eq!(code(rusb::Error::Busy), "busy");
        assert_eq!(code(rusb::Error::NoDevice), "unplugged");
        assert_eq!(code(rusb::Error::Timeout), "failed");
        assert!(driver(&found, 1).to_string().contains("1-2.4:1.1"), "the name of the kernel");
    }
}

//! What is on USB.

use std::path::{Path, PathBuf};
use std::string::{String, ToString as _};
use std::vec::Vec;
use std::{format, fs};

use rusb::{Context, Device, UsbContext as _};

use super::UsbError;
use crate::mpsse::Chip;

/// FTDI's number.
const FTDI: u16 = 0x0403;

/// A device on USB that may be a bridge to a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Vendor number.
    pub vendor: u16,
    /// Product number.
    pub product: u16,
    /// The chip, as far as the numbers tell.
    pub chip: Option<Chip>,
    /// Serial number; chips without an EEPROM have none.
    pub serial: Option<String>,
    /// Where it is plugged in, as the kernel names it: `1-2.4`.
    pub place: String,
    /// Its node.
    pub node: PathBuf,
    /// Whether this user may open it.
    pub allowed: bool,
}

/// The chips of FTDI, and everything else that has a serial number; in the order of their places.
///
/// # Errors
/// If the computer does not let programs look at USB.
pub fn bridges() -> Result<Vec<Found>, UsbError> {
    let context = context()?;
    let devices = context.devices().map_err(|e| UsbError::Unavailable(e.to_string()))?;
    let found = devices.iter().filter_map(|device| look(&device));
    let mut found: Vec<_> = found.filter(|f| f.vendor == FTDI || f.serial.is_some()).collect();
    found.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(found)
}

pub(super) fn context() -> Result<Context, UsbError> {
    Context::new().map_err(|error| UsbError::Unavailable(error.to_string()))
}

/// `None` for a device that is just going, and for root hubs.
fn look(device: &Device<Context>) -> Option<Found> {
    let descriptor = device.device_descriptor().ok()?;
    let place = place(device)?;
    let (vendor, product) = (descriptor.vendor_id(), descriptor.product_id());
    let rusb::Version(major, minor, patch) = descriptor.device_version();
    let release = u16::from(major) << 8 | u16::from(minor) << 4 | u16::from(patch);
    let opened = device.open();
    let asked = opened.as_ref().ok().and_then(|handle| {
        handle.read_serial_number_string_ascii(&descriptor).ok().filter(|s| !s.is_empty())
    });
    Some(Found {
        vendor,
        product,
        chip: Chip::of(vendor, product, release),
        serial: asked.or_else(|| told(&place)),
        node: format!("/dev/bus/usb/{:03}/{:03}", device.bus_number(), device.address()).into(),
        place,
        allowed: opened.is_ok(),
    })
}

/// Where a device is plugged in.
pub(super) fn place(device: &Device<Context>) -> Option<String> {
    let ports: Vec<String> = device.port_numbers().ok()?.iter().map(u8::to_string).collect();
    (!ports.is_empty()).then(|| format!("{}-{}", device.bus_number(), ports.join(".")))
}

/// The serial number that Linux tells also those who may not open the device.
fn told(place: &str) -> Option<String> {
    let path = Path::new("/sys/bus/usb/devices").join(place).join("serial");
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_string()).filter(|text| !text.is_empty())
}

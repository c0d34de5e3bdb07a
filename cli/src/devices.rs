//! Devices of this computer that a module may be behind, also those that this user may not open.

mod access;
mod nodes;
pub(crate) mod usb;

use std::path::PathBuf;

use deku_rtlgen::board::{Board, Usb, BUILTIN};

pub use access::Access;
use nodes::Nodes;

/// What kind of device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A serial port.
    Serial,
    /// An SPI device.
    Spidev,
    /// A board on USB, as its programmer shows itself.
    UsbBoard,
}

impl Kind {
    /// Name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial_port",
            Self::Spidev => "spidev",
            Self::UsbBoard => "usb_board",
        }
    }
}

/// A chip on USB that can be an SPI bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// Its name.
    pub chip: &'static str,
    /// What to write after `--backend`, if its lines are wired to a module. On a board that is made
    /// for something else they usually are not.
    pub backend: String,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is.
    pub kind: Kind,
    /// Its node.
    pub node: PathBuf,
    /// What it, or the USB device it is a part of, calls itself.
    pub usb: Option<Usb>,
    /// Name and backend of a chip whose lines may be wired to a module.
    pub bridge: Option<Bridge>,
    /// Whether this user may use it.
    pub access: Access,
}

impl Device {
    /// Boards of the project that call themselves the same; bridges are shared by many.
    #[must_use]
    pub fn boards(&self) -> Vec<&'static str> {
        let same = |name: &str| Board::builtin(name).is_ok_and(|b| Some(b.usb) == self.usb);
        BUILTIN.iter().map(|(name, _)| *name).filter(|name| same(name)).collect()
    }

    /// What to write after `--backend`, where it is a link.
    #[must_use]
    pub fn backend(&self) -> Option<String> {
        let node = self.node.display();
        match self.kind {
            Kind::Serial => Some(format!("serial:{node}")),
            Kind::Spidev => Some(format!("spi:{node}")),
            Kind::UsbBoard => None,
        }
    }
}

/// All devices of this computer; none where it is not Linux.
#[must_use]
pub fn all() -> Vec<Device> {
    let mut devices = Nodes::linux().devices();
    devices.extend(usb_boards(&usb::Bus::linux()));
    devices
}

fn usb_boards(bus: &usb::Bus) -> Vec<Device> {
    let devices = bus.devices().unwrap_or_default();
    let found = devices.iter().map(|device| Device {
        kind: Kind::UsbBoard,
        node: bus.node(device),
        usb: Some(device.usb),
        bridge: bridge(device, &devices),
        access: access::of_board(&bus.node(device), bus.writable(device), device.usb),
    });
    let known = |device: &Device| device.bridge.is_some() || !device.boards().is_empty();
    let mut found: Vec<_> = found.filter(known).collect();
    found.sort_by(|a, b| a.node.cmp(&b.node));
    found
}

/// None in a program that cannot use it.
fn bridge(device: &usb::Device, all: &[usb::Device]) -> Option<Bridge> {
    if !cfg!(feature = "usb") {
        return None;
    }
    let Usb { vendor, product } = device.usb;
    let chip = deku_driver::mpsse::Chip::of(vendor, product, device.release)?.name();
    let same = |other: &&usb::Device| other.serial == device.serial;
    let serial = device.serial.as_ref().filter(|_| all.iter().filter(same).count() == 1);
    // A comma would end the name.
    let name = serial.filter(|serial| !serial.contains(',')).unwrap_or(&device.place);
    Some(Bridge { chip, backend: format!("usb:{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_are_known_by_what_they_call_themselves() {
        let bus = usb::Bus::pretend(&[
            ("0403", "6010", true),
            ("1d6b", "0002", true),
            ("0403", "6014", false),
        ]);
        let found = usb_boards(bus.bus());
        let names: Vec<_> = found.iter().map(Device::boards).collect();
        assert_eq!(names, [vec!["icebreaker", "tang-nano-20k", "tang-nano-9k"], vec!["upduino"]]);
        assert_eq!(found[0].access, Access::Granted);
        let Access::Refused { fix, .. } = &found[1].access else { panic!("{found:?}") };
        assert!(fix.contains("ATTR{idProduct}==\"6014\""), "{fix}");
        assert_eq!(found[0].backend(), None);
        #[cfg(feature = "usb")]
        {
            let bridges: Vec<_> = found.iter().map(|d| d.bridge.clone().unwrap()).collect();
            assert_eq!((bridges[0].chip, bridges[0].backend.as_str()), ("ft2232h", "usb:FT1"));
            assert_eq!((bridges[1].chip, bridges[1].backend.as_str()), ("ft232h", "usb:1-2"));
        }
    }

    #[cfg(feature = "usb")]
    #[test]
    fn a_bridge_is_shown_though_no_board_has_it_and_named_by_its_place_if_it_must() {
        let twin = ("0403", "6011", true);
        let bus = usb::Bus::pretend(&[twin, twin]);
        let found = usb_boards(bus.bus());
        let names: Vec<_> =
            found.iter().map(|d| d.bridge.as_ref().unwrap().backend.as_str()).collect();
        assert_eq!(names, ["usb:1-0", "usb:1-1"]);
    }
}

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

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is.
    pub kind: Kind,
    /// Its node.
    pub node: PathBuf,
    /// What it, or the USB device it is a part of, calls itself.
    pub usb: Option<Usb>,
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
    let found = bus.devices().unwrap_or_default().into_iter().map(|device| Device {
        kind: Kind::UsbBoard,
        node: bus.node(&device),
        usb: Some(device.usb),
        access: access::of_board(&bus.node(&device), bus.writable(&device), device.usb),
    });
    let mut found: Vec<_> = found.filter(|device| !device.boards().is_empty()).collect();
    found.sort_by(|a, b| a.node.cmp(&b.node));
    found
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
        assert_eq!(names, [["icebreaker"], ["upduino"]]);
        assert_eq!(found[0].access, Access::Granted);
        let Access::Refused { fix, .. } = &found[1].access else { panic!("{found:?}") };
        assert!(fix.contains("ATTR{idProduct}==\"6014\""), "{fix}");
        assert_eq!(found[0].backend(), None);
    }
}

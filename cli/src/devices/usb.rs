//! USB devices, as Linux shows them in files.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use deku_rtlgen::board::Usb;

/// Where Linux shows its devices.
pub(crate) struct Bus {
    /// Folder with a folder of attributes per device.
    attributes: PathBuf,
    /// Folder with the device nodes.
    nodes: PathBuf,
}

/// A connected device.
pub(crate) struct Device {
    /// What it calls itself.
    pub usb: Usb,
    /// Its serial number; not every device has one.
    pub serial: Option<String>,
    /// Where it is plugged in, as the kernel names it.
    pub place: String,
    /// The device's own version.
    pub release: u16,
    bus: u32,
    number: u32,
}

impl Bus {
    /// The one of this computer.
    pub fn linux() -> Self {
        Self { attributes: "/sys/bus/usb/devices".into(), nodes: "/dev/bus/usb".into() }
    }

    /// All devices; none if this is not Linux.
    pub fn devices(&self) -> Option<Vec<Device>> {
        let entries = fs::read_dir(&self.attributes).ok()?;
        Some(entries.filter_map(|entry| Device::read(&entry.ok()?.path())).collect())
    }

    /// The node that programs open.
    pub fn node(&self, device: &Device) -> PathBuf {
        self.nodes.join(format!("{:03}/{:03}", device.bus, device.number))
    }

    /// True if this user may use the device.
    pub fn writable(&self, device: &Device) -> bool {
        OpenOptions::new().read(true).write(true).open(self.node(device)).is_ok()
    }
}

impl Device {
    fn read(folder: &Path) -> Option<Self> {
        let number = |name: &str| attribute(folder, name)?.parse().ok();
        let release = attribute(folder, "bcdDevice");
        Some(Self {
            usb: identity(folder)?,
            serial: attribute(folder, "serial").filter(|serial| !serial.is_empty()),
            place: folder.file_name()?.to_string_lossy().into_owned(),
            release: release.and_then(|r| u16::from_str_radix(&r, 16).ok()).unwrap_or(0),
            bus: number("busnum")?,
            number: number("devnum")?,
        })
    }
}

/// What the device with this folder calls itself.
pub(super) fn identity(folder: &Path) -> Option<Usb> {
    let hex = |name: &str| u16::from_str_radix(&attribute(folder, name)?, 16).ok();
    Some(Usb { vendor: hex("idVendor")?, product: hex("idProduct")? })
}

fn attribute(folder: &Path, name: &str) -> Option<String> {
    Some(fs::read_to_string(folder.join(name)).ok()?.trim().to_owned())
}

/// What lets everybody who sits at the computer use a board.
pub(crate) fn udev_rule(usb: Usb) -> String {
    let (vendor, product) = (usb.vendor, usb.product);
    format!(
        "put the line SUBSYSTEM==\"usb\", ATTR{{idVendor}}==\"{vendor:04x}\", \
         ATTR{{idProduct}}==\"{product:04x}\", TAG+=\"uaccess\" into \
         /etc/udev/rules.d/70-deku.rules and plug the board in again"
    )
}

/// A bus made of ordinary files.
#[cfg(test)]
pub(crate) struct Pretended(Bus, #[allow(dead_code)] tempfile::TempDir);

#[cfg(test)]
impl Pretended {
    pub fn bus(&self) -> &Bus {
        &self.0
    }
}

#[cfg(test)]
impl Bus {
    /// Devices (vendor, product, has a node that can be written).
    pub fn pretend(devices: &[(&str, &str, bool)]) -> Pretended {
        let folder = tempfile::tempdir().unwrap();
        let bus = Self { attributes: folder.path().join("sys"), nodes: folder.path().join("dev") };
        fs::create_dir_all(&bus.attributes).unwrap();
        fs::create_dir_all(bus.nodes.join("001")).unwrap();
        fs::create_dir_all(bus.attributes.join("1-0:1.0")).unwrap(); // an interface, no device
        for (n, (vendor, product, node)) in devices.iter().enumerate() {
            let device = bus.attributes.join(format!("1-{n}"));
            fs::create_dir_all(&device).unwrap();
            let number = format!("{n}\n");
            for (name, text) in [
                ("idVendor", *vendor),
                ("idProduct", *product),
                ("busnum", "1\n"),
                ("bcdDevice", "0700\n"),
                ("serial", if *node && *vendor == "0403" { "FT1\n" } else { "\n" }),
                ("devnum", &number),
            ] {
                fs::write(device.join(name), text).unwrap();
            }
            if *node {
                fs::write(bus.nodes.join(format!("001/{n:03}")), "").unwrap();
            }
        }
        Pretended(bus, folder)
    }
}

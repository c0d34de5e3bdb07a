//! Serial ports and SPI devices, as Linux shows them in files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deku_rtlgen::board::Usb;

use super::{access, usb, Device, Kind};

/// Where Linux shows its devices.
pub(super) struct Nodes {
    /// Folder with a folder per class of devices.
    classes: PathBuf,
    /// Folder with the nodes.
    nodes: PathBuf,
    /// Whether a node may be read and written.
    may: fn(&Path) -> bool,
}

impl Nodes {
    /// Those of this computer.
    pub fn linux() -> Self {
        Self { classes: "/sys/class".into(), nodes: "/dev".into(), may: access::may_use }
    }

    /// All of them, by name.
    pub fn devices(&self) -> Vec<Device> {
        let serial = self.names("tty").into_iter().filter(|name| self.is_serial_port(name));
        let serial = serial.map(|name| self.device(Kind::Serial, &name));
        let spi = self.names("spidev").into_iter().chain(self.spidev_nodes());
        let spi: BTreeSet<String> = spi.collect();
        serial.chain(spi.iter().map(|name| self.device(Kind::Spidev, name))).collect()
    }

    fn names(&self, class: &str) -> BTreeSet<String> {
        entries(&self.classes.join(class))
    }

    /// Nodes whose class is not shown, as where a container gets a device.
    fn spidev_nodes(&self) -> impl Iterator<Item = String> {
        entries(&self.nodes).into_iter().filter(|name| name.starts_with("spidev"))
    }

    /// Consoles have no device, and places for chips that are not there have the type 0.
    fn is_serial_port(&self, name: &str) -> bool {
        let folder = self.classes.join("tty").join(name);
        let kind = std::fs::read_to_string(folder.join("type"));
        folder.join("device").exists() && kind.map_or(true, |kind| kind.trim() != "0")
    }

    fn device(&self, kind: Kind, name: &str) -> Device {
        let node = self.nodes.join(name);
        let (class, group) =
            if kind == Kind::Serial { ("tty", "dialout") } else { ("spidev", "spi") };
        Device {
            kind,
            bridge: None,
            usb: usb_of(&self.classes.join(class).join(name)),
            access: access::of_node(&node, (self.may)(&node), class, group),
            node,
        }
    }
}

/// What the USB device above this device calls itself.
fn usb_of(folder: &Path) -> Option<Usb> {
    let place = std::fs::canonicalize(folder.join("device")).ok()?;
    place.ancestors().find_map(usb::identity)
}

fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Access;
    use super::*;
    use std::fs::{create_dir_all, write};

    /// A computer made of files: a USB adapter, a console, a place for a chip, two SPI devices.
    fn computer(folder: &Path) -> Nodes {
        let (classes, nodes) = (folder.join("class"), folder.join("dev"));
        let usb = folder.join("usb/1-2");
        create_dir_all(usb.join("1-2:1.0/ttyUSB0")).unwrap();
        write(usb.join("idVendor"), "0403\n").unwrap();
        write(usb.join("idProduct"), "6010\n").unwrap();
        create_dir_all(classes.join("tty/ttyUSB0")).unwrap();
        std::os::unix::fs::symlink(usb.join("1-2:1.0/ttyUSB0"), classes.join("tty/ttyUSB0/device"))
            .unwrap();
        create_dir_all(classes.join("tty/tty1")).unwrap();
        create_dir_all(classes.join("tty/ttyS4/device")).unwrap();
        write(classes.join("tty/ttyS4/type"), "0\n").unwrap();
        create_dir_all(classes.join("spidev/spidev0.1")).unwrap();
        create_dir_all(&nodes).unwrap();
        for name in ["ttyUSB0", "tty1", "ttyS4", "spidev0.0", "null"] {
            write(nodes.join(name), "").unwrap();
        }
        Nodes { classes, nodes, may: |node| node.ends_with("ttyUSB0") }
    }

    #[test]
    fn what_is_there_is_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let found = computer(folder.path()).devices();
        let names: Vec<_> =
            found.iter().map(|d| d.node.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["ttyUSB0", "spidev0.0", "spidev0.1"]);
        let may_be = vec!["icebreaker", "tang-nano-20k", "tang-nano-9k"];
        assert_eq!((found[0].boards(), &found[0].access), (may_be, &Access::Granted));
        assert!(found[0].backend().unwrap().starts_with("serial:"));
        assert!(matches!(found[1].access, Access::Refused { .. }), "{found:?}");
        let Access::Refused { cause, .. } = &found[2].access else { panic!("{found:?}") };
        assert!(cause.contains("no node"), "{cause}");
    }
}

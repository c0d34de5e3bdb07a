//! Kinds of devices: what they are called, who may use them, and how to get one.

use std::string::String;
use std::vec::Vec;
use std::{format, fs};

/// What a node should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A spidev.
    Spidev,
    /// A serial port.
    SerialPort,
    /// A GPIO chip.
    GpioChip,
}

impl Kind {
    /// In a sentence.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spidev => "a spidev",
            Self::SerialPort => "a serial port",
            Self::GpioChip => "a GPIO chip",
        }
    }

    /// Class of the kernel, for udev rules.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Spidev => "spidev",
            Self::SerialPort => "tty",
            Self::GpioChip => "gpio",
        }
    }

    /// Group that such devices use to belong to; `spi` and `gpio` are known to Raspberry Pi OS only.
    pub(super) fn usual_group(self) -> &'static str {
        let own = match self {
            Self::Spidev => "spi",
            Self::SerialPort => "dialout",
            Self::GpioChip => "gpio",
        };
        let groups = fs::read_to_string("/etc/group").unwrap_or_default();
        match groups.lines().any(|line| line.split(':').next() == Some(own)) {
            true => own,
            false => "dialout",
        }
    }

    /// Names of nodes in /dev begin like this.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Spidev => &["spidev"],
            Self::SerialPort => &["ttyUSB", "ttyACM", "serial", "ttyAMA"],
            Self::GpioChip => &["gpiochip"],
        }
    }

    /// Nodes of this kind that this computer has.
    pub(super) fn present(self) -> Vec<String> {
        let nodes = fs::read_dir("/dev").into_iter().flatten().flatten();
        let names = nodes.map(|node| node.file_name().to_string_lossy().into_owned());
        let is_one = |name: &String| {
            self.names().iter().any(|start| {
                let number = name.strip_prefix(start).and_then(|rest| rest.chars().next());
                number.is_some_and(|first| first.is_ascii_digit())
            })
        };
        let mut found: Vec<String> =
            names.filter(is_one).map(|name| format!("/dev/{name}")).collect();
        found.sort();
        found
    }

    /// Why there may be none of this name.
    pub(super) const fn absent(self) -> &'static str {
        match self {
            Self::Spidev => {
                "the SPI interface of this computer is not enabled, or its numbers are others"
            }
            Self::SerialPort => "the board is not plugged in, or the port has another name",
            Self::GpioChip => "this computer has no such GPIO chip, or its driver is not loaded",
        }
    }

    /// What to do if a node is missing and these are there.
    pub(super) fn instead(self, present: &[String]) -> String {
        match present {
            [] => String::from(self.how_to_get()),
            nodes => format!("give one that is there: {}", nodes.join(", ")),
        }
    }

    /// What to do if there is none at all.
    const fn how_to_get(self) -> &'static str {
        match self {
            Self::Spidev => "this computer has no spidev at all; on a Raspberry Pi `sudo raspi-config nonint do_spi 0` enables it, and without a board `--backend sim` simulates one",
            Self::SerialPort => "this computer has no such port at all; plug the board in with a cable that carries data, then look at `ls /dev/ttyUSB* /dev/ttyACM*`",
            Self::GpioChip => "look at `ls /dev/gpiochip*`; without irq= and reset= the driver asks instead of waiting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_named() {
        let ports = ["/dev/ttyACM0", "/dev/ttyUSB1"].map(String::from);
        let fix = Kind::SerialPort.instead(&ports);
        assert_eq!(fix, "give one that is there: /dev/ttyACM0, /dev/ttyUSB1");
        assert!(Kind::SerialPort.instead(&[]).contains("cable that carries data"));
        assert!(Kind::Spidev.instead(&[]).contains("raspi-config nonint do_spi 0"));
        assert!(Kind::GpioChip.instead(&[]).contains("without irq="));
    }

    #[test]
    fn nodes_of_a_kind_have_a_number() {
        for kind in [Kind::Spidev, Kind::SerialPort, Kind::GpioChip] {
            for node in kind.present() {
                assert!(node.ends_with(|c: char| c.is_ascii_digit()), "{node}");
            }
        }
    }
}

//! Device nodes: why one can not be opened.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::string::{String, ToString as _};
use std::{fmt, format, fs};

use nix::fcntl::OFlag;

use super::kind::Kind;

/// ENXIO and ENODEV: numbers of Linux, on every architecture.
const NO_SUCH_ADDRESS: i32 = 6;
const NO_SUCH_DEVICE: i32 = 19;

/// A device that can not be used, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    Missing {
        /// The node.
        path: PathBuf,
        /// What it should be.
        wanted: Kind,
    },
    /// The node is there, but no device behind it.
    Unplugged(PathBuf),
    /// It is there, but not for this user.
    Denied {
        /// The node.
        path: PathBuf,
        /// What it should be.
        wanted: Kind,
        /// Number of the group it belongs to, and whether the group may read and write.
        group: (u32, bool),
    },
    /// Another program has it.
    Busy(PathBuf),
    /// It is no device of this kind.
    NotADevice {
        /// The node.
        path: PathBuf,
        /// What it should be.
        wanted: Kind,
    },
    /// A GPIO line does not exist.
    NoLine {
        /// Its name, or its chip and number.
        line: String,
        /// How many the chip has.
        lines: Option<u32>,
    },
    /// A GPIO line is in use.
    LineBusy {
        /// Its chip and number.
        line: String,
        /// Who uses it, as far as the system knows.
        consumer: String,
    },
    /// The device refuses the settings.
    Settings {
        /// The node.
        path: PathBuf,
        /// What was asked for, and the device's answer.
        what: String,
    },
}

impl OpenError {
    /// Stable short name, without the area: `missing`, `denied` ...
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Unplugged(_) => "unplugged",
            Self::Denied { .. } => "denied",
            Self::Busy(_) => "busy",
            Self::NotADevice { .. } => "not-a-device",
            Self::NoLine { .. } => "no-line",
            Self::LineBusy { .. } => "line-busy",
            Self::Settings { .. } => "settings",
        }
    }

    /// What happened, the likely cause and the fix, a sentence each.
    #[must_use]
    pub fn sentences(&self) -> [String; 3] {
        match self {
            Self::Missing { path, wanted } => [
                format!("there is no `{}`", path.display()),
                wanted.absent().to_string(),
                wanted.instead(&wanted.present()),
            ],
            Self::Unplugged(path) => [
                format!("there is no device behind `{}`", path.display()),
                "the board was unplugged, or its driver is not loaded".to_string(),
                "plug the board in again, then look whether it has got another name; `sudo dmesg | tail` shows what the kernel says".to_string(),
            ],
            Self::Denied { path, wanted, group: (id, may) } => {
                let (group, class) = (group_name(*id), wanted.class());
                let usual = wanted.usual_group();
                [
                    format!("`{}` may not be opened by this user", path.display()),
                    match may {
                        true => format!("it belongs to the group {group}, in which this user is not"),
                        false => "only root may open it: no udev rule gives it to a group".to_string(),
                    },
                    match may {
                        true => format!("`sudo usermod -aG {group} $USER`, then log out and in again"),
                        false => format!("put the line SUBSYSTEM==\"{class}\", GROUP=\"{usual}\", MODE=\"0660\" into /etc/udev/rules.d/70-deku.rules, then `sudo udevadm control --reload && sudo udevadm trigger` and `sudo usermod -aG {usual} $USER`, log out and in again"),
                    },
                ]
            }
            Self::Busy(path) => [
                format!("`{}` is in use", path.display()),
                "another program, perhaps another deku, has opened it".to_string(),
                format!("end that program; `fuser {}` names it", path.display()),
            ],
            Self::NotADevice { path, wanted } => [
                format!("`{}` is not {}", path.display(), wanted.name()),
                "it is a file or a device of another kind".to_string(),
                "spidev devices are called /dev/spidevBUS.CS, serial ports /dev/ttyUSB0, /dev/ttyACM0 or /dev/serial0, GPIO chips /dev/gpiochip0".to_string(),
            ],
            Self::NoLine { line, lines } => [
                format!("there is no GPIO line `{line}`"),
                match lines {
                    Some(lines) => format!("the chip has the lines 0 to {}", lines.saturating_sub(1)),
                    None => "no GPIO chip that this user may open has a line of this name".to_string(),
                },
                "`gpioinfo` lists chips, lines and names; write for example irq=25, irq=GPIO25 or irq=gpiochip4:25".to_string(),
            ],
            Self::LineBusy { line, consumer } => [
                format!("the GPIO line `{line}` is in use"),
                match consumer.as_str() {
                    "" => "the kernel or another program uses it".to_string(),
                    consumer => format!("`{consumer}` uses it"),
                },
                "end that program, or choose another line; without irq= and reset= the driver asks instead of waiting".to_string(),
            ],
            Self::Settings { path, what } => [
                format!("`{}` refuses its settings: {what}", path.display()),
                "the controller or the driver can not do this".to_string(),
                "use a lower clock or another baud rate".to_string(),
            ],
        }
    }
}

/// The name of a group, or its number if it has none.
fn group_name(id: u32) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let found = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_string())
    });
    found.unwrap_or_else(|| id.to_string())
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [what, cause, fix] = self.sentences();
        write!(out, "{what}: {cause}; {fix}")
    }
}

impl std::error::Error for OpenError {}

/// Looks whether a character device can be opened, before a library does it with worse messages.
/// Permission is tried, not guessed from groups: there are also access lists.
pub(super) fn check(path: &Path, wanted: Kind) -> Result<(), OpenError> {
    let data = fs::metadata(path).map_err(|error| of(path, wanted, &error))?;
    if !data.file_type().is_char_device() {
        return Err(OpenError::NotADevice { path: path.into(), wanted });
    }
    let group = (data.gid(), data.mode() & 0o060 == 0o060);
    // Not waiting: a serial port may wait for its carrier for ever.
    let flags = OFlag::O_NONBLOCK.bits();
    match OpenOptions::new().read(true).write(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err(OpenError::Denied { path: path.into(), wanted, group })
        }
        Err(error) => Err(of(path, wanted, &error)),
        Ok(_) => Ok(()),
    }
}

/// The same for what else the system can say.
pub(super) fn of(path: &Path, wanted: Kind, error: &io::Error) -> OpenError {
    let path = path.to_path_buf();
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::NotFound, _) => OpenError::Missing { path, wanted },
        (_, Some(NO_SUCH_DEVICE | NO_SUCH_ADDRESS)) => OpenError::Unplugged(path),
        (ErrorKind::ResourceBusy, _) => OpenError::Busy(path),
        (ErrorKind::PermissionDenied, _) => OpenError::Denied { path, wanted, group: (0, false) },
        _ => OpenError::Settings { path, what: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_and_what_is_no_device() {
        let missing = check("/nowhere/spidev0.0".as_ref(), Kind::Spidev).unwrap_err();
        assert_eq!(missing.code(), "missing");
        let file = std::env::current_exe().unwrap();
        let wrong = check(&file, Kind::Spidev).unwrap_err();
        assert_eq!(wrong.code(), "not-a-device");
        assert!(wrong.to_string().contains("is not a spidev"), "{wrong}");
        assert_eq!(check("/dev/null".as_ref(), Kind::SerialPort), Ok(()));
    }

    #[test]
    fn a_node_without_a_device() {
        let error =
            |number| of("/dev/x".as_ref(), Kind::Spidev, &io::Error::from_raw_os_error(number));
        assert_eq!(error(NO_SUCH_ADDRESS).code(), "unplugged");
        assert_eq!(error(NO_SUCH_DEVICE).code(), "unplugged");
        assert_eq!(error(2).code(), "missing");
    }

    #[test]
    fn each_kind_has_its_own_fix() {
        let denied =
            |wanted, group| OpenError::Denied { path: "/dev/x".into(), wanted, group }.to_string();
        let rule = denied(Kind::SerialPort, (0, false));
        assert!(rule.contains("SUBSYSTEM==\"tty\", GROUP=\"dialout\""), "{rule}");
        let rule = denied(Kind::Spidev, (0, false));
        assert!(rule.contains("SUBSYSTEM==\"spidev\""), "{rule}");
        let group = denied(Kind::GpioChip, (3_999_999_999, true));
        assert!(group.contains("usermod -aG 3999999999 $USER"), "{group}");
    }

    #[test]
    fn groups_have_names() {
        assert_eq!(group_name(0), "root");
        assert_eq!(group_name(3_999_999_999), "3999999999");
    }
}

//! Device nodes: why one can not be opened.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::string::{String, ToString as _};
use std::{fmt, format, fs};

/// A device that can not be used, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    Missing(PathBuf),
    /// It is there, but not for this user.
    Denied {
        /// The node.
        path: PathBuf,
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
        wanted: &'static str,
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
            Self::Missing(_) => "missing",
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
            Self::Missing(path) if is_gpio(path) => [
                format!("there is no `{}`", path.display()),
                "this computer has no such GPIO chip, or its driver is not loaded".to_string(),
                "look at `ls /dev/gpiochip*`; without irq= and reset= the driver asks instead of waiting".to_string(),
            ],
            Self::Missing(path) => [
                format!("there is no `{}`", path.display()),
                "the board is not plugged in, the interface is not enabled, or the number is another one".to_string(),
                "look at `ls /dev/spidev* /dev/ttyUSB* /dev/ttyACM*`; on a Raspberry Pi enable SPI with `sudo raspi-config nonint do_spi 0`".to_string(),
            ],
            Self::Denied { path, group: (id, may) } => [
                format!("`{}` may not be opened by this user", path.display()),
                if *may {
                    format!("it belongs to the group with the number {id}, in which this user is not")
                } else {
                    "only root may open it: no udev rule gives it to a group".to_string()
                },
                if *may {
                    format!("`sudo usermod -aG {} $USER`, then log out and in again", group_name(*id))
                } else {
                    "add a rule such as `SUBSYSTEM==\"spidev\", GROUP=\"dialout\", MODE=\"0660\"` to /etc/udev/rules.d/99-deku.rules, then `sudo udevadm control --reload && sudo udevadm trigger`".to_string()
                },
            ],
            Self::Busy(path) => [
                format!("`{}` is in use", path.display()),
                "another program, perhaps another deku, has opened it".to_string(),
                format!("end that program; `fuser {}` names it", path.display()),
            ],
            Self::NotADevice { path, wanted } => [
                format!("`{}` is not {wanted}", path.display()),
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

fn is_gpio(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("gpiochip"))
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
pub(super) fn check(path: &Path, wanted: &'static str) -> Result<(), OpenError> {
    let data = fs::metadata(path).map_err(|error| of(path, &error))?;
    if !data.file_type().is_char_device() {
        return Err(OpenError::NotADevice { path: path.into(), wanted });
    }
    let group = (data.gid(), data.mode() & 0o060 == 0o060);
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err(OpenError::Denied { path: path.into(), group })
        }
        Err(error) => Err(of(path, &error)),
        Ok(_) => Ok(()),
    }
}

/// The same for what else the system can say.
pub(super) fn of(path: &Path, error: &io::Error) -> OpenError {
    let path = path.to_path_buf();
    match error.kind() {
        ErrorKind::NotFound => OpenError::Missing(path),
        ErrorKind::ResourceBusy => OpenError::Busy(path),
        ErrorKind::PermissionDenied => OpenError::Denied { path, group: (0, false) },
        _ => OpenError::Settings { path, what: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_and_what_is_no_device() {
        let missing = check("/nowhere/spidev0.0".as_ref(), "a spidev").unwrap_err();
        assert_eq!(missing.code(), "missing");
        let file = std::env::current_exe().unwrap();
        let wrong = check(&file, "a spidev").unwrap_err();
        assert_eq!(wrong.code(), "not-a-device");
        assert!(wrong.to_string().contains("is not a spidev"), "{wrong}");
        assert_eq!(check("/dev/null".as_ref(), "a device"), Ok(()));
    }

    #[test]
    fn groups_have_names() {
        assert_eq!(group_name(0), "root");
        assert_eq!(group_name(3_999_999_999), "3999999999");
    }
}

//! Interrupt and reset lines, on the GPIO character device.

use std::path::{Path, PathBuf};
use std::string::{String, ToString as _};
use std::time::{Duration, Instant};
use std::{format, fs, thread};

use gpiocdev::line::{EdgeDetection, Value};
use gpiocdev::{Chip, Request};

use super::kind::Kind;
use super::node::{check, OpenError};
use crate::InterruptLine;

/// Shown to whoever finds the line busy.
const CONSUMER: &str = "deku";
/// No example takes longer.
const TIMEOUT: Duration = Duration::from_millis(100);
/// Between two looks at a line that can not tell of its edges.
const LOOK: Duration = Duration::from_micros(50);
/// Length of a reset, and the time a module needs after it, with some to spare.
const RESET: Duration = Duration::from_millis(1);

/// A line of a GPIO chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpioLine {
    /// By the name that the system has for it, such as `GPIO25`, on any chip.
    Named(String),
    /// By its number on a chip.
    Numbered {
        /// The chip, `/dev/gpiochip0` if none is named.
        chip: Option<PathBuf>,
        /// Its number there.
        number: u32,
    },
}

impl GpioLine {
    /// Reads `25`, `gpiochip4:25`, `/dev/gpiochip4:25` or a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (chip, line) = match text.rsplit_once(':') {
            Some((chip, line)) => (Some(Path::new("/dev").join(chip)), line),
            None => (None, text),
        };
        match line.parse() {
            Ok(number) => Self::Numbered { chip, number },
            Err(_) => Self::Named(text.to_string()),
        }
    }

    /// Finds it: the node of its chip, and its number there.
    fn find(&self) -> Result<(PathBuf, u32), OpenError> {
        match self {
            Self::Numbered { chip: Some(chip), number } => Ok((chip.clone(), *number)),
            // On a Raspberry Pi the header is not always chip 0, but its lines are named so.
            Self::Numbered { chip: None, number } => Ok(find_named(&format!("GPIO{number}"))
                .unwrap_or_else(|| (PathBuf::from("/dev/gpiochip0"), *number))),
            Self::Named(name) => find_named(name)
                .ok_or_else(|| OpenError::NoLine { line: name.clone(), lines: None }),
        }
    }

    /// Finds it, and looks whether it can be had.
    fn open(&self) -> Result<(Chip, u32), OpenError> {
        const WANTED: Kind = Kind::GpioChip;
        let (path, number) = self.find()?;
        check(&path, WANTED)?;
        let not_a_chip = |_| OpenError::NotADevice { path: path.clone(), wanted: WANTED };
        let chip = Chip::from_path(&path).map_err(not_a_chip)?;
        let lines = chip.info().map_err(not_a_chip)?.num_lines;
        let name = format!("{}:{number}", path.display());
        if number >= lines {
            return Err(OpenError::NoLine { line: name, lines: Some(lines) });
        }
        match chip.line_info(number) {
            Ok(info) if info.used => {
                Err(OpenError::LineBusy { line: name, consumer: info.consumer })
            }
            _ => Ok((chip, number)),
        }
    }
}

/// The first line of this name on a chip that may be opened.
fn find_named(name: &str) -> Option<(PathBuf, u32)> {
    let mut chips: std::vec::Vec<PathBuf> = fs::read_dir("/dev")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().starts_with("/dev/gpiochip"))
        .collect();
    chips.sort();
    chips.into_iter().find_map(|path| {
        let line = Chip::from_path(&path).ok()?.find_line_info(name)?;
        Some((path, line.offset))
    })
}

fn refused(chip: &Chip, number: u32, error: &gpiocdev::Error) -> OpenError {
    let what = format!("line {number}: {error}");
    OpenError::Settings { path: chip.path().into(), what }
}

/// The interrupt line of a module.
#[derive(Debug)]
pub struct GpioInterrupt {
    request: Request,
    /// Some lines have a level, but can not tell when it changes.
    has_edges: bool,
}

impl GpioInterrupt {
    /// Takes the line, as an input.
    ///
    /// # Errors
    /// If there is no such chip or line, or if it is denied or in use.
    pub fn open(line: &GpioLine) -> Result<Self, OpenError> {
        let (chip, number) = line.open()?;
        let request = |edges: Option<EdgeDetection>| {
            let mut builder = Request::builder();
            builder.on_chip(chip.path()).with_consumer(CONSUMER).with_line(number).as_input();
            builder.with_edge_detection(edges).request()
        };
        if let Ok(request) = request(Some(EdgeDetection::RisingEdge)) {
            return Ok(Self { request, has_edges: true });
        }
        let request = request(None).map_err(|error| refused(&chip, number, &error))?;
        Ok(Self { request, has_edges: false })
    }

    /// Waits for something to look at, up to `time`; `None` if the line fails.
    fn doze(&self, time: Duration) -> Option<()> {
        if !self.has_edges {
            thread::sleep(LOOK.min(time));
            return Some(());
        }
        if self.request.wait_edge_event(time).ok()? {
            self.request.read_edge_event().ok()?;
        }
        Some(())
    }
}

impl InterruptLine for GpioInterrupt {
    fn wait_high(&mut self) -> bool {
        let end = Instant::now() + TIMEOUT;
        loop {
            // The level counts: edges may be old ones.
            match self.request.lone_value() {
                Ok(Value::Active) => return true,
                Ok(Value::Inactive) => {}
                Err(_) => return false,
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.doze(left).is_none() {
                return false;
            }
        }
    }
}

/// The reset line of a module, active low.
#[derive(Debug)]
pub struct GpioReset {
    request: Request,
    path: PathBuf,
}

impl GpioReset {
    /// Takes the line, as an output that does not reset.
    ///
    /// # Errors
    /// If there is no such chip or line, or if it is denied or in use.
    pub fn open(line: &GpioLine) -> Result<Self, OpenError> {
        let (chip, number) = line.open()?;
        let mut builder = Request::builder();
        builder.on_chip(chip.path()).with_consumer(CONSUMER).with_line(number).as_active_low();
        let request = builder.as_output(Value::Inactive).request();
        let request = request.map_err(|error| refused(&chip, number, &error))?;
        Ok(Self { request, path: chip.path().into() })
    }

    /// Resets the module, which forgets its network; a driver has to connect again.
    ///
    /// # Errors
    /// If the line can not be driven.
    pub fn pulse(&mut self) -> Result<(), OpenError> {
        for value in [Value::Active, Value::Inactive] {
            self.request.set_lone_value(value).map_err(|error| OpenError::Settings {
                path: self.path.clone(),
                what: format!("the reset line: {error}"),
            })?;
            thread::sleep(RESET);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_names_or_numbers() {
        let numbered = |chip: Option<&str>, number| GpioLine::Numbered {
            chip: chip.map(PathBuf::from),
            number,
        };
        assert_eq!(GpioLine::parse("25"), numbered(None, 25));
        assert_eq!(GpioLine::parse("gpiochip4:25"), numbered(Some("/dev/gpiochip4"), 25));
        assert_eq!(GpioLine::parse("/dev/gpiochip4:25"), numbered(Some("/dev/gpiochip4"), 25));
        assert_eq!(GpioLine::parse("DEKU_IRQ"), GpioLine::Named("DEKU_IRQ".into()));
    }

    #[test]
    fn what_is_not_there_and_what_is_no_chip() {
        let code = |text| GpioInterrupt::open(&GpioLine::parse(text)).map_err(|e| e.code()).err();
        assert_eq!(code("/dev/gpiochip99:1"), Some("missing"));
        assert_eq!(code("/dev/null:1"), Some("not-a-device"));
        assert_eq!(code("no line has this name"), Some("no-line"));
    }
}

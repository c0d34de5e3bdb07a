//! Devices of the computer: `spi:PATH[,key=value]...`, `serial:PATH[,key=value]...`,
//! `usb:SERIAL[,key=value]...`.

use std::path::PathBuf;
use std::time::Duration;

use deku_driver::linux::{
    self, GpioInterrupt, GpioLine, GpioReset, OpenError, SerialSettings, SpiSettings,
};
use deku_driver::LONGEST_FRAME;

#[cfg(feature = "usb")]
use deku_driver::mpsse::{Channel, Chip};
#[cfg(feature = "usb")]
use deku_driver::usb::{self, UsbError, UsbSettings};

#[cfg(feature = "usb")]
use crate::devices::usb::udev_rule;
use crate::error::{Error, Result};

/// A module on a device node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The node; on USB serial number or place.
    pub path: PathBuf,
    /// Configuration the bitstream was generated from, if it is not one of the project's.
    pub configuration: Option<String>,
    /// What kind of device it is, and how it is set.
    pub settings: Settings,
    /// Lines beside the bus.
    pub lines: Lines,
}

/// Lines of a module beside its bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// High while the module has something to tell.
    pub irq: Option<GpioLine>,
    /// Low resets the module.
    pub reset: Option<GpioLine>,
}

/// Settings of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settings {
    /// A spidev.
    Spi(SpiSettings),
    /// A serial port.
    Serial(SerialSettings),
    /// The SPI lines of a chip on USB.
    #[cfg(feature = "usb")]
    Usb(UsbSettings),
}

const SPI_KEYS: &str =
    "hz=HZ (SCK), max=BYTES (longest frame), irq=LINE, reset=LINE (GPIO lines), config=CONFIG";
const SERIAL_KEYS: &str = "baud=N, timeout=MS (of an answer), config=CONFIG";
#[cfg(feature = "usb")]
const USB_KEYS: &str =
    "hz=HZ (SCK), max=BYTES (longest frame), channel=A|B, reset=4..7 (line of the channel), chip=CHIP (if its numbers were changed), config=CONFIG";

impl Device {
    /// Parses what follows `spi:`.
    pub fn spi(text: &str) -> Result<Self> {
        Self::parse(text, Settings::Spi(SpiSettings::default()))
    }

    /// Parses what follows `serial:`.
    pub fn serial(text: &str) -> Result<Self> {
        Self::parse(text, Settings::Serial(SerialSettings::default()))
    }

    /// Parses what follows `usb:`.
    #[cfg(feature = "usb")]
    pub fn usb(text: &str) -> Result<Self> {
        Self::parse(text, Settings::Usb(UsbSettings::default()))
    }

    fn parse(text: &str, settings: Settings) -> Result<Self> {
        let mut parts = text.split(',');
        let path = parts.next().unwrap_or_default();
        let lines = Lines::default();
        let mut device = Self { path: path.into(), configuration: None, settings, lines };
        if path.is_empty() {
            return Err(device.unusable("it names no device"));
        }
        for part in parts {
            let Some((key, value)) = part.split_once('=') else {
                return Err(device.unusable(&format!("`{part}` has no value")));
            };
            device.set(key, value)?;
        }
        Ok(device)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let bad = |range: &str| self.unusable(&format!("{key} must be {range}, not `{value}`"));
        let number = |least: u32, most: u32, range: &str| match value.parse() {
            Ok(n) if (least..=most).contains(&n) => Ok(n),
            _ => Err(bad(range)),
        };
        match (&self.settings, key) {
            (_, "config") => self.configuration = Some(value.into()),
            (Settings::Spi(s), "hz") => {
                let hz = number(1000, 100_000_000, "1000 to 100000000 Hz")?;
                self.settings = Settings::Spi(SpiSettings { hz, ..*s });
            }
            (Settings::Spi(s), "max") => {
                let max_frame =
                    Some(number(64, LONGEST_FRAME as u32, "64 to 4096 bytes")? as usize);
                self.settings = Settings::Spi(SpiSettings { max_frame, ..*s });
            }
            (Settings::Spi(_), "irq" | "reset") if value.is_empty() => {
                return Err(bad("a GPIO line"))
            }
            (Settings::Spi(_), "irq") => self.lines.irq = Some(GpioLine::parse(value)),
            (Settings::Spi(_), "reset") => self.lines.reset = Some(GpioLine::parse(value)),
            (Settings::Serial(s), "baud") => {
                let baud = number(1200, 12_000_000, "1200 to 12000000")?;
                self.settings = Settings::Serial(SerialSettings { baud, ..*s });
            }
            (Settings::Serial(s), "timeout") => {
                let timeout = Duration::from_millis(number(1, 60_000, "1 to 60000 ms")?.into());
                self.settings = Settings::Serial(SerialSettings { timeout, ..*s });
            }
            #[cfg(feature = "usb")]
            (Settings::Usb(s), _) => {
                let mut s = *s;
                match key {
                    "hz" => s.bus.hz = number(100_000, 30_000_000, "100000 to 30000000 Hz")?,
                    "max" => s.bus.max_frame = number(64, 4096, "64 to 4096 bytes")? as usize,
                    "reset" => s.bus.reset = Some(number(4, 7, "a line from 4 to 7")? as u8),
                    "channel" => s.channel = channel(value).ok_or_else(|| bad("A or B"))?,
                    "chip" => {
                        let chip = Chip::named(value);
                        s.chip = Some(chip.ok_or_else(|| bad("ft232h, ft2232h or ft4232h"))?);
                    }
                    _ => return Err(self.unusable(&format!("there is no key `{key}`"))),
                }
                self.settings = Settings::Usb(s);
            }
            _ => return Err(self.unusable(&format!("there is no key `{key}`"))),
        }
        Ok(())
    }

    fn unusable(&self, what: &str) -> Error {
        let (kind, keys, path) = match self.settings {
            Settings::Spi(_) => ("spi", SPI_KEYS, "/dev/spidev0.0,hz=31250000"),
            Settings::Serial(_) => ("serial", SERIAL_KEYS, "/dev/ttyUSB1,baud=3000000"),
            #[cfg(feature = "usb")]
            Settings::Usb(_) => ("usb", USB_KEYS, "FT7K2X1P,hz=15000000"),
        };
        Error::usage("backend/device", format!("cannot read this `{kind}:` backend: {what}"))
            .cause(format!("after the device it takes {keys}"))
            .fix(format!("write for example --backend {kind}:{path}"))
    }
}

#[cfg(feature = "usb")]
fn channel(name: &str) -> Option<Channel> {
    match name {
        "A" | "a" => Some(Channel::A),
        "B" | "b" => Some(Channel::B),
        _ => None,
    }
}

#[cfg(feature = "usb")]
impl From<UsbError> for Error {
    fn from(error: UsbError) -> Self {
        let [what, cause, fix] = error.sentences();
        let code = match error.code() {
            "unavailable" => "usb/unavailable",
            "missing" => "usb/missing",
            "ambiguous" => "usb/ambiguous",
            "denied" => "usb/denied",
            "no-mpsse" => "usb/no-mpsse",
            "driver" => "usb/driver",
            "busy" => "device/busy",
            "unplugged" => "usb/unplugged",
            _ => "usb/failed",
        };
        let fix = match error {
            UsbError::Denied { vendor, product, .. } => {
                udev_rule(deku_rtlgen::board::Usb { vendor, product })
            }
            _ => fix,
        };
        Self::backend(code, what).cause(cause).fix(fix)
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        let [what, cause, fix] = error.sentences();
        let code = match error.code() {
            "missing" => "device/missing",
            "unplugged" => "device/unplugged",
            "denied" => "device/denied",
            "busy" => "device/busy",
            "not-a-device" => "device/wrong-kind",
            "no-line" => "device/no-line",
            "line-busy" => "device/line-busy",
            _ => "device/settings",
        };
        Self::backend(code, what).cause(cause).fix(fix)
    }
}

impl Lines {
    /// Takes the lines that are connected.
    pub fn open(&self) -> Result<OpenLines> {
        let irq = self.irq.as_ref().map(GpioInterrupt::open).transpose()?;
        let reset = self.reset.as_ref().map(GpioReset::open).transpose()?;
        Ok(OpenLines { irq, reset })
    }
}

/// Lines that were taken, as far as they are connected.
#[derive(Default)]
pub struct OpenLines {
    /// The interrupt line.
    pub irq: Option<GpioInterrupt>,
    /// The reset line.
    pub reset: Option<GpioReset>,
}

/// A transport of a device, whatever it is.
pub enum Opened {
    /// A spidev.
    Spi(linux::SpiLink),
    /// A serial port and its baud rate.
    Serial(Box<linux::SerialLink>, u32),
    /// A chip on USB.
    #[cfg(feature = "usb")]
    Usb(Box<usb::UsbLink>),
}

impl Device {
    /// Opens it.
    pub fn open(&self) -> Result<Opened> {
        Ok(match &self.settings {
            Settings::Spi(s) => Opened::Spi(linux::open_spi(&self.path, s)?),
            Settings::Serial(s) => {
                Opened::Serial(Box::new(linux::open_serial(&self.path, s)?), s.baud)
            }
            #[cfg(feature = "usb")]
            Settings::Usb(s) => Opened::Usb(Box::new(usb::open(&self.path.to_string_lossy(), s)?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_device() {
        let text = "/dev/spidev1.0,hz=31250000,max=1024,irq=25,reset=gpiochip4:24,config=my.toml";
        let device = Device::spi(text).unwrap();
        assert_eq!(device.path, PathBuf::from("/dev/spidev1.0"));
        assert_eq!(device.configuration.as_deref(), Some("my.toml"));
        let expected = SpiSettings { hz: 31_250_000, max_frame: Some(1024) };
        assert_eq!(device.settings, Settings::Spi(expected));
        assert_eq!(device.lines.irq, Some(GpioLine::Numbered { chip: None, number: 25 }));
        assert_eq!(device.lines.reset, Some(GpioLine::parse("/dev/gpiochip4:24")));
        let Settings::Serial(serial) =
            Device::serial("/dev/ttyUSB1,baud=3000000").unwrap().settings
        else {
            panic!("not serial");
        };
        assert_eq!(serial.baud, 3_000_000);
    }

    #[cfg(feature = "usb")]
    #[test]
    fn a_chip_on_usb_has_keys_of_its_own() {
        let device =
            Device::usb("FT1,hz=15000000,channel=B,chip=ft2232h,reset=4,max=1024").unwrap();
        assert_eq!(device.path, PathBuf::from("FT1"));
        let Settings::Usb(usb) = device.settings else { panic!("not on USB") };
        assert_eq!((usb.channel, usb.chip), (Channel::B, Some(Chip::Ft2232h)));
        assert_eq!((usb.bus.hz, usb.bus.max_frame, usb.bus.reset), (15_000_000, 1024, Some(4)));
        for (text, what) in [
            ("", "names no device"),
            ("FT1,hz=40000000", "hz must be 100000 to"),
            ("FT1,reset=24", "reset must be a line from 4 to 7"),
            ("FT1,channel=C", "channel must be A or B"),
            ("FT1,chip=ft232r", "chip must be ft232h"),
            ("FT1,irq=25", "no key `irq`"),
        ] {
            let error = Device::usb(text).unwrap_err();
            assert!(error.what.contains(what), "{text}: {error}");
        }
    }

    #[cfg(feature = "usb")]
    #[test]
    fn who_is_denied_reads_the_rule_that_is_missing() {
        let (node, vendor) = ("/dev/bus/usb/001/002".into(), 0x0403);
        let error = Error::from(UsbError::Denied { node, vendor, product: 0x6014 });
        assert_eq!(error.code, "usb/denied");
        assert!(error.fix.contains("ATTR{idProduct}==\"6014\""), "{error}");
        assert_eq!(Error::from(UsbError::Unplugged).code, "usb/unplugged");
    }

    #[test]
    fn nonsense_is_refused() {
        for (text, what) in [
            ("", "names no device"),
            ("/dev/spidev0.0,fast", "`fast` has no value"),
            ("/dev/spidev0.0,hz=1", "hz must be 1000 to"),
            ("/dev/spidev0.0,max=9999", "max must be 64 to 4096"),
            ("/dev/spidev0.0,irq=", "irq must be a GPIO line"),
            ("/dev/spidev0.0,baud=9600", "no key `baud`"),
        ] {
            let error = Device::spi(text).unwrap_err();
            assert!(error.what.contains(what), "{text}: {error}");
        }
    }
}

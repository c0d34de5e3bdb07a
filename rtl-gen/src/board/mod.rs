//! Boards as data: one TOML file per board says which FPGA it has and where its pins are. Adding a board is
//! one file in `rtl-gen/boards` and its line in [`BUILTIN`].
//!
//! ```
//! use deku_rtlgen::board::Board;
//!
//! let board = Board::builtin("icebreaker")?;
//! assert_eq!(board.spi.sck.pin, "44");
//! assert_eq!(board.chip().luts, 5280);
//! # Ok::<(), deku_rtlgen::config::ConfigError>(())
//! ```

mod accept;
mod check;
pub mod chip;
pub mod constraints;
pub mod header;
pub mod pll;
pub mod top;

pub use accept::block_rams;

use crate::config::{file_at, from_toml, text_of, ConfigError, Fabric};
use chip::Chip;
use serde::Deserialize;

/// Name and text of every board of the project.
pub const BUILTIN: [(&str, &str); 9] = [
    ("colorlight-i5", include_str!("../../boards/colorlight-i5.toml")),
    ("icebreaker", include_str!("../../boards/icebreaker.toml")),
    ("orangecrab-25f", include_str!("../../boards/orangecrab-25f.toml")),
    ("orangecrab-85f", include_str!("../../boards/orangecrab-85f.toml")),
    ("pico-ice", include_str!("../../boards/pico-ice.toml")),
    ("tang-nano-20k", include_str!("../../boards/tang-nano-20k.toml")),
    ("tang-nano-9k", include_str!("../../boards/tang-nano-9k.toml")),
    ("ulx3s-85f", include_str!("../../boards/ulx3s-85f.toml")),
    ("upduino", include_str!("../../boards/upduino.toml")),
];

/// A board. The comments in the files say what each key means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // see rtl-gen/boards/*.toml
pub struct Board {
    pub name: String,
    pub title: String,
    pub sources: Vec<String>,
    pub price_usd: u32,
    pub family: Fabric,
    pub device: String,
    pub package: String,
    pub config: String,
    pub timing_weight: Option<u32>,
    pub notes: Vec<String>,
    pub clock: Clock,
    pub spi: Spi,
    pub control: Control,
    pub ground: Ground,
    pub uart: Option<Uart>,
    pub leds: Leds,
    pub usb: Usb,
    pub flash: Vec<Flash>,
}

/// Where the clock comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Pin of the oscillator.
    pub pin: String,
    /// Its frequency.
    pub hz: u32,
}

/// A line to the host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Pin of the FPGA.
    pub pin: String,
    /// Where it is on the board.
    pub at: String,
    /// Pin of the Raspberry Pi's 40-pin header.
    pub pi: u8,
}

/// SPI to the host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Spi {
    pub sck: Line,
    pub cs: Line,
    pub mosi: Line,
    pub miso: Line,
}

/// Lines beside SPI.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Interrupt to the host, active high.
    pub irq: Line,
    /// Reset by the host, active low.
    pub reset: Line,
}

/// Ground of the link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Where it is on the board.
    pub at: String,
    /// Pin of the Raspberry Pi's 40-pin header.
    pub pi: u8,
}

/// UART to the USB bridge, as seen from the FPGA.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uart {
    /// Pin that receives.
    pub rx: String,
    /// Pin that sends.
    pub tx: String,
}

/// LEDs, those there are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leds {
    /// Blinks while there is a clock.
    pub alive: Option<String>,
    /// Lit after updates.
    pub learning: Option<String>,
    /// Lit while the interrupt is pending.
    pub irq: Option<String>,
    /// Lit by a low level.
    pub active_low: bool,
}

/// The USB identity of the board's programmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Usb {
    pub vendor: u16,
    pub product: u16,
}

/// A program that writes the flash; `{bitstream}` in an argument stands for the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Flash {
    pub program: String,
    pub args: Vec<String>,
}

impl Board {
    /// One of the project's boards.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none of this name.
    pub fn builtin(name: &str) -> Result<Self, ConfigError> {
        Self::parse(&format!("boards/{name}.toml"), text_of(name, &BUILTIN, "board")?)
    }

    /// A built-in name, or a file if it ends in `.toml` or contains a `/`.
    ///
    /// # Errors
    /// [`ConfigError`], also if the file cannot be read.
    pub fn load(name_or_path: &str) -> Result<Self, ConfigError> {
        match file_at(name_or_path)? {
            Some(text) => Self::parse(name_or_path, &text),
            None => Self::builtin(name_or_path),
        }
    }

    /// Reads and checks a board; `file` is only used in messages.
    ///
    /// # Errors
    /// [`ConfigError`] for syntax, unknown or missing keys, and pins that cannot be what they are to be.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let fix = "rtl-gen/boards/icebreaker.toml has every key and says what it means";
        let board: Self = from_toml(file, text, fix)?;
        check::check(&board, file)?;
        Ok(board)
    }

    /// The FPGA.
    ///
    /// # Panics
    /// Never for a board that was read by this module.
    #[must_use]
    pub fn chip(&self) -> &'static Chip {
        Chip::find(self.family, &self.device, &self.package).expect("checked when it was read")
    }

    /// Every FPGA pin in use: key of the file, pin.
    #[must_use]
    pub fn pins(&self) -> Vec<(&'static str, &str)> {
        let mut pins = vec![("clock.pin", self.clock.pin.as_str())];
        pins.extend(self.lines().map(|(key, line)| (key, line.pin.as_str())));
        if let Some(uart) = &self.uart {
            pins.extend([("uart.rx", uart.rx.as_str()), ("uart.tx", uart.tx.as_str())]);
        }
        let leds = [
            ("leds.alive", &self.leds.alive),
            ("leds.learning", &self.leds.learning),
            ("leds.irq", &self.leds.irq),
        ];
        pins.extend(leds.into_iter().filter_map(|(key, pin)| Some((key, pin.as_deref()?))));
        pins
    }

    /// The lines to the host: key of the file, line.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &Line)> {
        [
            ("spi.sck", &self.spi.sck),
            ("spi.cs", &self.spi.cs),
            ("spi.mosi", &self.spi.mosi),
            ("spi.miso", &self.spi.miso),
            ("control.irq", &self.control.irq),
            ("control.reset", &self.control.reset),
        ]
        .into_iter()
    }
}

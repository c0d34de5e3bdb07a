//! Modules on the devices of Linux: spidev, serial ports and GPIO lines.
//!
//! ```no_run
//! use deku_driver::{linux, Deku};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = linux::SpiSettings { hz: 31_250_000, ..linux::SpiSettings::default() };
//! let mut deku = Deku::connect(linux::open_spi("/dev/spidev0.0".as_ref(), &bus)?)?;
//! println!("{:?}", deku.identity());
//! # Ok(())
//! # }
//! ```

mod fault;
mod gpio;
mod kind;
mod node;
mod serial;
mod spi;

pub use fault::DeviceError;
pub use gpio::{GpioInterrupt, GpioLine, GpioReset};
pub use kind::Kind;
pub use node::OpenError;
pub use serial::{open_serial, SerialLink, SerialSettings};
pub use spi::{open_spi, transfer_limit, SpiLink, SpiSettings};

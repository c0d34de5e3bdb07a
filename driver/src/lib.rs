//! Driver for the Deku learning module.
//!
//! [`Deku`] speaks the protocol of `docs/programmers_guide.md` over any [`Transport`]: an SPI
//! device (`SpiTransport`, feature `spi`; `BitBang` makes one of four pins), a UART (`SerialTransport`, feature `serial`), the SPI
//! lines of an FTDI chip (`mpsse::Mpsse`, feature `mpsse`; feature `usb` finds and opens such chips), or
//! the device model of `deku-ref`. It needs no operating system and no heap.
//!
//! ```
//! use deku_driver::Deku;
//! use deku_ref::reference::{OwnedDevice, LARGEST};
//! use deku_ref::{Capabilities, Entry, Example, LayerConfig, Module, NetworkConfig, TrainConfig, E2M1};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = OwnedDevice::on_heap(&Capabilities::of_model(LARGEST))?;
//! let mut deku = Deku::connect(device)?;
//!
//! let layers = [LayerConfig { inputs: 64, columns: 32, shift: 1 }];
//! deku.configure(&NetworkConfig::new(&layers, 2)?, &TrainConfig::IMAGES)?;
//! deku.load_masks(0, &[[1; 32], [0; 32]].concat())?;
//! deku.load_weights(0, &[96; 64 * 32])?;
//!
//! let input = [Entry::new(5, E2M1::MAX), Entry::new(9, E2M1::MAX)];
//! let example = Example::Labelled { input: &input, label: 1, shift: 4 };
//! let executed = deku.stream([example; 100], |n, _, result| {
//!     println!("example {n}: predicted {}, updated {:04b}", result.class, result.updated);
//! })?;
//! assert_eq!(executed, 100);
//! # Ok(())
//! # }
//! ```
//!
//! # What happens when the link is bad
//!
//! Every answer is checked; what arrives damaged is done again, in shorter frames while damage is
//! frequent. Records carry sequence numbers, so no example is trained twice and none is lost; see
//! [`Deku::stream`] for what can be said after an error. If nothing helps, the error says so and
//! names the fix (usually a lower clock); the module is usable afterwards.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(all(any(feature = "linux", feature = "usb"), not(test)))]
extern crate std;

#[cfg(feature = "spi")]
mod bitbang;
mod budget;
mod connect;
mod deku;
mod diagnosis;
mod error;
mod interrupt;
mod link;
#[cfg(all(feature = "linux", target_os = "linux"))]
pub mod linux;
mod memory;
mod model;
mod module;
#[cfg(feature = "mpsse")]
pub mod mpsse;
mod options;
mod pace;
#[cfg(feature = "serial")]
mod serial;
#[cfg(feature = "spi")]
mod spi;
mod stats;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
#[cfg(feature = "usb")]
pub mod usb;

#[cfg(feature = "spi")]
pub use bitbang::{BitBang, BitBangError};
pub use deku::Deku;
pub use diagnosis::Diagnosis;
pub use error::{Error, Rejection};
#[cfg(feature = "spi")]
pub use interrupt::PinLine;
pub use interrupt::{Interrupt, InterruptLine};
pub use options::Options;
#[cfg(feature = "spi")]
pub use pace::Delay;
pub use pace::Pace;
#[cfg(feature = "serial")]
pub use serial::{SerialError, SerialTransport};
#[cfg(feature = "spi")]
pub use spi::SpiTransport;
pub use stats::LinkStats;
pub use transport::Transport;

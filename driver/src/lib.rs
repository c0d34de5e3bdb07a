//! Driver for the Deku learning module.
//!
//! [`Deku`] speaks the protocol of `docs/programmers_guide.md` over any [`Transport`]: an SPI device,
//! four pins, a UART, an FTDI chip on USB, or a model of the module in memory. It needs no operating system and no heap.
//!
//! # Without any hardware
//!
//! The device model of `deku-ref` stands in for the module: it answers the same frames with the same
//! bits, at once. For tests of a program, and for this one:
//!
//! ```
//! use deku_driver::Deku;
//! use deku_ref::reference::{OwnedDevice, LARGEST};
//! use deku_ref::{Capabilities, Entry, Example, LayerConfig, NetworkConfig, TrainConfig, E2M1};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = OwnedDevice::on_heap(&Capabilities::of_model(LARGEST))?;
//! let mut deku = Deku::connect(device)?;
//!
//! let layers = [LayerConfig { inputs: 64, columns: 32, shift: 1 }];
//! deku.configure(&NetworkConfig::new(&layers, 2)?, &TrainConfig::IMAGES)?;
//! deku.load_class_masks(0, &[[1; 32], [0; 32]].concat())?;
//! deku.load_latents(0, &[96; 64 * 32])?;
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
//! # Linux
//!
//! Feature `linux`: a module on `/dev/spidev0.0`, with its interrupt line if that is connected.
//! Errors of [`mod@linux`] name the missing group, udev rule or device tree overlay.
//!
#![cfg_attr(target_os = "linux", doc = "```no_run")]
#![cfg_attr(not(target_os = "linux"), doc = "```ignore")]
//! use deku_driver::linux::{open_spi, GpioInterrupt, GpioLine, SpiSettings};
//! use deku_driver::{Deku, Interrupt, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = SpiSettings { hz: 31_250_000, ..SpiSettings::default() };
//! let bus = open_spi("/dev/spidev0.0".as_ref(), &settings)?;
//! let irq = GpioInterrupt::open(&GpioLine::parse("GPIO25"))?;
//! let mut deku: Deku<_, _> = Deku::connect_with(bus, Interrupt::new(irq), Options::DEFAULT)?;
//! println!("{:?}", deku.identity());
//! // The same as above: configure, load, stream. Or `attach` to what an earlier run has taught.
//! # Ok(())
//! # }
//! ```
//!
//! # Microcontrollers
//!
//! Feature `spi`: any HAL that implements embedded-hal 1.0. This is the file
//! `examples/microcontroller.rs`, which is also built for a Cortex-M4F:
//!
//! ```
#![doc = include_str!("../examples/microcontroller.rs")]
//! ```
//!
//! # The Verilog, simulated
//!
//! The crate `deku-sim` runs the module's Verilog behind the same interfaces: [`SpiTransport`] takes
//! its SPI bus as it takes one of a HAL.
//!
//! ```no_run
//! use deku_driver::{Deku, SpiTransport};
//! use deku_sim::{Build, SimOptions, Simulator};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // As `deku generate --config nano --out .` writes it.
//! let program = Build::new("deku_top").folder("./hdl/nano")?.folder("./hdl/primitives")?.run()?;
//! let simulator = Simulator::start(&program, SimOptions::default())?;
//! let mut deku = Deku::connect(SpiTransport::new(simulator.spi()))?;
//! println!("{:?}, {} cycles", deku.identity(), simulator.stats()?.cycles);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds | through |
//! |---|---|---|
//! | `spi` | [`SpiTransport`], [`BitBang`] (SPI on four pins), [`PinLine`], [`Delay`]; no std | embedded-hal |
//! | `serial` | [`SerialTransport`]: framed UART; no std | cobs, embedded-io |
//! | `mpsse` | [`mod@mpsse`]: SPI through the MPSSE of an FTDI chip; no std | |
//! | `usb` | [`mod@usb`]: finds and opens such chips; features `mpsse`; needs std and a C compiler | rusb |
//! | `linux` | [`mod@linux`]: spidev, serial ports, GPIO lines; features `spi` and `serial`; needs std | embedded-io-adapters, gpiocdev, linux-embedded-hal, nix, serialport |
//! | `testing` | [`mod@testing`]: a transport that injects faults; no std | |
//!
//! # What happens when the link is bad
//!
//! Every answer is checked; what arrives damaged is done again, in shorter frames while damage is
//! frequent. Records carry sequence numbers, so no example is trained twice and none is lost; see
//! [`Deku::stream`] for what can be said after an error. If nothing helps, the error says so and
//! names the fix (usually a lower clock); the module is usable afterwards.
//!
//! # Versions
//!
//! The oldest Rust is `rust-version` of the manifest; every crate of the workspace is compiled with
//! it (`cargo xtask msrv`). Types of other crates that are part of this interface: those of `deku-ref`,
//! and the traits and error kinds of embedded-hal 1 and embedded-io 0.6, which are there for that.
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
pub use transport::{Transport, LONGEST_FRAME};

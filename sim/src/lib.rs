//! The Deku module in simulation, behind the interfaces of the real one.
//!
//! Nothing is generated here: [`Build`] takes Verilog files, has Verilator and a C++ compiler
//! turn them into a program (kept in a cache keyed by content), and [`Simulator`] runs that
//! program as a child process. The facets of one simulator share it and can be used side by side:
//!
//! | facet | trait |
//! |---|---|
//! | [`SimSpi`] | `embedded_hal::spi::SpiDevice` |
//! | [`SimSpiPins`] | `embedded_hal::digital::{InputPin, OutputPin}`, one per line of the bus |
//! | [`SimIrq`] | `embedded_hal::digital::InputPin` |
//! | [`SimReset`] | `embedded_hal::digital::OutputPin` |
//! | [`SimUart`] | `embedded_io::{Read, Write, ReadReady}` |
//! | [`SimDelay`] | `embedded_hal::delay::DelayNs` |
//! | [`Backdoor`] | memories and registers marked public in the Verilog |
//!
//! On Linux [`spidev`] makes a simulated module appear as `/dev/spidev0.0`.
//!
//! Simulated time advances only while something is asked of the simulator, in picoseconds, with
//! the system clock and SCK independent of each other. Everything is reproducible from
//! [`SimOptions::seed`] and [`FaultPlan::seed`].
//!
//! ```no_run
//! use deku_sim::{Build, SimOptions, Simulator};
//! use embedded_hal::spi::SpiDevice;
//!
//! let program = Build::new("deku_top")
//!     .folder("hdl/nano")?
//!     .folder("hdl/primitives")?
//!     .run()?;
//! let sim = Simulator::start(&program, SimOptions::default())?;
//! let mut frame = [0x9f, 0, 0, 0];
//! sim.spi().transfer_in_place(&mut frame)?;
//! println!("{:02x?} after {} cycles", frame, sim.stats()?.cycles);
//! # Ok::<(), deku_sim::SimError>(())
//! ```

mod backdoor;
mod build;
mod error;
mod faults;
mod link;
mod options;
mod pins;
mod simulator;
mod spi;
#[cfg(target_os = "linux")]
pub mod spidev;
mod stats;
pub mod testing;
mod uart;

pub use backdoor::{Backdoor, Variable};
pub use build::{Build, Program, Progress, Trace, Verilator};
pub use error::SimError;
pub use faults::FaultPlan;
pub use options::{period_ps, InitialState, SckPhase, SimOptions};
pub use pins::{Pins, SimDelay, SimIrq, SimMiso, SimReset, SimSpiOutput, SimSpiPins};
pub use simulator::Simulator;
pub use spi::SimSpi;
pub use stats::{Activity, Injected, Stats};
pub use uart::SimUart;

//! A simulated module as `/dev/spidev0.0`, and its interrupt and reset lines as lines of a GPIO chip,
//! for programs that know nothing of the simulation.
//!
//! [`Preload`] is a small library for `LD_PRELOAD`; it leads what a program does to the device
//! node to a socket. [`SpidevServer`] answers there as the kernel's spidev would, one chip select
//! of the simulated module for each of its messages. The module stays the same from one program
//! to the next, as a board does.
//!
//! Programs that are linked statically or run with the rights of another user ignore
//! `LD_PRELOAD`; the folder `/dev` does not list the node.

mod address;
mod gpio;
mod message;
mod node;
mod preload;
mod presence;
mod serve;
mod wire;

pub use address::SocketAddress;
pub use gpio::{IRQ_LINE, RESET_LINE};
pub use preload::Preload;
pub use serve::SpidevServer;

/// The node unless another one is asked for.
pub const DEFAULT_NODE: &str = "/dev/spidev0.0";
/// The GPIO chip unless another one is asked for.
pub const DEFAULT_CHIP: &str = "/dev/gpiochip0";

/// Error numbers of Linux that spidev answers with.
mod errno {
    pub const EPERM: i32 = 1;
    pub const EIO: i32 = 5;
    pub const EAGAIN: i32 = 11;
    pub const EBUSY: i32 = 16;
    pub const EINVAL: i32 = 22;
    pub const ENOTTY: i32 = 25;
    pub const EMSGSIZE: i32 = 90;
}

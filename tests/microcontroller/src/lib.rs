//! The driver's example with pins in place of those of a board: everything that such a program is
//! made of is compiled and linked for a microcontroller (step `no-std` of `cargo xtask test`).
#![no_std]

mod pins;

use deku_driver::{BitBang, BitBangError, Error};
use deku_ref::{Entry, E2M1};
use pins::{Loop, Pin};

#[path = "../../../driver/examples/microcontroller.rs"]
mod example;

/// The panic handler that a program without std must have.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// A program for a board: learns from two samples and says how many were classified rightly.
///
/// # Errors
/// Those of the driver.
pub fn program() -> Result<usize, Error<BitBangError>> {
    let [sck, mosi, cs, miso, irq] = [0, 1, 2, 3, 4].map(Pin::new);
    let bus = match BitBang::new(sck, mosi, miso, cs, Loop, 0) {
        Ok(bus) => bus,
        Err(error) => return Err(Error::Transport(error)),
    };
    let on = |index| [Entry::new(index, E2M1::MAX)];
    let (low, high) = (on(3), on(40));
    example::learn(bus, irq, Loop, &[(&low, 0), (&high, 1)])
}

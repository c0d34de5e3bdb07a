//! The reference behind the interfaces of a module.
//!
//! [`Reference`] is a [`Module`](crate::Module) that computes directly: the fastest way to learn
//! without an FPGA. [`ReferenceDevice`] answers the frames of `docs/programmers_guide.md` like the
//! hardware: registers, memories, queues, errors. Drivers are tested against it.

mod device;
mod direct;
mod memory;
mod queue;
mod registers;
mod results;
mod stream;
mod sync;
#[cfg(test)]
mod tests;

pub use device::ReferenceDevice;
pub use direct::{Reference, LARGEST};
#[cfg(any(feature = "alloc", test))]
pub use memory::OwnedDeviceMemory;
pub use memory::{DeviceMemory, DeviceStorage};

/// A device model with memories on the heap.
#[cfg(any(feature = "alloc", test))]
pub type OwnedDevice = ReferenceDevice<OwnedDeviceMemory, crate::OwnedMemory>;

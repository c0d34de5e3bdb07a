//! Tests that cross the crates.

pub mod bench;
pub mod both;
pub mod browser;
pub mod case;
pub mod digits;
pub mod ftdi;
pub mod fuzz;
pub mod guest;
pub mod hil;
pub mod icarus;
pub mod kill_resume;
pub mod lockstep;
pub mod netlist;
pub mod noise;
pub mod same_model;
pub mod session;
pub mod streamed;
pub mod tools;
pub mod trial;
pub mod usbip;
pub mod vectors;

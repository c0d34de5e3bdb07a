//! Tests that cross the crates.

pub mod bench;
pub mod both;
pub mod case;
pub mod lockstep;
pub mod netlist;
pub mod streamed;
pub mod tools;
pub mod trial;
pub mod vectors;

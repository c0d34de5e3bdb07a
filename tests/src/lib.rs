//! Tests that cross the crates.

pub mod vectors;

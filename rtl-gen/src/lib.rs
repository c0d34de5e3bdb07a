//! Generator of the Verilog of the Deku module.

pub mod ast;
pub mod blocks;

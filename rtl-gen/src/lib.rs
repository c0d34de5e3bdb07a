//! Generator of the Verilog of the Deku module.

pub mod ast;
pub mod blocks;
pub mod board;
pub mod boards_doc;
pub mod config;
pub mod estimate;
pub mod flow;
pub mod generate;
pub mod registers_doc;
pub mod synth;
pub mod wiring_doc;

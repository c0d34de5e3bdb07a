//! The commands, one file each.

pub mod bench;
pub mod boards;
pub mod build;
pub mod completions;
pub mod configs;
pub mod demo;
pub mod doctor;
pub mod estimate;
pub mod eval;
pub mod explain;
pub mod flash;
pub mod generate;
pub mod infer;
pub mod info;
pub mod list;
pub mod load;
pub mod man;
pub mod monitor;
pub mod report;
pub mod save;
pub mod sim;
pub mod train;
pub mod verify;

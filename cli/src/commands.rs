//! The commands, one file each.

pub mod completions;
pub mod eval;
pub mod infer;
pub mod info;
pub mod train;

//! The arithmetic of one layer. Everything here works on plain slices; `phases` decides what is
//! computed when.

mod activate;
mod forward;
mod span;
mod update;

pub(crate) use activate::{activate, class_goodness, total_goodness};
pub(crate) use forward::{accumulate, BINS_LENGTH};
pub(crate) use span::Span;
pub(crate) use update::{update, Weights};

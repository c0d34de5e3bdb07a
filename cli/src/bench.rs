//! Measurements of a module: engine, weight port, link.

mod measure;
mod minimum;
mod record;
mod report;

pub use measure::measure;
pub use record::{Record, Timing};
pub use report::markdown;

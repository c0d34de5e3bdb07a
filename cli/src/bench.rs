//! Measurements of a module: engine, weight port, link, driver.

mod commit;
mod driver;
mod measure;
mod minimum;
mod noise;
pub mod noise_table;
mod record;
mod report;

pub use commit::commit;
pub use measure::measure;
pub use noise::{GivenUp, NoiseRecord, NoiseRow, Stretch, NOISE_VERSION};
pub use record::{Record, Timing};
pub use report::markdown;

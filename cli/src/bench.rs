//! Measurements of a module: engine, weight port, link, driver; and of what it is made of.

mod average;
mod block;
mod board;
mod clock;
mod commit;
mod driver;
pub mod fingerprint;
mod measure;
mod minimum;
mod noise;
pub mod noise_table;
mod plan;
mod recipe;
mod record;
mod report;
#[cfg(test)]
mod testing;
mod training;
mod walk;

pub use average::{Average, Mean};
pub use block::{BlockRecord, Blocks, BLOCKS_VERSION};
pub use board::{BoardRecord, BuildReport, Seed, BOARD_VERSION};
pub use commit::commit;
pub use measure::{measure, timing, Measured, Request};
pub use noise::{GivenUp, NoiseRecord, NoiseRow, Stretch, NOISE_VERSION};
pub use plan::{Block, Limit, Plan, Planned};
pub use recipe::Recipe;
pub use record::{Accesses, Cost, DriverCost, Part, Record, Streamed, Timing, Work, VERSION};
pub use report::{markdown, table_of, Numbers};
pub use training::{speed as training_speed, train, EpochRun, SeedRun, Training, TRAINING_VERSION};

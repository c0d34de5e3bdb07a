//! The parts of `deku demo`: a recording session, the comparison with the reference, pictures.

mod compare;
mod overview;
mod pictures;
mod recorder;

pub use compare::compare;
pub use pictures::{draw, Cycles};
pub use recorder::Recorder;

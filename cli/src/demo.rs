//! The parts of `deku demo`: a recording session, the comparison with the reference, pictures.

mod compare;
mod pictures;
mod recorder;

pub use compare::compare;
pub use pictures::{draw, Cycles};
pub use recorder::Recorder;

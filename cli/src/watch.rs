//! Watching a module while it learns: what a run tells of itself, and what can be read from a
//! module that nobody uses.
//!
//! A device belongs to one program at a time, so nobody else can ask a module about the run it is
//! in. The program that trains writes a log instead ([`Recorder`]), one JSON object per line, which
//! others follow ([`Lines`]) and show ([`State`], [`view`], [`web`]).

mod follow;
mod histogram;
mod learned;
mod poll;
mod progress;
mod recorder;
mod state;
pub mod view;
pub mod web;

pub use follow::Lines;
pub use histogram::{Histogram, BINS};
pub use learned::{Learned, Strongest};
pub use poll::{Poller, Reading};
pub use progress::{LinkHealth, Progress};
pub use recorder::{Moment, Recent, Recorder};
pub use state::{printable, End, Phase, Point, State};

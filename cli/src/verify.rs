//! The reference and a module side by side, compared after every example.

mod case;
mod difference;
mod lockstep;
mod random;
mod weights;

pub use case::{Case, Examples, Owned};
pub use difference::Difference;
pub use lockstep::Lockstep;
pub use random::random_case;
pub use weights::WeightMemory;

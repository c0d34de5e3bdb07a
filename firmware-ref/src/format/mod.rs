//! Number formats: one file each.

mod e2m1;
mod e8m0;
mod latent;

pub use e2m1::E2M1;
pub use e8m0::E8M0;
pub(crate) use latent::trit;
pub use latent::{Latent, MAX_RATE_SHIFT};

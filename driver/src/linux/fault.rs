//! What the system says of a device that fails while it is used.

use std::fmt;
use std::string::{String, ToString as _};

/// A device that failed while it was in use, in the words of the system.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceError(String);

impl DeviceError {
    pub(super) fn of(error: &dyn fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The same: errors of the driver show their cause in this way.
impl fmt::Debug for DeviceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for DeviceError {}

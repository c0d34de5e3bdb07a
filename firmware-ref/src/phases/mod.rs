//! The phases: what is computed when (recipe, sections 2 and 4), one file each.

mod engine;
mod infer;
mod input;
mod labelled;
mod overlay;
mod pair;
mod single;
#[cfg(test)]
mod tests;

use crate::format::MAX_RATE_SHIFT;
use crate::list::{self, Entry};
use crate::memory::Storage;
use crate::network::{Network, NetworkError};

impl<S: Storage> Network<S> {
    fn check_list(&self, list: &[Entry]) -> Result<(), NetworkError> {
        Ok(list::check(list, self.config.record_inputs())?)
    }

    fn check_label(&self, label: u8) -> Result<(), NetworkError> {
        let classes = self.config.classes();
        if usize::from(label) < classes {
            Ok(())
        } else {
            Err(NetworkError::Label { label, classes })
        }
    }

    fn check_label_rows(&self) -> Result<(), NetworkError> {
        if self.config.copies() > 0 {
            Ok(())
        } else {
            Err(NetworkError::NoLabelRows)
        }
    }
}

fn check_rate_shift(shift: u8) -> Result<(), NetworkError> {
    if shift <= MAX_RATE_SHIFT {
        Ok(())
    } else {
        Err(NetworkError::RateShift { shift })
    }
}

//! Inference without label overlay.

use super::engine::Measure;
use super::input::Input;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::outcome::Inference;

impl<S: Storage> Network<S> {
    /// Classifies an input in one pass: goodness per class is left in [`Network::goodness`] and
    /// [`Network::summed_goodness`]. Draws nothing.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::NoMasks`].
    pub fn infer(&mut self, list: &[Entry]) -> Result<Inference, NetworkError> {
        self.check_list(list)?;
        self.needs_masks()?;
        let mut engine = self.engine(self.config.classes());
        engine.forward(Input::plain(list), engine.layers(), 0, Measure::Classes);
        Ok(engine.predict())
    }

    /// Goodness of an input as a whole: the sum of all squared activities of all layers, per
    /// layer in [`Network::goodness`] (one candidate). This is what pair and single phases train.
    /// Draws nothing, needs no masks.
    ///
    /// # Errors
    /// [`NetworkError::List`].
    pub fn score(&mut self, list: &[Entry]) -> Result<u32, NetworkError> {
        self.check_list(list)?;
        let mut engine = self.engine(1);
        engine.forward(Input::plain(list), engine.layers(), 0, Measure::Candidate(0));
        Ok(engine.predict().goodness)
    }

    /// Largest accumulator of `layer` (0 if none is positive) and length of its list for an
    /// input. Counts nothing and leaves the goodness as it is; for calibration.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::Config`] if the layer does not exist.
    pub fn probe(&mut self, list: &[Entry], layer: usize) -> Result<(u16, usize), NetworkError> {
        self.check_list(list)?;
        self.config.check_index(layer)?;
        let mut engine = self.engine(self.candidates);
        engine.forward(Input::plain(list), layer, 0, Measure::Nothing);
        Ok(engine.probe(layer, Input::plain(list)))
    }
}

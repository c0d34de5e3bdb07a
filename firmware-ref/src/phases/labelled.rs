//! The labelled phase: positive on the truth's columns, negative on a drawn rival's.

use super::check_rate_shift;
use super::engine::{updates, Measure};
use super::input::Input;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::outcome::Outcome;

impl<S: Storage> Network<S> {
    /// Trains with an input and its label; `shift` is the rate shift sh, 0..=10. Candidates are
    /// the classes.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::Label`], [`NetworkError::RateShift`],
    /// [`NetworkError::NoMasks`]; nothing has changed then.
    pub fn train_labelled(
        &mut self,
        list: &[Entry],
        label: u8,
        shift: u8,
    ) -> Result<Outcome, NetworkError> {
        self.check_list(list)?;
        self.check_label(label)?;
        check_rate_shift(shift)?;
        self.needs_masks()?;
        let input = Input::plain(list);
        let mut engine = self.engine(self.config.classes());
        engine.forward(input, engine.layers(), 0, Measure::Classes);
        let ranking = engine.rank(Some(label));
        let rivals = engine.draw();
        for (layer, rival) in updates(rivals, label) {
            engine.factors_of_classes(layer, label, rival);
            engine.update(layer, input, 0, shift);
        }
        Ok(engine.finish(ranking, label, rivals))
    }
}

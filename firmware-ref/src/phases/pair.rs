//! The pair phase: Hinton's positive and negative pass with two inputs.

use super::check_rate_shift;
use super::engine::{updates, Measure};
use super::input::Input;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::outcome::Outcome;

/// The candidate that is the truth: the positive input.
const POSITIVE: u8 = 0;

impl<S: Storage> Network<S> {
    /// Trains with a positive and a negative input; `shift` is the rate shift sh, 0..=10.
    /// Candidate 0 is the positive input, 1 the negative one.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::RateShift`]; nothing has changed then.
    pub fn train_pair(
        &mut self,
        positive: &[Entry],
        negative: &[Entry],
        shift: u8,
    ) -> Result<Outcome, NetworkError> {
        self.check_list(positive)?;
        self.check_list(negative)?;
        check_rate_shift(shift)?;
        let inputs = [Input::plain(positive), Input::plain(negative)];
        let mut engine = self.engine(2);
        for (candidate, &input) in inputs.iter().enumerate() {
            engine.forward(input, engine.layers(), candidate, Measure::Candidate(candidate));
        }
        let ranking = engine.rank(Some(POSITIVE));
        let rivals = engine.draw();
        for (layer, _) in updates(rivals, POSITIVE) {
            for (bank, sign) in [(0, 1), (1, -1)] {
                engine.factors_of_input(layer, bank, sign);
                engine.update(layer, inputs[bank], bank, shift);
            }
        }
        Ok(engine.finish(ranking, POSITIVE, rivals))
    }
}

//! The single phase: only a positive or only a negative input, against a constant threshold.

use super::check_rate_shift;
use super::engine::{updates, Measure};
use super::input::Input;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::outcome::Outcome;

/// Candidate of the threshold; candidate 0 is the input.
const THETA: u8 = 1;

impl<S: Storage> Network<S> {
    /// Trains with one input that is `positive` or not; `shift` is the rate shift sh, 0..=10.
    /// Candidate 0 is the input, 1 the threshold theta (in every layer). The truth is candidate 0
    /// for a positive and 1 for a negative input.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::RateShift`]; nothing has changed then.
    pub fn train_single(
        &mut self,
        list: &[Entry],
        positive: bool,
        shift: u8,
    ) -> Result<Outcome, NetworkError> {
        self.check_list(list)?;
        check_rate_shift(shift)?;
        let (truth, sign) = if positive { (0, 1) } else { (THETA, -1) };
        let (input, theta) = (Input::plain(list), self.train.theta);
        let mut engine = self.engine(2);
        engine.forward(input, engine.layers(), 0, Measure::Candidate(0));
        engine.set_goodness(THETA.into(), theta);
        let ranking = engine.rank(Some(truth));
        let rivals = engine.draw();
        for (layer, _) in updates(rivals, truth) {
            engine.factors_of_input(layer, 0, sign);
            engine.update(layer, input, 0, shift);
        }
        Ok(engine.finish(ranking, truth, rivals))
    }
}

//! Label overlay: the label is part of the input, one forward pass per label.

use super::check_rate_shift;
use super::engine::{updates, Engine, Measure};
use super::input::Input;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::outcome::{Inference, Outcome};

/// Bank of the truth's codes; the rival of layer l has bank 1 + l.
const TRUTH_BANK: usize = 0;

impl<S: Storage> Network<S> {
    /// Classifies an input by the goodness it has with each label's rows appended. Draws nothing.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::NoLabelRows`].
    pub fn infer_overlay(&mut self, list: &[Entry]) -> Result<Inference, NetworkError> {
        self.check_list(list)?;
        self.check_label_rows()?;
        let mut engine = self.engine(self.config.classes());
        engine.forward_labels(list);
        Ok(engine.predict())
    }

    /// Trains with an input and its label; `shift` is the rate shift sh, 0..=10. Candidates are
    /// the labels. Afterwards bank 0 holds the codes of the truth if a layer was updated, of the
    /// last label otherwise.
    ///
    /// # Errors
    /// [`NetworkError::List`], [`NetworkError::Label`], [`NetworkError::RateShift`],
    /// [`NetworkError::NoLabelRows`]; nothing has changed then.
    pub fn train_overlay(
        &mut self,
        list: &[Entry],
        label: u8,
        shift: u8,
    ) -> Result<Outcome, NetworkError> {
        self.check_list(list)?;
        self.check_label(label)?;
        check_rate_shift(shift)?;
        self.check_label_rows()?;
        let mut engine = self.engine(self.config.classes());
        engine.forward_labels(list);
        let ranking = engine.rank(Some(label));
        let rivals = engine.draw();
        let truth = Input::labelled(list, label);
        if updates(rivals, label).next().is_some() {
            engine.forward(truth, engine.layers(), TRUTH_BANK, Measure::Nothing);
        }
        for (layer, rival) in updates(rivals, label) {
            let rival = Input::labelled(list, rival);
            engine.forward(rival, layer + 1, 1 + layer, Measure::Nothing);
        }
        for (layer, rival) in updates(rivals, label) {
            let rival = Input::labelled(list, rival);
            for (input, bank, sign) in [(truth, TRUTH_BANK, 1), (rival, 1 + layer, -1)] {
                engine.factors_of_input(layer, bank, sign);
                engine.update(layer, input, bank, shift);
            }
        }
        Ok(engine.finish(ranking, label, rivals))
    }
}

impl Engine<'_> {
    /// Every label's pass through the whole stack, in order.
    fn forward_labels(&mut self, list: &[Entry]) {
        self.share(list);
        for candidate in 0..self.candidates() {
            let input = Input::labelled(list, candidate as u8);
            self.forward(input, self.layers(), TRUTH_BANK, Measure::Candidate(candidate));
        }
    }
}

//! Class masks of a network.

use super::{Network, NetworkError};
use crate::config::WORD_COLUMNS;
use crate::masks::{MaskRule, MEMBER};
use crate::memory::Storage;

impl<S: Storage> Network<S> {
    /// Draws the masks of every layer from the seed.
    ///
    /// # Errors
    /// [`NetworkError::NoMasks`] if the network has none.
    pub fn initialise_masks(&mut self, rule: &MaskRule, seed: u32) -> Result<(), NetworkError> {
        self.needs_masks()?;
        let memory = self.storage.memory();
        for (layer, span) in self.spans[..self.config.layers().len()].iter().enumerate() {
            let masks = &mut memory.masks[span.masks()];
            rule.draw(seed, layer, span.columns, masks, memory.rows);
        }
        Ok(())
    }

    /// Masks of a layer, `[classes][columns]`, 0xFF = the column belongs to the class; empty for
    /// a layer that does not exist or a network without masks.
    pub fn masks(&self, layer: usize) -> &[u8] {
        &self.contents().masks[self.span(layer).masks()]
    }

    /// 32 columns of a class's mask, bit 31 = column `32 * word`; columns, classes and layers that
    /// do not exist read as 0.
    pub fn mask_word(&self, layer: usize, class: usize, word: usize) -> u32 {
        let columns = self.span(layer).columns;
        let member = |bit: usize| {
            let column = word * WORD_COLUMNS + bit;
            let at = class * columns + column;
            column < columns && self.masks(layer).get(at) == Some(&MEMBER)
        };
        (0..WORD_COLUMNS).fold(0, |bits, n| bits << 1 | u32::from(member(n)))
    }

    /// Sets 32 columns of a class's mask, bit 31 = column `32 * word`; bits of columns that do not
    /// exist are ignored.
    ///
    /// # Errors
    /// [`NetworkError::NoMasks`], [`NetworkError::Config`] if the layer does not exist,
    /// [`NetworkError::MaskWord`] if the class or the word does not exist.
    pub fn set_mask_word(
        &mut self,
        layer: usize,
        class: usize,
        word: usize,
        bits: u32,
    ) -> Result<(), NetworkError> {
        self.needs_masks()?;
        self.config.check_index(layer)?;
        let span = self.span(layer);
        let first = word * WORD_COLUMNS;
        if class >= self.config.classes() || first >= span.columns {
            return Err(NetworkError::MaskWord { layer, class, word });
        }
        let memory = self.storage.memory();
        let mask = &mut memory.masks[span.mask(class)][first..];
        for (n, m) in mask.iter_mut().take(WORD_COLUMNS).enumerate() {
            *m = if bits << n & 1 << 31 == 0 { 0 } else { MEMBER };
        }
        Ok(())
    }
}

//! Where a layer lies in the memories of a network.

use core::ops::Range;

use crate::config::{NetworkConfig, Phases, MAX_LAYERS};
use crate::format::{trit, E8M0};

/// One layer's place in [`crate::Memory`], and its scale.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub inputs: usize,
    pub columns: usize,
    pub scale: E8M0,
    /// Classes with a mask, 0 without masks.
    classes: usize,
    latents: usize,
    masks: usize,
    codes: usize,
    /// Columns of all layers: length of a bank of codes.
    bank: usize,
}

impl Span {
    /// The spans of a network's layers, one behind the other.
    pub fn of(config: &NetworkConfig) -> [Self; MAX_LAYERS] {
        let masks = config.phases().contains(Phases::LABELLED);
        let classes = if masks { config.classes() } else { 0 };
        let mut next = Self { bank: config.columns(), classes, ..Self::default() };
        let mut spans = [Self::default(); MAX_LAYERS];
        for (l, span) in config.layers().iter().zip(&mut spans) {
            next.inputs = l.inputs;
            next.columns = l.columns;
            next.scale = E8M0::from_shift(l.shift).unwrap_or_default();
            *span = next;
            next.latents += l.inputs * l.columns;
            next.masks += classes * l.columns;
            next.codes += l.columns;
        }
        spans
    }

    /// Range of the latents (and trits), `[inputs][columns]`.
    pub fn latents(&self) -> Range<usize> {
        self.latents..self.latents + self.inputs * self.columns
    }

    /// Range of the masks, `[classes][columns]`.
    pub fn masks(&self) -> Range<usize> {
        self.masks..self.masks + self.classes * self.columns
    }

    /// Range of one class's mask.
    pub fn mask(&self, class: usize) -> Range<usize> {
        let start = self.masks + class * self.columns;
        start..start + self.columns
    }

    /// Range of the codes in a bank.
    pub fn codes(&self, bank: usize) -> Range<usize> {
        let start = bank * self.bank + self.codes;
        start..start + self.columns
    }

    /// Copies the top bits of the layer's latents into the plane of trits.
    pub fn refresh_trits(&self, latents: &[u8], trits: &mut [i8]) {
        for (t, &l) in trits[self.latents()].iter_mut().zip(&latents[self.latents()]) {
            *t = trit(l);
        }
    }
}

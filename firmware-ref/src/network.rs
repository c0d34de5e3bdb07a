//! A stack of layers that infers and learns. The phases are in `phases/`.

use crate::config::{ConfigError, NetworkConfig, Phases, TrainConfig, MAX_LAYERS};
use crate::counters::Counters;
use crate::format::{trit, Latent, E8M0};
use crate::init;
use crate::layer::Span;
use crate::memory::{Contents, Sizes, Storage};
use crate::prng::Xorshift32;

mod error;
mod masks;
mod reshape;

pub use error::NetworkError;

/// A network: its shape, its memories and its two generators.
///
/// A new network has latents that are all 96 (every weight 0) and empty masks: call
/// [`Network::initialise_latents`] and [`Network::initialise_masks`], or load both.
#[derive(Clone, Debug)]
pub struct Network<S> {
    pub(crate) config: NetworkConfig,
    pub(crate) train: TrainConfig,
    pub(crate) storage: S,
    pub(crate) spans: [Span; MAX_LAYERS],
    pub(crate) rival: Xorshift32,
    pub(crate) round: Xorshift32,
    pub(crate) counters: Counters,
    /// Candidates of the last example.
    pub(crate) candidates: usize,
}

impl<S: Storage> Network<S> {
    /// A network in the caller's memories, generators seeded from `train.seed`.
    ///
    /// # Errors
    /// [`NetworkError::Config`] or [`NetworkError::Memory`].
    pub fn new(
        config: &NetworkConfig,
        train: &TrainConfig,
        mut storage: S,
    ) -> Result<Self, NetworkError> {
        train.check()?;
        check_memory(&Sizes::of(config), &mut storage)?;
        reshape::clear(&mut storage);
        Ok(Self {
            config: *config,
            train: *train,
            storage,
            spans: Span::of(config),
            rival: init::rival_stream(train.seed),
            round: init::rounding_stream(train.seed),
            counters: Counters::default(),
            candidates: 0,
        })
    }

    /// The memories, given back.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// The shape.
    pub const fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// The constants of the learning rule.
    pub const fn train_config(&self) -> &TrainConfig {
        &self.train
    }

    /// Changes the constants of the learning rule; the generators go on.
    ///
    /// # Errors
    /// [`ConfigError`] if a constant is out of range.
    pub fn set_train_config(&mut self, train: &TrainConfig) -> Result<(), ConfigError> {
        train.check()?;
        self.train = *train;
        Ok(())
    }

    /// Sets the scale S (0..=15) of a layer.
    ///
    /// # Errors
    /// [`ConfigError`] if the layer or the scale does not exist.
    pub fn set_shift(&mut self, layer: usize, shift: u8) -> Result<(), ConfigError> {
        self.config.set_shift(layer, shift)?;
        self.spans[layer].scale = E8M0::from_shift(shift).unwrap_or_default();
        Ok(())
    }

    /// State of the rival generator.
    pub const fn rival_state(&self) -> u32 {
        self.rival.state()
    }

    /// State of the rounding generator.
    pub const fn round_state(&self) -> u32 {
        self.round.state()
    }

    /// Sets the state of the rival generator.
    ///
    /// # Errors
    /// [`ConfigError::Seed`] for 0.
    pub fn set_rival_state(&mut self, state: u32) -> Result<(), ConfigError> {
        self.rival = Xorshift32::new(state).ok_or(ConfigError::Seed)?;
        Ok(())
    }

    /// Sets the state of the rounding generator.
    ///
    /// # Errors
    /// [`ConfigError::Seed`] for 0.
    pub fn set_round_state(&mut self, state: u32) -> Result<(), ConfigError> {
        self.round = Xorshift32::new(state).ok_or(ConfigError::Seed)?;
        Ok(())
    }

    /// The counters.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The counters, to clear or restore them.
    pub fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// Latents of a layer, row-major `[inputs][columns]`; empty for a layer that does not exist.
    pub fn latents(&self, layer: usize) -> &[u8] {
        &self.contents().latents[self.span(layer).latents()]
    }

    /// Loads latents of a layer from `offset` (row * columns + column) on.
    ///
    /// # Errors
    /// [`NetworkError::Latent`] for a latent above 191 (nothing is loaded then),
    /// [`NetworkError::Length`] if they reach beyond the layer.
    pub fn load_latents(
        &mut self,
        layer: usize,
        offset: usize,
        latents: &[u8],
    ) -> Result<(), NetworkError> {
        let span = self.span(layer);
        let length = span.latents().len();
        if offset > length || latents.len() > length - offset {
            let given = latents.len();
            return Err(NetworkError::Length { layer, offset, given, length });
        }
        if let Some(at) = latents.iter().position(|&l| l > Latent::MAX) {
            let (index, value) = (offset + at, latents[at]);
            return Err(NetworkError::Latent { layer, index, value });
        }
        let start = span.latents().start + offset;
        let memory = self.storage.memory();
        memory.latents[start..start + latents.len()].copy_from_slice(latents);
        for (t, &l) in memory.trits[start..].iter_mut().zip(latents) {
            *t = trit(l);
        }
        Ok(())
    }

    /// Fills the latents of every layer from the seed (docs/theory_of_operation.md, section 1).
    pub fn initialise_latents(&mut self, seed: u32) {
        let memory = self.storage.memory();
        for (layer, span) in self.spans[..self.config.layers().len()].iter().enumerate() {
            init::fill_latents(seed, layer, &mut memory.latents[span.latents()]);
            span.refresh_trits(memory.latents, memory.trits);
        }
    }

    /// Goodness of every candidate of the last example in one layer; empty for a layer that does
    /// not exist.
    pub fn goodness(&self, layer: usize) -> &[u32] {
        if layer < self.config.layers().len() {
            self.goodness_row(layer)
        } else {
            &[]
        }
    }

    /// Goodness of every candidate of the last example, summed over the layers.
    pub fn summed_goodness(&self) -> &[u32] {
        self.goodness_row(self.config.layers().len())
    }

    /// Activities of a layer in bank 0 (the input of labelled, single and inference; the positive
    /// input of a pair; for overlay see the phase), as twice the value 0..=12.
    pub fn codes(&self, layer: usize) -> &[u8] {
        &self.contents().codes[self.span(layer).codes(0)]
    }

    fn goodness_row(&self, row: usize) -> &[u32] {
        let start = row * self.config.candidates();
        &self.contents().goodness[start..start + self.candidates]
    }

    pub(crate) fn contents(&self) -> Contents<'_> {
        self.storage.contents()
    }

    /// Where a layer lies; an empty span for a layer that does not exist.
    pub(crate) fn span(&self, layer: usize) -> Span {
        self.spans.get(layer).copied().unwrap_or_default()
    }

    pub(crate) fn needs_masks(&self) -> Result<(), NetworkError> {
        if self.config.phases().contains(Phases::LABELLED) {
            Ok(())
        } else {
            Err(NetworkError::NoMasks)
        }
    }
}

fn check_memory(sizes: &Sizes, storage: &mut impl Storage) -> Result<(), NetworkError> {
    let memory = storage.memory();
    let rows = [
        ("latents", sizes.latents, memory.latents.len()),
        ("trits", sizes.latents, memory.trits.len()),
        ("masks", sizes.masks, memory.masks.len()),
        ("codes", sizes.codes, memory.codes.len()),
        ("entries", sizes.entries, memory.entries.len()),
        ("rows", sizes.rows, memory.rows.len()),
        ("partials", sizes.columns, memory.partials.len()),
        ("squares", sizes.columns, memory.squares.len()),
        ("sums", sizes.sums, memory.sums.len()),
        ("goodness", sizes.goodness, memory.goodness.len()),
    ];
    match rows.into_iter().find(|&(_, needed, given)| given < needed) {
        Some((what, needed, given)) => Err(NetworkError::Memory { what, needed, given }),
        None => Ok(()),
    }
}

//! The reference as a module, without frames.

use crate::capabilities::Capabilities;
use crate::config::{Capacity, ConfigError, NetworkConfig, Phases, TrainConfig, MAX_LAYERS};
use crate::counters::Counters;
use crate::example::Example;
use crate::list::Entry;
use crate::masks::MEMBER;
use crate::memory::Storage;
use crate::module::{Generators, Module};
use crate::network::{Network, NetworkError};
use crate::outcome::{Inference, Outcome, Ranking};
use crate::wire::{ExampleResult, Kind};

/// The largest module the register map can describe; a [`Reference`] takes any network that fits.
pub const LARGEST: Capacity = Capacity {
    words: 0xFFFF,
    list_entries: 0xFFFF,
    inputs: 2730,
    hidden_entries: 2048,
    mask_words: 0xFFFF,
    code_words: 0xFFFF,
    max_classes: 256,
    max_layers: MAX_LAYERS,
    results: 128,
    slices: 1,
};

/// A [`Network`] as a [`Module`].
///
/// With memories on the heap (`OwnedMemory`, feature `alloc`) it can be configured to any network, with
/// borrowed ones to any network they are large enough for.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use deku_ref::reference::Reference;
/// use deku_ref::{Entry, LayerConfig, Module, NetworkConfig, TrainConfig, E2M1};
///
/// let layers = [LayerConfig { inputs: 64, columns: 32, shift: 3 }];
/// let network = NetworkConfig::new(&layers, 10)?;
/// let mut module = Reference::new(&network, &TrainConfig::IMAGES)?;
/// module.network_mut().initialise_latents(1);
/// let seen = module.infer(&[Entry::new(5, E2M1::MAX)])?;
/// assert_eq!(seen.goodness, 0, "no masks yet");
/// # }
/// # Ok::<(), deku_ref::NetworkError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reference<S> {
    network: Network<S>,
    capabilities: Capabilities,
}

#[cfg(any(feature = "alloc", test))]
impl Reference<crate::OwnedMemory> {
    /// A module with memories on the heap, configured for `network`.
    ///
    /// # Errors
    /// [`NetworkError`] if a constant is out of range.
    pub fn new(network: &NetworkConfig, training: &TrainConfig) -> Result<Self, NetworkError> {
        let memory = crate::OwnedMemory::new(network);
        Ok(Self::of_network(Network::new(network, training, memory)?))
    }
}

impl<S: Storage> Reference<S> {
    /// An existing network as a module, as large as the register map allows.
    pub const fn of_network(network: Network<S>) -> Self {
        Self { network, capabilities: Capabilities::of_model(LARGEST) }
    }

    /// The network.
    pub const fn network(&self) -> &Network<S> {
        &self.network
    }

    /// The network, to change.
    pub fn network_mut(&mut self) -> &mut Network<S> {
        &mut self.network
    }

    fn layer_length(
        &self,
        layer: usize,
        per_layer: usize,
        given: usize,
    ) -> Result<(), NetworkError> {
        let count = self.network.config().layers().len();
        if layer >= count {
            return Err(ConfigError::NoSuchLayer { layer, count }.into());
        }
        if given != per_layer {
            return Err(NetworkError::Length { layer, offset: 0, given, length: per_layer });
        }
        Ok(())
    }
}

impl<S: Storage> Module for Reference<S> {
    type Error = NetworkError;

    fn capabilities(&mut self) -> Result<Capabilities, NetworkError> {
        Ok(self.capabilities)
    }

    fn configure(
        &mut self,
        network: &NetworkConfig,
        training: &TrainConfig,
    ) -> Result<(), NetworkError> {
        network.placement(&self.capabilities.capacity)?;
        self.network.reshape(network, training)
    }

    fn load_weights(&mut self, layer: usize, latents: &[u8]) -> Result<(), NetworkError> {
        self.layer_length(layer, self.network.latents(layer).len(), latents.len())?;
        self.network.load_latents(layer, 0, latents)
    }

    fn read_weights(&mut self, layer: usize, out: &mut [u8]) -> Result<(), NetworkError> {
        self.layer_length(layer, self.network.latents(layer).len(), out.len())?;
        out.copy_from_slice(self.network.latents(layer));
        Ok(())
    }

    fn load_masks(&mut self, layer: usize, masks: &[u8]) -> Result<(), NetworkError> {
        self.layer_length(layer, self.network.masks(layer).len(), masks.len())?;
        let columns = self.network.config().layers()[layer].columns;
        for (class, mask) in masks.chunks_exact(columns).enumerate() {
            for (word, members) in mask.chunks(32).enumerate() {
                let bits = mask_bits(members);
                self.network.set_mask_word(layer, class, word, bits)?;
            }
        }
        Ok(())
    }

    fn generators(&mut self) -> Result<Generators, NetworkError> {
        Ok(Generators { rival: self.network.rival_state(), round: self.network.round_state() })
    }

    fn set_generators(&mut self, generators: &Generators) -> Result<(), NetworkError> {
        self.network.set_rival_state(generators.rival)?;
        self.network.set_round_state(generators.round)?;
        Ok(())
    }

    fn counters(&mut self) -> Result<Counters, NetworkError> {
        Ok(*self.network.counters())
    }

    fn clear_counters(&mut self) -> Result<(), NetworkError> {
        self.network.counters_mut().clear();
        Ok(())
    }

    fn infer(&mut self, input: &[Entry]) -> Result<Inference, NetworkError> {
        let phases = self.network.config().phases();
        if phases.contains(Phases::OVERLAY) && !phases.contains(Phases::LABELLED) {
            return self.network.infer_overlay(input);
        }
        self.network.infer(input)
    }

    fn train(&mut self, example: &Example<'_>) -> Result<Outcome, NetworkError> {
        execute(&mut self.network, example)
    }

    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<(), NetworkError> {
        self.layer_length(layer, 0, 0)?;
        let goodness = self.network.goodness(layer);
        let (given, length) = (out.len(), goodness.len());
        let seen = goodness.get(..given);
        let seen = seen.ok_or(NetworkError::Length { layer, offset: 0, given, length })?;
        out.copy_from_slice(seen);
        Ok(())
    }

    fn stream(
        &mut self,
        examples: &[Example<'_>],
        each: &mut dyn FnMut(usize, &ExampleResult),
    ) -> Result<(), NetworkError> {
        for (n, example) in examples.iter().enumerate() {
            let outcome = execute(&mut self.network, example)?;
            each(n, &ExampleResult::of(&outcome, n as u8));
        }
        Ok(())
    }
}

/// A mask word from up to 32 columns, column 0 in bit 31.
#[must_use]
pub(crate) fn mask_bits(members: &[u8]) -> u32 {
    members.iter().enumerate().fold(0, |bits, (n, m)| bits | u32::from(*m != 0) << (31 - n))
}

/// Executes an example of any kind.
pub(crate) fn execute<S: Storage>(
    network: &mut Network<S>,
    example: &Example<'_>,
) -> Result<Outcome, NetworkError> {
    match *example {
        Example::Infer { input, truth } => {
            check_truth(network, example)?;
            network.infer(input)?;
            Ok(seen(network, truth))
        }
        Example::OverlayInfer { input, truth } => {
            check_truth(network, example)?;
            network.infer_overlay(input)?;
            Ok(seen(network, truth))
        }
        Example::Labelled { input, label, shift } => network.train_labelled(input, label, shift),
        Example::Pair { positive, negative, shift } => {
            network.train_pair(positive, negative, shift)
        }
        Example::Positive { input, shift } => network.train_single(input, true, shift),
        Example::Negative { input, shift } => network.train_single(input, false, shift),
        Example::Overlay { input, label, shift } => network.train_overlay(input, label, shift),
    }
}

fn check_truth<S: Storage>(
    network: &Network<S>,
    example: &Example<'_>,
) -> Result<(), NetworkError> {
    let (label, classes) = (example.label(), network.config().classes());
    if Kind::accepts(example.kind(), label, classes) {
        return Ok(());
    }
    Err(NetworkError::Label { label, classes })
}

/// The outcome of an inference, for which nothing was drawn.
fn seen<S: Storage>(network: &Network<S>, truth: Option<u8>) -> Outcome {
    let Ranking { class, other, truth } = Ranking::of(network.summed_goodness(), truth);
    let rivals = [None; MAX_LAYERS];
    Outcome { class, rivals, updated: 0, goodness_other: other, goodness_truth: truth }
}

const _: () = assert!(MEMBER != 0);

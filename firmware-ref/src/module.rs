//! The interface that every module has: the reference, the device model and the real one.

use crate::capabilities::Capabilities;
use crate::config::{NetworkConfig, TrainConfig};
use crate::counters::Counters;
use crate::example::Example;
use crate::list::Entry;
use crate::outcome::{Inference, Outcome};
use crate::wire::ExampleResult;

/// States of the two generators of a module, neither 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generators {
    /// State of the generator that draws rivals.
    pub rival: u32,
    /// State of the generator that rounds updates.
    pub round: u32,
}

impl Generators {
    /// The states that a user seed stands for (docs/theory_of_operation.md, section 1).
    #[must_use]
    pub fn from_seed(seed: u32) -> Self {
        use crate::init::{rival_stream, rounding_stream};
        Self { rival: rival_stream(seed).state(), round: rounding_stream(seed).state() }
    }
}

/// A module that learns.
///
/// Use: [`configure`](Self::configure), load the masks (labelled phase only) and the weights of
/// every layer, then infer, train or stream. Layers count from 0 at the input.
pub trait Module {
    /// What can go wrong.
    type Error;

    /// Identity and abilities.
    ///
    /// # Errors
    /// If the module does not answer.
    fn capabilities(&mut self) -> Result<Capabilities, Self::Error>;

    /// Sets the network and the learning rule, seeds the generators from `training.seed` and
    /// clears the counters. Weights and masks are undefined afterwards.
    ///
    /// # Errors
    /// If the network does not fit the module or a constant is out of range.
    fn configure(
        &mut self,
        network: &NetworkConfig,
        training: &TrainConfig,
    ) -> Result<(), Self::Error>;

    /// Loads all latents of a layer: `[inputs][columns]`, label rows included, 0..=191 each.
    ///
    /// # Errors
    /// If the length does not match the layer or a latent is above 191.
    fn load_weights(&mut self, layer: usize, latents: &[u8]) -> Result<(), Self::Error>;

    /// Reads all latents of a layer: `[inputs][columns]`.
    ///
    /// # Errors
    /// If the length does not match the layer.
    fn read_weights(&mut self, layer: usize, out: &mut [u8]) -> Result<(), Self::Error>;

    /// Loads the class masks of a layer: `[classes][columns]`, 0 or not 0 (member).
    ///
    /// # Errors
    /// If the length does not match the layer or the network has no masks.
    fn load_masks(&mut self, layer: usize, masks: &[u8]) -> Result<(), Self::Error>;

    /// States of the generators.
    ///
    /// # Errors
    /// If the module does not answer.
    fn generators(&mut self) -> Result<Generators, Self::Error>;

    /// Sets the states of the generators.
    ///
    /// # Errors
    /// If a state is 0.
    fn set_generators(&mut self, generators: &Generators) -> Result<(), Self::Error>;

    /// The counters.
    ///
    /// # Errors
    /// If the module does not answer.
    fn counters(&mut self) -> Result<Counters, Self::Error>;

    /// Sets the counters to 0.
    ///
    /// # Errors
    /// If the module does not answer.
    fn clear_counters(&mut self) -> Result<(), Self::Error>;

    /// Classifies one input: with label overlay if the network is for nothing else, in one pass
    /// otherwise. Draws nothing.
    ///
    /// # Errors
    /// If the input is illegal.
    fn infer(&mut self, input: &[Entry]) -> Result<Inference, Self::Error>;

    /// Executes one example (of any kind).
    ///
    /// # Errors
    /// If the example is illegal; it has had no effect then.
    fn train(&mut self, example: &Example<'_>) -> Result<Outcome, Self::Error>;

    /// Goodness of the candidates of the last example in one layer, from candidate 0 on, as many
    /// as `out` has room for.
    ///
    /// # Errors
    /// If there is no such layer, or there were fewer candidates.
    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<(), Self::Error>;

    /// Executes many examples in order. `each` is called once per example, in order, with its
    /// position in `examples` and its result.
    ///
    /// # Errors
    /// At the first illegal example: those before it have been executed and reported, it and
    /// those after it have had no effect.
    fn stream(
        &mut self,
        examples: &[Example<'_>],
        each: &mut dyn FnMut(usize, &ExampleResult),
    ) -> Result<(), Self::Error>;
}

//! A connected module behind the interface all modules share.

use crate::{Deku, Error, Pace, Transport};
use deku_ref::config::MAX_LAYERS;
use deku_ref::module::{Generators, Module};
use deku_ref::regs::{self, f};
use deku_ref::wire::ExampleResult;
use deku_ref::{Capabilities, Counters, Entry, Example, Inference, Outcome, Phases};
use deku_ref::{NetworkConfig, TrainConfig};

const NO_RIVAL: u32 = 255;

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// Executes one example.
    fn one(&mut self, example: &Example<'_>) -> Result<ExampleResult, Error<T::Error>> {
        let mut found = ExampleResult::default();
        self.stream([*example], |_, _, result| found = *result)?;
        Ok(found)
    }
}

impl<T: Transport, P: Pace, const FRAME: usize> Module for Deku<T, P, FRAME> {
    type Error = Error<T::Error>;

    fn capabilities(&mut self) -> Result<Capabilities, Self::Error> {
        Ok(self.capabilities)
    }

    fn configure(
        &mut self,
        network: &NetworkConfig,
        training: &TrainConfig,
    ) -> Result<(), Self::Error> {
        Deku::configure(self, network, training)
    }

    fn load_weights(&mut self, layer: usize, latents: &[u8]) -> Result<(), Self::Error> {
        self.load_latents(layer, latents)
    }

    fn read_weights(&mut self, layer: usize, out: &mut [u8]) -> Result<(), Self::Error> {
        self.read_latents(layer, out)
    }

    fn load_masks(&mut self, layer: usize, masks: &[u8]) -> Result<(), Self::Error> {
        self.load_class_masks(layer, masks)
    }

    fn generators(&mut self) -> Result<Generators, Self::Error> {
        self.generator_states()
    }

    fn set_generators(&mut self, generators: &Generators) -> Result<(), Self::Error> {
        self.set_generator_states(generators)
    }

    fn counters(&mut self) -> Result<Counters, Self::Error> {
        self.read_counters()
    }

    fn clear_counters(&mut self) -> Result<(), Self::Error> {
        self.clear()
    }

    fn infer(&mut self, input: &[Entry]) -> Result<Inference, Self::Error> {
        let phases = self.configured()?.config.phases();
        let overlay = phases.contains(Phases::OVERLAY) && !phases.contains(Phases::LABELLED);
        let result = self.one(&if overlay {
            Example::OverlayInfer { input, truth: None }
        } else {
            Example::Infer { input, truth: None }
        })?;
        Ok(Inference { class: result.class, goodness: result.other })
    }

    fn train(&mut self, example: &Example<'_>) -> Result<Outcome, Self::Error> {
        let result = self.one(example)?;
        let mut rivals = [None; MAX_LAYERS];
        if example.kind().trains() {
            let layers = self.configured()?.config.layers().len();
            let [drawn] = self.link.registers(regs::RIVALS.index)?;
            for (rival, field) in rivals.iter_mut().zip(&f::RIVAL).take(layers) {
                let drawn = field.get(drawn);
                *rival = (drawn != NO_RIVAL).then_some(drawn as u8);
            }
        }
        Ok(Outcome {
            class: result.class,
            rivals,
            updated: result.updated,
            goodness_other: result.other,
            goodness_truth: result.truth,
        })
    }

    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<(), Self::Error> {
        self.read_goodness(layer, out)
    }

    fn stream(
        &mut self,
        examples: &[Example<'_>],
        each: &mut dyn FnMut(usize, &ExampleResult),
    ) -> Result<(), Self::Error> {
        let examples = examples.iter().copied();
        Deku::stream(self, examples, |n, _, result| each(n, result)).map(|_| ())
    }
}

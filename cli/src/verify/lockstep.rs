//! One network in the reference and in a module.

use deku_ref::config::WORD_COLUMNS;
use deku_ref::wire::ExampleResult;
use deku_ref::{Counters, Example, Module, Placement};

use super::weights::WeightMemory;
use super::{Case, Difference};
use crate::backend::{empty_reference, Software};
use crate::error::Result;
use crate::hardware::Hardware;

/// The reference and a module with the same network.
pub struct Lockstep {
    reference: Software,
    hardware: Hardware,
    weights: Option<WeightMemory>,
    placement: Option<Placement>,
}

impl Lockstep {
    /// Compares a module; nothing is loaded yet.
    pub fn new(hardware: Hardware) -> Result<Self> {
        let slices = hardware.configuration.slices as usize;
        let weights = match &hardware.simulator {
            Some(simulator) => Some(WeightMemory::find(simulator, slices)?),
            None => None,
        };
        Ok(Self { reference: empty_reference()?, hardware, weights, placement: None })
    }

    /// The module.
    pub fn hardware(&mut self) -> &mut Hardware {
        &mut self.hardware
    }

    /// Loads a network into both.
    pub fn load(&mut self, case: &Case) -> Result<()> {
        load(&mut self.reference, case)?;
        self.hardware.driver.set_format(case.format)?;
        load(&mut *self.hardware.driver, case)?;
        self.placement = Some(case.network.placement(&self.hardware.configuration.capacity())?);
        Ok(())
    }

    /// Executes an example in both and compares everything.
    pub fn step(&mut self, example: &Example<'_>) -> Result<Option<Difference>> {
        let expected = self.reference.train(example)?;
        let found = self.hardware.driver.train(example)?;
        // In the order in which one follows from the other.
        if let Some(difference) = self.compare_goodness()? {
            return Ok(Some(difference));
        }
        let outcome = Difference::between("class", expected.class, found.class)
            .or_else(|| Difference::between("rivals", expected.rivals, found.rivals))
            .or_else(|| Difference::between("layers updated", expected.updated, found.updated))
            .or_else(|| {
                Difference::between(
                    "goodness of the truth",
                    expected.goodness_truth,
                    found.goodness_truth,
                )
            })
            .or_else(|| {
                Difference::between(
                    "goodness of the best other",
                    expected.goodness_other,
                    found.goodness_other,
                )
            });
        match outcome {
            Some(difference) => Ok(Some(difference)),
            None => self.compare_state(),
        }
    }

    /// Executes examples in one go, so that they queue in the module, and compares everything.
    /// The position of the example is that of the first wrong result, or past the end.
    pub fn burst(&mut self, examples: &[Example<'_>]) -> Result<Option<(usize, Difference)>> {
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        self.reference.stream(examples, &mut |_, r| expected.push(anonymous(r)))?;
        Module::stream(&mut *self.hardware.driver, examples, &mut |_, r| found.push(anonymous(r)))?;
        let wrong = expected.iter().zip(&found).position(|(e, f)| e != f);
        if let Some(n) = wrong {
            return Ok(Difference::between("result", expected[n], found[n]).map(|d| (n, d)));
        }
        Ok(self.compare_state()?.map(|d| (examples.len(), d)))
    }

    fn compare_state(&mut self) -> Result<Option<Difference>> {
        if let Some(difference) = self.compare_latents()? {
            return Ok(Some(difference));
        }
        if let Some(difference) = self.compare_goodness()? {
            return Ok(Some(difference));
        }
        let generators = Difference::between(
            "generator states",
            self.reference.generators()?,
            self.hardware.driver.generator_states()?,
        );
        let (expected, found) = (self.reference.counters()?, self.hardware.driver.read_counters()?);
        Ok(generators.or_else(|| self.compare_counters(&expected, &found)))
    }

    fn layers(&self) -> usize {
        self.reference.network().config().layers().len()
    }

    fn compare_goodness(&mut self) -> Result<Option<Difference>> {
        for layer in 0..self.layers() {
            let expected = self.reference.network().goodness(layer);
            let mut found = vec![0; expected.len()];
            self.hardware.driver.read_goodness(layer, &mut found)?;
            if let Some(c) = expected.iter().zip(&found).position(|(e, f)| e != f) {
                let what = format!("goodness of candidate {c}");
                return Ok(
                    Difference::between(&what, expected[c], found[c]).map(|d| d.in_layer(layer))
                );
            }
        }
        Ok(None)
    }

    fn compare_counters(&self, expected: &Counters, found: &Counters) -> Option<Difference> {
        let samples = Difference::between("counter of samples", expected.samples, found.samples);
        samples.or_else(|| {
            (0..self.layers()).find_map(|layer| {
                let pairs = [
                    ("counter of updates", expected.updates[layer], found.updates[layer]),
                    ("counter of flips", expected.flips[layer], found.flips[layer]),
                    ("counter of dead passes", expected.dead[layer], found.dead[layer]),
                    (
                        "largest accumulator",
                        expected.max_accumulator[layer].into(),
                        found.max_accumulator[layer].into(),
                    ),
                ];
                pairs
                    .into_iter()
                    .find_map(|(what, e, f)| Difference::between(what, e, f))
                    .map(|d| d.in_layer(layer))
            })
        })
    }

    /// Compares every latent through the back door, if there is one.
    fn compare_latents(&self) -> Result<Option<Difference>> {
        let (Some(weights), Some(placement)) = (&self.weights, &self.placement) else {
            return Ok(None);
        };
        let words = weights.read(placement.words)?;
        let network = self.reference.network();
        for (layer, (l, at)) in network.config().layers().iter().zip(placement.layers()).enumerate()
        {
            let latents = network.latents(layer);
            for (input, row) in latents.chunks_exact(l.columns).enumerate() {
                for (g, expected) in row.chunks(WORD_COLUMNS).enumerate() {
                    let found = &words[at.base + input * at.stride + g][..expected.len()];
                    if let Some(n) = expected.iter().zip(found).position(|(e, f)| e != f) {
                        let column = g * WORD_COLUMNS + n;
                        return Ok(Some(Difference::latent(
                            layer,
                            input,
                            column,
                            expected[n],
                            found[n],
                        )));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Reads every latent over the link and compares.
    pub fn compare_over_link(&mut self) -> Result<Option<Difference>> {
        for layer in 0..self.layers() {
            let expected = self.reference.network().latents(layer);
            let columns = self.reference.network().config().layers()[layer].columns;
            let mut found = vec![0; expected.len()];
            self.hardware.driver.read_latents(layer, &mut found)?;
            if let Some(at) = expected.iter().zip(&found).position(|(e, f)| e != f) {
                let (input, column) = (at / columns, at % columns);
                return Ok(Some(Difference::latent(layer, input, column, expected[at], found[at])));
            }
        }
        Ok(None)
    }
}

/// A result without its sequence number.
fn anonymous(result: &ExampleResult) -> ExampleResult {
    ExampleResult { sequence: 0, ..*result }
}

fn load<M: Module>(module: &mut M, case: &Case) -> Result<()>
where
    M::Error: Into<crate::error::Error>,
{
    module.configure(&case.network, &case.train).map_err(Into::into)?;
    for (layer, (masks, latents)) in case.masks.iter().zip(&case.latents).enumerate() {
        if !masks.is_empty() {
            module.load_masks(layer, masks).map_err(Into::into)?;
        }
        module.load_weights(layer, latents).map_err(Into::into)?;
    }
    Ok(())
}

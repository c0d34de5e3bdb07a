//! A module with a network in it: the same for the reference, the simulator and later boards.

mod queue;

use deku_ref::module::Generators;
use deku_ref::wire::ExampleResult;
use deku_ref::{Capabilities, Counters, Example, Module, NetworkConfig};

use crate::error::{Error, Result};
use crate::hardware::Driver;
use crate::model::Model;
use crate::watch::LinkHealth;
pub(crate) use queue::{with_lists, Queue};

/// Examples that are handed over together: software likes them in its cache, a link likes to be
/// kept busy.
const BATCH_SOFTWARE: usize = 64;
const BATCH_LINK: usize = 1024;

/// Takes results, in the order of the examples.
pub type Sink<'s> = &'s mut dyn FnMut(&ExampleResult);

/// A module that can be trained. Examples are pushed; their results may come later.
pub trait Session {
    /// What the module can do.
    fn capabilities(&mut self) -> Result<Capabilities>;

    /// Loads a model, generators included, and clears the counters.
    fn load(&mut self, model: &Model) -> Result<()>;

    /// Reads latents and generator states back into the model that was loaded.
    fn store(&mut self, model: &mut Model) -> Result<()>;

    /// Hands over one example.
    fn push(&mut self, example: &Example<'_>, sink: Sink<'_>) -> Result<()>;

    /// Waits for the results that are missing.
    fn flush(&mut self, sink: Sink<'_>) -> Result<()>;

    /// The module's counters; nothing may be under way.
    fn counters(&mut self) -> Result<Counters>;

    /// Goodness of the candidates of the last example in one layer.
    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<()>;

    /// States of the two generators.
    fn generators(&mut self) -> Result<Generators>;

    /// Clock cycles of the module so far, where there is a clock.
    fn cycles(&mut self) -> Result<Option<u64>>;

    /// How the link is, where there is one.
    fn link(&mut self) -> Option<LinkHealth>;
}

/// Counts clock cycles.
pub type Clock = Box<dyn FnMut() -> Result<u64>>;

/// Any [`Module`] as a session.
pub struct Batched<M> {
    module: M,
    clock: Option<Clock>,
    /// The driver of a module behind a link knows how that is.
    health: fn(&mut M) -> Option<LinkHealth>,
    queue: Queue,
    batch: usize,
}

impl<M: Module> Batched<M>
where
    M::Error: Into<Error>,
{
    /// A session with a module in software.
    pub fn software(module: M) -> Self {
        Self {
            module,
            clock: None,
            health: |_| None,
            queue: Queue::default(),
            batch: BATCH_SOFTWARE,
        }
    }

    /// The module, given back.
    pub fn into_module(self) -> M {
        self.module
    }
}

impl Batched<Driver> {
    /// A session with a module behind a link; `clock` counts its cycles.
    #[must_use]
    pub fn link(module: Driver, clock: Option<Clock>) -> Self {
        let health = |driver: &mut Driver| Some(LinkHealth::of(driver));
        Self { module, clock, health, queue: Queue::default(), batch: BATCH_LINK }
    }
}

impl<M: Module> Session for Batched<M>
where
    M::Error: Into<Error>,
{
    fn capabilities(&mut self) -> Result<Capabilities> {
        self.module.capabilities().map_err(Into::into)
    }

    fn load(&mut self, model: &Model) -> Result<()> {
        load_model(&mut self.module, model)
    }

    fn store(&mut self, model: &mut Model) -> Result<()> {
        for (layer, weights) in model.layers.iter_mut().enumerate() {
            self.module.read_weights(layer, &mut weights.latents).map_err(Into::into)?;
        }
        let generators = self.generators()?;
        model.settings.rival_state = generators.rival;
        model.settings.round_state = generators.round;
        Ok(())
    }

    fn push(&mut self, example: &Example<'_>, sink: Sink<'_>) -> Result<()> {
        self.queue.push(example);
        if self.queue.len() < self.batch {
            return Ok(());
        }
        self.flush(sink)
    }

    fn flush(&mut self, sink: Sink<'_>) -> Result<()> {
        let outcome = self.module.stream(&self.queue.examples(), &mut |_, result| sink(result));
        self.queue.clear();
        outcome.map_err(Into::into)
    }

    fn counters(&mut self) -> Result<Counters> {
        self.module.counters().map_err(Into::into)
    }

    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<()> {
        self.module.goodness(layer, out).map_err(Into::into)
    }

    fn generators(&mut self) -> Result<Generators> {
        self.module.generators().map_err(Into::into)
    }

    fn cycles(&mut self) -> Result<Option<u64>> {
        self.clock.as_mut().map(|clock| clock()).transpose()
    }

    fn link(&mut self) -> Option<LinkHealth> {
        (self.health)(&mut self.module)
    }
}

/// Loads a model, generators included, and clears the counters.
pub fn load_model<M: Module>(module: &mut M, model: &Model) -> Result<()>
where
    M::Error: Into<Error>,
{
    let settings = &model.settings;
    let network: NetworkConfig = settings.network_config()?;
    module.configure(&network, &settings.train_config()?).map_err(Into::into)?;
    for (layer, weights) in model.layers.iter().enumerate() {
        if !weights.masks.is_empty() {
            module.load_masks(layer, &weights.masks).map_err(Into::into)?;
        }
        module.load_weights(layer, &weights.latents).map_err(Into::into)?;
    }
    let generators = Generators { rival: settings.rival_state, round: settings.round_state };
    module.set_generators(&generators).map_err(Into::into)?;
    module.clear_counters().map_err(Into::into)
}

//! A session that remembers every result.

use deku_ref::module::Generators;
use deku_ref::wire::ExampleResult;
use deku_ref::{Capabilities, Counters, Example};

use crate::error::Result;
use crate::model::Model;
use crate::session::{Session, Sink};
use crate::watch::LinkHealth;

/// Another session, and what came out of it.
pub struct Recorder {
    inner: Box<dyn Session>,
    /// Results in order, without sequence numbers.
    pub results: Vec<ExampleResult>,
}

impl Recorder {
    /// Remembers what `inner` answers.
    #[must_use]
    pub fn new(inner: Box<dyn Session>) -> Self {
        Self { inner, results: Vec::new() }
    }
}

impl Session for Recorder {
    fn capabilities(&mut self) -> Result<Capabilities> {
        self.inner.capabilities()
    }

    fn load(&mut self, model: &Model) -> Result<()> {
        self.inner.load(model)
    }

    fn store(&mut self, model: &mut Model) -> Result<()> {
        self.inner.store(model)
    }

    fn push(&mut self, example: &Example<'_>, sink: Sink<'_>) -> Result<()> {
        let results = &mut self.results;
        self.inner.push(example, &mut |r| {
            results.push(ExampleResult { sequence: 0, ..*r });
            sink(r);
        })
    }

    fn flush(&mut self, sink: Sink<'_>) -> Result<()> {
        let results = &mut self.results;
        self.inner.flush(&mut |r| {
            results.push(ExampleResult { sequence: 0, ..*r });
            sink(r);
        })
    }

    fn counters(&mut self) -> Result<Counters> {
        self.inner.counters()
    }

    fn goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<()> {
        self.inner.goodness(layer, out)
    }

    fn generators(&mut self) -> Result<Generators> {
        self.inner.generators()
    }

    fn cycles(&mut self) -> Result<Option<u64>> {
        self.inner.cycles()
    }

    fn link(&mut self) -> Option<LinkHealth> {
        self.inner.link()
    }
}

//! Many examples in one go over a link that may be bad: afterwards everything must be as if the
//! reference had computed each of them once.

use std::fmt::Debug;
use std::ops::Range;

use deku_cli::verify::WeightMemory;
use deku_driver::{Deku, Pace, Transport};
use deku_ref::config::WORD_COLUMNS;
use deku_ref::reference::Reference;
use deku_ref::sample::Format;
use deku_ref::wire::ExampleResult;
use deku_ref::{Capacity, Module, OwnedMemory, Xorshift32};
use deku_sim::{FaultPlan, Simulator};

use crate::case::{below, Case, OwnedExample};
use crate::lockstep::{candidates, load, same, same_latents, state};

/// The reference with memories on the heap.
pub type Software = Reference<OwnedMemory>;

/// What is streamed.
pub struct Stream {
    /// Network and contents.
    pub case: Case,
    /// How samples travel.
    pub format: Format,
    /// The examples.
    pub examples: Vec<OwnedExample>,
}

impl Stream {
    /// A random network that fits `capacity`, and `count` examples.
    #[must_use]
    pub fn draw(random: &mut Xorshift32, capacity: &Capacity, count: usize) -> Self {
        let case = Case::draw(random, capacity);
        let formats = [Format::Raw, Format::PackedSigned, Format::IndexList];
        let format = formats[below(random, formats.len())];
        let examples = (0..count).map(|_| case.example(random)).collect();
        Self { case, format, examples }
    }

    /// What the reference makes of it.
    ///
    /// # Panics
    /// If the reference refuses a legal case.
    #[must_use]
    pub fn expected(&self) -> (Software, Vec<ExampleResult>) {
        let mut reference = Software::new(&self.case.network, &self.case.training).expect("legal");
        load(&mut reference, &self.case).expect("a legal case");
        let examples: Vec<_> = self.examples.iter().map(OwnedExample::get).collect();
        let mut results = Vec::new();
        let done = reference.stream(&examples, &mut |_, r| results.push(anonymous(r)));
        done.expect("legal examples");
        (reference, results)
    }

    /// Loads the case and streams its examples with `faults`, then compares without faults.
    ///
    /// # Errors
    /// The first difference, or the driver's error.
    pub fn check<T: Transport, P: Pace>(
        &self,
        sim: &Simulator,
        deku: &mut Deku<T, P>,
        slices: usize,
        faults: &FaultPlan,
    ) -> Result<(), String> {
        let set = |plan: &FaultPlan| sim.set_faults(plan).map_err(|e| e.to_string());
        set(faults)?;
        load(deku, &self.case).map_err(|e| format!("loading: {e}"))?;
        deku.set_format(self.format).map_err(|e| format!("setting the format: {e}"))?;
        let mut results = Vec::new();
        self.stream_from(deku, 0, &mut results).map_err(|e| format!("streaming: {e}"))?;
        set(&FaultPlan::none())?;
        self.compare(sim, deku, slices, &results)
    }

    /// Streams the examples from number `first` on.
    ///
    /// # Errors
    /// The driver's; `results` has what was executed before.
    pub fn stream_from<T: Transport, P: Pace>(
        &self,
        deku: &mut Deku<T, P>,
        first: usize,
        results: &mut Vec<ExampleResult>,
    ) -> Result<usize, deku_driver::Error<T::Error>> {
        self.stream_part(deku, first..self.examples.len(), results)
    }

    /// Streams some of the examples.
    ///
    /// # Errors
    /// The driver's; `results` has what was executed before.
    pub fn stream_part<T: Transport, P: Pace>(
        &self,
        deku: &mut Deku<T, P>,
        part: Range<usize>,
        results: &mut Vec<ExampleResult>,
    ) -> Result<usize, deku_driver::Error<T::Error>> {
        let examples = self.examples[part].iter().map(OwnedExample::get);
        deku.stream(examples, |_, _, r| results.push(anonymous(r)))
    }

    /// Compares results and the whole state with the reference's, latents also past the link.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare<T: Transport, P: Pace>(
        &self,
        sim: &Simulator,
        deku: &mut Deku<T, P>,
        slices: usize,
        results: &[ExampleResult],
    ) -> Result<(), String> {
        let (mut reference, expected) = self.expected();
        same("number of results", &expected.len(), &results.len())?;
        for (n, (expected, got)) in expected.iter().zip(results).enumerate() {
            same(&format!("result of example {n}"), expected, got)?;
        }
        let last = self.examples.last().map_or(1, |e| candidates(&self.case, e.get().kind()));
        self.compare_latents(sim, slices, &reference, deku.identity().capacity)?;
        state(&mut reference, deku, &self.case, last)
    }

    /// Compares every latent through the back door.
    fn compare_latents(
        &self,
        sim: &Simulator,
        slices: usize,
        reference: &Software,
        capacity: Capacity,
    ) -> Result<(), String> {
        let told = |e: &dyn Debug| format!("{e:?}");
        let placement = self.case.network.placement(&capacity).map_err(|e| told(&e))?;
        let memory = WeightMemory::find(sim, slices).map_err(|e| told(&e))?;
        let words = memory.read(placement.words).map_err(|e| told(&e))?;
        for (layer, (l, at)) in
            self.case.network.layers().iter().zip(placement.layers()).enumerate()
        {
            let column = |i: usize, c: usize| {
                words[at.base + i * at.stride + c / WORD_COLUMNS][c % WORD_COLUMNS]
            };
            let got: Vec<u8> =
                (0..l.inputs * l.columns).map(|k| column(k / l.columns, k % l.columns)).collect();
            same_latents(layer, l.columns, reference.network().latents(layer), &got)?;
        }
        Ok(())
    }
}

/// A result without its sequence number.
#[must_use]
pub fn anonymous(result: &ExampleResult) -> ExampleResult {
    ExampleResult { sequence: 0, ..*result }
}

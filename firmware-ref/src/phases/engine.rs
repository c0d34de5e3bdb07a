//! The steps that the phases are made of.

use super::input::{list_of_codes, Input, LabelRows};
use crate::config::MAX_LAYERS;
use crate::counters::Counters;
use crate::layer::{self, Span, Weights};
use crate::list::Entry;
use crate::memory::{Memory, Storage};
use crate::network::Network;
use crate::noise::noise;
use crate::outcome::{Inference, Outcome, Ranking};
use crate::prng::Xorshift32;

/// What a forward pass does with the squares of a layer.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// Goodness of every class.
    Classes,
    /// The sum of all squares is the goodness of this candidate.
    Candidate(usize),
    /// Nothing: a recomputation, which is not counted either.
    Nothing,
}

/// A network at work on one example.
pub(super) struct Engine<'e> {
    memory: Memory<'e>,
    spans: &'e [Span],
    labels: LabelRows,
    temperature: u8,
    counters: &'e mut Counters,
    rival: &'e mut Xorshift32,
    round: &'e mut Xorshift32,
    /// Most columns of a layer: distance of the three parts of [`Memory::sums`].
    widest: usize,
    /// Length of a row of goodness.
    stride: usize,
    candidates: usize,
}

impl<S: Storage> Network<S> {
    /// The engine, for an example with so many candidates.
    pub(super) fn engine(&mut self, candidates: usize) -> Engine<'_> {
        self.candidates = candidates;
        let config = &self.config;
        Engine {
            memory: self.storage.memory(),
            spans: &self.spans[..config.layers().len()],
            labels: LabelRows { first: config.record_inputs(), copies: config.copies() },
            temperature: self.train.temperature,
            counters: &mut self.counters,
            rival: &mut self.rival,
            round: &mut self.round,
            widest: config.layers().iter().map(|l| l.columns).max().unwrap_or(0),
            stride: config.candidates(),
            candidates,
        }
    }
}

impl Engine<'_> {
    /// Layers of the stack.
    pub fn layers(&self) -> usize {
        self.spans.len()
    }

    /// Candidates of the example.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// Largest accumulator of a layer (0 if none is positive) and length of its list, given the
    /// codes of the layer below in bank 0. Leaves the codes of the layer itself as they are.
    pub fn probe(&mut self, layer: usize, input: Input<'_>) -> (u16, usize) {
        self.accumulate(layer, input, 0);
        let m = &mut self.memory;
        let largest = m.sums[..self.spans[layer].columns].iter().copied().max();
        let list = list_of(layer, self.spans, input, m.codes, 0, m.entries);
        (largest.unwrap_or(0).max(0) as u16, list.len())
    }

    /// Computes the accumulators of layer 0 that all candidates of a label overlay share.
    pub fn share(&mut self, list: &[Entry]) {
        let span = self.spans[0];
        let shared = &mut self.memory.sums[self.widest..][..span.columns];
        shared.fill(0);
        let trits = &self.memory.trits[span.latents()];
        layer::accumulate(list, trits, shared, self.memory.partials, self.memory.rows);
    }

    /// Forward pass through layers 0..`layers`; codes go to `bank`. An input with a label needs
    /// [`Engine::share`] before.
    pub fn forward(&mut self, input: Input<'_>, layers: usize, bank: usize, measure: Measure) {
        for layer in 0..layers {
            self.accumulate(layer, input, bank);
            let largest = self.activate(layer, bank);
            if !matches!(measure, Measure::Nothing) {
                let dead = self.spans[layer].scale.is_dead(largest);
                self.counters.pass(layer, largest, dead);
            }
            self.measure(layer, measure);
        }
    }

    fn accumulate(&mut self, layer: usize, input: Input<'_>, bank: usize) {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let (sums, shared) = m.sums.split_at_mut(self.widest);
        let sums = &mut sums[..span.columns];
        let list = match (layer, input.label) {
            (0, Some(label)) => {
                sums.copy_from_slice(&shared[..span.columns]);
                self.labels.write(label, m.entries)
            }
            _ => {
                sums.fill(0);
                list_of(layer, self.spans, input, m.codes, bank, m.entries)
            }
        };
        layer::accumulate(list, &m.trits[span.latents()], sums, m.partials, m.rows);
    }

    fn activate(&mut self, layer: usize, bank: usize) -> u16 {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let codes = &mut m.codes[span.codes(bank)];
        let squares = &mut m.squares[..span.columns];
        layer::activate(&m.sums[..span.columns], span.scale, codes, squares)
    }

    fn measure(&mut self, layer: usize, measure: Measure) {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let goodness = &mut m.goodness[layer * self.stride..][..self.candidates];
        let squares = &m.squares[..span.columns];
        match measure {
            Measure::Classes => layer::class_goodness(squares, &m.masks[span.masks()], goodness),
            Measure::Candidate(c) => goodness[c] = layer::total_goodness(squares),
            Measure::Nothing => {}
        }
    }

    /// Gives a candidate a constant goodness in every layer.
    pub fn set_goodness(&mut self, candidate: usize, goodness: u32) {
        for layer in 0..self.spans.len() {
            self.memory.goodness[layer * self.stride + candidate] = goodness;
        }
    }

    /// Sums the goodness of every candidate over the layers and ranks the sums.
    pub fn rank(&mut self, truth: Option<u8>) -> Ranking {
        let (layers, sums) = self.memory.goodness.split_at_mut(self.spans.len() * self.stride);
        let sums = &mut sums[..self.candidates];
        sums.fill(0);
        for row in layers.chunks_exact(self.stride) {
            for (sum, g) in sums.iter_mut().zip(row) {
                *sum += g;
            }
        }
        Ranking::of(sums, truth)
    }

    /// The prediction, without a truth.
    pub fn predict(&mut self) -> Inference {
        let Ranking { class, other, .. } = self.rank(None);
        Inference { class, goodness: other }
    }

    /// Draws the rival of every layer, ascending (recipe, section 4): argmax of goodness plus
    /// noise, lowest index wins.
    pub fn draw(&mut self) -> [Option<u8>; MAX_LAYERS] {
        let mut rivals = [None; MAX_LAYERS];
        let rows = self.memory.goodness.chunks_exact(self.stride).take(self.spans.len());
        for (row, drawn) in rows.zip(&mut rivals) {
            let (mut rival, mut best) = (0, i32::MIN);
            for (c, &g) in row[..self.candidates].iter().enumerate() {
                let noisy = g as i32 + noise(self.rival.next_byte(), self.temperature);
                if noisy > best {
                    (rival, best) = (c as u8, noisy);
                }
            }
            *drawn = Some(rival);
        }
        rivals
    }

    /// Sets the factors of a layer to the codes of `bank`, times `sign`.
    pub fn factors_of_input(&mut self, layer: usize, bank: usize, sign: i16) {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let factors = &mut m.sums[2 * self.widest..][..span.columns];
        for (d, &y) in factors.iter_mut().zip(&m.codes[span.codes(bank)]) {
            *d = sign * i16::from(y);
        }
    }

    /// Sets the factors of a layer to the codes of bank 0 in `positive`'s columns, minus those in
    /// `negative`'s.
    pub fn factors_of_classes(&mut self, layer: usize, positive: u8, negative: u8) {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let factors = &mut m.sums[2 * self.widest..][..span.columns];
        let positive = &m.masks[span.mask(positive.into())];
        let negative = &m.masks[span.mask(negative.into())];
        let masks = positive.iter().zip(negative);
        for ((d, &y), (&p, &n)) in factors.iter_mut().zip(&m.codes[span.codes(0)]).zip(masks) {
            *d = i16::from(y & p) - i16::from(y & n);
        }
    }

    /// Updates a layer with its factors and its list: the input, or the codes of the layer below
    /// in `bank`.
    pub fn update(&mut self, layer: usize, input: Input<'_>, bank: usize, shift: u8) {
        let span = self.spans[layer];
        let m = &mut self.memory;
        let list = match (layer, input.label) {
            (0, Some(label)) => {
                let (rows, labels) = m.entries.split_at_mut(input.list.len());
                rows.copy_from_slice(input.list);
                let length = rows.len() + self.labels.write(label, labels).len();
                &m.entries[..length]
            }
            _ => list_of(layer, self.spans, input, m.codes, bank, m.entries),
        };
        let factors = &m.sums[2 * self.widest..][..span.columns];
        let weights = Weights {
            latents: &mut m.latents[span.latents()],
            trits: &mut m.trits[span.latents()],
        };
        let flips = layer::update(weights, list, factors, shift, self.round);
        self.counters.flip(layer, flips);
    }

    /// Counts the example and puts its outcome together.
    pub fn finish(self, ranking: Ranking, truth: u8, rivals: [Option<u8>; MAX_LAYERS]) -> Outcome {
        self.counters.samples = self.counters.samples.wrapping_add(1);
        let mut updated = 0;
        for (layer, _) in updates(rivals, truth) {
            updated |= 1 << layer;
            self.counters.update(layer);
        }
        Outcome {
            class: ranking.class,
            rivals,
            updated,
            goodness_other: ranking.other,
            goodness_truth: ranking.truth,
        }
    }
}

/// Layers whose rival is not the truth, with the rival, ascending.
pub(super) fn updates(
    rivals: [Option<u8>; MAX_LAYERS],
    truth: u8,
) -> impl Iterator<Item = (usize, u8)> {
    let drawn = rivals.into_iter().enumerate().filter_map(|(layer, r)| r.map(|r| (layer, r)));
    drawn.filter(move |&(_, rival)| rival != truth)
}

/// The list of a layer: the record's, or the codes of the layer below.
fn list_of<'l>(
    layer: usize,
    spans: &[Span],
    input: Input<'l>,
    codes: &[u8],
    bank: usize,
    entries: &'l mut [Entry],
) -> &'l [Entry] {
    match layer.checked_sub(1) {
        None => input.list,
        Some(below) => list_of_codes(&codes[spans[below].codes(bank)], entries),
    }
}

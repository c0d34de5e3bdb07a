//! The samples in the order in which they are learned, with jitter and drop: the host's stream of
//! docs/theory_of_operation.md, section 1.

use deku_ref::init::{shuffle, Variation};
use deku_ref::{Entry, Xorshift32};

use crate::data::Samples;
use crate::model::{Host, Order, Settings};

/// An endless stream of samples.
#[derive(Debug)]
pub struct Stream<'d> {
    samples: &'d Samples,
    order: Vec<usize>,
    shuffled: bool,
    variation: Variation,
    /// Classes to draw a wrong label from, for the phases that need one.
    wrong: Option<u32>,
    random: Xorshift32,
    drawn: u64,
    list: Vec<Entry>,
}

/// One sample of the stream.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'s> {
    /// Its non-zero inputs after jitter and drop.
    pub list: &'s [Entry],
    /// Its class.
    pub label: u8,
    /// Another class, for the phases that need one.
    pub wrong: u8,
}

impl<'d> Stream<'d> {
    /// The stream from its start: `drawn` is 0 and the generator stands at `host.start`.
    #[must_use]
    pub fn new(settings: &Settings, samples: &'d Samples, side: Option<usize>) -> Self {
        let host = &settings.host;
        let size = side.map_or((1, 1), |s| (s as u16, s as u16));
        // Without an image every input is a pixel of one long row, which drop leaves in place.
        let size = if side.is_some() { size } else { (u16::MAX >> 1, 1) };
        let longest = (0..samples.len()).map(|n| samples.list(n).len()).max().unwrap_or(0);
        Self {
            samples,
            order: (0..samples.len()).collect(),
            shuffled: host.order == Order::Shuffled,
            variation: Variation { size, jitter: host.jitter, drop: host.drop },
            wrong: settings.phase.draws_wrong_label().then_some(settings.classes as u32),
            random: Xorshift32::derived(host.start),
            drawn: 0,
            list: vec![Entry::default(); longest],
        }
    }

    /// Goes on to where `host` stands; `false` if this is not the stream that it came from.
    #[must_use]
    pub fn replay(&mut self, host: &Host) -> bool {
        while self.drawn < host.drawn {
            self.next();
        }
        self.random.state() == host.state
    }

    /// State of the generator.
    #[must_use]
    pub fn state(&self) -> u32 {
        self.random.state()
    }

    /// Samples taken so far.
    #[must_use]
    pub fn drawn(&self) -> u64 {
        self.drawn
    }

    /// The next sample.
    #[allow(clippy::should_implement_trait)] // lends from the stream
    pub fn next(&mut self) -> Drawn<'_> {
        let position = (self.drawn % self.order.len() as u64) as usize;
        if position == 0 && self.shuffled {
            shuffle(&mut self.order, &mut self.random);
        }
        self.drawn += 1;
        let n = self.order[position];
        let label = self.samples.label(n);
        let length = self.variation.apply(self.samples.list(n), &mut self.random, &mut self.list);
        let wrong = self.wrong.map_or(label, |classes| {
            let step = self.random.next() % (classes - 1).max(1);
            ((u32::from(label) + 1 + step) % classes) as u8
        });
        Drawn { list: &self.list[..length], label, wrong }
    }
}

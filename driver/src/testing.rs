//! A link that injects faults, for tests.

use crate::Transport;
use deku_ref::Xorshift32;

/// How bad a link is. Probabilities are in units of 2^-32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A bit to the module is flipped.
    pub to_module: u32,
    /// A bit from the module is flipped.
    pub from_module: u32,
    /// Chip select rises within the frame; the rest of the answer is FF.
    pub cut: u32,
    /// Chip select rises for a moment: the module sees two frames.
    pub split: u32,
    /// The module misses one clock: all later bits are shifted, in both directions.
    pub slip: u32,
    /// The answer gets lost: the host's interface reports an error.
    pub lost: u32,
}

/// The error of a frame whose answer got lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// What was injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// Frames that passed unharmed.
    pub clean: u64,
    /// Bits flipped, frames cut, split, slipped and lost.
    pub faults: u64,
}

/// A transport with faults in front of a good one.
#[derive(Clone, Debug)]
pub struct Faulty<T> {
    inner: T,
    /// What happens from now on.
    pub faults: Faults,
    /// What has happened.
    pub injected: Injected,
    /// Longest frame.
    pub max_frame: usize,
    random: Xorshift32,
}

impl<T: Transport> Faulty<T> {
    /// Faults in front of `inner`, drawn from `seed`.
    pub fn new(inner: T, faults: Faults, seed: u32) -> Self {
        let max_frame = inner.max_frame();
        let injected = Injected::default();
        Self { inner, faults, injected, max_frame, random: Xorshift32::derived(seed) }
    }

    /// The good transport.
    pub fn inner(&mut self) -> &mut T {
        &mut self.inner
    }

    fn draw(&mut self, probability: u32) -> bool {
        let drawn = self.random.next() < probability;
        self.injected.faults += u64::from(drawn);
        drawn
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.next() as usize % end.max(1)
    }

    /// Flips bits.
    fn flip(&mut self, bytes: &mut [u8], probability: u32) {
        if probability == 0 {
            return;
        }
        for byte in bytes {
            for bit in 0..8 {
                if self.draw(probability) {
                    *byte ^= 1 << bit;
                }
            }
        }
    }

    fn pass(&mut self, frame: &mut [u8]) -> Result<(), Lost> {
        self.inner.exchange(frame).map_err(|_| Lost)
    }

    fn pass_with_faults(&mut self, frame: &mut [u8]) -> Result<(), Lost> {
        let at = self.below(frame.len());
        if self.draw(self.faults.cut) {
            let (seen, unseen) = frame.split_at_mut(at);
            unseen.fill(0xFF);
            return self.pass(seen);
        }
        if self.draw(self.faults.split) {
            let (one, two) = frame.split_at_mut(at);
            self.pass(one)?;
            return self.pass(two);
        }
        if self.draw(self.faults.slip) {
            shift_left(&mut frame[at..]);
            self.pass(frame)?;
            shift_left(&mut frame[at..]);
            return Ok(());
        }
        self.pass(frame)
    }
}

/// Drops the first bit.
fn shift_left(bytes: &mut [u8]) {
    let mut carry = 0;
    for byte in bytes.iter_mut().rev() {
        let out = *byte >> 7;
        *byte = *byte << 1 | carry;
        carry = out;
    }
}

impl<T: Transport> Transport for Faulty<T> {
    type Error = Lost;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Lost> {
        let before = self.injected.faults;
        self.flip(frame, self.faults.to_module);
        self.pass_with_faults(frame)?;
        self.flip(frame, self.faults.from_module);
        if self.draw(self.faults.lost) {
            return Err(Lost);
        }
        self.injected.clean += u64::from(self.injected.faults == before);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        self.max_frame
    }
}

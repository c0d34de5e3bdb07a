//! The memories a network works in. The caller owns them; [`Sizes::of`] says how long they are.

use crate::config::{NetworkConfig, Phases};
use crate::layer::BINS_LENGTH;
use crate::list::Entry;
use crate::masks::MaskRule;

/// Lengths of the memories of a network, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// [`Memory::latents`] and [`Memory::trits`]: inputs x columns, summed over the layers.
    pub latents: usize,
    /// [`Memory::masks`]: classes x columns, summed over the layers (0 without labelled phase).
    pub masks: usize,
    /// [`Memory::codes`]: columns of all layers, once per bank (1 + layers, at least 2).
    pub codes: usize,
    /// [`Memory::entries`]: the most inputs of a layer.
    pub entries: usize,
    /// [`Memory::rows`]: three times the most columns of a layer, at least 2048.
    pub rows: usize,
    /// [`Memory::partials`] and [`Memory::squares`]: the most columns of a layer.
    pub columns: usize,
    /// [`Memory::sums`]: the most columns of a layer, three times.
    pub sums: usize,
    /// [`Memory::goodness`]: candidates x (layers + 1).
    pub goodness: usize,
}

impl Sizes {
    /// Lengths for a network.
    #[must_use]
    pub fn of(config: &NetworkConfig) -> Self {
        let layers = config.layers();
        let columns = config.columns();
        let masks = config.phases().contains(Phases::LABELLED);
        let widest = layers.iter().map(|l| l.columns).max().unwrap_or(0);
        Self {
            latents: config.latents(),
            masks: if masks { config.classes() * columns } else { 0 },
            codes: columns * (1 + layers.len()),
            entries: layers.iter().map(|l| l.inputs).max().unwrap_or(0),
            rows: BINS_LENGTH.max(MaskRule::scratch(widest)),
            columns: widest,
            sums: 3 * widest,
            goodness: config.candidates() * (layers.len() + 1),
        }
    }
}

/// Memories of a network; each may be longer than [`Sizes`] says. Contents need not be
/// initialised to anything: [`crate::Network::new`] clears them.
#[derive(Debug)]
pub struct Memory<'m> {
    /// Latents, layer by layer, row-major `[inputs][columns]`.
    pub latents: &'m mut [u8],
    /// Ternary weights (-1, 0, 1), a copy of the latents' top bits in the same order.
    pub trits: &'m mut [i8],
    /// Class masks, layer by layer, `[classes][columns]`: 0xFF = the column belongs to the class.
    pub masks: &'m mut [u8],
    /// Activities as twice the value (0..=12), bank by bank, layer by layer.
    pub codes: &'m mut [u8],
    /// Scratch: list of a layer's inputs.
    pub entries: &'m mut [Entry],
    /// Scratch: rows sorted by code.
    pub rows: &'m mut [u16],
    /// Scratch per column: sums of trits.
    pub partials: &'m mut [i8],
    /// Scratch per column: squared activities.
    pub squares: &'m mut [u8],
    /// Scratch per column: accumulators, shared accumulators, factors.
    pub sums: &'m mut [i16],
    /// Goodness `[layers + 1][candidates]`; the last row is the sum over the layers.
    pub goodness: &'m mut [u32],
}

/// The part of the memories that a network shows.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'m> {
    /// See [`Memory::latents`].
    pub latents: &'m [u8],
    /// See [`Memory::masks`].
    pub masks: &'m [u8],
    /// See [`Memory::codes`].
    pub codes: &'m [u8],
    /// See [`Memory::goodness`].
    pub goodness: &'m [u32],
}

/// Something that owns or borrows the memories: [`Memory`] itself, or `OwnedMemory` (feature
/// `alloc`).
pub trait Storage {
    /// The memories.
    fn memory(&mut self) -> Memory<'_>;
    /// The memories, to look at.
    fn contents(&self) -> Contents<'_>;
    /// Makes the memories as long as this, contents undefined, if it can: borrowed ones stay as
    /// they are.
    fn resize(&mut self, sizes: &Sizes) {
        let _ = sizes;
    }
}

impl Storage for Memory<'_> {
    fn memory(&mut self) -> Memory<'_> {
        Memory {
            latents: self.latents,
            trits: self.trits,
            masks: self.masks,
            codes: self.codes,
            entries: self.entries,
            rows: self.rows,
            partials: self.partials,
            squares: self.squares,
            sums: self.sums,
            goodness: self.goodness,
        }
    }

    fn contents(&self) -> Contents<'_> {
        Contents {
            latents: self.latents,
            masks: self.masks,
            codes: self.codes,
            goodness: self.goodness,
        }
    }
}

#[cfg(any(feature = "alloc", test))]
mod owned {
    use super::{Contents, Entry, Memory, NetworkConfig, Sizes, Storage};
    use alloc::{vec, vec::Vec};

    /// Memories on the heap, just long enough for one network.
    #[derive(Clone, Debug)]
    pub struct OwnedMemory {
        latents: Vec<u8>,
        trits: Vec<i8>,
        masks: Vec<u8>,
        codes: Vec<u8>,
        entries: Vec<Entry>,
        rows: Vec<u16>,
        partials: Vec<i8>,
        squares: Vec<u8>,
        sums: Vec<i16>,
        goodness: Vec<u32>,
    }

    impl OwnedMemory {
        /// Memories for a network of this shape.
        #[must_use]
        pub fn new(config: &NetworkConfig) -> Self {
            Self::of_sizes(&Sizes::of(config))
        }

        /// Memories of these lengths.
        #[must_use]
        pub fn of_sizes(sizes: &Sizes) -> Self {
            Self {
                latents: vec![0; sizes.latents],
                trits: vec![0; sizes.latents],
                masks: vec![0; sizes.masks],
                codes: vec![0; sizes.codes],
                entries: vec![Entry::default(); sizes.entries],
                rows: vec![0; sizes.rows],
                partials: vec![0; sizes.columns],
                squares: vec![0; sizes.columns],
                sums: vec![0; sizes.sums],
                goodness: vec![0; sizes.goodness],
            }
        }
    }

    impl Storage for OwnedMemory {
        fn memory(&mut self) -> Memory<'_> {
            Memory {
                latents: &mut self.latents,
                trits: &mut self.trits,
                masks: &mut self.masks,
                codes: &mut self.codes,
                entries: &mut self.entries,
                rows: &mut self.rows,
                partials: &mut self.partials,
                squares: &mut self.squares,
                sums: &mut self.sums,
                goodness: &mut self.goodness,
            }
        }

        fn contents(&self) -> Contents<'_> {
            Contents {
                latents: &self.latents,
                masks: &self.masks,
                codes: &self.codes,
                goodness: &self.goodness,
            }
        }

        fn resize(&mut self, sizes: &Sizes) {
            let old = Sizes {
                latents: self.latents.len(),
                masks: self.masks.len(),
                codes: self.codes.len(),
                entries: self.entries.len(),
                rows: self.rows.len(),
                columns: self.squares.len(),
                sums: self.sums.len(),
                goodness: self.goodness.len(),
            };
            if old != *sizes {
                *self = Self::of_sizes(sizes);
            }
        }
    }
}

#[cfg(any(feature = "alloc", test))]
pub use owned::OwnedMemory;

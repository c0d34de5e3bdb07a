//! The word memory and the network that computes with it: which of them is newer, and copying
//! one into the other.

use super::device::ReferenceDevice;
use super::DeviceStorage;
use crate::config::{NetworkConfig, Phases, WORD_COLUMNS};
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::settings::{read_train, Layout};
use crate::wire::latents::{pack, unpack, WORD_BYTES};

/// Which of the two copies is the right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Newest {
    /// The registers describe another network than before.
    #[default]
    Registers,
    /// Words or masks were written.
    Memory,
    /// Both copies are the same.
    Both,
    /// The network was trained.
    Network,
    /// The registers describe no network that works.
    Illegal,
}

/// State of the two copies.
#[derive(Clone, Debug, Default)]
pub(super) struct Sync {
    newest: Newest,
    layout: Option<Layout>,
}

impl Sync {
    /// Whether the network computes with what the memories hold.
    pub fn is_current(&self) -> bool {
        matches!(self.newest, Newest::Both | Newest::Network)
    }

    /// Registers of the network have changed. Call [`Sync::flush`] before.
    pub fn registers_written(&mut self) {
        self.newest = Newest::Registers;
    }

    /// Words or masks have changed. Call [`Sync::flush`] before.
    pub fn memory_written(&mut self) {
        if self.is_current() {
            self.newest = Newest::Memory;
        }
    }

    /// The network was trained.
    pub fn trained(&mut self) {
        self.newest = Newest::Network;
    }

    /// Brings the words up to date. Padding columns keep what was written.
    pub fn flush<S: Storage>(&mut self, network: &Network<S>, words: &mut [[u8; WORD_BYTES]]) {
        if self.newest != Newest::Network {
            return;
        }
        self.newest = Newest::Both;
        let Some(layout) = &self.layout else { return };
        for (layer, l) in layout.layers().iter().enumerate() {
            let rows = network.latents(layer).chunks_exact(l.columns).enumerate();
            for (row, latents) in rows {
                let row = &mut words[layout.row(layer, row)..];
                for (columns, word) in latents.chunks(WORD_COLUMNS).zip(row) {
                    let mut all = unpack(word);
                    all[..columns.len()].copy_from_slice(columns);
                    *word = pack(&all);
                }
            }
        }
    }
}

impl<D: DeviceStorage, S: Storage> ReferenceDevice<D, S> {
    /// Brings the network up to date; `None` if the registers describe none that works.
    pub(super) fn up_to_date(&mut self) -> Option<&mut Network<S>> {
        if self.sync.newest == Newest::Registers {
            let layout = self.reshape().ok();
            self.sync.newest = if layout.is_some() { Newest::Memory } else { Newest::Illegal };
            self.sync.layout = layout;
        }
        if self.sync.newest == Newest::Memory {
            let loaded = self.load();
            self.sync.newest = if loaded.is_ok() { Newest::Both } else { Newest::Illegal };
        }
        self.sync.is_current().then_some(&mut self.network)
    }

    /// Makes the network what the registers describe. Generators and counters go on.
    fn reshape(&mut self) -> Result<Layout, NetworkError> {
        let registers = |index: u16| self.registers[usize::from(index)];
        let mut layout = Layout::read(registers)?;
        let train = read_train(registers, self.network.train_config());
        let m = self.memory.memory();
        check_words(&layout, m.words.len())?;
        if !masks_fit(&layout, m.masks.len()) {
            layout.config = without_masks(&layout.config)?;
        }
        let (rival, round) = (self.network.rival_state(), self.network.round_state());
        let counters = *self.network.counters();
        self.network.reshape(&layout.config, &train)?;
        *self.network.counters_mut() = counters;
        self.network.set_rival_state(rival)?;
        self.network.set_round_state(round)?;
        Ok(layout)
    }

    /// Copies words and masks into the network.
    fn load(&mut self) -> Result<(), NetworkError> {
        let Some(layout) = &self.sync.layout else { return Ok(()) };
        let m = self.memory.memory();
        for (layer, l) in layout.layers().iter().enumerate() {
            for row in 0..l.inputs {
                let words = &m.words[layout.row(layer, row)..];
                let starts = (0..l.columns).step_by(WORD_COLUMNS);
                for (start, word) in starts.zip(words) {
                    let columns = (l.columns - start).min(WORD_COLUMNS);
                    let latents = &unpack(word)[..columns];
                    self.network.load_latents(layer, row * l.columns + start, latents)?;
                }
            }
        }
        load_masks(layout, m.masks, &mut self.network)
    }
}

fn load_masks<S: Storage>(
    layout: &Layout,
    masks: &[u32],
    network: &mut Network<S>,
) -> Result<(), NetworkError> {
    if !layout.config.phases().contains(Phases::LABELLED) {
        return Ok(());
    }
    for (layer, l) in layout.layers().iter().enumerate() {
        for word in 0..l.columns.div_ceil(WORD_COLUMNS) {
            let first = l.mask_base + (word << layout.class_bits);
            for class in 0..layout.config.classes() {
                network.set_mask_word(layer, class, word, masks[first + class])?;
            }
        }
    }
    Ok(())
}

/// Every row must be inside the memory.
fn check_words(layout: &Layout, available: usize) -> Result<(), NetworkError> {
    for (layer, l) in layout.layers().iter().enumerate() {
        let words = l.columns.div_ceil(WORD_COLUMNS);
        let last = (0..l.inputs).map(|row| layout.row(layer, row)).max().unwrap_or(0);
        let needed = last + words;
        if needed > available || l.stride < words {
            return Err(NetworkError::Memory { what: "words", needed, given: available });
        }
    }
    Ok(())
}

fn masks_fit(layout: &Layout, available: usize) -> bool {
    layout.layers().iter().all(|l| {
        let last = (l.columns - 1) / WORD_COLUMNS;
        l.mask_base + (last << layout.class_bits) + layout.config.classes() <= available
    })
}

/// The same network for the phases that need no masks.
fn without_masks(config: &NetworkConfig) -> Result<NetworkConfig, NetworkError> {
    let phases = Phases::PAIR | Phases::SINGLE;
    let overlay = config.copies() > 0;
    Ok(config.with_phases(if overlay { phases | Phases::OVERLAY } else { phases })?)
}

//! Latents, masks and goodness of the module.

use crate::deku::Configured;
use crate::link::be_u32;
use crate::{Deku, Error, Pace, Transport};
use deku_ref::config::WORD_COLUMNS;
use deku_ref::regs::{self, f};
use deku_ref::wire::latents::{pack, unpack, MAX_LATENT, WORD_BYTES};
use deku_ref::wire::Space;
use deku_ref::{ConfigError, LayerConfig, NetworkError};

/// One layer's latents: what is needed to find the columns of a word.
#[derive(Clone, Copy)]
struct Words {
    columns: usize,
    stride: usize,
    base: u16,
    count: usize,
}

impl Words {
    fn of(network: &Configured, layer: usize, l: &LayerConfig) -> Self {
        let at = &network.placement.layers()[layer];
        let (columns, stride) = (l.columns, at.stride);
        Self { columns, stride, base: at.base as u16, count: l.inputs * stride }
    }

    /// Range of the latents of word `n`; empty for a word of padding.
    fn latents(&self, n: usize) -> core::ops::Range<usize> {
        let (row, word) = (n / self.stride, n % self.stride);
        let first = (word * WORD_COLUMNS).min(self.columns);
        let end = (first + WORD_COLUMNS).min(self.columns);
        row * self.columns + first..row * self.columns + end
    }
}

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// Loads all latents of a layer: `[inputs][columns]`, label rows included, 0..=191 each.
    /// After the last layer, training is allowed.
    ///
    /// # Errors
    /// [`Error::Network`] if there is no such layer, the length does not match it, or a latent is
    /// above 191; nothing is sent then. Errors of the link: load the layer again.
    pub fn load_latents(&mut self, layer: usize, latents: &[u8]) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        let mut network = self.configured()?;
        let l = layer_of(&network, layer)?;
        check_length(layer, l.inputs * l.columns, latents.len())?;
        if let Some(index) = latents.iter().position(|l| *l > MAX_LATENT) {
            return Err(NetworkError::Latent { layer, index, value: latents[index] }.into());
        }
        let words = Words::of(&network, layer, &l);
        self.link.write(Space::Latents, words.base, words.count, |n, bytes| {
            let mut columns = [0; WORD_COLUMNS];
            let latents = &latents[words.latents(n)];
            columns[..latents.len()].copy_from_slice(latents);
            bytes.copy_from_slice(&pack(&columns));
        })?;
        network.loaded |= 1 << layer;
        if network.not_loaded().is_none() {
            let layers = network.config.layers().len() as u32;
            self.link.set_registers(regs::LOADED.index, &[f::LOADED_LAYERS.put(layers)])?;
            self.link.loaded = true;
        }
        self.network = Some(network);
        Ok(())
    }

    /// Reads all latents of a layer: `[inputs][columns]`.
    ///
    /// # Errors
    /// [`Error::Network`] if there is no such layer or the length does not match it; errors of
    /// the link.
    pub fn read_latents(&mut self, layer: usize, out: &mut [u8]) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        let network = self.configured()?;
        let l = layer_of(&network, layer)?;
        check_length(layer, l.inputs * l.columns, out.len())?;
        let words = Words::of(&network, layer, &l);
        self.link.read(Space::Latents, words.base, words.count, |n, bytes| {
            let word = bytes.first_chunk::<WORD_BYTES>().map_or([0; WORD_COLUMNS], unpack);
            let out = &mut out[words.latents(n)];
            out.copy_from_slice(&word[..out.len()]);
        })
    }

    /// Loads the class masks of a layer: `[classes][columns]`, not 0 = the column belongs to the
    /// class.
    ///
    /// # Errors
    /// [`Error::Network`] if there is no such layer, the length does not match it, or the network
    /// has no masks; errors of the link.
    pub fn load_class_masks(&mut self, layer: usize, masks: &[u8]) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        let network = self.configured()?;
        let l = layer_of(&network, layer)?;
        let (classes, columns) = (network.config.classes(), l.columns);
        check_length(layer, classes * columns, masks.len())?;
        if network.placement.mask_words == 0 {
            return Err(NetworkError::NoMasks.into());
        }
        let (at, bits) = (&network.placement.layers()[layer], network.placement.class_bits);
        self.link.write(Space::Masks, at.mask_base as u16, at.stride << bits, |n, bytes| {
            let (word, class) = (n >> bits, n & ((1 << bits) - 1));
            let first = (word * WORD_COLUMNS).min(columns);
            let end = (first + WORD_COLUMNS).min(columns);
            let start = class * columns;
            let members = masks.get(start + first..start + end).unwrap_or_default();
            bytes.copy_from_slice(&mask_word(members).to_be_bytes());
        })
    }

    /// Goodness of the candidates of the last example in one layer, from candidate 0 on, as many
    /// (1..=256) as `out` has room for. Candidates the example did not have are undefined.
    ///
    /// # Errors
    /// [`Error::Network`] if there is no such layer; errors of the link.
    pub fn read_goodness(&mut self, layer: usize, out: &mut [u32]) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        let network = self.configured()?;
        layer_of(&network, layer)?;
        if out.len() > 256 {
            check_length(layer, 256, out.len())?;
        }
        let first = (layer << 8) as u16;
        self.link.read(Space::Goodness, first, out.len(), |n, bytes| out[n] = be_u32(bytes))
    }
}

fn layer_of(network: &Configured, layer: usize) -> Result<LayerConfig, NetworkError> {
    let layers = network.config.layers();
    let count = layers.len();
    Ok(*layers.get(layer).ok_or(ConfigError::NoSuchLayer { layer, count })?)
}

fn check_length(layer: usize, length: usize, given: usize) -> Result<(), NetworkError> {
    if given == length {
        return Ok(());
    }
    Err(NetworkError::Length { layer, offset: 0, given, length })
}

/// A mask word of up to 32 columns, the first one in bit 31.
fn mask_word(members: &[u8]) -> u32 {
    members.iter().enumerate().fold(0, |bits, (n, m)| bits | u32::from(*m != 0) << (31 - n))
}

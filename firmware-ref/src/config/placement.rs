//! Where a network lies in the memories of a module.

use super::{
    words, ConfigError, LayerConfig, NetworkConfig, Phases, MAX_COLUMNS, MAX_LAYERS, WORD_COLUMNS,
};

/// Memories and limits of a module (its capability registers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// Latent words of 32 columns.
    pub words: usize,
    /// Inputs that a layer may have, label rows included: wider sums do not fit the accumulators.
    pub inputs: usize,
    /// Entries of the list memory shared by queued samples.
    pub list_entries: usize,
    /// Entries of the list of a hidden layer: the columns that a layer below another may have.
    pub hidden_entries: usize,
    /// Mask words of 32 columns.
    pub mask_words: usize,
    /// Words of 32 columns of the activation memory, all banks.
    pub code_words: usize,
    /// Classes (candidates) of a sample.
    pub max_classes: usize,
    /// Layers of a stack.
    pub max_layers: usize,
    /// Results kept until acknowledged.
    pub results: usize,
    /// Words read per clock cycle (forward lanes / 32, at least 1): rows start at multiples of it.
    pub slices: usize,
}

impl Capacity {
    /// The most columns, in whole words, of a single layer without label rows.
    ///
    /// # Errors
    /// That of a layer of one word, if not even that fits.
    pub fn most_columns(&self, inputs: usize, classes: usize) -> Result<usize, ConfigError> {
        let fits = |columns| {
            let layer = LayerConfig { inputs, columns, shift: 0 };
            NetworkConfig::new(&[layer], classes)?.placement(self)
        };
        fits(WORD_COLUMNS)?;
        let wider = (2..).map(|words| words * WORD_COLUMNS).take_while(|&c| fits(c).is_ok());
        Ok(wider.last().unwrap_or(WORD_COLUMNS))
    }
}

/// Where one layer lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerPlacement {
    /// Words per input row.
    pub stride: usize,
    /// Word address of input row 0; row i, word g is at `base + i * stride + g`.
    pub base: usize,
    /// First mask word; word g of class c is at `mask_base + (g << class_bits) + c`.
    pub mask_base: usize,
    /// First word inside a bank of the activation memory.
    pub code_base: usize,
}

/// Where a network lies in a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Placement {
    layers: [LayerPlacement; MAX_LAYERS],
    count: usize,
    /// Latent words used.
    pub words: usize,
    /// Mask words used (0 without labelled phase).
    pub mask_words: usize,
    /// ceil(log2(classes)).
    pub class_bits: u32,
    /// Words of one bank of the activation memory.
    pub code_bank: usize,
    /// Banks of the activation memory in use.
    pub banks: usize,
    /// Word address of the first label row (0 without label rows).
    pub label_base: usize,
    /// Words from one label's rows to the next (0 without label rows).
    pub label_step: usize,
}

impl Placement {
    /// The layers, from the input up.
    #[must_use]
    pub fn layers(&self) -> &[LayerPlacement] {
        &self.layers[..self.count]
    }
}

impl NetworkConfig {
    /// Places the network in the memories of a module, layers one after the other.
    ///
    /// # Errors
    /// [`ConfigError`] naming the memory that is too small and the largest number of columns
    /// that would fit it, all else equal.
    pub fn placement(&self, capacity: &Capacity) -> Result<Placement, ConfigError> {
        if self.layers().len() > capacity.max_layers {
            let layers = self.layers().len();
            return Err(ConfigError::ModuleLayers { layers, max: capacity.max_layers });
        }
        if self.classes() > capacity.max_classes {
            let (classes, max) = (self.classes(), capacity.max_classes);
            return Err(ConfigError::Classes { classes, max });
        }
        if let Some(layer) = self.layers().iter().position(|l| l.inputs > capacity.inputs) {
            let inputs = self.layers()[layer].inputs;
            return Err(ConfigError::ModuleInputs { layer, inputs, max: capacity.inputs });
        }
        let hidden = &self.layers()[..self.layers().len() - 1];
        let available = capacity.hidden_entries;
        if let Some(layer) = hidden.iter().position(|l| l.columns > available) {
            let needed = hidden[layer].columns;
            return Err(ConfigError::HiddenEntries {
                needed,
                available,
                layer,
                columns: available,
            });
        }
        let placed = self.place(capacity.slices);
        let (needed, available) = (placed.words, capacity.words);
        if needed > available {
            let (layer, columns) = self.largest(capacity, |p, c| p.words <= c.words);
            return Err(ConfigError::Words { needed, available, layer, columns });
        }
        let (needed, available) = (placed.mask_words, capacity.mask_words);
        if needed > available {
            let (layer, columns) = self.largest(capacity, |p, c| p.mask_words <= c.mask_words);
            return Err(ConfigError::MaskWords { needed, available, layer, columns });
        }
        let (needed, available) = (placed.code_bank * placed.banks, capacity.code_words);
        if needed > available {
            let fits = |p: &Placement, c: &Capacity| p.code_bank * p.banks <= c.code_words;
            let (layer, columns) = self.largest(capacity, fits);
            return Err(ConfigError::CodeWords { needed, available, layer, columns });
        }
        Ok(placed)
    }

    /// Placement in memories without end.
    fn place(&self, slices: usize) -> Placement {
        let masks = self.phases().contains(Phases::LABELLED);
        let mut placed = Placement {
            layers: [LayerPlacement::default(); MAX_LAYERS],
            count: self.layers().len(),
            words: 0,
            mask_words: 0,
            class_bits: self.class_bits(),
            code_bank: 0,
            banks: self.phases().banks(self.layers().len()),
            label_base: 0,
            label_step: 0,
        };
        for (l, at) in self.layers().iter().zip(&mut placed.layers) {
            let stride = words(l.columns).next_multiple_of(slices.max(1));
            at.stride = stride;
            at.base = placed.words;
            at.code_base = placed.code_bank;
            placed.words += l.inputs * stride;
            placed.code_bank += stride;
            if masks {
                at.mask_base = placed.mask_words;
                placed.mask_words += stride << placed.class_bits;
            }
        }
        if self.copies() > 0 {
            placed.label_base = self.record_inputs() * placed.layers[0].stride;
            placed.label_step = self.copies() * placed.layers[0].stride;
        }
        placed
    }

    /// The layer with the most latents, and the largest number of columns it may have so that
    /// `fits` holds (0 if none); the next layer's inputs follow.
    fn largest(
        &self,
        capacity: &Capacity,
        fits: impl Fn(&Placement, &Capacity) -> bool,
    ) -> (usize, usize) {
        let size = |l: &LayerConfig| l.inputs * l.columns;
        let all = self.layers();
        let layer = (0..all.len()).max_by_key(|&l| (size(&all[l]), all.len() - l)).unwrap_or(0);
        let try_columns = |columns: usize| {
            let mut other = *self;
            other.layers[layer].columns = columns;
            if layer + 1 < all.len() {
                other.layers[layer + 1].inputs = columns;
            }
            fits(&other.place(capacity.slices), capacity)
        };
        let columns = (1..=MAX_COLUMNS).rev().find(|&c| try_columns(c)).unwrap_or(0);
        (layer, columns)
    }
}

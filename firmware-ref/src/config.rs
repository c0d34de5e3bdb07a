//! What a network is, how it is trained, and whether it fits a module.
//!
//! [`NetworkConfig`] is the shape of a stack, [`TrainConfig`] the constants of the learning rule,
//! [`Capacity`] the memories of a module. [`NetworkConfig::placement`] decides where every layer
//! lies in those memories, or says what would fit.

use core::fmt;
use core::ops::BitOr;

use crate::format::E8M0;

mod error;
mod placement;
mod train;

pub use error::ConfigError;
pub use placement::{Capacity, LayerPlacement, Placement};
pub use train::{TrainConfig, MAX_TEMPERATURE, MAX_THETA};

/// Layers of a stack, at most.
pub const MAX_LAYERS: usize = crate::regs::MAX_LAYERS;
/// Input rows of a layer, at most: keeps the accumulator (12 per row) within 16 signed bits.
pub const MAX_INPUTS: usize = 2730;
/// Columns of a layer, at most: keeps the goodness (144 per column) within 18 bits.
pub const MAX_COLUMNS: usize = 1820;
/// Classes, at most.
pub const MAX_CLASSES: usize = 256;
/// Label rows per class, at most.
pub const MAX_COPIES: usize = 255;
/// Columns of a word: one word holds 32 consecutive columns of one input row.
pub const WORD_COLUMNS: usize = 32;

/// Words of 32 columns that hold `columns` columns.
#[must_use]
pub const fn words(columns: usize) -> usize {
    columns.div_ceil(WORD_COLUMNS)
}

/// One layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerConfig {
    /// Input rows, 1..=2730. For layer 0 label rows are counted; for the others this is the
    /// number of columns of the layer before.
    pub inputs: usize,
    /// Columns, 1..=1820.
    pub columns: usize,
    /// Scale: S of the recipe, 0..=15.
    pub shift: u8,
}

/// Which phases a network must be able to run: decides which tables it needs in a module.
///
/// Sets are joined with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phases(u8);

impl Phases {
    /// Labelled training and plain inference: goodness per class, needs class masks.
    pub const LABELLED: Self = Self(1);
    /// Pairs of inputs: needs a second bank of codes.
    pub const PAIR: Self = Self(2);
    /// Single positive or negative inputs against the threshold.
    pub const SINGLE: Self = Self(4);
    /// Label overlay, training and inference: needs `1 + layers` banks of codes.
    pub const OVERLAY: Self = Self(8);
    /// Everything.
    pub const ALL: Self = Self(15);

    /// Whether every phase of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Banks of the activation memory that these phases need in a stack of `layers`.
    #[must_use]
    pub const fn banks(self, layers: usize) -> usize {
        if self.contains(Self::OVERLAY) {
            1 + layers
        } else if self.contains(Self::PAIR) {
            2
        } else {
            1
        }
    }
}

impl BitOr for Phases {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A stack of 1 to 4 layers, checked when it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkConfig {
    layers: [LayerConfig; MAX_LAYERS],
    count: usize,
    classes: usize,
    copies: usize,
    phases: Phases,
}

impl NetworkConfig {
    /// A network for labelled training: `classes` classes (1..=256), layers from the input up.
    ///
    /// # Errors
    /// [`ConfigError`] if a number is out of range or a layer does not take the columns of the
    /// layer before.
    pub fn new(layers: &[LayerConfig], classes: usize) -> Result<Self, ConfigError> {
        if layers.is_empty() || layers.len() > MAX_LAYERS {
            return Err(ConfigError::Layers { count: layers.len() });
        }
        if classes == 0 || classes > MAX_CLASSES {
            return Err(ConfigError::Classes { classes, max: MAX_CLASSES });
        }
        for (layer, l) in layers.iter().enumerate() {
            check_layer(layer, l, layer.checked_sub(1).map(|before| layers[before].columns))?;
        }
        let mut all = [LayerConfig::default(); MAX_LAYERS];
        all[..layers.len()].copy_from_slice(layers);
        let phases = Phases::LABELLED;
        Ok(Self { layers: all, count: layers.len(), classes, copies: 0, phases })
    }

    /// The same network with `copies` label rows per class (0..=255) at the end of layer 0's
    /// inputs; 0 removes them. Does not change [`Self::phases`].
    ///
    /// # Errors
    /// [`ConfigError::LabelRows`] if the label rows leave no input.
    pub fn with_label_rows(mut self, copies: usize) -> Result<Self, ConfigError> {
        let inputs = self.layers[0].inputs;
        if copies > MAX_COPIES || copies * self.classes >= inputs {
            return Err(ConfigError::LabelRows { copies, classes: self.classes, inputs });
        }
        self.copies = copies;
        Ok(self)
    }

    /// The same network for other phases.
    ///
    /// # Errors
    /// [`ConfigError::NoLabelRows`] if the overlay phase is wanted without label rows.
    pub fn with_phases(mut self, phases: Phases) -> Result<Self, ConfigError> {
        if phases.contains(Phases::OVERLAY) && self.copies == 0 {
            return Err(ConfigError::NoLabelRows);
        }
        self.phases = phases;
        Ok(self)
    }

    /// Sets the scale S (0..=15) of a layer.
    ///
    /// # Errors
    /// [`ConfigError::Shift`] or [`ConfigError::NoSuchLayer`].
    pub fn set_shift(&mut self, layer: usize, shift: u8) -> Result<(), ConfigError> {
        self.check_index(layer)?;
        if shift > E8M0::MAX_SHIFT {
            return Err(ConfigError::Shift { layer, shift });
        }
        self.layers[layer].shift = shift;
        Ok(())
    }

    /// Checks that a layer exists.
    pub(crate) const fn check_index(&self, layer: usize) -> Result<(), ConfigError> {
        if layer < self.count {
            Ok(())
        } else {
            Err(ConfigError::NoSuchLayer { layer, count: self.count })
        }
    }

    /// The layers, from the input up.
    #[must_use]
    pub fn layers(&self) -> &[LayerConfig] {
        &self.layers[..self.count]
    }

    /// Number of classes, 1..=256.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// Label rows per class, 0 = none.
    #[must_use]
    pub const fn copies(&self) -> usize {
        self.copies
    }

    /// Phases the network is for.
    #[must_use]
    pub const fn phases(&self) -> Phases {
        self.phases
    }

    /// Inputs of a record: layer 0's inputs without the label rows.
    #[must_use]
    pub const fn record_inputs(&self) -> usize {
        self.layers[0].inputs - self.classes * self.copies
    }

    /// Distance of mask words, as a power of two: ceil(log2(classes)).
    #[must_use]
    pub const fn class_bits(&self) -> u32 {
        self.classes.next_power_of_two().trailing_zeros()
    }

    /// Latents of all layers, in bytes.
    #[must_use]
    pub fn latents(&self) -> usize {
        self.layers().iter().map(|l| l.inputs * l.columns).sum()
    }

    /// Columns of all layers.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.layers().iter().map(|l| l.columns).sum()
    }

    /// Candidates a draw can have: the classes, or two for pair and single.
    #[must_use]
    pub const fn candidates(&self) -> usize {
        if self.classes > 2 {
            self.classes
        } else {
            2
        }
    }
}

fn check_layer(layer: usize, l: &LayerConfig, before: Option<usize>) -> Result<(), ConfigError> {
    if l.inputs == 0 || l.inputs > MAX_INPUTS {
        return Err(ConfigError::Inputs { layer, inputs: l.inputs });
    }
    if l.columns == 0 || l.columns > MAX_COLUMNS {
        return Err(ConfigError::Columns { layer, columns: l.columns });
    }
    if l.shift > E8M0::MAX_SHIFT {
        return Err(ConfigError::Shift { layer, shift: l.shift });
    }
    match before {
        Some(columns) if columns != l.inputs => {
            Err(ConfigError::Chain { layer, inputs: l.inputs, columns })
        }
        _ => Ok(()),
    }
}

impl fmt::Display for NetworkConfig {
    /// For example `784-512-256, 10 classes`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.record_inputs())?;
        for l in self.layers() {
            write!(out, "-{}", l.columns)?;
        }
        write!(out, ", {} classes", self.classes)?;
        if self.copies > 0 {
            write!(out, ", {} label rows each", self.copies)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

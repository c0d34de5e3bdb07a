//! Why a configuration is refused, and what to do about it.

use core::fmt;

use super::{
    MAX_CLASSES, MAX_COLUMNS, MAX_COPIES, MAX_INPUTS, MAX_LAYERS, MAX_TEMPERATURE, MAX_THETA,
};

/// A configuration that is illegal, or does not fit a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the numbers of the sentence
#[non_exhaustive]
pub enum ConfigError {
    /// Number of layers.
    Layers { count: usize },
    /// A layer that does not exist was named.
    NoSuchLayer { layer: usize, count: usize },
    /// Number of inputs.
    Inputs { layer: usize, inputs: usize },
    /// Number of columns.
    Columns { layer: usize, columns: usize },
    /// A layer does not take the columns of the one before.
    Chain { layer: usize, inputs: usize, columns: usize },
    /// Scale S.
    Shift { layer: usize, shift: u8 },
    /// Number of classes, in general or for a module.
    Classes { classes: usize, max: usize },
    /// Label rows leave no input.
    LabelRows { copies: usize, classes: usize, inputs: usize },
    /// Overlay without label rows.
    NoLabelRows,
    /// Temperature.
    Temperature { exponent: u8 },
    /// Threshold.
    Theta { theta: u32 },
    /// Rate shift, including what the schedule adds.
    RateShift { shift: u8 },
    /// Seed or generator state 0.
    Seed,
    /// Share of columns per class, in 1/256.
    Share { share: u16 },
    /// More layers than the module has.
    ModuleLayers { layers: usize, max: usize },
    /// Inputs of a layer, for a module.
    ModuleInputs { layer: usize, inputs: usize, max: usize },
    /// Latent memory too small; `columns` of `layer` would fit (0 = none).
    Words { needed: usize, available: usize, layer: usize, columns: usize },
    /// Mask memory too small; `columns` of `layer` would fit (0 = none).
    MaskWords { needed: usize, available: usize, layer: usize, columns: usize },
    /// List of a hidden layer too short; `columns` of `layer` would fit.
    HiddenEntries { needed: usize, available: usize, layer: usize, columns: usize },
    /// Activation memory too small; `columns` of `layer` would fit (0 = none).
    CodeWords { needed: usize, available: usize, layer: usize, columns: usize },
}

impl ConfigError {
    /// Whether the network is a legal one that a larger module would take.
    #[must_use]
    pub const fn wants_larger_module(&self) -> bool {
        match self {
            Self::Classes { max, .. } => *max < MAX_CLASSES,
            Self::ModuleLayers { .. }
            | Self::ModuleInputs { .. }
            | Self::Words { .. }
            | Self::MaskWords { .. }
            | Self::HiddenEntries { .. }
            | Self::CodeWords { .. } => true,
            _ => false,
        }
    }
}

impl core::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Layers { count } => {
                write!(out, "{count} layers: a stack has 1 to {MAX_LAYERS}")
            }
            Self::NoSuchLayer { layer, count } => {
                write!(out, "there is no layer {layer}: the stack has layers 0 to {}", count - 1)
            }
            Self::Inputs { layer, inputs } => write!(
                out,
                "layer {layer} has {inputs} inputs: use 1 to {MAX_INPUTS}, label rows included"
            ),
            Self::Columns { layer, columns } => {
                write!(out, "layer {layer} has {columns} columns: use 1 to {MAX_COLUMNS}")
            }
            Self::Chain { layer, inputs, columns } => write!(
                out,
                "layer {layer} takes {inputs} inputs, but the layer before has {columns} \
                 columns: make them equal"
            ),
            Self::Shift { layer, shift } => {
                write!(out, "scale S = {shift} of layer {layer} is too large: use 0 to 15")
            }
            Self::Classes { classes, max } if max < MAX_CLASSES => write!(
                out,
                "the network has {classes} classes, this module takes {max}: use at most {max}, \
                 or a configuration with a larger max_classes"
            ),
            Self::Classes { classes, .. } => {
                write!(out, "{classes} classes: use 1 to {MAX_CLASSES}")
            }
            Self::LabelRows { copies, classes, inputs } => write!(
                out,
                "{classes} classes with {copies} label rows each leave no input of {inputs}: \
                 use at most {} copies, or more inputs",
                ((inputs - 1) / classes).min(MAX_COPIES)
            ),
            Self::NoLabelRows => {
                write!(out, "label overlay without label rows: set 1 or more copies (16 is usual)")
            }
            Self::Temperature { exponent } => write!(
                out,
                "temperature 2^{exponent} is too high: use an exponent of 0 to {MAX_TEMPERATURE}"
            ),
            Self::Theta { theta } => {
                write!(out, "threshold {theta} is too large: use 0 to {MAX_THETA}")
            }
            Self::RateShift { shift } => write!(
                out,
                "rate shift reaches {shift}, more than 10: start with a smaller one (0 to 5 with \
                 a planned schedule, 0 to 8 for endless training)"
            ),
            Self::Seed => write!(out, "seed 0 would stop the generator: use any other number"),
            Self::Share { share } => {
                write!(out, "share of {share}/256 columns per class: use 1 to 256 (77 is 30 %)")
            }
            Self::ModuleInputs { layer, inputs, max } => write!(
                out,
                "layer {layer} has {inputs} inputs, label rows included, and the accumulators of this module are made for {max}: \
                 use fewer inputs, or a configuration with accumulator_bits = 16"
            ),
            Self::ModuleLayers { layers, max } => {
                write!(out, "{layers} layers, but this module runs {max}: use fewer layers")
            }
            Self::Words { needed, available, layer, columns } => {
                fit(out, "latent words", needed, available, layer, columns)
            }
            Self::MaskWords { needed, available, layer, columns } => {
                fit(out, "mask words", needed, available, layer, columns)
            }
            Self::HiddenEntries { needed, available, layer, columns } => fit(
                out,
                "entries for the list of a hidden layer",
                needed,
                available,
                layer,
                columns,
            ),
            Self::CodeWords { needed, available, layer, columns } => {
                fit(out, "activation words", needed, available, layer, columns)
            }
        }
    }
}

fn fit(
    out: &mut fmt::Formatter<'_>,
    what: &str,
    needed: usize,
    available: usize,
    layer: usize,
    columns: usize,
) -> fmt::Result {
    write!(out, "the network needs {needed} {what}, this module has {available}: ")?;
    if columns == 0 {
        write!(out, "no column count of layer {layer} would fit, use fewer inputs or classes")
    } else {
        write!(out, "layer {layer} fits with at most {columns} columns")
    }
}

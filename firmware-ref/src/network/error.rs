//! Why a network refuses, and what to do about it.

use core::fmt;

use crate::config::ConfigError;
use crate::list::ListError;

/// An operation that was refused; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the numbers of the sentence
#[non_exhaustive]
pub enum NetworkError {
    /// A configuration out of range.
    Config(ConfigError),
    /// An illegal list.
    List(ListError),
    /// A label that is not a class.
    Label { label: u8, classes: usize },
    /// A rate shift above 10.
    RateShift { shift: u8 },
    /// A latent above 191.
    Latent { layer: usize, index: usize, value: u8 },
    /// Latents or masks that reach beyond a layer.
    Length { layer: usize, offset: usize, given: usize, length: usize },
    /// A mask word of a class or column that does not exist.
    MaskWord { layer: usize, class: usize, word: usize },
    /// A memory too short.
    Memory { what: &'static str, needed: usize, given: usize },
    /// Inference or labelled training without class masks.
    NoMasks,
    /// Overlay on a network without label rows.
    NoLabelRows,
}

impl core::error::Error for NetworkError {}

impl From<ConfigError> for NetworkError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ListError> for NetworkError {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Config(error) => error.fmt(out),
            Self::List(error) => error.fmt(out),
            Self::Label { label, classes } => write!(
                out,
                "label {label} is not a class: the network has classes 0 to {}",
                classes - 1
            ),
            Self::RateShift { shift } => {
                write!(out, "rate shift {shift} is too large: use 0 to 10")
            }
            Self::Latent { layer, index, value } => write!(
                out,
                "latent {index} of layer {layer} is {value}, above 191: the weights are damaged, \
                 load them again"
            ),
            Self::Length { layer, offset, given, length } => write!(
                out,
                "{given} values from {offset} on do not fit layer {layer} with {length}: check \
                 the topology"
            ),
            Self::MaskWord { layer, class, word } => write!(
                out,
                "layer {layer} has no mask word {word} of class {class}: check the topology"
            ),
            Self::Memory { what, needed, given } => write!(
                out,
                "memory `{what}` has {given} elements, the network needs {needed}: size it with \
                 Sizes::of"
            ),
            Self::NoMasks => write!(
                out,
                "the network has no class masks: configure it with Phases::LABELLED as well"
            ),
            Self::NoLabelRows => write!(
                out,
                "the network has no label rows: configure it with label rows (16 copies is usual)"
            ),
        }
    }
}

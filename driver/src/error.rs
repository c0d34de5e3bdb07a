//! What can go wrong, why, and what to do about it.

use crate::Diagnosis;
use core::fmt;
use deku_ref::sample::SampleError;
use deku_ref::wire::Space;
use deku_ref::{ConfigError, NetworkError};

/// An operation that failed. `E` is the error of the transport.
///
/// The sentences of `Display` say what happened, the likely cause and the fix.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The host's interface failed, again and again.
    Transport(E),
    /// No module was found.
    Connect(Diagnosis),
    /// Frames came back damaged, again and again.
    Noisy {
        /// Attempts in a row without progress.
        attempts: u32,
        /// Length of the last frame, bytes.
        frame: usize,
    },
    /// Nothing came back at all, again and again.
    Silent {
        /// Attempts in a row without an answer.
        attempts: u32,
    },
    /// The transport's frames are too short for this.
    Frame {
        /// Bytes needed.
        needed: usize,
        /// Bytes a frame can have.
        max: usize,
    },
    /// The module refused to read or write.
    Refused {
        /// Where.
        space: Space,
        /// First unit of the frame.
        first: u16,
        /// Units of the frame.
        units: u16,
    },
    /// The module found a latent above 191.
    LatentRefused {
        /// First word of the frame.
        first: u16,
    },
    /// Nothing was configured yet.
    NotConfigured,
    /// The module is configured for another network.
    OtherNetwork,
    /// Training before the latents of every layer were loaded.
    NotLoaded {
        /// First layer without latents.
        layer: usize,
    },
    /// The module has forgotten what it was doing: it is not loaded any more, or at another place
    /// in the stream.
    Restarted,
    /// The network or a constant is illegal or does not fit.
    Config(ConfigError),
    /// Latents, masks or a layer number do not match the network.
    Network(NetworkError),
    /// An example is illegal. It and those after it have had no effect.
    Example {
        /// Its position in the stream, from 0.
        index: usize,
        /// Why.
        error: NetworkError,
    },
    /// An input can not be sent. It and those after it have had no effect.
    Sample {
        /// Position of its example in the stream, from 0.
        index: usize,
        /// Why.
        error: SampleError,
    },
    /// An example has more non-zero inputs than the module can queue.
    TooLarge {
        /// Its position in the stream, from 0.
        index: usize,
        /// List entries it takes.
        entries: usize,
        /// List entries of the module.
        available: usize,
    },
    /// The module rejects an example that the driver holds for legal.
    Rejected {
        /// Its position in the stream, from 0.
        index: usize,
        /// What the module says.
        reason: Rejection,
    },
    /// The module stays busy without finishing anything.
    Stalled {
        /// Examples without result.
        outstanding: usize,
        /// Polls in a row.
        polls: u32,
    },
    /// An earlier error left examples of which it is not known whether they were executed.
    Unresolved {
        /// How many, at most.
        examples: usize,
    },
}

/// Why a module rejects a record: bits of its register ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// SAMPLE: an index, order, rate shift, label or kind is illegal for it.
    Sample,
    /// OVERRUN: no room in the list memory.
    Overrun,
    /// REFUSED: not loaded, or not configured for this kind of example.
    Refused,
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

impl<E> From<ConfigError> for Error<E> {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl<E> From<NetworkError> for Error<E> {
    fn from(error: NetworkError) -> Self {
        Self::Network(error)
    }
}

impl<E> Error<E> {
    /// Gives an error about an example its position.
    pub(crate) fn at_position(self, index: usize) -> Self {
        match self {
            Self::Example { error, .. } => Self::Example { index, error },
            Self::Sample { error, .. } => Self::Sample { index, error },
            Self::TooLarge { entries, available, .. } => {
                Self::TooLarge { index, entries, available }
            }
            error => error,
        }
    }

    /// Short name of the kind of error, stable: for programs and for documentation.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transport(_) => "link/transport",
            Self::Connect(diagnosis) => diagnosis.code(),
            Self::Noisy { .. } => "link/noisy",
            Self::Silent { .. } => "link/silent",
            Self::Frame { .. } => "link/frame",
            Self::Refused { .. } => "module/refused",
            Self::LatentRefused { .. } => "module/latent",
            Self::NotConfigured => "module/not-configured",
            Self::OtherNetwork => "module/other-network",
            Self::NotLoaded { .. } => "module/not-loaded",
            Self::Restarted => "module/restarted",
            Self::Config(_) => "config",
            Self::Network(_) => "network",
            Self::Example { .. } => "example/illegal",
            Self::Sample { .. } => "example/sample",
            Self::TooLarge { .. } => "example/too-large",
            Self::Rejected { .. } => "example/rejected",
            Self::Stalled { .. } => "module/stalled",
            Self::Unresolved { .. } => "stream/unresolved",
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(
                out,
                "the host's interface failed again and again ({error:?}): check that the device \
                 is still there, and try shorter frames or a lower clock"
            ),
            Self::Connect(diagnosis) => diagnosis.fmt(out),
            Self::Noisy { attempts, frame } => write!(
                out,
                "{attempts} frames in a row came back damaged, the last with {frame} bytes: lower \
                 the clock of the link, shorten the wires, or check the ground connection"
            ),
            Self::Silent { attempts } => write!(
                out,
                "the module has stopped answering, {attempts} frames in a row brought one and the \
                 same byte: it has lost power, is held in reset, or a wire came off; check supply \
                 and wires, connect again and load the weights"
            ),
            Self::Frame { needed, max } => write!(
                out,
                "this needs frames of {needed} bytes, the link takes {max}: allow longer frames \
                 or choose a denser sample format"
            ),
            Self::Refused { space, first, units } => write!(
                out,
                "the module refuses access to {units} units from {first:#06x} on in {space:?}: \
                 driver and bitstream do not belong together, flash the bitstream again"
            ),
            Self::LatentRefused { first } => write!(
                out,
                "the module found a latent above 191 in the words from {first:#06x} on: the \
                 weights are damaged, load them again"
            ),
            Self::NotConfigured => out.write_str(
                "the module has no network yet: call configure, or attach if it has been \
                 configured before",
            ),
            Self::OtherNetwork => out.write_str(
                "the module is configured for another network, or has not been loaded: configure \
                 it and load its weights",
            ),
            Self::NotLoaded { layer } => write!(
                out,
                "the weights of layer {layer} have not been loaded: call load_weights for every \
                 layer before training"
            ),
            Self::Restarted => out.write_str(
                "the module has forgotten what it was doing: it was reset, lost power, or another \
                 program uses it; connect again and load the weights",
            ),
            Self::Config(error) => error.fmt(out),
            Self::Network(error) => error.fmt(out),
            Self::Example { index, error } => write!(out, "example {index}: {error}"),
            Self::Sample { index, error } => write!(out, "example {index}: {error}"),
            Self::TooLarge { index, entries, available } => write!(
                out,
                "example {index} takes {entries} list entries, the module has {available}: use a \
                 module with a longer list, or inputs with fewer non-zero values"
            ),
            Self::Rejected { index, reason } => {
                write!(out, "the module rejects example {index} {reason}")
            }
            Self::Stalled { outstanding, polls } => write!(
                out,
                "the module is busy with {outstanding} examples and has finished none during \
                 {polls} polls: it hangs, reset it or flash the bitstream again"
            ),
            Self::Unresolved { examples } => write!(
                out,
                "an earlier error left up to {examples} examples in the module: call settle to \
                 learn how many were executed"
            ),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sample => {
                "(ERROR.SAMPLE): its registers do not match the network, configure it again"
            }
            Self::Overrun => {
                "(ERROR.OVERRUN): its list memory is smaller than it claims, flash the bitstream \
                 again"
            }
            Self::Refused => {
                "(ERROR.REFUSED): it has not been loaded, or not been configured for this kind of \
                 example; configure it and load its weights"
            }
        })
    }
}

//! What is compared: a network with its contents, and the examples it is given.

use deku_ref::sample::Format;
use deku_ref::{Entry, Example, NetworkConfig, TrainConfig};

/// A network with its contents.
#[derive(Clone, Debug)]
pub struct Case {
    /// Shape.
    pub network: NetworkConfig,
    /// Constants of the learning rule; the generators start from its seed.
    pub train: TrainConfig,
    /// Class masks of each layer as 0 and not 0, `[classes][columns]`; empty without masks.
    pub masks: Vec<Vec<u8>>,
    /// Latents of each layer, `[inputs][columns]`.
    pub latents: Vec<Vec<u8>>,
    /// How samples are sent.
    pub format: Format,
}

/// An example that owns its lists.
#[derive(Clone, Debug)]
pub struct Owned {
    shape: Example<'static>,
    first: Vec<Entry>,
    second: Vec<Entry>,
}

impl Owned {
    /// A copy.
    #[must_use]
    pub fn of(example: &Example<'_>) -> Self {
        Self {
            shape: crate::session::with_lists(*example, &[], &[]),
            first: example.input().to_vec(),
            second: example.second().unwrap_or_default().to_vec(),
        }
    }

    /// The example.
    #[must_use]
    pub fn example(&self) -> Example<'_> {
        crate::session::with_lists(self.shape, &self.first, &self.second)
    }
}

/// An endless source of examples, the same every time it is made anew.
pub trait Examples {
    /// The next one.
    fn next(&mut self) -> Owned;
}

//! Where reference and module disagree.

use std::fmt;

use serde_json::{json, Value};

/// The first value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which value.
    pub what: String,
    /// Layer it belongs to.
    pub layer: Option<usize>,
    /// Input row, for a latent.
    pub input: Option<usize>,
    /// Column, for a latent.
    pub column: Option<usize>,
    /// What the reference has.
    pub reference: String,
    /// What the module has.
    pub module: String,
}

impl Difference {
    /// `Some` if the values differ.
    pub fn between<T: PartialEq + fmt::Debug>(what: &str, reference: T, module: T) -> Option<Self> {
        (reference != module).then(|| Self {
            what: what.to_owned(),
            layer: None,
            input: None,
            column: None,
            reference: format!("{reference:?}"),
            module: format!("{module:?}"),
        })
    }

    /// The same, in a layer.
    #[must_use]
    pub fn in_layer(mut self, layer: usize) -> Self {
        self.layer = Some(layer);
        self
    }

    /// A latent that differs.
    #[must_use]
    pub fn latent(layer: usize, input: usize, column: usize, reference: u8, module: u8) -> Self {
        Self {
            what: "latent".into(),
            layer: Some(layer),
            input: Some(input),
            column: Some(column),
            reference: reference.to_string(),
            module: module.to_string(),
        }
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "what": self.what,
            "layer": self.layer,
            "input": self.input,
            "column": self.column,
            "reference": self.reference,
            "module": self.module,
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        for (name, value) in [("layer", self.layer), ("input", self.input), ("column", self.column)]
        {
            if let Some(value) = value {
                write!(f, ", {name} {value}")?;
            }
        }
        write!(f, ": reference {}, module {}", self.reference, self.module)
    }
}

//! A network at one moment of its training: everything that is needed to go on bit for bit.

mod file;
mod learned;
mod settings;

use deku_ref::{init, LayerConfig, NetworkConfig, Phases, TrainConfig};

pub use settings::{Host, Masks, Order, Phase, Plan, Rule, Settings};

use crate::error::{Error, Result};

/// A network: its settings and the contents of its memories.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Everything but the memories.
    pub settings: Settings,
    /// The memories, layer by layer.
    pub layers: Vec<Weights>,
}

/// Memories of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Latents 0..=191, `[inputs][columns]`, label rows included.
    pub latents: Vec<u8>,
    /// Class masks, 1 = the column belongs to the class, `[classes][columns]`; empty where the
    /// phase needs none.
    pub masks: Vec<u8>,
}

impl Model {
    /// A fresh model: latents and masks drawn from the seed.
    pub fn new(settings: Settings) -> Result<Self> {
        let network = settings.network_config()?;
        let seed = settings.rule.seed;
        let mut layers = Vec::new();
        for (number, layer) in network.layers().iter().enumerate() {
            let mut latents = vec![0; layer.inputs * layer.columns];
            init::fill_latents(seed, number, &mut latents);
            let masks = settings.draw_masks(number, layer.columns, &network)?;
            layers.push(Weights { latents, masks });
        }
        Ok(Self { settings, layers })
    }
}

impl Settings {
    /// Shape of the network as the module sees it.
    ///
    /// With label rows in the input (pair and single) the rows are ordinary inputs and the module
    /// knows one class only, which owns every column: its goodness is that of the whole input.
    pub fn network_config(&self) -> Result<NetworkConfig> {
        if self.columns.len() != self.shifts.len() {
            return Err(Error::input("model/damaged", "it does not have one scale per layer")
                .cause("the settings were changed by another program")
                .fix("take a backup, or train again with `deku train --out FILE`"));
        }
        let rows = self.inputs.saturating_add(self.classes.saturating_mul(self.copies));
        let mut layers = Vec::new();
        for (&columns, &shift) in self.columns.iter().zip(&self.shifts) {
            let inputs = layers.last().map_or(rows, |l: &LayerConfig| l.columns);
            layers.push(LayerConfig { inputs, columns, shift });
        }
        let config = match self.phase {
            Phase::Labelled => NetworkConfig::new(&layers, self.classes),
            Phase::Pair => NetworkConfig::new(&layers, 1)
                .and_then(|n| n.with_phases(Phases::LABELLED | Phases::PAIR)),
            Phase::Single => NetworkConfig::new(&layers, 1)
                .and_then(|n| n.with_phases(Phases::LABELLED | Phases::SINGLE)),
            Phase::Overlay => NetworkConfig::new(&layers, self.classes)
                .and_then(|n| n.with_label_rows(self.copies))
                .and_then(|n| n.with_phases(Phases::OVERLAY)),
        };
        config.map_err(Error::from)
    }

    /// Constants of the learning rule.
    pub fn train_config(&self) -> Result<TrainConfig> {
        let rule = &self.rule;
        let config = TrainConfig {
            temperature: rule.temperature,
            theta: rule.theta,
            first_shift: rule.first_shift,
            seed: rule.seed,
        };
        config.check().map_err(Error::from)?;
        Ok(config)
    }
}

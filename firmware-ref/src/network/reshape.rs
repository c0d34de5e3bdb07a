//! Another network in the memories of an existing one.

use super::{check_memory, Network, NetworkError};
use crate::config::{NetworkConfig, TrainConfig};
use crate::counters::Counters;
use crate::init;
use crate::layer::Span;
use crate::memory::{Sizes, Storage};

impl<S: Storage> Network<S> {
    /// Makes this a new network, as [`Network::new`] does, in the same memories.
    ///
    /// # Errors
    /// [`NetworkError::Config`] or [`NetworkError::Memory`]; nothing has changed then. Memories on
    /// the heap grow as needed.
    pub fn reshape(
        &mut self,
        config: &NetworkConfig,
        train: &TrainConfig,
    ) -> Result<(), NetworkError> {
        train.check()?;
        let sizes = Sizes::of(config);
        self.storage.resize(&sizes);
        check_memory(&sizes, &mut self.storage)?;
        clear(&mut self.storage);
        self.config = *config;
        self.train = *train;
        self.spans = Span::of(config);
        self.rival = init::rival_stream(train.seed);
        self.round = init::rounding_stream(train.seed);
        self.counters = Counters::default();
        self.candidates = 0;
        Ok(())
    }
}

/// Empties the memories of a network.
pub(super) fn clear(storage: &mut impl Storage) {
    let memory = storage.memory();
    memory.latents.fill(96);
    memory.trits.fill(0);
    memory.masks.fill(0);
    memory.codes.fill(0);
    memory.goodness.fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LayerConfig;
    use crate::{OwnedMemory, OwnedNetwork};

    #[test]
    fn a_reshaped_network_is_a_new_network() {
        let layer = |inputs, columns| LayerConfig { inputs, columns, shift: 1 };
        let small = NetworkConfig::new(&[layer(3, 4)], 2).unwrap();
        let large = NetworkConfig::new(&[layer(9, 40), layer(40, 7)], 5).unwrap();
        let new = |c: &NetworkConfig| {
            OwnedNetwork::new(c, &TrainConfig::TEXT, OwnedMemory::new(c)).unwrap()
        };
        let mut network = new(&small);
        network.initialise_latents(7);
        for config in [large, small] {
            network.reshape(&config, &TrainConfig::TEXT).unwrap();
            network.initialise_latents(8);
            let mut fresh = new(&config);
            fresh.initialise_latents(8);
            assert_eq!(network.latents(0), fresh.latents(0));
            assert_eq!(network.latents(1), fresh.latents(1));
            assert_eq!(network.rival_state(), fresh.rival_state());
            assert_eq!(network.counters(), fresh.counters());
            assert_eq!(network.config(), &config);
        }
    }
}

//! A network from the command line: `784-160`, or `196-64-32` for two layers.

use deku_ref::{LayerConfig, NetworkConfig};
use deku_rtlgen::config::ModuleConfig;

use crate::error::{Error, Result};

/// The network, if it fits the memories of the configuration.
///
/// # Errors
/// `estimate/network` for text that is no network; of the reference, saying what fits, for one that is too large.
pub fn network(text: &str, classes: usize, config: &ModuleConfig) -> Result<NetworkConfig> {
    let numbers: Option<Vec<usize>> = text.split('-').map(|n| n.parse().ok()).collect();
    let numbers = numbers.filter(|n| n.len() >= 2).ok_or_else(|| {
        Error::usage("estimate/network", format!("`{text}` is no network"))
            .cause("it is written as inputs and columns of each layer, with - between them")
            .fix("for example --network 784-160")
    })?;
    let layers = numbers.windows(2).map(|pair| LayerConfig {
        inputs: pair[0],
        columns: pair[1],
        shift: 0, // changes neither memory nor time
    });
    let network = NetworkConfig::new(&layers.collect::<Vec<_>>(), classes)?;
    network.placement(&config.capacity())?;
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_must_fit() {
        let config = ModuleConfig::builtin("up5k").unwrap();
        let two = network("196-64-32", 10, &config).unwrap();
        assert_eq!((two.layers().len(), two.layers()[1].inputs), (2, 64));
        for text in ["", "784", "784-", "784-x", "784,160"] {
            assert_eq!(network(text, 10, &config).unwrap_err().code, "estimate/network", "{text}");
        }
        assert!(network("784-160", 10, &config).is_ok());
        let large = network("784-161", 10, &config).unwrap_err();
        assert!(large.to_string().contains("160"), "{large}");
    }
}

//! A small network for the targets that talk to modules.

use deku_driver::{Deku, Error, Transport};
use deku_ref::{Entry, Example, LayerConfig, Module, NetworkConfig, Phases, TrainConfig, E2M1};

/// Label rows included.
const INPUTS: usize = 12;
const COLUMNS: [usize; 2] = [20, 9];
const CLASSES: usize = 3;

pub(super) fn network() -> NetworkConfig {
    let [first, second] = COLUMNS;
    let layers = [
        LayerConfig { inputs: INPUTS, columns: first, shift: 0 },
        LayerConfig { inputs: first, columns: second, shift: 1 },
    ];
    let network = NetworkConfig::new(&layers, CLASSES).and_then(|n| n.with_label_rows(1));
    network.and_then(|n| n.with_phases(Phases::ALL)).expect("legal")
}

/// Configures and loads a module.
pub(super) fn load<M: Module>(module: &mut M) -> Result<(), M::Error> {
    let network = network();
    module.configure(&network, &TrainConfig::IMAGES)?;
    for (layer, l) in network.layers().iter().enumerate() {
        let masks: Vec<u8> = (0..CLASSES * l.columns).map(|n| u8::from(n % 3 != 1)).collect();
        module.load_masks(layer, &masks)?;
        let latents: Vec<u8> = (0..l.inputs * l.columns).map(|n| (n * 37 % 192) as u8).collect();
        module.load_weights(layer, &latents)?;
    }
    Ok(())
}

/// Everything that a program does with a module; how many examples were executed.
pub(super) fn use_all<T: Transport>(deku: &mut Deku<T>) -> Result<usize, Error<T::Error>> {
    load(deku)?;
    let entry = |n| Entry::new(n, E2M1::from_low_bits(1 + n as u8 % 7));
    let list: Vec<Entry> = (0..9).step_by(2).map(entry).collect();
    let input = list.as_slice();
    let examples = [
        Example::Labelled { input, label: 1, shift: 2 },
        Example::Infer { input: &list[..2], truth: None },
        Example::Pair { positive: input, negative: &list[1..], shift: 1 },
        Example::Overlay { input, label: 2, shift: 0 },
        Example::Negative { input, shift: 3 },
    ];
    let mut results = 0;
    let done = deku.stream(examples, |n, _, _| {
        assert_eq!(n, results, "results come in order");
        results += 1;
    })?;
    assert_eq!((done, results), (examples.len(), examples.len()));
    let mut latents = vec![0; INPUTS * COLUMNS[0]];
    deku.read_weights(0, &mut latents)?;
    deku.goodness(1, &mut [0; CLASSES])?;
    deku.counters()?;
    deku.damage_seen_by_module()?;
    Ok(done)
}

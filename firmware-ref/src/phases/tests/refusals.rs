//! What a network refuses, and that nothing changes then.

use crate::config::{LayerConfig, Phases};
use crate::list::ListError;
use crate::memory::{Memory, Sizes};
use crate::network::NetworkError;
use crate::{
    ConfigError, Entry, Network, NetworkConfig, OwnedMemory, OwnedNetwork, TrainConfig, E2M1,
};

fn config(copies: usize, phases: Phases) -> NetworkConfig {
    let layer = LayerConfig { inputs: 12, columns: 9, shift: 1 };
    let config = NetworkConfig::new(&[layer], 3).unwrap().with_label_rows(copies).unwrap();
    config.with_phases(phases).unwrap()
}

fn network(copies: usize, phases: Phases) -> OwnedNetwork {
    let config = config(copies, phases);
    let mut net =
        OwnedNetwork::new(&config, &TrainConfig::IMAGES, OwnedMemory::new(&config)).unwrap();
    net.initialise_latents(1);
    net
}

fn entries(rows: &[u16]) -> Vec<Entry> {
    rows.iter().map(|&i| Entry::new(i, E2M1::MAX)).collect()
}

#[test]
fn bad_examples_change_nothing() {
    let mut net = network(2, Phases::ALL);
    let untouched = (net.latents(0).to_vec(), net.rival_state(), *net.counters());
    let (good, label_row, twice) = (entries(&[0, 5]), entries(&[0, 6]), entries(&[4, 4]));
    let range = NetworkError::List(ListError::Range { position: 1, index: 6, inputs: 6 });
    let order = NetworkError::List(ListError::Order { position: 1, index: 4, before: 4 });
    let label = NetworkError::Label { label: 3, classes: 3 };
    let shift = NetworkError::RateShift { shift: 11 };
    assert_eq!(net.infer(&label_row), Err(range));
    assert_eq!(net.infer_overlay(&twice), Err(order));
    assert_eq!(net.score(&twice), Err(order));
    assert_eq!(net.train_labelled(&label_row, 0, 0), Err(range));
    assert_eq!(net.train_labelled(&good, 3, 0), Err(label));
    assert_eq!(net.train_labelled(&good, 0, 11), Err(shift));
    assert_eq!(net.train_overlay(&good, 3, 0), Err(label));
    assert_eq!(net.train_overlay(&good, 0, 11), Err(shift));
    assert_eq!(net.train_pair(&good, &twice, 0), Err(order));
    assert_eq!(net.train_pair(&good, &good, 11), Err(shift));
    assert_eq!(net.train_single(&label_row, true, 0), Err(range));
    assert_eq!(net.train_single(&good, true, 11), Err(shift));
    assert_eq!(untouched, (net.latents(0).to_vec(), net.rival_state(), *net.counters()));
}

#[test]
fn phases_the_network_was_not_configured_for() {
    let list = entries(&[1]);
    let mut net = network(0, Phases::PAIR);
    assert_eq!(net.infer(&list), Err(NetworkError::NoMasks));
    assert_eq!(net.train_labelled(&list, 0, 0), Err(NetworkError::NoMasks));
    assert_eq!(net.set_mask_word(0, 0, 0, 1), Err(NetworkError::NoMasks));
    assert_eq!(net.train_overlay(&list, 0, 0), Err(NetworkError::NoLabelRows));
    assert_eq!(net.infer_overlay(&list), Err(NetworkError::NoLabelRows));
}

#[test]
fn bad_latents_load_nothing() {
    let mut net = network(0, Phases::LABELLED);
    let before = net.latents(0).to_vec();
    let bad = NetworkError::Latent { layer: 0, index: 41, value: 192 };
    assert_eq!(net.load_latents(0, 40, &[7, 192]), Err(bad));
    let length = NetworkError::Length { layer: 0, offset: 107, given: 2, length: 108 };
    assert_eq!(net.load_latents(0, 107, &[7, 7]), Err(length));
    assert!(net.load_latents(1, 0, &[7]).is_err());
    assert!(net.load_latents(0, usize::MAX, &[7]).is_err());
    assert_eq!(net.latents(0), before);
    assert_eq!(net.load_latents(0, 106, &[7, 8]), Ok(()));
    assert_eq!(net.latents(0)[106..], [7, 8]);
}

#[test]
fn generator_states_are_never_zero() {
    let mut net = network(0, Phases::LABELLED);
    assert_eq!(net.set_rival_state(0), Err(ConfigError::Seed));
    assert_eq!(net.set_round_state(0), Err(ConfigError::Seed));
    let train = TrainConfig { seed: 0, ..TrainConfig::IMAGES };
    assert_eq!(net.set_train_config(&train), Err(ConfigError::Seed));
    net.set_round_state(5).unwrap();
    assert_eq!(net.round_state(), 5);
}

#[test]
fn mask_words_round_trip() {
    let mut net = network(0, Phases::LABELLED);
    net.set_mask_word(0, 2, 0, 0x8140_FFFF).unwrap();
    assert_eq!(net.mask_word(0, 2, 0), 0x8100_0000);
    assert_eq!(net.masks(0)[18..], [0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0]);
    assert_eq!([net.mask_word(0, 1, 0), net.mask_word(0, 3, 0), net.mask_word(1, 0, 0)], [0; 3]);
    let no_word = |class, word| NetworkError::MaskWord { layer: 0, class, word };
    assert_eq!(net.set_mask_word(0, 3, 0, 1), Err(no_word(3, 0)));
    assert_eq!(net.set_mask_word(0, 0, 1, 1), Err(no_word(0, 1)));
    assert!(net.set_mask_word(1, 0, 0, 1).is_err());
}

#[test]
fn a_memory_that_is_too_short_is_named() {
    let config = config(0, Phases::LABELLED);
    let sizes = Sizes::of(&config);
    let memory = Memory {
        latents: &mut vec![0; sizes.latents],
        trits: &mut vec![0; sizes.latents],
        masks: &mut vec![0; sizes.masks],
        codes: &mut vec![0; sizes.codes],
        entries: &mut vec![Entry::default(); sizes.entries],
        rows: &mut vec![0; sizes.rows],
        partials: &mut vec![0; sizes.columns],
        squares: &mut vec![0; sizes.columns - 1],
        sums: &mut vec![0; sizes.sums],
        goodness: &mut vec![0; sizes.goodness],
    };
    let error = Network::new(&config, &TrainConfig::IMAGES, memory).err();
    let (needed, given) = (sizes.columns, sizes.columns - 1);
    assert_eq!(error, Some(NetworkError::Memory { what: "squares", needed, given }));
}

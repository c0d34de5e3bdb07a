//! Latents after training on synthetic images, pinned. The numbers come from the measured
//! prototype of the recipe, fed with the same images; no code is shared.

use crate::config::{LayerConfig, Phases};
use crate::init::{host_stream, shuffle, Variation};
use crate::masks::{Grouping, MaskRule, SHARE_FEW};
use crate::schedule::Schedule;
use crate::{Entry, NetworkConfig, OwnedMemory, OwnedNetwork, TrainConfig, Xorshift32, E2M1};

const PIXELS: usize = 28 * 28;
const EXAMPLES: usize = 1000;

/// Noisy copies of ten random patterns, labels 0..=9 in turn.
fn examples() -> Vec<(Vec<Entry>, u8)> {
    let mut xs = Xorshift32::new(1).unwrap();
    let lit: Vec<bool> = (0..10 * PIXELS).map(|_| xs.next_byte() < 40).collect();
    let mut image = |n: usize| {
        let label = n % 10;
        let mut list = Vec::new();
        for (i, &lit) in lit[label * PIXELS..][..PIXELS].iter().enumerate() {
            let r = xs.next();
            let pixel = if r >> 24 < if lit { 200 } else { 12 } { r >> 8 & 0xFF } else { 0 };
            let code = E2M1::nearest((12 * pixel + 127) / 255);
            if !code.is_zero() {
                list.push(Entry::new(i as u16, code));
            }
        }
        (list, label as u8)
    };
    (0..EXAMPLES).map(&mut image).collect()
}

fn network(columns: usize, copies: usize, train: TrainConfig, grouping: Grouping) -> OwnedNetwork {
    let layer = LayerConfig { inputs: PIXELS + 10 * copies, columns, shift: 5 };
    let config = NetworkConfig::new(&[layer], 10).unwrap().with_label_rows(copies).unwrap();
    let config = match copies {
        0 => config,
        _ => config.with_phases(Phases::OVERLAY).unwrap(),
    };
    let mut net = OwnedNetwork::new(&config, &train, OwnedMemory::new(&config)).unwrap();
    net.initialise_latents(train.seed);
    if copies == 0 {
        let rule = MaskRule::new(SHARE_FEW, grouping).unwrap();
        net.initialise_masks(&rule, train.seed).unwrap();
    }
    net
}

/// Trains `epochs` shuffled epochs with the planned schedule.
fn train(net: &mut OwnedNetwork, epochs: usize, variation: Option<Variation>) {
    let TrainConfig { seed, first_shift, .. } = *net.train_config();
    let schedule = Schedule::planned(first_shift, (EXAMPLES * epochs) as u64).unwrap();
    let (examples, mut host) = (examples(), host_stream(seed));
    let mut order: Vec<usize> = (0..EXAMPLES).collect();
    let mut varied = vec![Entry::default(); PIXELS];
    for epoch in 0..epochs {
        shuffle(&mut order, &mut host);
        for (n, &k) in order.iter().enumerate() {
            let (list, label) = &examples[k];
            let length = match variation {
                Some(v) => v.apply(list, &mut host, &mut varied),
                None => list.len(),
            };
            let list = if variation.is_some() { &varied[..length] } else { &list[..] };
            let shift = schedule.rate_shift((epoch * EXAMPLES + n) as u64);
            if net.config().copies() > 0 {
                net.train_overlay(list, *label, shift).unwrap();
            } else {
                net.train_labelled(list, *label, shift).unwrap();
            }
        }
    }
}

/// FNV-1a, 64 bit.
fn hash(net: &OwnedNetwork) -> u64 {
    let step = |h: u64, &b: &u8| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
    net.latents(0).iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[test]
fn labelled_in_file_order() {
    let mut net = network(128, 0, TrainConfig::IMAGES, Grouping::PerColumn);
    for (list, label) in examples() {
        net.train_labelled(&list, label, 4).unwrap();
    }
    let c = net.counters();
    assert_eq!((c.samples, c.updates), (1000, [209, 0, 0, 0]));
    assert_eq!(hash(&net), 0x7721_9494_e9e9_396d);
}

#[test]
fn shuffled_with_schedule_and_a_last_word_of_13_columns() {
    let config = TrainConfig { seed: 7, ..TrainConfig::IMAGES };
    let mut net = network(45, 0, config, Grouping::PerColumn);
    train(&mut net, 2, None);
    assert_eq!(hash(&net), 0x313c_74cf_e4c8_ddf7);
}

#[test]
fn balanced_groups_jitter_and_drop() {
    let config = TrainConfig { seed: 3, temperature: 8, ..TrainConfig::IMAGES };
    let mut net = network(100, 0, config, Grouping::BalancedGroups);
    train(&mut net, 2, Some(Variation { size: (28, 28), jitter: true, drop: 40 }));
    assert_eq!(hash(&net), 0xd28a_67f2_aafe_cc33);
}

#[test]
fn overlay() {
    let mut net =
        network(72, 4, TrainConfig { seed: 2, ..TrainConfig::OVERLAY }, Grouping::PerColumn);
    train(&mut net, 1, None);
    assert_eq!(hash(&net), 0x25e4_a11d_8d20_8c9a);
}

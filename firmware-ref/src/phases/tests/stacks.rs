//! Every phase on random stacks against the literal model.

use proptest::prelude::*;

use super::literal::Literal;
use crate::config::{LayerConfig, Phases};
use crate::masks::{Grouping, MaskRule};
use crate::{Entry, NetworkConfig, OwnedMemory, OwnedNetwork, TrainConfig, Xorshift32, E2M1};

#[derive(Clone, Debug)]
struct Shape {
    inputs: usize,
    columns: Vec<usize>,
    shifts: [u8; 4],
    classes: usize,
    copies: usize,
    train: TrainConfig,
}

prop_compose! {
    fn shape()(
        inputs in 1usize..40,
        columns in prop::collection::vec(1usize..80, 1..=4),
        shifts in prop::array::uniform4(0u8..4),
        classes in 1usize..6,
        copies in 1usize..4,
        temperature in 0u8..=8,
        theta in 0u32..500,
        seed in 1u32..,
    ) -> Shape {
        let train = TrainConfig { temperature, theta, first_shift: 0, seed };
        Shape { inputs, columns, shifts, classes, copies, train }
    }
}

fn network(shape: &Shape) -> OwnedNetwork {
    let mut inputs = shape.inputs + shape.classes * shape.copies;
    let mut layers = vec![];
    for (&columns, &shift) in shape.columns.iter().zip(&shape.shifts) {
        layers.push(LayerConfig { inputs, columns, shift });
        inputs = columns;
    }
    let config = NetworkConfig::new(&layers, shape.classes).unwrap();
    let config = config.with_label_rows(shape.copies).unwrap().with_phases(Phases::ALL).unwrap();
    let mut net = OwnedNetwork::new(&config, &shape.train, OwnedMemory::new(&config)).unwrap();
    net.initialise_latents(shape.train.seed);
    let rule = MaskRule::new(100, Grouping::PerColumn).unwrap();
    net.initialise_masks(&rule, shape.train.seed).unwrap();
    net
}

/// A list of about half of the inputs, with signs.
fn list(inputs: usize, xs: &mut Xorshift32) -> Vec<Entry> {
    let code = |xs: &mut Xorshift32| E2M1::from_low_bits(xs.next_byte());
    let mut list = vec![];
    for index in 0..inputs as u16 {
        let (keep, code) = (xs.next_byte() < 140, code(xs));
        if keep && !code.is_zero() {
            list.push(Entry { index, code });
        }
    }
    list
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn every_phase_equals_the_literal_model(shape in shape()) {
        let mut net = network(&shape);
        let mut model = Literal::of(&net);
        let mut xs = Xorshift32::derived(shape.train.seed ^ 0x5555);
        for n in 0..25 {
            let (a, b) = (list(shape.inputs, &mut xs), list(shape.inputs, &mut xs));
            let label = (xs.next() % shape.classes as u32) as u8;
            let shift = (xs.next() % 11) as u8;
            let (got, expected) = match n % 5 {
                0 => (net.train_labelled(&a, label, shift), model.train_labelled(&a, label, shift)),
                1 => (net.train_pair(&a, &b, shift), model.train_pair(&a, &b, shift)),
                2 => (net.train_single(&a, true, shift), model.train_single(&a, true, shift)),
                3 => (net.train_single(&a, false, shift), model.train_single(&a, false, shift)),
                _ => (net.train_overlay(&a, label, shift), model.train_overlay(&a, label, shift)),
            };
            prop_assert_eq!(got, Ok(expected), "example {}", n);
            prop_assert_eq!(net.counters(), &model.counters, "example {}", n);
            prop_assert_eq!(net.rival_state(), model.rival.state());
            prop_assert_eq!(net.round_state(), model.round.state());
            for (l, goodness) in model.goodness.iter().enumerate() {
                prop_assert_eq!(net.goodness(l), &goodness[..]);
                prop_assert_eq!(net.latents(l), &model.latents[l][..], "example {} layer {}", n, l);
            }
        }
    }

    #[test]
    fn inference_predicts_what_training_does_and_changes_nothing(shape in shape()) {
        let mut net = network(&shape);
        let list = list(shape.inputs, &mut Xorshift32::derived(shape.train.seed));
        let (rival, round) = (net.rival_state(), net.round_state());
        let before: Vec<u8> = net.latents(0).to_vec();
        let plain = net.infer(&list).unwrap();
        let summed = net.summed_goodness().to_vec();
        let overlay = net.infer_overlay(&list).unwrap();
        let score = net.score(&list).unwrap();
        prop_assert_eq!(net.goodness(0).len(), 1);
        prop_assert_eq!((net.rival_state(), net.round_state()), (rival, round));
        prop_assert_eq!(net.latents(0), &before[..]);
        prop_assert_eq!((net.counters().samples, net.counters().updates), (0, [0; 4]));
        let single = net.clone().train_single(&list, true, 3).unwrap();
        prop_assert_eq!(single.goodness_truth, score);
        prop_assert_eq!(single.goodness_other, shape.train.theta * shape.columns.len() as u32);
        prop_assert_eq!(net.clone().train_overlay(&list, 0, 3).unwrap().class, overlay.class);
        let labelled = net.train_labelled(&list, 0, 3).unwrap();
        prop_assert_eq!((labelled.class, labelled.goodness_truth), (plain.class, summed[0]));
        prop_assert_eq!(summed[usize::from(plain.class)], plain.goodness);
    }
}

#[test]
fn a_rival_that_is_the_truth_updates_nothing() {
    // One class: its rival can only be itself.
    let train = TrainConfig::IMAGES;
    let shape =
        Shape { inputs: 20, columns: vec![40, 33], shifts: [1; 4], classes: 1, copies: 1, train };
    let mut net = network(&shape);
    let (before, round) = (net.latents(0).to_vec(), net.round_state());
    let list = list(20, &mut Xorshift32::derived(1));
    let outcome = net.train_labelled(&list, 0, 0).unwrap();
    assert_eq!((outcome.rivals, outcome.updated), ([Some(0), Some(0), None, None], 0));
    assert_eq!((net.latents(0), net.round_state()), (&before[..], round));
    assert_ne!(net.rival_state(), crate::init::rival_stream(1).state());
}

#[test]
fn dead_passes_are_counted_for_every_candidate() {
    // All weights are 0.
    let layer = |inputs, columns| LayerConfig { inputs, columns, shift: 2 };
    let config = NetworkConfig::new(&[layer(10, 8), layer(8, 5)], 3).unwrap();
    let config = config.with_label_rows(2).unwrap().with_phases(Phases::ALL).unwrap();
    let train = TrainConfig::OVERLAY;
    let mut net = OwnedNetwork::new(&config, &train, OwnedMemory::new(&config)).unwrap();
    let list = [Entry::new(1, E2M1::MAX)];
    net.infer(&list).unwrap();
    net.infer_overlay(&list).unwrap();
    net.train_pair(&list, &list, 0).unwrap();
    net.train_single(&list, true, 0).unwrap();
    net.train_overlay(&list, 1, 0).unwrap();
    assert_eq!(net.counters().dead, [10, 10, 0, 0]);
    assert_eq!(net.counters().max_accumulator, [0; 4]);
    assert_eq!(net.counters().samples, 3);
}

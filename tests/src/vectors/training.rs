//! Training of whole networks, example by example.

use super::guard;
use super::host::mask_rule;
use super::read::{byte, entries, hex, list, number, size, to_word, word};
use deku_ref::wire::crc::crc16;
use deku_ref::wire::{ExampleResult, Kind};
use deku_ref::{
    LayerConfig, NetworkConfig, Outcome, OwnedMemory, OwnedNetwork, Phases, Ranking, TrainConfig,
};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// A network of the oracle, every latent and mask drawn from its seed.
pub fn network(spec: &Value) -> OwnedNetwork {
    let (classes, copies) = (size(spec, "classes"), spec["copies"].as_u64().unwrap_or(0) as usize);
    let mut layers: Vec<_> = list(spec, "layers").map(layer).collect();
    layers[0].inputs += classes * copies;
    let all = Phases::LABELLED | Phases::PAIR | Phases::SINGLE;
    let config = NetworkConfig::new(&layers, classes)
        .and_then(|config| config.with_label_rows(copies))
        .and_then(|config| config.with_phases(if copies > 0 { Phases::ALL } else { all }))
        .expect("a legal network");
    let train = TrainConfig {
        temperature: byte(spec, "temperature"),
        theta: spec["theta"].as_u64().unwrap_or(0) as u32,
        first_shift: 0,
        seed: word(spec, "seed"),
    };
    let memory = OwnedMemory::new(&config);
    let mut network = OwnedNetwork::new(&config, &train, memory).expect("enough memory");
    network.initialise_latents(train.seed);
    network.initialise_masks(&mask_rule(spec), train.seed).expect("masks");
    network
}

fn layer(spec: &Value) -> LayerConfig {
    let (inputs, columns) = (size(spec, "inputs"), size(spec, "columns"));
    LayerConfig { inputs, columns, shift: byte(spec, "scale") }
}

/// Runs all examples of a file.
pub fn run(file: &Value) -> Value {
    let mut network = network(&file["network"]);
    let mut start = vec![to_word(network.rival_state()), to_word(network.round_state())];
    start.extend(checks(&network));
    let cases: Vec<_> = list(file, "cases")
        .zip(0..)
        .map(|(case, n)| guard(|| step(&mut network, case, n)))
        .collect();
    let last = (0..network.config().layers().len()).map(|layer| {
        let latents = network.latents(layer);
        json!({ "latents": hex(latents), "sha256": hex(Sha256::digest(latents)) })
    });
    json!({ "start": start, "cases": cases, "final": last.collect::<Vec<_>>() })
}

fn step(network: &mut OwnedNetwork, case: &Value, number: usize) -> Value {
    let (outcome, ranking) = example(network, case);
    let rivals: Vec<_> = outcome.iter().flat_map(|o| o.rivals).flatten().collect();
    let updated = outcome.map_or(0, |o| o.updated);
    let result = ExampleResult {
        sequence: number as u8,
        updated,
        class: ranking.class,
        rival: rivals.first().copied(),
        other: ranking.other,
        truth: ranking.truth,
    };
    let layers = 0..network.config().layers().len();
    let counters = *network.counters();
    let count = |l: usize| {
        let largest = u32::from(counters.max_accumulator[l]);
        [counters.updates[l], counters.flips[l], counters.dead[l], largest]
    };
    json!({
        "goodness": layers.clone().map(|l| network.goodness(l)).collect::<Vec<_>>(),
        "rivals": rivals,
        "updated": updated,
        "predicted": ranking.class,
        "other": ranking.other,
        "truth": ranking.truth,
        "result": hex(result.emit()),
        "rival_state": to_word(network.rival_state()),
        "rounding_state": to_word(network.round_state()),
        "samples": counters.samples,
        "layers": layers.map(count).collect::<Vec<_>>(),
        "latents_crc": checks(network),
    })
}

/// Runs one example; the ranking of an inference is made from the goodness it leaves.
fn example(network: &mut OwnedNetwork, case: &Value) -> (Option<Outcome>, Ranking) {
    let x: Vec<_> = list(case, "x").map(|x| entries(x.as_str().expect("codes"))).collect();
    let (label, sh) = (byte(case, "label"), byte(case, "sh"));
    let outcome = match Kind::ALL[number(case, "kind") as usize] {
        Kind::Infer => network.infer(&x[0]).map(|_| None),
        Kind::OverlayInfer => network.infer_overlay(&x[0]).map(|_| None),
        Kind::Labelled => network.train_labelled(&x[0], label, sh).map(Some),
        Kind::Overlay => network.train_overlay(&x[0], label, sh).map(Some),
        Kind::Pair => network.train_pair(&x[0], &x[1], sh).map(Some),
        Kind::Positive => network.train_single(&x[0], true, sh).map(Some),
        Kind::Negative => network.train_single(&x[0], false, sh).map(Some),
    };
    let outcome = outcome.expect("a legal example");
    let ranking = match outcome {
        Some(o) => Ranking { class: o.class, other: o.goodness_other, truth: o.goodness_truth },
        None => Ranking::of(network.summed_goodness(), Some(label)),
    };
    (outcome, ranking)
}

/// CRC-16 of the latents of every layer.
fn checks(network: &OwnedNetwork) -> Vec<String> {
    let layers = 0..network.config().layers().len();
    layers.map(|layer| format!("{:04x}", crc16(network.latents(layer)))).collect()
}

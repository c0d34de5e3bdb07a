//! Noise, rival, update rule and forward pass.
//!
//! The reference keeps the order of an update to itself: `word_rounding` and `row_update` check
//! its arithmetic and its generator in the order of the contract, the training files check the
//! order.

use super::read::{
    byte, bytes, digits, entries, hex, list, signed, size, text, to_digits, to_word, word,
};
use deku_ref::noise::{noise, GUMBEL};
use deku_ref::{
    Latent, LayerConfig, NetworkConfig, OwnedMemory, OwnedNetwork, TrainConfig, Xorshift32, E2M1,
};
use serde_json::{json, Value};

pub fn gum(_: &Value) -> Value {
    json!({ "noise": GUMBEL.to_vec(), "sum": GUMBEL.iter().map(|&g| i32::from(g)).sum::<i32>() })
}

pub fn rival(case: &Value) -> Value {
    let mut stream = Xorshift32::new(word(case, "state")).expect("a state");
    let k = byte(case, "k");
    let goodness = list(case, "goodness").map(|g| g.as_i64().expect("goodness"));
    let noisy: Vec<_> = goodness.map(|g| g + i64::from(noise(stream.next_byte(), k))).collect();
    let best = noisy.iter().max().expect("a candidate");
    let rival = noisy.iter().position(|g| g == best);
    json!({ "noisy": noisy, "rival": rival, "after": to_word(stream.state()) })
}

pub fn update(case: &Value) -> Value {
    let product = (signed(case, "x") * signed(case, "d")) as i16;
    let (random, sh) = (size(case, "rnd10") as u16, byte(case, "sh"));
    let one = |l| Latent::new(l).expect("a legal latent").updated(product, random, sh).byte();
    json!({ "out": hex(bytes(case, "in").into_iter().map(one).collect::<Vec<_>>()) })
}

/// Ten random bits of a column.
fn rotated(w: u32, column: usize) -> u16 {
    (w.rotate_right(column as u32) & 0x3FF) as u16
}

pub fn word_rounding(case: &Value) -> Value {
    let (w, sh) = (word(case, "w"), byte(case, "sh"));
    json!({ "rnd": (0..32).map(|l| rotated(w, l) >> (10 - sh)).collect::<Vec<_>>() })
}

pub fn row_update(case: &Value) -> Value {
    let (columns, sh) = (size(case, "columns"), byte(case, "sh"));
    let factors: Vec<_> = list(case, "d").map(|d| d.as_i64().expect("a factor") as i16).collect();
    let mut latents: Vec<_> =
        bytes(case, "in").into_iter().map(|l| Latent::new(l).expect("a legal latent")).collect();
    let mut stream = Xorshift32::new(word(case, "state")).expect("a state");
    let mut flips = 0;
    for (g, word) in factors.chunks(32).enumerate().filter(|(_, w)| w.iter().any(|&d| d != 0)) {
        for e in entries(text(case, "x")) {
            let w = stream.next();
            let row = &mut latents[usize::from(e.index) * columns + 32 * g..];
            for (l, (latent, d)) in row.iter_mut().zip(word).enumerate() {
                let new = latent.updated(i16::from(e.code.twice()) * d, rotated(w, l), sh);
                flips += u32::from(new.trit() != latent.trit());
                *latent = new;
            }
        }
    }
    let out: Vec<_> = latents.iter().map(|l| l.byte()).collect();
    json!({ "out": hex(out), "flips": flips, "after": to_word(stream.state()) })
}

pub fn forward(case: &Value) -> Value {
    let input = entries(text(case, "x"));
    let masks: Vec<_> = list(case, "masks").map(|m| digits(m.as_str().expect("a mask"))).collect();
    let mut network = one_layer(case, &masks);
    let inference = network.infer(&input).expect("a legal example");
    let codes = network.codes(0).iter().map(|&y| E2M1::nearest(y.into()).bits());
    json!({
        "codes": to_digits(codes),
        "goodness": network.goodness(0),
        "predicted": inference.class,
        "largest": network.counters().max_accumulator[0],
    })
}

/// A network of one layer with the latents and masks of a case.
fn one_layer(case: &Value, masks: &[Vec<u8>]) -> OwnedNetwork {
    let (inputs, columns) = (text(case, "x").len(), size(case, "columns"));
    let layer = LayerConfig { inputs, columns, shift: byte(case, "scale") };
    let config = NetworkConfig::new(&[layer], masks.len()).expect("a legal network");
    let memory = OwnedMemory::new(&config);
    let mut network = OwnedNetwork::new(&config, &TrainConfig::IMAGES, memory).expect("memory");
    let latents = match case["every_latent"].as_u64() {
        Some(one) => vec![one as u8; inputs * columns],
        None => bytes(case, "latents"),
    };
    network.load_latents(0, 0, &latents).expect("legal latents");
    for (class, mask) in masks.iter().enumerate() {
        for (n, word) in mask.chunks(32).enumerate() {
            let bits = word.iter().zip(0..).fold(0, |all, (&m, j)| all | u32::from(m) << (31 - j));
            network.set_mask_word(0, class, n, bits).expect("a mask word");
        }
    }
    network
}

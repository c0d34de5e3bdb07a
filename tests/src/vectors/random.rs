//! The generator, its streams, fresh latents and shuffles.

use super::read::{hex, list, number, size, to_word, word};
use deku_ref::{init, Xorshift32};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

fn generator(case: &Value) -> Xorshift32 {
    Xorshift32::new(word(case, "state")).expect("a state that is not 0")
}

pub fn xorshift(case: &Value) -> Value {
    let mut stream = generator(case);
    json!({ "next": list(case, "next").map(|_| to_word(stream.next())).collect::<Vec<_>>() })
}

pub fn streams(case: &Value) -> Value {
    let seed = word(case, "seed");
    let layers = |of: fn(u32, usize) -> Xorshift32| {
        (0..4).map(|layer| to_word(of(seed, layer).state())).collect::<Vec<_>>()
    };
    json!({
        "latents": layers(init::latent_stream),
        "masks": layers(init::mask_stream),
        "rounding": to_word(init::rounding_stream(seed).state()),
        "rival": to_word(init::rival_stream(seed).state()),
        "host": to_word(init::host_stream(seed).state()),
    })
}

pub fn initial_latents(case: &Value) -> Value {
    let mut latents = vec![0; size(case, "inputs") * size(case, "columns")];
    init::fill_latents(word(case, "seed"), size(case, "layer"), &mut latents);
    json!({ "latents": hex(latents) })
}

pub fn shuffle(case: &Value) -> Value {
    let mut stream = generator(case);
    let order = shuffled(size(case, "n"), &mut stream);
    json!({ "order": order, "after": to_word(stream.state()) })
}

fn shuffled(n: usize, stream: &mut Xorshift32) -> Vec<usize> {
    let mut order: Vec<_> = (0..n).collect();
    init::shuffle(&mut order, stream);
    order
}

pub fn epochs(case: &Value) -> Value {
    let mut stream = init::host_stream(word(case, "seed"));
    let mut order: Vec<_> = (0..number(case, "n")).collect();
    let orders = list(case, "orders").map(|_| {
        init::shuffle(&mut order, &mut stream);
        order.clone()
    });
    json!({ "orders": orders.collect::<Vec<_>>() })
}

pub fn digits_split(case: &Value) -> Value {
    let order = shuffled(size(case, "n"), &mut generator(case));
    let digest =
        Sha256::digest(order.iter().flat_map(|&n| (n as u16).to_be_bytes()).collect::<Vec<_>>());
    let (train, test) = order.split_at(order.len() - size(case, "test"));
    json!({
        "sha256": hex(digest),
        "train_first": train[..8],
        "train_last": train[train.len() - 8..],
        "test_first": test[..8],
        "test_last": test[test.len() - 8..],
    })
}

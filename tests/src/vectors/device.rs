//! Training through the frames of a module: its registers, memories, records and results.

use super::link::{words, Link};
use super::read::{entries, hex, list, to_word};
use super::{guard, training, wire};
use deku_ref::reference::{OwnedDevice, LARGEST};
use deku_ref::regs::{self, Register};
use deku_ref::sample::Format;
use deku_ref::settings::Settings;
use deku_ref::wire::record;
use deku_ref::wire::{latents, Space};
use deku_ref::{Capabilities, Capacity, OwnedNetwork, Placement};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// The device model.
pub fn reference() -> Link<impl FnMut(&mut [u8])> {
    let capabilities = Capabilities::of_model(LARGEST);
    let mut device = OwnedDevice::on_heap(&capabilities).expect("a device");
    Link(move |frame: &mut [u8]| device.exchange(frame))
}

/// Runs the examples of a training file on the device model.
pub fn run(file: &Value) -> Value {
    train(&mut reference(), &LARGEST, file)
}

/// Runs the examples of a training file on any module of this capacity.
pub fn train<X: FnMut(&mut [u8])>(link: &mut Link<X>, capacity: &Capacity, file: &Value) -> Value {
    let network = training::network(&file["network"]);
    let placement = network.config().placement(capacity).expect("a network that fits");
    load(link, &network, &placement);
    let cases = list(file, "cases").zip(0..);
    let cases: Vec<_> = cases.map(|(case, n)| guard(|| step(link, &network, case, n))).collect();
    let last = (0..network.config().layers().len()).map(|layer| {
        let latents = read_latents(link, &network, &placement, layer);
        json!({ "latents": hex(&latents), "sha256": hex(Sha256::digest(&latents)) })
    });
    json!({ "cases": cases, "final": last.collect::<Vec<_>>() })
}

/// Registers, masks, latents (section 7 of the guide).
pub fn load<X: FnMut(&mut [u8])>(
    link: &mut Link<X>,
    network: &OwnedNetwork,
    placement: &Placement,
) {
    let settings = Settings::new(network.config(), placement, network.train_config());
    settings.layers().iter().for_each(|run| link.set(run.first, &run.values));
    link.set(settings.network.first, &settings.network.values);
    link.set(settings.rule.first, &settings.rule.values);
    link.set(regs::RIVAL_STATE.index, &[network.rival_state()]);
    link.set(regs::ROUND_STATE.index, &[network.round_state()]);
    for (layer, l) in network.config().layers().iter().enumerate() {
        let at = placement.layers()[layer];
        for word in 0..l.columns.div_ceil(32) {
            let masks = (0..network.config().classes())
                .map(|class| network.mask_word(layer, class, word).to_be_bytes().to_vec());
            let first = at.mask_base + (word << placement.class_bits);
            link.write(Space::Masks, first, &masks.collect::<Vec<_>>());
        }
        for (row, latents) in network.latents(layer).chunks(l.columns).enumerate() {
            let first = row_address(network, placement, layer, row);
            link.write(Space::Latents, first, &latents.chunks(32).map(pack).collect::<Vec<_>>());
        }
    }
    link.set(regs::LOADED.index, &[network.config().layers().len() as u32]);
}

fn pack(columns: &[u8]) -> Vec<u8> {
    let mut word = [0; latents::COLUMNS];
    word[..columns.len()].copy_from_slice(columns);
    latents::pack(&word).to_vec()
}

/// Word address of a row; label rows of layer 0 lie behind a base of their own.
fn row_address(network: &OwnedNetwork, placement: &Placement, layer: usize, row: usize) -> usize {
    let (config, at) = (network.config(), placement.layers()[layer]);
    match row.checked_sub(config.record_inputs()) {
        Some(row) if layer == 0 => {
            let (label, copy) = (row / config.copies(), row % config.copies());
            placement.label_base + label * placement.label_step + copy * at.stride
        }
        _ => at.base + row * at.stride,
    }
}

/// All latents of a layer.
pub fn read_latents<X: FnMut(&mut [u8])>(
    link: &mut Link<X>,
    network: &OwnedNetwork,
    placement: &Placement,
    layer: usize,
) -> Vec<u8> {
    let l = network.config().layers()[layer];
    let mut all = Vec::new();
    for row in 0..l.inputs {
        let first = row_address(network, placement, layer, row);
        let words = link.read(Space::Latents, first, l.columns.div_ceil(32));
        let unpacked =
            words.chunks(32).flat_map(|w| latents::unpack(w.try_into().expect("a word")));
        all.extend(unpacked.take(l.columns));
    }
    all
}

/// One example, its inputs in each sample format in turn.
fn step<X: FnMut(&mut [u8])>(
    link: &mut Link<X>,
    network: &OwnedNetwork,
    case: &Value,
    number: usize,
) -> Value {
    let x: Vec<_> = list(case, "x").map(|x| entries(x.as_str().expect("codes"))).collect();
    let negative = x.iter().flatten().any(|e| e.code.twice() < 0);
    let format = match Format::ALL[number % 4] {
        Format::PackedUnsigned if negative => Format::PackedSigned,
        format => format,
    };
    link.set(regs::FORMAT.index, &[format as u32]);
    let (example, inputs) = (wire::example(case, &x), network.config().record_inputs());
    let mut bytes = vec![0; record::len(&example, format, inputs)];
    record::emit(&example, number as u8, format, inputs, &mut bytes).expect("a legal example");
    let result = link.example(number as u8, &bytes);
    let layers = 0..network.config().layers().len();
    let mut state = |register| to_word(link.get(register, 0));
    let states = [state(&regs::RIVAL_STATE), state(&regs::ROUND_STATE)];
    let mut found = json!({
        "result": hex(result.emit()),
        "rival_state": states[0],
        "rounding_state": states[1],
        "samples": link.get(&regs::SAMPLES, 0),
    });
    let counters = [&regs::UPDATES, &regs::FLIPS, &regs::DEAD, &regs::MAX_ACC];
    let count = |link: &mut Link<X>, l| counters.map(|register: &Register| link.get(register, l));
    found["layers"] = layers.clone().map(|l| json!(count(link, l))).collect();
    let candidates = list(case, "goodness").next().and_then(Value::as_array).map_or(0, Vec::len);
    let goodness = layers.map(|l| json!(words(&link.read(Space::Goodness, l << 8, candidates))));
    found["goodness"] = goodness.collect();
    found
}

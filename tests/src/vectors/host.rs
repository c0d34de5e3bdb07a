//! Masks, schedule, calibration, jitter and drop.

use super::read::{byte, digits, entries, list, number, size, text, to_digits, to_word, word};
use super::training;
use deku_ref::init::{self, Variation};
use deku_ref::masks::{Grouping, MaskRule, MEMBER};
use deku_ref::schedule::Schedule;
use deku_ref::Entry;
use serde_json::{json, Value};

/// The mask rule of a case: `masks` and `share`.
pub fn mask_rule(case: &Value) -> MaskRule {
    let grouping = match text(case, "masks") {
        "columns" => Grouping::PerColumn,
        "balanced" => Grouping::BalancedColumns,
        "groups" => Grouping::BalancedGroups,
        other => panic!("no masks {other}"),
    };
    MaskRule::new(size(case, "share") as u16, grouping).expect("a legal share")
}

pub fn masks(case: &Value) -> Value {
    let columns = size(case, "columns");
    let mut masks = vec![0; columns * size(case, "classes")];
    let mut scratch = vec![0; MaskRule::scratch(columns)];
    let (seed, layer) = (word(case, "seed"), size(case, "layer"));
    mask_rule(case).draw(seed, layer, columns, &mut masks, &mut scratch);
    let rows =
        masks.chunks(columns).map(|row| to_digits(row.iter().map(|&m| u8::from(m == MEMBER))));
    json!({ "rows": rows.collect::<Vec<_>>() })
}

pub fn rate_shift(case: &Value) -> Value {
    let first = byte(case, "sh0");
    let schedule = match case["planned"].as_u64() {
        Some(planned) => Schedule::planned(first, planned),
        None => Schedule::endless(first),
    };
    json!({ "sh": schedule.expect("a legal SH0").rate_shift(number(case, "seen")) })
}

pub fn calibrate(case: &Value) -> Value {
    let samples: Vec<_> =
        list(case, "samples").map(|s| entries(s.as_str().expect("codes"))).collect();
    let images = case["images"] == true;
    let mut network = training::network(case);
    let shifts =
        network.calibrate(images, samples.iter().map(Vec::as_slice)).expect("legal samples");
    json!({ "scales": shifts[..size_of(case)] })
}

fn size_of(case: &Value) -> usize {
    list(case, "layers").len()
}

pub fn augment(case: &Value) -> Value {
    let mut stream = init::host_stream(word(case, "seed"));
    let images = list(case, "images").map(|image| {
        let codes = text(image, "in");
        let width = size(case, "width");
        let size = (width as u16, (codes.len() / width) as u16);
        let drop = byte(case, "drop");
        let variation = Variation { size, jitter: case["jitter"] == true, drop };
        let image = entries(codes);
        let mut out = vec![Entry::default(); image.len()];
        let n = variation.apply(&image, &mut stream, &mut out);
        json!({ "out": dense(&out[..n], codes.len()), "after": to_word(stream.state()) })
    });
    json!({ "images": images.collect::<Vec<_>>() })
}

/// Codes of all inputs from a list.
fn dense(list: &[Entry], inputs: usize) -> String {
    let mut codes = digits(&"0".repeat(inputs));
    list.iter().for_each(|e| codes[usize::from(e.index)] = e.code.bits());
    to_digits(codes)
}

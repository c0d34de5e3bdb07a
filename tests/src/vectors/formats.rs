//! Number formats.

use super::read::{byte, bytes, hex, signed, text, to_digits};
use deku_ref::{Latent, E2M1, E8M0};
use serde_json::{json, Value};

pub fn e2m1_code(case: &Value) -> Value {
    let code = E2M1::new(byte(case, "code")).expect("a 4-bit code");
    let sign = if code.twice() < 0 { 8 } else { 0 };
    let back = E2M1::nearest(code.twice().unsigned_abs().into()).bits() | sign;
    json!({ "doubled": code.twice(), "back": back })
}

pub fn e2m1_encode(case: &Value) -> Value {
    let scale = E8M0::from_shift(byte(case, "scale")).expect("a scale");
    let (first, step) = (signed(case, "first"), signed(case, "step"));
    let count = text(case, "codes").len() as i64;
    let accumulators = (0..count).map(|n| i16::try_from(first + n * step).expect("16 bits"));
    json!({ "codes": to_digits(accumulators.map(|a| scale.encode(a).bits())) })
}

pub fn ternary(_: &Value) -> Value {
    assert_eq!(Latent::new(192), None);
    json!({ "weights": to_digits((0..=Latent::MAX).map(|l| (latent(l).trit() + 1) as u8)) })
}

pub fn latent_decode(case: &Value) -> Value {
    let latents: Vec<_> = bytes(case, "latents").into_iter().map(latent).collect();
    let fractions: Vec<_> = latents.iter().map(|l| l.fraction()).collect();
    let trits = latents.iter().map(|l| (l.trit() + 1) as u8);
    json!({ "trits": to_digits(trits), "fractions": hex(fractions) })
}

fn latent(byte: u8) -> Latent {
    Latent::new(byte).expect("a legal latent")
}

/// The scaling is the host's; the rounding to a code is the reference's.
pub fn input_code(case: &Value) -> Value {
    let doubled = match text(case, "encoding") {
        "pixel" => |p: u32| (12 * p + 127) / 255,
        "mean2x2" => |sum| (12 * sum + 510) / 1020,
        "digits" => |p| (12 * (255 * p / 16) + 127) / 255,
        other => panic!("no encoding {other}"),
    };
    let count = text(case, "codes").len() as u32;
    json!({ "codes": to_digits((0..count).map(|p| E2M1::nearest(doubled(p)).bits())) })
}

//! What must be refused.

use super::read::{bytes, hex, number, size, text};
use super::wire::six;
use deku_ref::sample::{self, Format};
use deku_ref::wire::record::HEAD_LEN;
use deku_ref::wire::{
    access, crc, latents, ExampleResult, Preamble, RecordHead, Request, RequestError,
};
use deku_ref::{Entry, Latent};
use serde_json::{json, Value};

/// Repeats the bytes of the case if they were refused, says so if not.
fn refused(case: &Value, key: &str, refused: bool) -> Value {
    json!({ key: if refused { text(case, key) } else { "not refused" } })
}

pub fn header(case: &Value) -> Value {
    let parsed = Request::parse(&six(&bytes(case, "bytes")));
    refused(case, "bytes", parsed == Err(RequestError::Damaged))
}

pub fn reset(case: &Value) -> Value {
    let parsed = Request::parse(&six(&bytes(case, "bytes")));
    refused(case, "bytes", parsed == Err(RequestError::Magic))
}

pub fn write_block(case: &Value) -> Value {
    let header = access::header_crc(&bytes(case, "header"));
    refused(case, "block", access::block_unit(header, &bytes(case, "block")).is_none())
}

pub fn latent_word(case: &Value) -> Value {
    let word = bytes(case, "bytes").try_into().expect("a word");
    let illegal = bytes(case, "latents").into_iter().any(|l| Latent::new(l).is_none());
    assert!(illegal && hex(latents::unpack(&word)) == text(case, "latents"));
    refused(case, "bytes", latents::has_illegal_trit(&word))
}

/// The checks of a module, the CRC first.
pub fn record(case: &Value) -> Value {
    let data = bytes(case, "bytes");
    let (format, inputs) = (Format::from_bits(number(case, "format") as u32), size(case, "inputs"));
    let mut out = vec![Entry::default(); inputs];
    let error = match RecordHead::parse(&data) {
        _ if !crc::crc16_is_right(&data) => "payload",
        None => "sample",
        Some(head) if case["loaded"] == false && head.kind.trains() => "refused",
        Some(head) if u64::from(head.sequence) != number(case, "next_seq") => "sequence",
        Some(head) if !head.shift_is_legal() => "sample",
        Some(head) if !head.kind.accepts(head.label, size(case, "classes")) => "sample",
        Some(_) => match sample::decode(format, inputs, &data[HEAD_LEN..], &mut out) {
            Err(_) => "sample",
            Ok(_) => "none",
        },
    };
    json!({ "error": error })
}

pub fn result(case: &Value) -> Value {
    refused(case, "bytes", ExampleResult::parse(&bytes(case, "bytes")).is_none())
}

pub fn preamble(case: &Value) -> Value {
    refused(case, "bytes", Preamble::parse(&bytes(case, "bytes")).is_err())
}

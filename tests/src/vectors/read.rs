//! Fields of a case, in the text forms of the oracle. A malformed vector file panics.

use deku_ref::{Entry, E2M1};
use serde_json::Value;

pub fn number(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap_or_else(|| panic!("no number {key} in {case}"))
}

pub fn size(case: &Value, key: &str) -> usize {
    number(case, key) as usize
}

pub fn byte(case: &Value, key: &str) -> u8 {
    u8::try_from(number(case, key)).expect(key)
}

pub fn signed(case: &Value, key: &str) -> i64 {
    case[key].as_i64().unwrap_or_else(|| panic!("no number {key} in {case}"))
}

pub fn text<'c>(case: &'c Value, key: &str) -> &'c str {
    case[key].as_str().unwrap_or_else(|| panic!("no text {key} in {case}"))
}

/// A 32-bit value as hex digits.
pub fn word(case: &Value, key: &str) -> u32 {
    u32::from_str_radix(text(case, key), 16).expect(key)
}

pub fn list<'c>(case: &'c Value, key: &str) -> std::slice::Iter<'c, Value> {
    case[key].as_array().unwrap_or_else(|| panic!("no list {key}")).iter()
}

/// Bytes as two hex digits each.
pub fn bytes(case: &Value, key: &str) -> Vec<u8> {
    unhex(text(case, key))
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digits = digits(text);
    assert!(digits.len() % 2 == 0, "odd number of hex digits");
    digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect()
}

/// One number 0..=15 per hex digit.
pub fn digits(text: &str) -> Vec<u8> {
    text.chars().map(|c| c.to_digit(16).expect("hex digit") as u8).collect()
}

/// The list of the inputs whose code is not +0 or -0.
pub fn entries(codes: &str) -> Vec<Entry> {
    let codes = digits(codes).into_iter().map(E2M1::from_low_bits).zip(0..);
    codes.filter(|(code, _)| !code.is_zero()).map(|(code, i)| Entry::new(i, code)).collect()
}

/// Bytes as two hex digits each.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// One hex digit per number.
pub fn to_digits(numbers: impl IntoIterator<Item = u8>) -> String {
    numbers.into_iter().map(|n| format!("{n:x}")).collect()
}

pub fn to_word(state: u32) -> String {
    format!("{state:08x}")
}

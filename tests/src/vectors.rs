//! Runs test vectors against the reference model.
//!
//! The vectors (`tests/vectors`) are made by an independent implementation, see
//! `tests/oracle/README.md`. Each file names its *kind*; the runner of that kind takes the inputs
//! of every case and returns what the reference makes of them, and [`check`] finds the first
//! difference between that and the file.

use serde_json::{json, Value};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

mod bad;
pub mod device;
mod formats;
mod host;
pub mod link;
mod random;
mod read;
mod refusals;
mod rule;
mod training;
mod wire;

/// What the reference makes of a file: the keys to compare, at least `cases`.
type Runner = Box<dyn Fn(&Value) -> Value>;

/// A runner that looks at one case at a time.
fn each(run: fn(&Value) -> Value) -> Runner {
    Box::new(move |file| {
        let cases = read::list(file, "cases").map(|case| guard(|| run(case)));
        json!({ "cases": cases.collect::<Value>() })
    })
}

/// Turns a panic into a difference, so that the case is named.
fn guard(run: impl FnOnce() -> Value) -> Value {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        let text = text.or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string));
        json!({ "panic": text })
    })
}

/// The runners of a kind: the functions of the reference and, where frames are concerned, its
/// device model.
fn runners(kind: &str) -> Vec<Runner> {
    let device = match kind {
        "training" => Some(Box::new(device::run) as Runner),
        "bad_record" => Some(each(refusals::bad_record)),
        "bad_write_block" => Some(each(refusals::bad_write_block)),
        "bad_latent_word" => Some(each(refusals::bad_latent_word)),
        "bad_header" => Some(each(refusals::bad_header)),
        "bad_reset" => Some(each(refusals::bad_reset)),
        _ => None,
    };
    runner(kind).into_iter().chain(device).collect()
}

/// The runner that calls functions of the reference.
fn runner(kind: &str) -> Option<Runner> {
    Some(match kind {
        "training" => Box::new(training::run),
        "e2m1_code" => each(formats::e2m1_code),
        "e2m1_encode" => each(formats::e2m1_encode),
        "ternary" => each(formats::ternary),
        "latent_decode" => each(formats::latent_decode),
        "input_code" => each(formats::input_code),
        "xorshift" => each(random::xorshift),
        "streams" => each(random::streams),
        "initial_latents" => each(random::initial_latents),
        "shuffle" => each(random::shuffle),
        "epochs" => each(random::epochs),
        "digits_split" => each(random::digits_split),
        "gum" => each(rule::gum),
        "rival" => each(rule::rival),
        "update" => each(rule::update),
        "word_rounding" => each(rule::word_rounding),
        "row_update" => each(rule::row_update),
        "forward" => each(rule::forward),
        "masks" => each(host::masks),
        "rate_shift" => each(host::rate_shift),
        "calibrate" => each(host::calibrate),
        "augment" => each(host::augment),
        "crc" => each(wire::crc),
        "header" => each(wire::header),
        "preamble" => each(wire::preamble),
        "write_block" => each(wire::write_block),
        "frame" => each(wire::frame),
        "record" => each(wire::record),
        "minus_zero" => each(wire::minus_zero),
        "result" => each(wire::result),
        "latent_word" => each(wire::latent_word),
        "mask_word" => each(wire::mask_word),
        "cobs" => each(wire::cobs),
        "bad_header" => each(bad::header),
        "bad_reset" => each(bad::reset),
        "bad_write_block" => each(bad::write_block),
        "bad_latent_word" => each(bad::latent_word),
        "bad_record" => each(bad::record),
        "bad_result" => each(bad::result),
        "bad_preamble" => each(bad::preamble),
        _ => return None,
    })
}

/// Runs one file; the number of cases, or the first difference.
///
/// # Errors
/// A sentence with the case and the first difference, or why the file can not be run.
pub fn check(file: &Path) -> Result<usize, String> {
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
    let file: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let kind = file["kind"].as_str().ok_or("no kind")?;
    let runners = runners(kind);
    if runners.is_empty() {
        return Err(format!("no runner for kind {kind}"));
    }
    match runners.iter().find_map(|run| difference("", &file, &run(&file))) {
        Some(difference) => Err(difference),
        None => Ok(file["cases"].as_array().map_or(0, Vec::len)),
    }
}

/// The first difference. Keys of `found` are compared; the inputs of a case are not among them.
fn difference(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(e), Value::Object(f)) => f.iter().find_map(|(key, f)| {
            let e = e.get(key).unwrap_or(&Value::Null);
            difference(&format!("{path}.{key}"), e, f)
        }),
        (Value::Array(e), Value::Array(f)) => first_item(path, e, f),
        (Value::String(e), Value::String(f)) if e != f => Some(first_character(path, e, f)),
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {expected}, the reference has {found}")),
    }
}

fn first_item(path: &str, expected: &[Value], found: &[Value]) -> Option<String> {
    let items = expected.iter().zip(found).enumerate();
    let lengths = (expected.len(), found.len());
    items
        .map(|(n, (e, f))| difference(&format!("{path}[{n}]"), e, f))
        .find_map(|difference| difference)
        .or_else(|| (lengths.0 != lengths.1).then(|| format!("{path}: lengths {lengths:?}")))
}

fn first_character(path: &str, expected: &str, found: &str) -> String {
    let same = expected.bytes().zip(found.bytes()).take_while(|(e, f)| e == f).count();
    let part = |text: &str| text.chars().skip(same).take(16).collect::<String>();
    let (e, f) = (part(expected), part(found));
    format!("{path}: from character {same} on expected {e}, the reference has {f}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let file = json!({"cases": [{"in": 1, "out": "00ff"}, {"out": [1, 2, 3]}]});
        let at = |found| difference("", &file, &found);
        assert_eq!(at(json!({"cases": [{"out": "00ff"}, {"out": [1, 2, 3]}]})), None);
        let text = at(json!({"cases": [{"out": "00fe"}, {}]})).unwrap();
        assert!(text.starts_with(".cases[0].out: from character 3 on expected f"), "{text}");
        let text = at(json!({"cases": [{}, {"out": [1, 5]}]})).unwrap();
        assert_eq!(text, ".cases[1].out[1]: expected 2, the reference has 5");
        let text = at(json!({"cases": [{}, {"out": [1, 2]}]})).unwrap();
        assert_eq!(text, ".cases[1].out: lengths (3, 2)");
        assert_eq!(
            at(json!({"cases": [{}, {}], "end": 1})).unwrap(),
            ".end: expected null, the reference has 1"
        );
    }
}

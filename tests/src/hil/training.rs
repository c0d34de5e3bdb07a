//! Does it learn what the reference learns?

use serde_json::json;

use super::bench::Bench;
use super::Found;

/// `deku train` on the reference and on the device: the model files must be the same.
pub fn same_model(bench: &Bench<'_>) -> Result<Found, String> {
    let (data, columns) = (bench.data(), bench.columns.to_string());
    let train = |backend: &str, file: &str| {
        let arguments = ["train", "--data", &data, "--columns", &columns, "--epochs", "1"];
        let summary =
            bench.deku(&[&arguments[..], &["--backend", backend, "--out", file]].concat())?;
        let model = std::fs::read(bench.folder.join(file)).map_err(|e| format!("{file}: {e}"))?;
        Ok::<_, String>((summary, model))
    };
    let (_, expected) = train("ref", "ref.safetensors")?;
    let (summary, got) = train(&bench.dut.backend, "dut.safetensors")?;
    let same = expected == got;
    let accuracy = summary["test_accuracy"].as_f64().unwrap_or(f64::NAN);
    let what = format!(
        "digits, {columns} columns, {} samples: {accuracy:.2} % right, the model is {} of the reference",
        summary["samples"],
        if same { "that" } else { "not that" }
    );
    let numbers = json!({
        "samples": summary["samples"],
        "test_accuracy": accuracy,
        "seconds": summary["seconds"],
        "same_model": same,
    });
    Ok(Found::judged(same, what, numbers))
}

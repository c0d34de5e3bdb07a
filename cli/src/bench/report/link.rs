//! Campaigns with a noisy cable.

use super::Numbers;
use crate::bench::{noise_table, NoiseRecord};

/// A section each.
pub fn section(numbers: &Numbers) -> String {
    let all: Vec<_> = numbers.noise.iter().map(|(name, record)| campaign(name, record)).collect();
    all.join("\n")
}

fn campaign(name: &str, r: &NoiseRecord) -> String {
    let mut section = format!(
        "## A noisy cable: {name}\n\nBits of both lines are flipped at random, while loading and while {} samples ({:.0} bytes per \
         record, {}, {}) are streamed into `{}`; {} more follow over a good cable. Afterwards results, latents, generator states and \
         counters are those of the reference at every rate. Where nothing gets through the driver gives up, and when the cable is good \
         again the stream goes on and ends with the same state. Frame lengths and rates depend on the seed of the faults. \
         Measured at commit {} with `{}`, written to [bench/link/{name}.json](bench/link/{name}.json).\n\n{}\n",
        r.samples,
        r.record_bytes as f64 / r.samples.max(1) as f64,
        r.network,
        r.format,
        r.configuration,
        r.clean_samples,
        r.commit,
        r.command,
        noise_table::HEAD
    );
    for row in &r.rows {
        section += &(noise_table::row(row, r.samples) + "\n");
    }
    section +=
        &format!("\n| given up at {:e} while | error | after |\n|---|---|---|\n", r.hopeless_rate);
    for g in &r.given_up {
        section += &format!("| {} | `{}` | {:.3} s |\n", g.doing, g.code, g.seconds);
    }
    section
}

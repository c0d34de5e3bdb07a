//! A campaign with a noisy cable as a table.

use super::noise::{NoiseRecord, NoiseRow};

/// Head of the table.
pub const HEAD: &str = "| bit-error rate | bits flipped to module, to host | bytes per frame | samples/s | damaged preambles | answers asked for again | went back | bytes per frame, cable good again |\n|---|---|---|---|---|---|---|---|";

/// A row of it.
#[must_use]
pub fn row(row: &NoiseRow, samples: u64) -> String {
    format!(
        "| {:e} | {}, {} | {:.0} | {:.0} | {} | {} | {} | {:.0} |",
        row.bit_error_rate,
        row.flipped_to_module,
        row.flipped_to_host,
        row.noisy.frame(),
        row.noisy.rate(samples),
        row.damaged,
        row.unanswered,
        row.rewinds,
        row.clean.frame()
    )
}

/// What happened where nothing got through, a line for each.
#[must_use]
pub fn given_up(record: &NoiseRecord) -> String {
    let line = |g: &super::GivenUp| {
        format!(
            "{:e}, {}: error {} after {:.3} s: {}",
            record.hopeless_rate, g.doing, g.code, g.seconds, g.message
        )
    };
    record.given_up.iter().map(line).collect::<Vec<_>>().join("\n")
}

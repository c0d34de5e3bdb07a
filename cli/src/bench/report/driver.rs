//! What the driver costs the host.

use super::table::Table;
use super::Numbers;

/// The rate for which the driver's share of a core is stated, and what it shall stay below.
const STATED_RATE: f64 = 20_000.0;
const MOST_OF_A_CORE: f64 = 0.15;

/// The section.
pub fn section(numbers: &Numbers) -> String {
    let share = format!("of one core at {STATED_RATE:.0} samples/s");
    let mut table = Table::new(&["measurement", "samples per frame", "us per sample", &share]);
    let known = numbers.records.iter().filter_map(|(name, r)| r.driver.map(|d| (name, d)));
    let mut none = true;
    for (name, driver) in known {
        none = false;
        let samples = driver.samples.max(1) as f64;
        let us = driver.cpu_ns as f64 * 1e-3 / samples;
        let share = us * STATED_RATE * 1e-6;
        let verdict = if share < MOST_OF_A_CORE { "" } else { " (too much)" };
        table.row(&[
            name.clone(),
            format!("{:.1}", samples / driver.frames.max(1) as f64),
            format!("{us:.2}"),
            format!("{:.1} %{verdict}", 100.0 * share),
        ]);
    }
    if none {
        return String::new();
    }
    format!(
        "## The driver\n\nProcessor time of the driver alone, on the machine that measured: the samples of the last part once more, \
         while answers that were recorded from the device model come at once (the time of an example \
         and the gaps being those of the measurement). The goal is less than {:.0} % of one core at {STATED_RATE:.0} samples/s.\n\n{}",
        100.0 * MOST_OF_A_CORE,
        table.text()
    )
}

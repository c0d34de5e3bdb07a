//! What was measured of modules, part by part.

use super::table::Table;
use super::Numbers;
use crate::bench::{Mean, Record, Streamed};

const TEXT: &str = "## Measured parts

Every part streams the first samples of an epoch through the driver into the simulated module, which was loaded with what the
reference knew before that epoch; cycles per sample are counted by the simulation (`activity_o`). A check mark says that
`tests/oracle/port_minimum.py`, which counts from the data set with the Python oracle, found the same weight-port minimum. The
*link alone* sends the same records back to back in frames of at most 4,096 bytes, nine SCK periods per byte, 15 us between frames.
*Of the smaller* compares with averages: where the engine is the slower one in one part of the samples and the link in another, no
host can reach the smaller of the two.

";

/// Head of the table.
pub const HEAD: [&str; 14] = [
    "measurement",
    "part",
    "samples",
    "that update",
    "forward",
    "update",
    "overhead",
    "all cycles",
    "weight port needs",
    "engine alone /s",
    "bytes per record",
    "link alone /s",
    "measured /s",
    "of the smaller",
];

/// The section.
pub fn section(numbers: &Numbers) -> String {
    if numbers.records.is_empty() {
        return "Nothing has been measured yet.\n".into();
    }
    let mut table = Table::new(&HEAD);
    numbers.records.iter().for_each(|(name, record)| rows(&mut table, name, record));
    let mut errors = Table::new(&["measurement", "cycles", "time with the link"]);
    for (name, record) in &numbers.records {
        if let Some(a) = numbers.average(record) {
            let percent = |p: f64| format!("{p:.2} %");
            errors.row(&[name.clone(), percent(a.cycles_error), percent(a.link_error)]);
        }
    }
    format!(
        "{TEXT}{}\nThe most that a part differs from what the other parts predict for it; with the link only parts between two others:\n\n{}",
        table.text(),
        errors.text()
    )
}

/// The parts of one measurement.
pub fn rows(table: &mut Table, name: &str, record: &Record) {
    for part in &record.parts {
        let what = format!("epoch {} of {}", part.epoch, record.recipe.epochs);
        let mark = if part.oracle.is_some() { " ✓" } else { "" };
        row(table, (name, &what), record, &part.stretch, mark);
    }
    if let Some(stretch) = &record.inference {
        row(table, (name, "inference"), record, stretch, "");
    }
}

fn row(table: &mut Table, (name, what): (&str, &str), r: &Record, s: &Streamed, mark: &str) {
    let n = s.work.divisor();
    let mut cells = vec![name.to_owned(), what.to_owned(), s.work.samples.to_string()];
    cells.push(format!("{:.1} %", s.work.updated_percent()));
    let link = r.link_rate(s);
    let bytes = format!("{:.0}", s.record_bytes as f64 / n);
    let Some(mean) = Mean::of(r, s) else {
        cells.resize(8, String::new());
        cells.extend([format!("{:.0}{mark}", r.port_minimum(&s.work)), String::new(), bytes]);
        table.row(&cells);
        return;
    };
    let engine = mean.engine(&r.timing);
    let cycles = [mean.forward, mean.update, mean.overhead, mean.cycles()];
    cells.extend(cycles.map(|c| format!("{c:.0}")));
    cells.extend([
        format!("{:.0}{mark}, {:.1} %", mean.minimum, mean.port_share()),
        format!("{engine:.0}"),
        bytes,
        format!("{link:.0}"),
        format!("{:.0}", mean.with_link()),
        format!("{:.1} %", 100.0 * mean.with_link() / engine.min(link)),
    ]);
    table.row(&cells);
}

//! The digits as a table, for modules that have not room for ten classes.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use deku_cli::data::{Dataset, Samples};

/// Writes the first `count` digits below `classes`, a row each, in the order of the data set.
///
/// # Errors
/// If the file cannot be written or the data are damaged, in words.
pub fn write_table(path: &Path, classes: u8, count: usize) -> Result<(), String> {
    let data = Dataset::load("digits", None).map_err(|e| e.to_string())?;
    let failed = |e: std::io::Error| format!("cannot write {}: {e}", path.display());
    let mut file = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    let rows = (0..data.train.len()).filter(|n| data.train.label(*n) < classes);
    for n in rows.take(count) {
        writeln!(file, "{}", row(&data.train, n, data.inputs)).map_err(failed)?;
    }
    file.flush().map_err(failed)
}

/// Values in halves, then the label.
fn row(samples: &Samples, n: usize, inputs: usize) -> String {
    let mut values = vec![0_i8; inputs];
    for entry in samples.list(n) {
        values[usize::from(entry.index)] = entry.code.twice();
    }
    let mut row: String = values.iter().map(|value| format!("{value},")).collect();
    row += &samples.label(n).to_string();
    row
}

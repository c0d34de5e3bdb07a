//! How modules were measured.

use super::table::Table;
use super::Numbers;

/// The section.
pub fn section(numbers: &Numbers) -> String {
    if numbers.records.is_empty() {
        return String::new();
    }
    let head =
        ["measurement", "S", "format", "clock, SCK in MHz", "configuration", "commit", "command"];
    let mut table = Table::new(&head);
    for (name, r) in &numbers.records {
        table.row(&[
            format!("[{name}](bench/{name}.json)"),
            format!("{:?}", r.recipe.shifts),
            r.format.clone(),
            format!("{}, {}", r.timing.clk_hz as f64 / 1e6, r.timing.sck_hz as f64 / 1e6),
            format!("{} {}", r.configuration, r.configuration_hash),
            r.commit.clone(),
            format!("`{}`", r.command),
        ]);
    }
    format!("## How it was measured\n\n{}", table.text())
}

//! Whether the modules that `deku estimate` was fitted to are still those that are built.

use std::fs;

use anyhow::{bail, Context as _, Result};
use serde::Deserialize;

use crate::budget::Cells;
use crate::project::Project;

/// The measurements.
const MEASURED: &str = "rtl-gen/measured/ice40.toml";
/// Their own tests allow 2 % on top of this; the estimate must stay within 15 % of what is built.
const PERCENT: u64 = 10;

#[derive(Deserialize)]
struct Measured {
    config: String,
    point: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    changes: toml::Table,
    board: Option<String>,
    logic_cells: u64,
}

/// Fails when the module has other numbers of cells than were measured.
pub(super) fn check(project: &Project, config: &str, cells: &Cells) -> Result<()> {
    let text =
        fs::read_to_string(project.path(MEASURED)).with_context(|| format!("no {MEASURED}"))?;
    compare(&text, config, cells)
}

fn compare(text: &str, config: &str, cells: &Cells) -> Result<()> {
    let measured: Measured =
        toml::from_str(text).with_context(|| format!("{MEASURED} is not legal"))?;
    let unchanged = |p: &&Point| p.changes.is_empty() && p.board.is_none();
    let point = measured.point.iter().find(unchanged);
    let Some(point) = point.filter(|_| measured.config == config) else {
        bail!("{MEASURED} has no measurement of {config} as it is\n  fix: add one, with changes = {{}}");
    };
    let built = cells.get("ICESTORM_LC").copied().unwrap_or(0);
    if 100 * built.abs_diff(point.logic_cells) > PERCENT * point.logic_cells {
        bail!(
            "{config} takes {built} logic cells, {MEASURED} says {}\n  \
             cause: the module or its synthesis changed since then, so `deku estimate` is wrong\n  \
             fix: measure all modules of the file again, as its head says",
            point.logic_cells
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "config = \"up5k\"\n\
        [[point]]\nchanges = { uart = true }\nlogic_cells = 2000\n\
        [[point]]\nchanges = {}\nboard = \"b\"\nlogic_cells = 3000\n\
        [[point]]\nchanges = {}\nlogic_cells = 1000\n";

    fn cells(logic: u64) -> Cells {
        Cells::from([("ICESTORM_LC".to_owned(), logic)])
    }

    #[test]
    fn what_is_built_is_compared_with_the_unchanged_module() {
        assert!(compare(TEXT, "up5k", &cells(1100)).is_ok());
        assert!(compare(TEXT, "up5k", &cells(900)).is_ok());
        for logic in [899, 1101, 0] {
            let error = compare(TEXT, "up5k", &cells(logic)).unwrap_err().to_string();
            assert!(error.contains(&format!("takes {logic} logic cells")), "{error}");
            assert!(error.contains("says 1000"), "{error}");
        }
        let other = compare(TEXT, "nano", &cells(1000)).unwrap_err().to_string();
        assert!(other.contains("no measurement of nano"), "{other}");
    }
}

//! Measured modules: `rtl-gen/measured/*.toml`.

use crate::config::{from_toml, text_of, ConfigError, Fabric, ModuleConfig, BUILTIN};
use serde::Deserialize;

const ICE40: (&str, &str) = ("measured/ice40.toml", include_str!("../../measured/ice40.toml"));
const ECP5: (&str, &str) = ("measured/ecp5.toml", include_str!("../../measured/ecp5.toml"));
const GOWIN: (&str, &str) = ("measured/gowin.toml", include_str!("../../measured/gowin.toml"));

/// A module that was synthesised and packed.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // see rtl-gen/measured/*.toml
pub struct Point {
    pub name: String,
    pub config: ModuleConfig,
    pub board: Option<String>,
    pub logic_cells: u32,
    pub luts: u32,
    pub ffs: u32,
    pub rams: u32,
    pub large_rams: u32,
    pub dsps: u32,
}

impl Point {
    /// Logic cells, look-up tables, flip-flops.
    #[must_use]
    pub fn logic(&self) -> [u32; 3] {
        [self.logic_cells, self.luts, self.ffs]
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    config: String,
    point: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    changes: toml::Table,
    board: Option<String>,
    logic_cells: u32,
    luts: u32,
    ffs: u32,
    rams: u32,
    large_rams: u32,
    dsps: u32,
}

/// The measurements of a fabric, if there are any.
///
/// # Panics
/// Never: the files are part of the program and read by its tests.
#[must_use]
pub fn of(fabric: Fabric) -> Option<Vec<Point>> {
    let file = match fabric {
        Fabric::Ice40 => ICE40,
        Fabric::Ecp5 => ECP5,
        Fabric::Gowin => GOWIN,
        Fabric::Behavioural => return None,
    };
    Some(read(file).unwrap_or_else(|e| panic!("{e}")))
}

fn read((name, text): (&str, &str)) -> Result<Vec<Point>, ConfigError> {
    let file: File = from_toml(name, text, "the head of the file says what it holds")?;
    file.point.into_iter().map(|entry| entry.point(name, &file.config)).collect()
}

impl Entry {
    fn point(self, file: &str, config: &str) -> Result<Point, ConfigError> {
        let fix = "write a built-in configuration";
        let mut keys: toml::Table =
            from_toml(file, text_of(config, &BUILTIN, "configuration")?, fix)?;
        let name = if self.changes.is_empty() { config.into() } else { self.changes.to_string() };
        keys.extend(self.changes);
        Ok(Point {
            name: name.trim().replace('\n', ", "),
            config: ModuleConfig::parse(file, &keys.to_string())?,
            board: self.board,
            logic_cells: self.logic_cells,
            luts: self.luts,
            ffs: self.ffs,
            rams: self.rams,
            large_rams: self.large_rams,
            dsps: self.dsps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_make_other_configurations_and_mistakes_are_found() {
        let points = of(Fabric::Ice40).unwrap();
        let base = points.iter().find(|p| p.name == "up5k" && p.board.is_none()).unwrap();
        assert_eq!(base.config, ModuleConfig::builtin("up5k").unwrap());
        let pairs = points.iter().find(|p| p.name == "mac_pairs = 4").unwrap();
        assert_eq!((pairs.config.mac_pairs, pairs.dsps), (4, 4));
        assert!(points.iter().any(|p| p.board.is_some()));
        let text = ICE40.1.replacen("mac_pairs = 4", "mac_pears = 4", 1);
        let error = read(("m.toml", &text)).unwrap_err().to_string();
        assert!(error.contains("`mac_pears`"), "{error}");
    }
}

//! What the netlist is made of.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// Numbers of the cells of a design.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Look-up tables.
    pub luts: u64,
    /// Flip-flops.
    pub ffs: u64,
}

#[derive(Deserialize)]
struct Netlist {
    modules: BTreeMap<String, Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    attributes: BTreeMap<String, serde_json::Value>,
    cells: BTreeMap<String, Cell>,
}

#[derive(Deserialize)]
struct Cell {
    #[serde(rename = "type")]
    kind: String,
}

impl Counts {
    /// Reads a netlist that yosys wrote.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, "read", &e))?;
        Self::parse(&text).ok_or_else(|| {
            Error::backend("build/netlist", format!("`{}` has no top module", path.display()))
                .cause("yosys was stopped, or is of a version that writes another format")
                .fix("build again; if it stays, run `cargo xtask setup` for the version that is known to work")
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let netlist: Netlist = serde_json::from_str(text).ok()?;
        let top = netlist.modules.values().find(|m| m.attributes.contains_key("top"))?;
        let count =
            |prefix: &str| top.cells.values().filter(|c| c.kind.starts_with(prefix)).count() as u64;
        Some(Self { luts: count("SB_LUT4"), ffs: count("SB_DFF") })
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn cells_of_the_top_are_counted() {
        let text = r#"{"modules": {
            "SB_LUT4": {"attributes": {"blackbox": "1"}, "cells": {}},
            "deku_board": {"attributes": {"top": "1"}, "cells": {
                "a": {"type": "SB_LUT4"}, "b": {"type": "SB_DFFESR"}, "c": {"type": "SB_DFF"}}}}}"#;
        assert_eq!(Counts::parse(text), Some(Counts { luts: 1, ffs: 2 }));
        assert_eq!(Counts::parse("{\"modules\": {}}"), None);
    }
}

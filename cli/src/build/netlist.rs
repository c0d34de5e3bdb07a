//! What the netlist is made of.

use std::collections::BTreeMap;
use std::path::Path;

use deku_rtlgen::flow::Flow;
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
    pub fn read(path: &Path, flow: &Flow) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, "read", &e))?;
        Self::parse(&text, flow).ok_or_else(|| {
            Error::backend("build/netlist", format!("`{}` has no top module", path.display()))
                .cause("yosys was stopped, or is of a version that writes another format")
                .fix("build again; if it stays, run `cargo xtask setup` for the version that is known to work")
        })
    }

    fn parse(text: &str, flow: &Flow) -> Option<Self> {
        let netlist: Netlist = serde_json::from_str(text).ok()?;
        let top = netlist.modules.values().find(|m| m.attributes.contains_key("top"))?;
        let count =
            |prefix: &str| top.cells.values().filter(|c| c.kind.starts_with(prefix)).count() as u64;
        let luts = flow.luts.iter().map(|(prefix, tables)| count(prefix) * tables);
        Some(Self { luts: luts.sum(), ffs: count(flow.flip_flops) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deku_rtlgen::config::Fabric;

    #[test]
    fn cells_of_the_top_are_counted() {
        let text = r#"{"modules": {
            "SB_LUT4": {"attributes": {"blackbox": "1"}, "cells": {}},
            "deku_board": {"attributes": {"top": "1"}, "cells": {
                "a": {"type": "SB_LUT4"}, "b": {"type": "SB_DFFESR"}, "c": {"type": "SB_DFF"}}}}}"#;
        let ice40 = Flow::of(Fabric::Ice40).unwrap();
        assert_eq!(Counts::parse(text, ice40), Some(Counts { luts: 1, ffs: 2 }));
        assert_eq!(Counts::parse("{\"modules\": {}}", ice40), None);
        let text = text.replace("SB_LUT4", "CCU2C").replace("SB_DFFESR", "TRELLIS_FF");
        let ecp5 = Flow::of(Fabric::Ecp5).unwrap();
        assert_eq!(Counts::parse(&text, ecp5), Some(Counts { luts: 2, ffs: 1 }));
    }
}

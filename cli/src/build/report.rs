//! What came out of a build.

use std::path::Path;

use deku_rtlgen::board::Board;
use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::flow::Kinds;
use serde_json::{json, Value};

use super::flow_of;
use super::netlist::Counts;
use super::timing::{round, Timing};
use crate::error::{Error, Result};
use crate::output::Output;

/// Area and speed.
#[derive(Clone, Debug)]
pub struct Report {
    board: String,
    config: String,
    clock_hz: u32,
    kinds: &'static Kinds,
    netlist: Counts,
    /// Fastest first; never empty.
    timings: Vec<Timing>,
}

/// Kinds of cells: as nextpnr calls them, as people do.
fn kinds(kinds: &Kinds) -> [(&'static str, &'static str); 4] {
    [
        (kinds.logic, "logic cells"),
        (kinds.ram, "block memories"),
        (kinds.large_ram, "large memories"),
        (kinds.dsp, "multipliers"),
    ]
}

impl Report {
    pub(super) fn new(
        board: &Board,
        config: &ModuleConfig,
        netlist: Counts,
        mut timings: Vec<Timing>,
    ) -> Self {
        timings.sort_by(|a, b| b.clock_mhz.total_cmp(&a.clock_mhz));
        let kinds = &flow_of(board).kinds;
        let (board, name) = (board.name.clone(), config.name.clone());
        Self { board, config: name, clock_hz: config.clock_hz, kinds, netlist, timings }
    }

    /// The fastest placement.
    #[must_use]
    pub fn best(&self) -> &Timing {
        &self.timings[0]
    }

    /// The slowest one, MHz.
    #[must_use]
    pub fn minimum_mhz(&self) -> f64 {
        self.timings.last().map_or(0.0, |t| t.clock_mhz)
    }

    /// The one in the middle, the slower one of two, MHz.
    #[must_use]
    pub fn median_mhz(&self) -> f64 {
        self.timings[self.timings.len() / 2].clock_mhz
    }

    fn target_mhz(&self) -> f64 {
        f64::from(self.clock_hz) / 1e6
    }

    /// Refuses a design that is too slow with every seed.
    pub(super) fn check_clock(&self, folder: &Path) -> Result<()> {
        let (best, target) = (self.best().clock_mhz, self.target_mhz());
        if best >= target {
            return Ok(());
        }
        let what = format!(
            "no seed of {} reaches {target} MHz, the best {best:.1} MHz",
            self.timings.len()
        );
        Err(Error::check("build/slow", what)
            .cause(
                "the module is too large for its clock; the report says which path is the slowest",
            )
            .fix(format!(
                "try more --seeds, or a configuration with a lower clock_hz; report: {}",
                folder.join("report.json").display()
            )))
    }

    /// For programs, and for the file.
    #[must_use]
    pub fn json(&self, bitstream: &Path) -> Value {
        let best = self.best();
        let used = |kind: &str| best.cells(kind).0;
        let cells = best.cells.iter().filter(|(_, (used, _))| *used > 0);
        let cells = cells
            .map(|(kind, (used, all))| (kind.clone(), json!({"used": used, "available": all})));
        let seeds =
            self.timings.iter().map(|t| json!({"seed": t.seed, "fmax_mhz": round(t.clock_mhz)}));
        json!({
            "board": self.board,
            "config": self.config,
            "luts": self.netlist.luts,
            "ffs": self.netlist.ffs,
            "logic_cells": used(self.kinds.logic),
            "rams": used(self.kinds.ram),
            "large_rams": used(self.kinds.large_ram),
            "dsps": used(self.kinds.dsp),
            "fmax_min_mhz": round(self.minimum_mhz()),
            "fmax_median_mhz": round(self.median_mhz()),
            "target_mhz": self.target_mhz(),
            "bitstream": bitstream.display().to_string(),
            "seed": best.seed,
            "seeds": seeds.collect::<Vec<_>>(),
            "cells": cells.collect::<serde_json::Map<_, _>>(),
            "critical_path": best.path.json(),
            "sck_to_miso_ns": best.miso_ns.map(round),
        })
    }

    /// For people.
    pub fn show(&self, output: Output) {
        let best = self.best();
        output.heading(format!("{} on {}", self.config, self.board));
        for (kind, name) in kinds(self.kinds) {
            let (used, all) = best.cells(kind);
            if let Some(percent) = (100 * used).checked_div(all) {
                output.say(format!("{name:<15} {used:>5} of {all:>5}  {percent:>3} %"));
            }
        }
        let n = &self.netlist;
        output.say(format!("made of         {} look-up tables, {} flip-flops", n.luts, n.ffs));
        output.say(format!(
            "clock           {:.1} MHz at least, {:.1} median of {} seeds, {:.1} with seed {}; needed {}",
            self.minimum_mhz(),
            self.median_mhz(),
            self.timings.len(),
            best.clock_mhz,
            best.seed,
            self.target_mhz()
        ));
        let path = &best.path;
        output.say(format!(
            "slowest path    {:.1} ns, {:.1} of them wires: {}",
            path.delay_ns,
            path.wires_ns,
            path.signals.join(" > ")
        ));
        if let Some(ns) = best.miso_ns {
            output.say(format!("MISO            {ns:.1} ns after SCK falls, pads left out"));
        }
        if self.minimum_mhz() < self.target_mhz() {
            let text = "some seeds are too slow; the bitstream is of one that is not";
            output.warn("build/margin", text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::timing::tests::sample;

    fn report(clocks: &[f64]) -> Report {
        let board = Board::builtin("icebreaker").unwrap();
        let config = ModuleConfig::builtin("up5k").unwrap();
        let timings = clocks.iter().zip(1..).map(|(mhz, seed)| sample(seed, *mhz)).collect();
        Report::new(&board, &config, Counts { luts: 4207, ffs: 2991 }, timings)
    }

    #[test]
    fn minimum_median_and_best() {
        let r = report(&[49.0, 47.0, 52.0]);
        assert_eq!((r.minimum_mhz(), r.median_mhz(), r.best().seed), (47.0, 49.0, 3));
        assert_eq!(report(&[49.0, 52.0]).median_mhz(), 49.0);
        let json = r.json(Path::new("b.bin"));
        let fields =
            ["luts", "ffs", "logic_cells", "rams", "dsps"].map(|f| json[f].as_u64().unwrap());
        assert_eq!(fields, [4207, 2991, 4944, 30, 8]);
        assert_eq!((&json["target_mhz"], &json["bitstream"]), (&json!(48.0), &json!("b.bin")));
        assert_eq!(json["seeds"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn too_slow_with_every_seed_is_a_failed_check() {
        assert!(report(&[47.0, 48.1]).check_clock(Path::new("d")).is_ok());
        let error = report(&[47.0, 46.0]).check_clock(Path::new("d")).unwrap_err();
        assert_eq!((error.code, error.kind.exit_code()), ("build/slow", 1));
        assert!(error.what.contains("the best 47.0 MHz"), "{error}");
    }
}

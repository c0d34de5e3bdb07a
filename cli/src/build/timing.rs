//! What nextpnr says about area and speed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{json, Value};

use crate::error::{Error, Result};

/// The system clock in the board's top.
const CLOCK: &str = "clk";
/// What nextpnr puts before and behind the name of a signal on a global network.
const GLOBAL: [&str; 2] = ["$glbnet$", "_$glb_clk"];

/// One placement.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// Its seed.
    pub seed: u32,
    /// What the system clock reaches, MHz.
    pub clock_mhz: f64,
    /// Cells used and there are, by kind.
    pub cells: BTreeMap<String, (u64, u64)>,
    /// The slowest path of the system clock.
    pub path: CriticalPath,
    /// From the falling edge of SCK on its network to the pin of MISO, ns.
    /// `None` where the placer does not say.
    pub miso_ns: Option<f64>,
}

/// The slowest path, in names of our signals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriticalPath {
    /// Its delay, ns.
    pub delay_ns: f64,
    /// What of that is in wires, ns.
    pub wires_ns: f64,
    /// The signals it goes through.
    pub signals: Vec<String>,
}

impl Timing {
    /// Reads a report that nextpnr wrote.
    ///
    /// # Errors
    /// If the file cannot be read or does not know the system clock.
    pub fn read(path: &Path, seed: u32) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, "read", &e))?;
        // nextpnr does not look whether it could write.
        let value: Value = serde_json::from_str(&text).map_err(|e| {
            Error::backend("build/report", format!("`{}` is not whole: {e}", path.display()))
                .cause("the disk was full when nextpnr wrote it, or nextpnr was stopped")
                .fix("make room, or build elsewhere with --out, then build again")
        })?;
        Self::parse(&value, seed).ok_or_else(|| {
            let what = format!("`{}` says nothing about the clock `{CLOCK}`", path.display());
            Error::backend("build/report", what)
                .cause("nextpnr is of a version that writes another format")
                .fix("run `cargo xtask setup` for the version that is known to work")
        })
    }

    fn parse(report: &Value, seed: u32) -> Option<Self> {
        let clocks = report["fmax"].as_object()?;
        let system = clocks.iter().find(|(name, _)| plain(name).as_deref() == Some(CLOCK));
        let (name, row) = system?;
        let cells = report["utilization"].as_object()?.iter().filter_map(|(cell, row)| {
            let (used, all) = (row["used"].as_u64()?, row["available"].as_u64()?);
            Some((cell.clone(), (used, all)))
        });
        Some(Self {
            seed,
            clock_mhz: row["achieved"].as_f64()?,
            cells: cells.collect(),
            path: CriticalPath::between(report, &format!("posedge {name}"), None),
            miso_ns: miso_ns(report),
        })
    }

    /// Cells of a kind: used, there are.
    #[must_use]
    pub fn cells(&self, kind: &str) -> (u64, u64) {
        self.cells.get(kind).copied().unwrap_or_default()
    }
}

impl CriticalPath {
    /// The slowest path from one edge to another, or to the same.
    fn between(report: &Value, from: &str, to: Option<&str>) -> Self {
        let paths = report["critical_paths"].as_array().map_or(&[][..], Vec::as_slice);
        let name = |end: &Value| local(end.as_str().unwrap_or_default());
        let (from, to) = (local(from), local(to.unwrap_or(from)));
        let path = paths.iter().find(|p| name(&p["from"]) == from && name(&p["to"]) == to);
        let steps = path.and_then(|p| p["path"].as_array()).map_or(&[][..], Vec::as_slice);
        let mut found = Self::default();
        for step in steps {
            let delay = step["delay"].as_f64().unwrap_or(0.0);
            found.delay_ns += delay;
            if step["type"] != "routing" {
                continue;
            }
            found.wires_ns += delay;
            let name = step["net"].as_str().and_then(plain);
            if let Some(name) = name.filter(|name| found.signals.last() != Some(name)) {
                found.signals.push(name);
            }
        }
        found
    }

    /// For the report.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({ "delay_ns": round(self.delay_ns), "wires_ns": round(self.wires_ns), "signals": self.signals })
    }
}

/// From the falling edge of SCK to a pin. The tools name the network after SCK or after its pin.
fn miso_ns(report: &Value) -> Option<f64> {
    let edges = report["critical_paths"].as_array()?.iter().filter_map(|p| p["from"].as_str());
    let mut falling = edges.filter(|edge| {
        let net = edge.strip_prefix("negedge ").and_then(plain);
        net.is_some_and(|net| net.starts_with("spi_sck"))
    });
    let path = CriticalPath::between(report, falling.next()?, Some("<async>"));
    (path.delay_ns > 0.0).then_some(path.delay_ns)
}

/// A number with two digits after the point.
pub(super) fn round(x: f64) -> f64 {
    (100.0 * x).round() / 100.0
}

/// Without the marks of a global network.
fn local(net: &str) -> String {
    GLOBAL.iter().fold(net.to_owned(), |net, mark| net.replace(mark, ""))
}

/// Our name of a signal, if it has one. The tools add the cells they made of it, in capitals, or a `$`;
/// our names have neither.
fn plain(net: &str) -> Option<String> {
    let net = local(net);
    let cell = net.match_indices('_').map(|(at, _)| at).find(|at| {
        net[at + 1..].starts_with(|next: char| next.is_ascii_uppercase() || next == '$')
    });
    let end = cell.into_iter().chain(net.find('$')).min().unwrap_or(net.len());
    (end > 0).then(|| net[..end].to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn sample(seed: u32, mhz: f64) -> Timing {
        let step = |kind: &str, net: &str| json!({"type": kind, "net": net, "delay": 1.5});
        let edge = "posedge clk_$glb_clk";
        let report = json!({
            "fmax": { "spi_sck": {"achieved": 99.0}, "clk_$glb_clk": {"achieved": mhz, "constraint": 50.0} },
            "utilization": { "ICESTORM_LC": {"used": 4944, "available": 5280},
                             "ICESTORM_RAM": {"used": 30, "available": 30},
                             "ICESTORM_DSP": {"used": 8, "available": 8} },
            "critical_paths": [
                {"from": "posedge spi_sck", "to": edge, "path": []},
                {"from": edge, "to": edge, "path": [
                    {"type": "clk-to-q", "delay": 1.0},
                    step("routing", "u_deku.u_engine.run_q_SB_LUT4_I2_O[3]"),
                    step("routing", "u_deku.u_engine.run_q"),
                    step("logic", ""),
                    step("routing", "$abc$1"),
                    step("routing", "u_deku.wake")]},
                {"from": "negedge spi_sck", "to": "<async>", "path": [step("routing", "spi_miso")]}],
        });
        Timing::parse(&report, seed).unwrap()
    }

    #[test]
    fn the_report_is_understood() {
        let timing = sample(3, 49.5);
        assert_eq!((timing.seed, timing.clock_mhz), (3, 49.5));
        assert_eq!(timing.cells("ICESTORM_LC"), (4944, 5280));
        assert_eq!(timing.cells("ICESTORM_PLL"), (0, 0));
        assert_eq!(timing.path.signals, ["u_deku.u_engine.run_q", "u_deku.wake"]);
        assert_eq!((timing.path.delay_ns, timing.path.wires_ns), (8.5, 6.0));
        assert_eq!(timing.miso_ns, Some(1.5));
    }

    #[test]
    fn names_of_the_ecp5_are_understood() {
        let step = json!({"type": "routing", "net": "u_deku.miso_LUT4_Z", "delay": 3.9});
        let (clk, sck) = ("posedge $glbnet$clk", "negedge $glbnet$spi_sck_i$TRELLIS_IO_IN");
        let mut report = json!({
            "fmax": { "$glbnet$clk": {"achieved": 81.6} },
            "utilization": {},
            "critical_paths": [
                {"from": clk, "to": clk, "path": [step]},
                {"from": sck, "to": clk, "path": []},
                {"from": sck, "to": "<async>", "path": [step]}],
        });
        let timing = Timing::parse(&report, 1).unwrap();
        assert_eq!((timing.clock_mhz, timing.miso_ns), (81.6, Some(3.9)));
        assert_eq!(timing.path.signals, ["u_deku.miso"]);
        report["critical_paths"].as_array_mut().unwrap().pop();
        assert_eq!(
            Timing::parse(&report, 1).unwrap().miso_ns,
            None,
            "Gowin's report has no such path"
        );
    }

    #[test]
    fn a_report_that_ends_early_is_told_from_one_without_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seed1.json");
        for (text, words) in
            [("", "is not whole"), ("{\"fmax\":", "is not whole"), ("{}", "the clock `clk`")]
        {
            std::fs::write(&path, text).unwrap();
            let error = Timing::read(&path, 1).unwrap_err();
            assert_eq!(error.code, "build/report");
            assert!(error.what.contains(words), "{error}");
        }
    }

    #[test]
    fn a_report_without_the_clock_is_refused() {
        assert_eq!(Timing::parse(&json!({"fmax": {"clk_i": {"achieved": 1.0}}}), 1), None);
    }
}

//! Synthesis: the sources in one folder, because the tools see only the folder they run in, and the script.

mod block;
mod ecp5;
mod gowin;
mod ice40;

use crate::board::pll::Pll;
use crate::board::{constraints, top as board_top, Board};
use crate::config::{Fabric, ModuleConfig};
use crate::flow::Flow;
use crate::generate::{self, PRIMITIVES};

pub use block::{block, BARE_NETLIST, BARE_SCRIPT};

/// Name of the script.
pub const SCRIPT: &str = "synth.ys";
/// Name of the netlist that it writes.
pub const NETLIST: &str = "netlist.json";
/// Name of the same netlist as Verilog, which a simulator reads.
pub const VERILOG: &str = "netlist.v";
/// Name of the list of options for nextpnr, one per line, beside those that name the device and the clock:
/// [`Flow::options`].
pub const PLACE_FILE: &str = "place.args";

/// Everything yosys and nextpnr need for the module alone on a fabric, as (name, text). Timing weighs
/// in placement as much as for the family, or as asked for.
#[must_use]
pub fn module(
    config: &ModuleConfig,
    fabric: Fabric,
    timing_weight: Option<u32>,
) -> Vec<(String, String)> {
    let mut files = with_script("deku_top", fabric, sources(config, fabric));
    files.push(place_file(fabric, timing_weight));
    files
}

/// Everything yosys and nextpnr need for the module on a board, as (name, text).
#[must_use]
pub fn board(board: &Board, config: &ModuleConfig, pll: &Pll) -> Vec<(String, String)> {
    let mut sources = sources(config, config.fabric);
    let leaves = generate::board_primitives_for(board.family);
    sources.extend(leaves.into_iter().map(text_of));
    sources.extend(board_top::design(board, config, pll).emit());
    let mut files = with_script(board_top::TOP, board.family, sources);
    files.push(place_file(board.family, board.timing_weight));
    files.push(constraints::file(board, config));
    files
}

fn sources(config: &ModuleConfig, fabric: Fabric) -> Vec<(String, String)> {
    let mut generated = generate::modules(config);
    generated.sort(); // the order of the files changes the result a little; this is the measured one
    let leaves = generate::primitives_for(fabric, config.fabric).into_iter().map(text_of);
    generated.into_iter().chain(leaves).collect()
}

/// Name without folders, and text of a primitive.
fn text_of(path: &str) -> (String, String) {
    let text = PRIMITIVES.iter().find(|(p, _)| *p == path).map_or("", |(_, text)| *text);
    (generate::leaf(path).to_string(), text.to_string())
}

fn with_script(
    top: &str,
    fabric: Fabric,
    mut sources: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let names: Vec<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
    let script = match fabric {
        Fabric::Ice40 => ice40::script(top, &names),
        Fabric::Ecp5 => ecp5::script(top, &names),
        Fabric::Gowin => gowin::script(top, &names),
        Fabric::Behavioural => generic(top, &names),
    };
    sources.push((SCRIPT.to_string(), script));
    sources
}

/// The file with the options for nextpnr.
fn place_file(fabric: Fabric, timing_weight: Option<u32>) -> (String, String) {
    let options = Flow::of(fabric).map_or(Vec::new(), |flow| flow.options(timing_weight));
    (PLACE_FILE.to_string(), options.iter().map(|o| format!("{o}\n")).collect())
}

/// For fabrics without a script of their own: generic cells.
fn generic(top: &str, names: &[&str]) -> String {
    format!("read_verilog {}\nsynth -top {top}\nwrite_json {NETLIST}\n", names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[(String, String)]) -> Vec<&str> {
        files.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn every_source_is_there_once_and_read() {
        let config = ModuleConfig::builtin("up5k").unwrap();
        let icebreaker = Board::builtin("icebreaker").unwrap();
        let pll = icebreaker.accept(&config).unwrap();
        for (files, top) in [
            (module(&config, config.fabric, None), "deku_top.v"),
            (board(&icebreaker, &config, &pll), "deku_board.v"),
        ] {
            let mut sorted = names(&files);
            assert!(sorted.contains(&top));
            sorted.sort();
            let all = sorted.len();
            sorted.dedup();
            assert_eq!(sorted.len(), all);
            let script = &files.iter().find(|(name, _)| name == SCRIPT).unwrap().1;
            for name in sorted.into_iter().filter(|name| name.ends_with(".v")) {
                assert!(script.contains(&format!(" {name}")), "{name}");
            }
            let ram = &files.iter().find(|(name, _)| name == "deku_weight_ram.v").unwrap().1;
            assert!(ram.contains("SB_SPRAM256KA"));
        }
    }
}

//! Synthesis: the sources in one folder, because the tools see only the folder they run in, and the script.

use crate::board::pll::Pll;
use crate::board::{constraints, top as board_top, Board};
use crate::config::{Fabric, ModuleConfig};
use crate::generate::{self, PRIMITIVES};

/// Name of the script.
pub const SCRIPT: &str = "synth.ys";
/// Name of the netlist that it writes.
pub const NETLIST: &str = "netlist.json";
/// Name of the same netlist as Verilog, which a simulator reads.
pub const VERILOG: &str = "netlist.v";
/// Name of the constraints of a board.
pub const CONSTRAINTS: &str = "pins.pcf";

/// Name of the list of options for nextpnr, one per line, beside those that name the device and the clock.
pub const PLACE_FILE: &str = "place.args";
/// Those options. With nextpnr's own weights the clock of the UP5K, which is nearly full, comes out about a tenth
/// slower: 43.5 instead of 48.3 MHz with one netlist and seed.
pub const PLACE: [&str; 5] =
    ["--placer-heap-timingweight", "35", "--placer-heap-critexp", "4", "--opt-timing"];

/// Options of yosys' `synth_ice40`. Never `-dsp`: it also takes the SB_MAC16 of `deku_mac_pair`, whose
/// adders accumulate, and makes multipliers of them.
const ICE40: &str = "-device u";
/// Clock enables and synchronous resets of fewer flip-flops than this become logic (smaller).
const ICE40_LEAST: u32 = 3;
/// Flip-flops that the cells of `ff_map.v` can be.
const ICE40_DFF: [&str; 7] = [
    "$_DFF_?_ 0",
    "$_DFFE_?P_ 0",
    "$_DFF_?P?_ 0",
    "$_DFFE_?P?P_ 0",
    "$_SDFF_?P?_ 0",
    "$_SDFFCE_?P?P_ 0",
    "$_DLATCH_?_ x",
];
/// abc9's own script with balancing (`&b`: shorter paths), and with the mapping done a second time from its
/// result (smaller by 10 to 20 LC).
const ICE40_ABC9: &str = "&scorr; &sweep; &dc2; &b; &dch -f -r; &if {W} {D} {R} -v; &mfs; \
                          &st; &dch -f -r; &if {W} {D} {R} -v; &mfs";
/// What the mapper is to take a wire for, ps (yosys itself takes 750, which is too optimistic here).
const ICE40_WIRE_PS: u32 = 1500;

/// Everything yosys needs for the module alone on a fabric, as (name, text).
#[must_use]
pub fn module(config: &ModuleConfig, fabric: Fabric) -> Vec<(String, String)> {
    let sources = sources(config, fabric);
    with_script("deku_top", fabric, sources)
}

/// Everything yosys and nextpnr need for the module on a board, as (name, text).
#[must_use]
pub fn board(board: &Board, config: &ModuleConfig, pll: &Pll) -> Vec<(String, String)> {
    let mut sources = sources(config, config.fabric);
    let folder = format!("boards/{}/", board.family.folder());
    let own = PRIMITIVES.iter().filter_map(|(p, text)| Some((p.strip_prefix(&folder)?, text)));
    sources.extend(own.map(|(name, text)| (name.to_string(), (*text).to_string())));
    sources.extend(board_top::design(board, config, pll).emit());
    let mut files = with_script(board_top::TOP, board.family, sources);
    files.push((CONSTRAINTS.to_string(), constraints::pcf(board, config)));
    files
}

fn sources(config: &ModuleConfig, fabric: Fabric) -> Vec<(String, String)> {
    let leaf = |path: &str| path.rsplit('/').next().unwrap_or(path).to_string();
    let mut generated = generate::modules(config);
    generated.sort(); // the order of the files changes the result a little; this is the measured one
    let leaves = generate::primitives_for(fabric).into_iter().filter_map(|path| {
        let (_, text) = PRIMITIVES.iter().find(|(p, _)| *p == path)?;
        Some((leaf(path), (*text).to_string()))
    });
    generated.into_iter().chain(leaves).collect()
}

fn with_script(
    top: &str,
    fabric: Fabric,
    mut sources: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let names: Vec<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
    let script = match fabric {
        Fabric::Ice40 => ice40(top, &names),
        _ => generic(top, &names),
    };
    sources.push((SCRIPT.to_string(), script));
    sources.push((PLACE_FILE.to_string(), PLACE.join("\n") + "\n"));
    sources
}

/// `synth_ice40` with its steps `map_ffs` and `map_luts` written out, because the latter takes a wire for
/// 250 ps or 750 ps. On the UP5K a wire takes about 2 ns, more than a look-up table: with the true figure the
/// mapper looks at the paths through many tables and not at those through long carry chains.
fn ice40(top: &str, names: &[&str]) -> String {
    let synth = format!("synth_ice40 {ICE40} -top {top}");
    let flip_flops: String = ICE40_DFF.iter().map(|cell| format!(" -cell {cell}")).collect();
    [
        format!("read_verilog {}", names.join(" ")),
        format!("{synth} -run begin:map_ffs"),
        format!("dfflegalize{flip_flops} -mince {ICE40_LEAST} -minsrst {ICE40_LEAST}"),
        "techmap -map +/ice40/ff_map.v".to_owned(),
        "opt_expr -mux_undef".to_owned(),
        "simplemap".to_owned(),
        "ice40_opt -full".to_owned(),
        "check -latchonly -assert".to_owned(),
        "techmap -map +/ice40/latches_map.v".to_owned(),
        "read_verilog -D ICE40_U -icells -lib -specify +/ice40/abc9_model.v".to_owned(),
        format!("abc9 -W {ICE40_WIRE_PS} -script \"+{ICE40_ABC9}\""),
        "ice40_wrapcarry -unwrap".to_owned(),
        "techmap -map +/ice40/ff_map.v".to_owned(),
        "clean".to_owned(),
        "opt_lut -tech ice40".to_owned(),
        format!("{synth} -run map_cells: -json {NETLIST}"),
        format!("write_verilog -noattr {VERILOG}"),
    ]
    .join("\n")
        + "\n"
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
            (module(&config, config.fabric), "deku_top.v"),
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

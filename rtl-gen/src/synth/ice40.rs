//! Synthesis for the iCE40 UltraPlus.

use super::{NETLIST, VERILOG};

/// Options of yosys' `synth_ice40`. Never `-dsp`: it also takes the SB_MAC16 of `deku_mac_pair`, whose
/// adders accumulate, and makes multipliers of them.
const OPTIONS: &str = "-device u";
/// Clock enables and synchronous resets of fewer flip-flops than this become logic (smaller).
const LEAST: u32 = 3;
/// Flip-flops that the cells of `ff_map.v` can be.
const FLIP_FLOPS: [&str; 7] = [
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
const ABC9: &str = "&scorr; &sweep; &dc2; &b; &dch -f -r; &if {W} {D} {R} -v; &mfs; \
                          &st; &dch -f -r; &if {W} {D} {R} -v; &mfs";
/// What the mapper is to take a wire for, ps (yosys itself takes 750, which is too optimistic here).
const WIRE_PS: u32 = 1500;

/// `synth_ice40` with its steps `map_ffs` and `map_luts` written out, because the latter takes a wire for
/// 250 ps or 750 ps. On the UP5K a wire takes about 2 ns, more than a look-up table: with the true figure the
/// mapper looks at the paths through many tables and not at those through long carry chains.
pub(super) fn script(top: &str, names: &[&str]) -> String {
    let synth = format!("synth_ice40 {OPTIONS} -top {top}");
    let flip_flops: String = FLIP_FLOPS.iter().map(|cell| format!(" -cell {cell}")).collect();
    [
        format!("read_verilog {}", names.join(" ")),
        format!("{synth} -run begin:map_ffs"),
        format!("dfflegalize{flip_flops} -mince {LEAST} -minsrst {LEAST}"),
        "techmap -map +/ice40/ff_map.v".to_owned(),
        "opt_expr -mux_undef".to_owned(),
        "simplemap".to_owned(),
        "ice40_opt -full".to_owned(),
        "check -latchonly -assert".to_owned(),
        "techmap -map +/ice40/latches_map.v".to_owned(),
        "read_verilog -D ICE40_U -icells -lib -specify +/ice40/abc9_model.v".to_owned(),
        format!("abc9 -W {WIRE_PS} -script \"+{ABC9}\""),
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

//! Synthesis for the ECP5.

use super::{NETLIST, VERILOG};

/// No `-dsp`: nothing multiplies wide numbers, and a small product is faster in look-up tables.
const OPTIONS: &str = "-family ecp5 -nodsp";
/// Inputs of the widest table. The fabric makes tables of up to seven inputs from tables of four, but one of six takes
/// four of these: the mapper spends them on -x, once in every lane instead of once for all.
const MOST_INPUTS: u32 = 5;
/// What the mapper is to take a wire for, ps; yosys' own value (with twice that the clock was not higher).
const WIRE_PS: u32 = 300;

/// `synth_lattice` with its step `map_luts` written out, for the options of the mapper.
pub(super) fn script(top: &str, names: &[&str]) -> String {
    let synth = format!("synth_lattice {OPTIONS} -top {top}");
    [
        format!("read_verilog {}", names.join(" ")),
        format!("{synth} -run begin:map_luts"),
        "check -latchonly -assert".to_owned(),
        "techmap -map +/lattice/latches_map.v".to_owned(),
        format!("abc9 -W {WIRE_PS} -maxlut {MOST_INPUTS}"),
        "clean".to_owned(),
        format!("{synth} -run map_cells: -json {NETLIST}"),
        format!("write_verilog -noattr {VERILOG}"),
    ]
    .join("\n")
        + "\n"
}

//! Synthesis for the ECP5.

use super::{NETLIST, VERILOG};

/// No `-dsp`: nothing multiplies wide numbers, and a small product is faster in look-up tables.
const OPTIONS: &str = "-family ecp5 -nodsp";

/// yosys' own steps.
pub(super) fn script(top: &str, names: &[&str]) -> String {
    [
        format!("read_verilog {}", names.join(" ")),
        format!("synth_lattice {OPTIONS} -top {top} -json {NETLIST}"),
        format!("write_verilog -noattr {VERILOG}"),
    ]
    .join("\n")
        + "\n"
}

//! Synthesis for Gowin FPGAs.

use super::{NETLIST, VERILOG};

/// GW2A differs in cells that are not used here.
const OPTIONS: &str = "-family gw1n";
/// Memories without a write port become logic: block memories are scarce, and tables of constants small.
const ROMS: &str = "setattr -set ram_style \"logic\" t:$mem_v2 r:WR_PORTS=0 %i";
/// yosys itself maps to tables of up to 8 inputs with multiplexers between, which is a fifth larger.
const MAP: &str = "abc9 -maxlut 4 -W 500";

/// `synth_gowin` with its step `map_luts` written out. No block memory is inferred where none is asked for: the
/// primitives name theirs.
pub(super) fn script(top: &str, names: &[&str]) -> String {
    let synth = format!("synth_gowin {OPTIONS} -top {top}");
    [
        format!("read_verilog {}", names.join(" ")),
        format!("{synth} -run begin:map_ram"),
        ROMS.to_owned(),
        format!("{synth} -nobram -run map_ram:map_luts"),
        "read_verilog -icells -lib -specify +/abc9_model.v".to_owned(),
        MAP.to_owned(),
        "clean".to_owned(),
        format!("{synth} -json {NETLIST} -run map_cells:"),
        format!("write_verilog -noattr {VERILOG}"),
    ]
    .join("\n")
        + "\n"
}

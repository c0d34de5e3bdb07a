//! The programs behind synthesis, by family: what they are called, what they are told, what they call cells.

use crate::board::chip::Chip;
use crate::board::Board;
use crate::config::Fabric;
use crate::synth::NETLIST;

/// Placement, routing and packing for one family.
#[derive(Debug, PartialEq, Eq)]
pub struct Flow {
    /// The program that places and routes.
    pub placer: &'static str,
    /// How much timing weighs against the length of wires when it places, if not as much as it likes itself.
    timing_weight: Option<u32>,
    /// Its other options for a better result, beside those that name device, clock and files.
    options: &'static [&'static str],
    /// Name of the file with the pins.
    pub constraints: &'static str,
    /// Ending of the placed design.
    pub placed: &'static str,
    /// The program that makes the bitstream.
    pub packer: &'static str,
    /// Ending of the bitstream.
    pub ending: &'static str,
    /// What the placer calls the cells.
    pub kinds: Kinds,
    /// Cells of the netlist that are look-up tables, with how many each is; by the start of their names.
    pub luts: &'static [(&'static str, u64)],
    /// Start of the names of flip-flops in the netlist.
    pub flip_flops: &'static str,
}

/// Names of kinds of cells in the placer's report; empty for what the family does not have.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Kinds {
    pub logic: &'static str,
    pub ram: &'static str,
    pub large_ram: &'static str,
    pub dsp: &'static str,
}

/// With nextpnr's own weights (10, 2) the clock of the UP5K, which is nearly full, comes out about a tenth
/// slower: 43.5 instead of 48.3 MHz with one netlist and seed. A weight of 35 gave 46.1 MHz where one of 70 gave 47.9.
const ICE40: Flow = Flow {
    placer: "nextpnr-ice40",
    timing_weight: Some(70),
    options: &["--placer-heap-critexp", "4", "--opt-timing"],
    constraints: "pins.pcf",
    placed: "asc",
    packer: "icepack",
    ending: "bin",
    kinds: Kinds {
        logic: "ICESTORM_LC",
        ram: "ICESTORM_RAM",
        large_ram: "ICESTORM_SPRAM",
        dsp: "ICESTORM_DSP",
    },
    luts: &[("SB_LUT4", 1)],
    flip_flops: "SB_DFF",
};

/// With nextpnr's own weights some seeds were below 80 MHz (77.5 MHz on the ULX3S; 89.6 with these).
const ECP5: Flow = Flow {
    placer: "nextpnr-ecp5",
    timing_weight: Some(35),
    options: &["--placer-heap-critexp", "4"],
    constraints: "pins.lpf",
    placed: "config",
    packer: "ecppack",
    ending: "bit",
    kinds: Kinds { logic: "TRELLIS_COMB", ram: "DP16KD", large_ram: "", dsp: "MULT18X18D" },
    // A carry cell is two tables, a memory of 16 x 4 bits four.
    luts: &[("LUT4", 1), ("CCU2C", 2), ("TRELLIS_DPR16X4", 4)],
    flip_flops: "TRELLIS_FF",
};

const GOWIN: Flow = Flow {
    placer: "nextpnr-himbaechel-gowin",
    timing_weight: None,
    options: &[],
    constraints: "pins.cst",
    placed: "placed.json",
    packer: "gowin_pack",
    ending: "fs",
    kinds: Kinds { logic: "LUT4", ram: "BSRAM", large_ram: "", dsp: "" },
    // A memory of 16 x 4 bits takes all eight tables of its tile.
    luts: &[("LUT", 1), ("ALU", 1), ("RAM16SDP4", 8)],
    flip_flops: "DFF",
};

impl Flow {
    /// That of a family; `None` for one that no board has.
    #[must_use]
    pub const fn of(fabric: Fabric) -> Option<&'static Self> {
        match fabric {
            Fabric::Ice40 => Some(&ICE40),
            Fabric::Ecp5 => Some(&ECP5),
            Fabric::Gowin => Some(&GOWIN),
            Fabric::Behavioural => None,
        }
    }

    /// Options of the placer for a better result; a board may ask for another weight of timing than its family.
    #[must_use]
    pub fn options(&self, timing_weight: Option<u32>) -> Vec<String> {
        let weight = timing_weight.or(self.timing_weight);
        let weight = weight.map(|n| ["--placer-heap-timingweight".to_string(), n.to_string()]);
        let others = self.options.iter().map(ToString::to_string);
        weight.into_iter().flatten().chain(others).collect()
    }

    /// Arguments of the placer; `seed<N>.json` will be its report.
    #[must_use]
    pub fn place(&self, board: &Board, goal_mhz: u32, seed: u32) -> Vec<String> {
        let chip = board.chip();
        let mut args = self.names(chip);
        let files = ["--json", NETLIST, "--timing-allow-fail"];
        args.extend(files.map(String::from));
        args.extend(self.options(board.timing_weight));
        args.extend(["--freq".into(), goal_mhz.to_string(), "--seed".into(), seed.to_string()]);
        let placed = match chip.family {
            Fabric::Ecp5 => "--textcfg",
            Fabric::Gowin => "--write",
            _ => "--asc",
        };
        args.extend([placed.into(), self.placed(seed), "--report".into(), report(seed)]);
        args
    }

    /// Arguments that name the FPGA and the file with the pins.
    fn names(&self, chip: &Chip) -> Vec<String> {
        if chip.family == Fabric::Gowin {
            let (die, pins) =
                (format!("family={}", chip.speed), format!("cst={}", self.constraints));
            let words = ["--device", chip.device, "--vopt", &die, "--vopt", &pins];
            return words.map(String::from).to_vec();
        }
        let device = format!("--{}", chip.device);
        let mut args = vec![device, "--package".into(), chip.package.into()];
        if !chip.speed.is_empty() {
            args.extend(["--speed".into(), chip.speed.into()]);
        }
        let pins = if chip.family == Fabric::Ecp5 { "--lpf" } else { "--pcf" };
        args.extend([pins.into(), self.constraints.into()]);
        args
    }

    /// The placed design.
    fn placed(&self, seed: u32) -> String {
        format!("seed{seed}.{}", self.placed)
    }

    /// Arguments of the packer.
    #[must_use]
    pub fn pack(&self, chip: &Chip, seed: u32, bitstream: &str) -> Vec<String> {
        if chip.family == Fabric::Gowin {
            let words = ["-d", chip.speed, "-o", bitstream].map(String::from);
            return words.into_iter().chain([self.placed(seed)]).collect();
        }
        let compress = (chip.family == Fabric::Ecp5).then(|| "--compress".to_string());
        compress.into_iter().chain([self.placed(seed), bitstream.to_string()]).collect()
    }
}

/// The placer's report.
#[must_use]
pub fn report(seed: u32) -> String {
    format!("seed{seed}.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::BUILTIN;

    #[test]
    fn every_board_has_a_flow() {
        for (name, _) in BUILTIN {
            let board = Board::builtin(name).unwrap();
            let chip = board.chip();
            let flow = Flow::of(chip.family).unwrap();
            let place = flow.place(&board, 50, 3).join(" ");
            assert!(place.contains(chip.device), "{place}");
            assert!(place.contains("--freq 50 --seed 3"), "{place}");
            let placed = format!("seed3.{}", flow.placed);
            assert!(place.ends_with(&format!("{placed} --report seed3.json")), "{place}");
            let pack = flow.pack(chip, 3, "b.bin");
            assert!(pack.contains(&placed) && pack.contains(&"b.bin".to_string()), "{pack:?}");
        }
    }

    #[test]
    fn the_weight_of_a_board_takes_the_place_of_its_familys() {
        let mut board = Board::builtin("upduino").unwrap();
        assert!(ICE40
            .place(&board, 50, 1)
            .join(" ")
            .contains("timingweight 70 --placer-heap-crit"));
        board.timing_weight = Some(12);
        let place = ICE40.place(&board, 50, 1).join(" ");
        assert_eq!(place.matches("timingweight").count(), 1, "{place}");
        assert!(place.contains("timingweight 12 "), "{place}");
        assert_eq!(GOWIN.options(None), [""; 0]);
    }
}

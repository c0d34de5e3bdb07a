//! FPGAs: what boards may name, and what a module may use of them.

mod ecp5_pins;
mod gowin_pins;

use crate::config::Fabric;
use ecp5_pins::{CABGA381_25, CABGA381_85, CSFBGA285};
use gowin_pins::{CLOCKS_18, CLOCKS_9, QN88P_9, QN88_18};

/// An FPGA in its package.
#[derive(Debug, PartialEq, Eq)]
pub struct Chip {
    /// Whose primitives are used.
    pub family: Fabric,
    /// Device, as the tools call it.
    pub device: &'static str,
    /// Package, as the tools call it.
    pub package: &'static str,
    /// Pins a design may use.
    pub pins: &'static [&'static str],
    /// Speed grade, where the tools ask for it.
    pub speed: &'static str,
    /// Those that reach a global clock network; none are named where the fabric leads every pin there.
    pub clock_pins: &'static [&'static str],
    /// The one that is wired to the PLL, if there is just one; from any other the clock goes through the fabric.
    pub pll_pin: &'static str,
    /// Outputs of the constant-current LED driver, in its order.
    pub rgb_pins: &'static [&'static str],
    /// Look-up tables, each with a flip-flop.
    pub luts: u32,
    /// Block memories.
    pub rams: u32,
    /// Large single-port memories.
    pub large_rams: u32,
    /// Multiply-accumulate blocks.
    pub dsps: u32,
    /// System clock that is placed at the most; whether it is reached is seen after placing.
    pub max_clock_hz: u32,
}

/// All of them.
pub const CHIPS: [Chip; 7] = [
    UP5K,
    ecp5("25k", "CABGA381", "6", CABGA381_25),
    ecp5("25k", "CSFBGA285", "8", CSFBGA285),
    ecp5("85k", "CABGA381", "6", CABGA381_85),
    ecp5("85k", "CSFBGA285", "8", CSFBGA285),
    GW1NR9,
    GW2AR18,
];

/// Lattice iCE40UP5K.
const UP5K: Chip = Chip {
    family: Fabric::Ice40,
    device: "up5k",
    package: "sg48",
    pins: &[
        "2", "3", "4", "6", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
        "21", "23", "25", "26", "27", "28", "31", "32", "34", "35", "36", "37", "38", "39", "40",
        "41", "42", "43", "44", "45", "46", "47", "48",
    ],
    speed: "",
    clock_pins: &["20", "35", "37", "44"],
    pll_pin: "35",
    rgb_pins: &["39", "40", "41"],
    luts: 5280,
    rams: 30,
    large_rams: 4,
    dsps: 8,
    max_clock_hz: 50_000_000,
};

/// A Lattice ECP5; the speed grade is that of the boards which have it.
const fn ecp5(
    device: &'static str,
    package: &'static str,
    speed: &'static str,
    pins: &'static [&'static str],
) -> Chip {
    let large = matches!(device.as_bytes(), b"85k");
    Chip {
        family: Fabric::Ecp5,
        device,
        package,
        speed,
        pins,
        clock_pins: &[],
        pll_pin: "",
        rgb_pins: &[],
        luts: if large { 83_640 } else { 24_288 },
        rams: if large { 208 } else { 56 },
        large_rams: 0,
        dsps: if large { 156 } else { 28 },
        max_clock_hz: 120_000_000,
    }
}

/// Gowin GW1NR-9 of the Tang Nano 9K; `speed` is what the tools call the silicon.
const GW1NR9: Chip = Chip {
    family: Fabric::Gowin,
    device: "GW1NR-LV9QN88PC6/I5",
    package: "QFN88P",
    speed: "GW1N-9C",
    pins: QN88P_9,
    clock_pins: CLOCKS_9,
    pll_pin: "",
    rgb_pins: &[],
    luts: 8640,
    rams: 26,
    large_rams: 0,
    dsps: 0,
    max_clock_hz: 60_000_000,
};

/// Gowin GW2AR-18 of the Tang Nano 20K.
const GW2AR18: Chip = Chip {
    device: "GW2AR-LV18QN88C8/I7",
    package: "QFN88",
    speed: "GW2A-18C",
    pins: QN88_18,
    clock_pins: CLOCKS_18,
    luts: 20_736,
    rams: 46,
    max_clock_hz: 81_000_000,
    ..GW1NR9
};

impl Chip {
    /// The FPGA of this name.
    #[must_use]
    pub fn find(family: Fabric, device: &str, package: &str) -> Option<&'static Self> {
        let same = |c: &&Chip| c.family == family && c.device == device && c.package == package;
        CHIPS.iter().find(same)
    }

    /// For messages.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {} {}", self.family.folder(), self.device, self.package)
    }
}

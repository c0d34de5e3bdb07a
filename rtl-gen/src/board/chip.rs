//! FPGAs: what boards may name, and what a module may use of them.

use crate::config::Fabric;

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
    /// Those that reach a global clock network directly.
    pub clock_pins: &'static [&'static str],
    /// The one that is wired to the PLL; from any other the clock goes through the fabric.
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
pub const CHIPS: [Chip; 1] = [Chip {
    family: Fabric::Ice40,
    device: "up5k",
    package: "sg48",
    pins: &[
        "2", "3", "4", "6", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
        "21", "23", "25", "26", "27", "28", "31", "32", "34", "35", "36", "37", "38", "39", "40",
        "41", "42", "43", "44", "45", "46", "47", "48",
    ],
    clock_pins: &["20", "35", "37", "44"],
    pll_pin: "35",
    rgb_pins: &["39", "40", "41"],
    luts: 5280,
    rams: 30,
    large_rams: 4,
    dsps: 8,
    max_clock_hz: 50_000_000,
}];

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

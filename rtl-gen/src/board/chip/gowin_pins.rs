//! Pins of the Gowin FPGAs that a design may use: not those of JTAG (5 to 8), of reconfiguration (9), of the mode of
//! configuration (87, 88), nor those that the configuration from flash uses (53 to 62; on the GW2AR also 52 and 63).

/// GW1NR-9 in QN88P.
pub(super) const QN88P_9: &[&str] = &[
    "3", "4", "10", "11", "13", "14", "15", "16", "17", "18", "19", "20", "25", "26", "27", "28",
    "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "47", "48",
    "49", "50", "51", "52", "63", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "79",
    "80", "81", "82", "83", "84", "85", "86",
];
/// Those of them that reach a global clock network.
pub(super) const CLOCKS_9: &[&str] = &["10", "35", "36", "51", "52"];

/// GW2AR-18 in QN88.
pub(super) const QN88_18: &[&str] = &[
    "4", "10", "11", "13", "15", "16", "17", "18", "19", "20", "25", "26", "27", "28", "29", "30",
    "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "48", "49", "51", "69",
    "70", "71", "72", "73", "74", "75", "76", "77", "79", "80", "81", "82", "83", "84", "85", "86",
];
/// Those of them that reach a global clock network, and 4, which is the input of a PLL.
pub(super) const CLOCKS_18: &[&str] = &["4", "10", "11", "35", "36", "76", "77", "79", "80"];

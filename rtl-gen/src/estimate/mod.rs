//! How large a module will be, before any tool runs.
//!
//! Memories and multipliers are counted. Logic is a sum of a few features of the configuration, fitted to
//! measured modules ([`points`]) each time: the measurements are the only numbers that are written down.
//!
//! ```
//! use deku_rtlgen::config::ModuleConfig;
//! use deku_rtlgen::estimate;
//!
//! let area = estimate::area(&ModuleConfig::builtin("up5k")?, true).unwrap();
//! assert_eq!((area.rams, area.dsps), (30, 8));
//! assert!((4500..5280).contains(&area.logic_cells));
//! # Ok::<(), deku_rtlgen::config::ConfigError>(())
//! ```

mod fit;
pub mod points;

use crate::board::block_rams;
use crate::config::{Fabric, ModuleConfig};
use points::Point;

/// What a module takes of an FPGA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Logic cells: a look-up table, a flip-flop, or both.
    pub logic_cells: u32,
    /// Look-up tables.
    pub luts: u32,
    /// Flip-flops.
    pub ffs: u32,
    /// Block memories.
    pub rams: u32,
    /// Large single-port memories.
    pub large_rams: u32,
    /// Multiply-accumulate blocks.
    pub dsps: u32,
}

/// The area of a module, alone or on a board; `None` for fabrics that were not measured.
///
/// # Panics
/// Never: the measurements of the project are checked by its tests.
#[must_use]
pub fn area(config: &ModuleConfig, on_board: bool) -> Option<Area> {
    let points = points::of(config.fabric)?;
    Some(predict(&points, config, on_board))
}

fn predict(points: &[Point], config: &ModuleConfig, on_board: bool) -> Area {
    let logic = |count: fn(&Point) -> u32| logic(points, config, on_board, count);
    Area {
        logic_cells: logic(|p| p.logic_cells),
        luts: logic(|p| p.luts),
        ffs: logic(|p| p.ffs),
        rams: block_rams(config),
        large_rams: large_rams(config),
        dsps: config.mac_pairs * config.slices,
    }
}

fn logic(points: &[Point], config: &ModuleConfig, on_board: bool, count: fn(&Point) -> u32) -> u32 {
    let rows: Vec<Vec<f64>> =
        points.iter().map(|p| features(&p.config, p.board.is_some())).collect();
    let counts: Vec<f64> = points.iter().map(|p| f64::from(count(p))).collect();
    let predicted = fit::Fit::of(&rows, &counts).at(&features(config, on_board));
    // A module cannot be negative, whatever a fit says far away from its points.
    predicted.max(0.0).round() as u32
}

/// What the logic of a module grows with.
fn features(config: &ModuleConfig, on_board: bool) -> Vec<f64> {
    let slices = f64::from(config.slices);
    let bits = |entries: u32| f64::from(entries.ilog2());
    let queues = bits(config.list_entries) + bits(config.hidden_entries) + bits(config.results);
    let columns = bits(config.mask_words) + bits(config.code_words);
    vec![
        slices * f64::from(16 - config.mac_pairs),
        // Without MAC primitives goodness is summed 16 columns at a time, in logic.
        slices * f64::from(u8::from(config.mac_pairs == 0)),
        f64::from(config.accumulator_bits) - 15.0,
        f64::from(u8::from(config.uart)),
        bits(config.max_classes),
        queues + columns,
        // Latents in block RAM: one bank per bit of the depth, whose outputs are joined in logic.
        slices * f64::from((config.words / config.slices).count_ones()),
        f64::from(u8::from(on_board)),
    ]
}

/// Bits of an SPRAM of the iCE40 UltraPlus.
const SPRAM_BITS: u32 = 16 * 16_384;
/// Bits of a word: 32 columns of one byte.
const WORD_BITS: u32 = 32 * 8;

fn large_rams(config: &ModuleConfig) -> u32 {
    match config.fabric {
        Fabric::Ice40 => (config.words * WORD_BITS).div_ceil(SPRAM_BITS),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(predicted: u32, measured: u32) -> f64 {
        (f64::from(predicted) / f64::from(measured) - 1.0).abs()
    }

    fn logic_of(area: &Area) -> [u32; 3] {
        [area.logic_cells, area.luts, area.ffs]
    }

    #[test]
    fn every_measured_module_is_predicted() {
        for fabric in [Fabric::Ice40, Fabric::Ecp5, Fabric::Gowin] {
            let points = points::of(fabric).unwrap();
            for p in &points {
                let area = predict(&points, &p.config, p.board.is_some());
                for (predicted, measured) in logic_of(&area).into_iter().zip(p.logic()) {
                    assert!(off(predicted, measured) < 0.02, "{}: {predicted}, {measured}", p.name);
                }
                let counted = (area.rams, area.large_rams, area.dsps);
                assert_eq!(counted, (p.rams, p.large_rams, p.dsps), "{}", p.name);
            }
        }
    }

    /// A model that only repeats what it was given would fail here. The fewer modules of a fabric
    /// were measured, the more is lost with one of them.
    #[test]
    fn every_measured_module_is_predicted_from_the_others() {
        for (fabric, most) in [(Fabric::Ice40, 0.05), (Fabric::Ecp5, 0.15), (Fabric::Gowin, 0.1)] {
            let points = points::of(fabric).unwrap();
            for (i, p) in points.iter().enumerate() {
                let mut others = points.clone();
                others.remove(i);
                let counts: [fn(&Point) -> u32; 3] = [|p| p.logic_cells, |p| p.luts, |p| p.ffs];
                for (count, measured) in counts.into_iter().zip(p.logic()) {
                    let predicted = logic(&others, &p.config, p.board.is_some(), count);
                    assert!(off(predicted, measured) < most, "{}: {predicted}, {measured}", p.name);
                }
            }
        }
    }

    #[test]
    fn fabrics_without_measurements_have_no_area() {
        assert_eq!(area(&ModuleConfig::builtin("nano").unwrap(), false), None);
    }
}

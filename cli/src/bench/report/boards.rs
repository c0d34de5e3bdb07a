//! Boards: what the module takes, how fast it is, what it costs.

use deku_rtlgen::board::{Board, BUILTIN};
use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::flow::Flow;

use super::table::Table;
use super::Numbers;
use crate::bench::BoardRecord;

/// Cells of a row before the clock of the configuration.
const CELLS_BEFORE_CLOCK: usize = 11;

const TEXT: &str = "## Boards

Made by `deku build` and kept by `deku bench board`. Cells are used of those that there are; clocks are the slowest and the
median of the seeds. Cells per lane are those of its slice of MAC lanes alone, see below.

";

/// The section.
pub fn section(numbers: &Numbers) -> String {
    let head = [
        "board",
        "US$",
        "configuration",
        "look-up tables",
        "flip-flops",
        "logic cells",
        "block memories",
        "large memories",
        "multipliers",
        "MHz, least / median",
        "seeds",
        "MHz of the configuration",
        "MAC lanes",
        "cells per lane",
        "US$ per lane",
        "commit",
    ];
    let mut table = Table::new(&head);
    if numbers.plan.is_none() && numbers.boards.is_empty() {
        return String::new();
    }
    let mut other = false;
    for (name, _) in BUILTIN {
        let Ok(board) = Board::builtin(name) else { continue };
        let Ok(config) = ModuleConfig::load(&board.config) else { continue };
        let record = numbers.boards.iter().find(|(n, _)| n == name).map(|(_, record)| record);
        other |= record.is_some_and(|r| r.configuration_hash.is_none());
        table.row(&row(numbers, &board, &config, record));
    }
    let note = "\n\\* Built from other sources than those of the commit that it was kept at.\n";
    format!("{TEXT}{}{}", table.text(), if other { note } else { "" })
}

fn row(
    numbers: &Numbers,
    board: &Board,
    config: &ModuleConfig,
    record: Option<&BoardRecord>,
) -> Vec<String> {
    let lanes = 32 * config.slices;
    let other = record.is_some_and(|r| r.configuration_hash.is_none());
    let name = board.name.clone() + if other { " \\*" } else { "" };
    let mut cells = vec![name, board.price_usd.to_string(), board.config.clone()];
    match record {
        Some(record) => cells.extend(built(board, record)),
        None => {
            cells.push("not built".into());
            cells.resize(CELLS_BEFORE_CLOCK, String::new());
            cells.push(format!("{}", f64::from(config.clock_hz) / 1e6));
        }
    }
    cells.push(lanes.to_string());
    cells.push(per_lane(numbers, &board.config).map_or("-".into(), |n| format!("{n:.1}")));
    cells.push(format!("{:.2}", f64::from(board.price_usd) / f64::from(lanes)));
    cells.extend(record.map(|r| r.commit.clone()));
    cells
}

fn built(board: &Board, record: &BoardRecord) -> Vec<String> {
    let build = &record.build;
    let usage = Flow::of(board.family).map(|flow| build.usage(flow)).unwrap_or_default();
    let of = |n: usize| match usage[n] {
        Some(cells) => {
            let percent = (100 * cells.used).checked_div(cells.available).unwrap_or(0);
            format!("{} of {} ({percent} %)", cells.used, cells.available)
        }
        None => "-".into(),
    };
    let met = if build.fmax_min_mhz < build.target_mhz { " (missed)" } else { "" };
    let mut cells = vec![build.luts.to_string(), build.ffs.to_string()];
    cells.extend((0..4).map(of));
    cells.push(format!("{:.1} / {:.1}{met}", build.fmax_min_mhz, build.fmax_median_mhz));
    cells.extend([build.seeds.len().to_string(), build.target_mhz.to_string()]);
    cells
}

/// Cells of a MAC lane in a configuration.
fn per_lane(numbers: &Numbers, config: &str) -> Option<f64> {
    let blocks = &numbers.plan.as_ref()?.blocks;
    let block = blocks.iter().find(|b| b.lanes_of.as_deref() == Some(config))?;
    let measured = numbers.block(&block.name)?;
    Some(measured.logic_cells as f64 / f64::from(block.lanes?))
}

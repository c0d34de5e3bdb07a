//! What was asked for, and whether it is reached.

use deku_rtlgen::board::{Board, BUILTIN};

use super::table::Table;
use super::Numbers;
use crate::bench::average::Mean;
use crate::bench::{Block, Limit, Plan};

const TEXT: &str = "## What was asked for\n\nRates are means over the training run.\n\n";

/// The section.
pub fn section(numbers: &Numbers) -> String {
    let Some(plan) = &numbers.plan else { return String::new() };
    let mut table = Table::new(&["what", "asked for", "measured", "reached"]);
    for board in BUILTIN.iter().filter_map(|(name, _)| Board::builtin(name).ok()) {
        clock(&mut table, numbers, plan, &board);
    }
    plan.limits.iter().for_each(|limit| module(&mut table, numbers, plan, limit));
    plan.blocks.iter().for_each(|asked| block(&mut table, numbers, asked));
    format!("{TEXT}{}", table.text())
}

/// A row; what is not measured is not reached.
fn row(table: &mut Table, what: &str, asked: String, found: Option<(String, bool)>) {
    let (text, reached) = found.unwrap_or(("not measured".into(), false));
    table.row(&[what, &asked, &text, if reached { "yes" } else { "no" }]);
}

fn clock(table: &mut Table, numbers: &Numbers, plan: &Plan, board: &Board) {
    let Some(&least) = plan.clocks.get(board.family.folder()) else { return };
    let build = numbers.boards.iter().find(|(n, _)| *n == board.name).map(|(_, r)| &r.build);
    // A configuration may ask for more than its family.
    let least = build.map_or(least, |b| least.max(b.target_mhz));
    let found = build.map(|b| (format!("{:.1} MHz", b.fmax_min_mhz), b.fmax_min_mhz >= least));
    let what = format!("{}, clock with the worst seed", board.name);
    row(table, &what, format!("at least {least} MHz"), found);
}

fn module(table: &mut Table, numbers: &Numbers, plan: &Plan, limit: &Limit) {
    let name = &limit.measurement;
    let record = numbers.record(name);
    let measured = record.and_then(|r| Some((r, numbers.average(r)?.mean)));
    let mut rate = |what: &str, least: Option<f64>, found: Option<f64>| {
        let Some(least) = least else { return };
        let found = found.map(|rate| (format!("{rate:.0}/s"), rate >= least));
        row(table, &format!("{name}, {what}"), format!("at least {least:.0}/s"), found);
    };
    let engine = measured.map(|(r, mean)| mean.engine(&r.timing));
    rate("trained by the engine alone", limit.engine, engine);
    // The first epochs, which update most, weigh on the mean.
    let last = record.and_then(|r| r.parts.last().map(|part| (r, part)));
    let later = last
        .and_then(|(r, part)| Some((part.epoch, Mean::of(r, &part.stretch)?.engine(&r.timing))));
    if let Some((epoch, later)) = later.filter(|_| engine < limit.engine) {
        rate(&format!("the same, epoch {epoch} alone"), limit.engine, Some(later));
    }
    rate("trained over SPI", limit.with_link, measured.map(|(_, mean)| mean.with_link()));
    let Some(least) = limit.accuracy else { return };
    // Known without the module, too.
    let trained = numbers.trainings.iter().find(|(t, _)| name.ends_with(&format!("-{t}")));
    let found = trained.and_then(|(_, t)| t.accuracy(t.recipe.epochs));
    let found = found.map(|percent| (format!("{percent:.2} %"), percent >= least));
    let what = format!("{name}, accuracy after {} epochs", plan.epochs);
    row(table, &what, format!("at least {least} %"), found);
}

fn block(table: &mut Table, numbers: &Numbers, asked: &Block) {
    let name = &asked.name;
    let measured = numbers.block(name);
    if let Some((most, lanes)) = asked.most_per_lane.zip(asked.lanes) {
        let found = measured.map(|b| b.logic_cells as f64 / f64::from(lanes));
        let found = found.map(|n| (format!("{n:.1}"), n <= most));
        row(table, &format!("{name}, cells per lane"), format!("at most {most}"), found);
    }
    if let Some(below) = asked.cells_below {
        let found = measured.map(|b| (b.logic_cells.to_string(), b.logic_cells < below));
        row(table, &format!("{name}, cells"), format!("fewer than {below}"), found);
    }
    if let Some(above) = asked.clock_above {
        let found = measured.and_then(super::BlockRecord::clocks);
        let found = found.map(|(least, median)| {
            (format!("{median:.0} MHz, worst seed {least:.0}"), median > above)
        });
        row(table, &format!("{name}, median clock"), format!("more than {above} MHz"), found);
    }
}

//! Blocks that are placed alone.

use super::table::Table;
use super::Numbers;
use crate::bench::BlockRecord;

const TEXT: &str = "## Blocks alone

Synthesised alone with the scripts of the whole module, and placed between registers that are shifted in and out, so that pins
count neither as cells nor as delay. Cells are packed logic cells (iCE40) or look-up tables of four inputs, two per carry cell.

";

/// The section.
pub fn section(numbers: &Numbers) -> String {
    let (Some(plan), Some(blocks)) = (&numbers.plan, &numbers.blocks) else { return String::new() };
    let head = [
        "block",
        "FPGA",
        "cells",
        "cells per lane",
        "look-up tables",
        "flip-flops",
        "MAC primitives",
        "MHz, least / median",
        "seeds",
    ];
    let mut table = Table::new(&head);
    for block in &blocks.blocks {
        let planned = plan.blocks.iter().find(|b| b.name == block.name);
        table.row(&row(block, planned.and_then(|b| b.lanes)));
    }
    let commit = &blocks.commit;
    format!("{TEXT}{}\nMeasured at commit {commit} with `deku bench blocks`.\n", table.text())
}

fn row(block: &BlockRecord, lanes: Option<u32>) -> Vec<String> {
    let per =
        lanes.map_or("-".into(), |n| format!("{:.1}", block.logic_cells as f64 / f64::from(n)));
    let clocks = block.clocks();
    let clocks = clocks.map_or("does not fit alone".into(), |(a, b)| format!("{a:.0} / {b:.0}"));
    vec![
        block.name.clone(),
        block.chip.clone(),
        block.logic_cells.to_string(),
        per,
        block.luts.to_string(),
        block.ffs.to_string(),
        block.dsps.to_string(),
        clocks,
        block.seeds.len().to_string(),
    ]
}

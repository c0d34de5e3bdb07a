//! What a configuration takes, and whether a board has it.

use deku_rtlgen::board::Board;
use deku_rtlgen::config::{ConfigError, ModuleConfig};
use deku_rtlgen::estimate::{area, Area};
use serde_json::{json, Value};

use crate::build::refused;
use crate::error::Result;
use crate::output::Output;

/// The area of a configuration.
pub struct Estimate {
    config: ModuleConfig,
    board: Option<Board>,
    area: Option<Area>,
}

impl Estimate {
    /// Of a module alone, or on a board.
    ///
    /// # Errors
    /// `build/refused` if the board cannot take it, saying what it can.
    pub fn of(config: ModuleConfig, board: Option<Board>) -> Result<Self> {
        let area = area(&config, board.is_some());
        if let Some(board) = &board {
            board.accept(&config).map_err(|e| refused(board, e))?;
            enough_logic(&config, board).map_err(|e| refused(board, e))?;
        }
        Ok(Self { config, board, area })
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let count = |of: fn(&Area) -> u32| self.area.as_ref().map(of);
        let available = self.board.as_ref().map(|b| {
            let chip = b.chip();
            json!({
                "logic_cells": chip.luts,
                "rams": chip.rams,
                "large_rams": chip.large_rams,
                "dsps": chip.dsps,
            })
        });
        json!({
            "board": self.board.as_ref().map(|b| &b.name),
            "config": self.config.name,
            "configuration_hash": format!("{:08x}", self.config.hash()),
            "clock_hz": self.config.clock_hz,
            "latents": self.latents(),
            "logic_cells": count(|a| a.logic_cells),
            "luts": count(|a| a.luts),
            "ffs": count(|a| a.ffs),
            "rams": count(|a| a.rams),
            "large_rams": count(|a| a.large_rams),
            "dsps": count(|a| a.dsps),
            "available": available,
        })
    }

    /// For people.
    pub fn show(&self, output: Output) {
        let on = self.board.as_ref().map_or("no board".to_owned(), |b| b.name.clone());
        output.heading(format!("{} on {on}, estimated", self.config.name));
        output.say(format!("latents         {:>6}", self.latents()));
        let Some(area) = self.area else {
            let fabric = self.config.fabric.folder();
            output.say(format!("area            not known: no module for {fabric} was measured"));
            return;
        };
        let chip = self.board.as_ref().map(Board::chip);
        let rows = [
            ("logic cells", area.logic_cells, chip.map(|c| c.luts)),
            ("block memories", area.rams, chip.map(|c| c.rams)),
            ("large memories", area.large_rams, chip.map(|c| c.large_rams)),
            ("multipliers", area.dsps, chip.map(|c| c.dsps)),
        ];
        for (name, used, all) in rows {
            let of = all.map_or(String::new(), |all| format!(" of {all:>5}"));
            output.say(format!("{name:<15} {used:>6}{of}"));
        }
        output
            .say(format!("made of         {} look-up tables, {} flip-flops", area.luts, area.ffs));
    }

    fn latents(&self) -> u32 {
        32 * self.config.words
    }
}

/// A key of a configuration, and its value that takes less logic.
type Saving = (&'static str, fn(&mut ModuleConfig, &Board));

/// Changes that save logic, the least painful first.
const SAVINGS: [Saving; 4] = [
    ("mac_pairs", |c, board| c.mac_pairs = c.mac_pairs.max(board.chip().dsps / c.slices)),
    ("accumulator_bits", |c, _| c.accumulator_bits = 15),
    ("uart", |c, _| c.uart = false),
    ("max_classes", |c, _| c.max_classes = c.max_classes.min(16)),
];

fn logic_cells(config: &ModuleConfig) -> u32 {
    area(config, true).map_or(0, |a| a.logic_cells)
}

fn enough_logic(config: &ModuleConfig, board: &Board) -> std::result::Result<(), ConfigError> {
    let (needed, chip) = (logic_cells(config), board.chip());
    if needed <= chip.luts {
        return Ok(());
    }
    Err(ConfigError {
        file: format!("configuration {}", config.name),
        key: None,
        cause: format!("it takes about {needed} logic cells, {} has {}", chip.name(), chip.luts),
        fix: what_fits(config, board),
    })
}

fn what_fits(config: &ModuleConfig, board: &Board) -> String {
    let fits = |c: &ModuleConfig| logic_cells(c) <= board.chip().luts && board.accept(c).is_ok();
    let mut all = config.clone();
    let mut changes: Vec<String> = Vec::new();
    for (key, save) in SAVINGS {
        let mut one = config.clone();
        save(&mut one, board);
        if one == *config {
            continue;
        }
        if fits(&one) {
            return format!("write {}, which takes about {}", line(key, &one), logic_cells(&one));
        }
        save(&mut all, board);
        changes.push(line(key, &all));
        if fits(&all) {
            return format!("write {}, together about {}", changes.join(", "), logic_cells(&all));
        }
    }
    format!("begin with --config {}, which fits", board.config)
}

/// The line of a configuration's file with this key.
fn line(key: &str, config: &ModuleConfig) -> String {
    let lines = config.canonical();
    let found = lines.lines().find(|l| l.split(' ').next() == Some(key));
    let line = found.unwrap_or(key);
    match key {
        "uart" => format!("uart = {}", config.uart),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl FnOnce(&mut ModuleConfig)) -> String {
        let mut config = ModuleConfig::builtin("up5k").unwrap();
        config.list_entries = 1024; // room for the memories of a UART
        change(&mut config);
        let board = Board::builtin("icebreaker").unwrap();
        Estimate::of(config, Some(board)).err().unwrap().to_string()
    }

    #[test]
    fn what_the_board_cannot_hold_is_refused_with_what_fits() {
        let logic = refusal(|c| c.mac_pairs = 0);
        assert!(logic.starts_with("error[build/refused]: configuration up5k cannot be"), "{logic}");
        assert!(logic.contains(" logic cells, ice40 up5k sg48 has 5280\n"), "{logic}");
        assert!(logic.contains("fix: write mac_pairs = 8, which takes about 4"), "{logic}");
        let memory = refusal(|c| c.list_entries = 8192);
        assert!(memory.contains("(list_entries)"), "{memory}");
    }

    #[test]
    fn what_only_fits_together_is_named_together() {
        let both = refusal(|c| {
            (c.mac_pairs, c.accumulator_bits, c.uart) = (0, 16, true);
            (c.max_classes, c.list_entries, c.results) = (256, 512, 128);
        });
        assert!(
            both.contains(
                "fix: write mac_pairs = 8, accumulator_bits = 15, uart = false, together"
            ),
            "{both}"
        );
    }

    #[test]
    fn a_module_alone_has_no_limits_but_other_fabrics_no_area() {
        let up5k = Estimate::of(ModuleConfig::builtin("up5k").unwrap(), None).ok().unwrap().json();
        assert_eq!((&up5k["rams"], &up5k["available"]), (&json!(30), &Value::Null));
        assert_eq!(up5k["latents"], 131_072);
        let nano = Estimate::of(ModuleConfig::builtin("nano").unwrap(), None).ok().unwrap().json();
        assert_eq!((&nano["logic_cells"], &nano["latents"]), (&Value::Null, &json!(4096)));
    }
}

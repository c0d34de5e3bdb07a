//! The first byte chooses the kind of file, the rest is its text.
//!
//! Whatever passes the checks can be generated from: no accepted number overflows later.

use deku_cli::defaults::Defaults;
use deku_rtlgen::board::Board;
use deku_rtlgen::config::{ConfigError, ModuleConfig};
use deku_rtlgen::{estimate, generate, wiring_doc};

use super::{check_error, scratch, Seen};

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let Some((kind, text)) = data.split_first() else { return };
    match (kind % 3, std::str::from_utf8(text)) {
        (0, Ok(text)) => config(text),
        (1, Ok(text)) => board(text),
        (2, _) => defaults(text),
        _ => {}
    }
}

fn config(text: &str) {
    let config = match ModuleConfig::parse("fuzz.toml", text) {
        Ok(config) => config,
        Err(error) => return refused(&error),
    };
    let _ = (config.hash(), config.capabilities().emit());
    for on_board in [false, true] {
        let _ = estimate::area(&config, on_board);
    }
    // Generating takes a thousand times as long as parsing.
    if config.hash() % 32 == 0 {
        assert!(!generate::generate(&config).is_empty());
    }
}

fn board(text: &str) {
    match Board::parse("fuzz.toml", text) {
        Ok(board) => {
            let _ = wiring_doc::markdown(&board);
            if let Ok(config) = ModuleConfig::load(&board.config) {
                let accepted = board.accept(&config);
                accepted.map_or_else(|error| refused(&error), drop);
            }
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &ConfigError) {
    assert!(!error.file.is_empty() && !error.cause.is_empty() && !error.fix.is_empty(), "{error}");
}

fn defaults(text: &[u8]) {
    match Defaults::of_file(&scratch::write("deku.toml", text)) {
        Ok(defaults) => assert!(defaults.sentences().all(|sentence| sentence.starts_with("--"))),
        Err(error) => check_error(&error),
    }
}

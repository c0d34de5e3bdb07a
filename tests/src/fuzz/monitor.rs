//! The input is a log, as `deku monitor` reads it.
//!
//! What is shown fits the lines it is drawn in, whatever the log holds: no control characters.

use std::time::Duration;

use deku_cli::watch::{view, Lines, State};

use super::scratch;
use super::Seen;

/// A reader that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let path = scratch::write("run.jsonl", data);
    let lines = Lines::of_file(&path, false).expect("it was just written");
    let mut state = State::default();
    loop {
        match lines.next(PATIENCE) {
            Ok(Ok(line)) if state.take(&line) => {}
            Ok(_) | Err(true) => break,
            Err(false) => panic!("the reader hangs"),
        }
    }
    let mut shown = view::lines(&state, Duration::ZERO);
    shown.push(view::line(&state));
    for line in shown {
        assert!(!line.chars().any(char::is_control), "control characters in {line:?}");
    }
}

//! Everything the commands print: text for people, or one JSON object per line.
//!
//! Results go to stdout, progress to stderr. Colours are left out when the stream is not a
//! terminal or `NO_COLOR` is set (`anstream` decides); a progress bar is drawn on terminals only,
//! elsewhere a line is written every ten seconds.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{json, Value};

use crate::error::Error;

/// Version of the objects that `--json` prints: it rises when a field goes or changes its meaning.
/// New fields and events may come without that.
const SCHEMA: u32 = 1;
const QUIET_INTERVAL: Duration = Duration::from_secs(10);
const BOLD: anstyle::Style = anstyle::Style::new().bold();
const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default().bold();

/// Where a command's words go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Output {
    /// One JSON object per line instead of text.
    pub json: bool,
    /// No progress.
    pub quiet: bool,
    /// Nothing at all but errors.
    pub silent: bool,
}

impl Output {
    /// A line for people.
    pub fn say(self, text: impl Display) {
        if !self.json && !self.silent {
            anstream::println!("{text}");
        }
    }

    /// A heading for people.
    pub fn heading(self, text: impl Display) {
        if !self.json && !self.silent {
            anstream::println!("\n{BOLD}{text}{BOLD:#}");
        }
    }

    /// An object for programs.
    pub fn event(self, name: &str, fields: Value) {
        if self.json && !self.silent {
            anstream::println!("{}", object(name, fields));
        }
    }

    /// The last object of a successful command.
    pub fn summary(self, command: &str, mut fields: Value) {
        fields["command"] = json!(command);
        self.event("summary", fields);
    }

    /// Something the user should know that does not stop the command.
    pub fn warn(self, code: &str, text: impl Display) {
        self.event("warning", json!({ "code": code, "text": text.to_string() }));
        if !self.json && !self.silent {
            anstream::eprintln!("{YELLOW}warning[{code}]{YELLOW:#}: {text}");
        }
    }

    /// The end of a command that failed; `notes` say which defaults it used.
    pub fn fail(self, error: &Error, notes: &[String]) {
        let mut fields = error.json();
        fields["notes"] = json!(notes);
        self.event("error", fields);
        let text = error.to_string();
        let (head, rest) = text.split_once(':').unwrap_or((&text, ""));
        anstream::eprintln!("{RED}{head}{RED:#}:{rest}");
        for note in notes {
            anstream::eprintln!("  note: {note}");
        }
    }

    /// A bar, or a line now and then, for `length` steps.
    #[must_use]
    pub fn progress(self, what: &str, length: u64) -> Progress {
        Progress::new(self, what, length)
    }
}

/// An event as programs get it, wherever it goes.
#[must_use]
pub fn object(name: &str, mut fields: Value) -> Value {
    fields["event"] = json!(name);
    fields["schema"] = json!(SCHEMA);
    fields
}

/// Progress of one long task, on stderr.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    what: String,
    plain: bool,
    last: Instant,
}

impl Progress {
    fn new(output: Output, what: &str, length: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let style =
            ProgressStyle::with_template("{prefix:.bold} [{bar:30}] {percent:>3}% {eta:>4} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
        let bar = if output.quiet || !terminal {
            ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
        } else {
            ProgressBar::new(length)
        };
        let bar = bar.with_style(style).with_prefix(what.to_owned());
        let plain = !terminal && !output.quiet;
        Self { bar, what: what.to_owned(), plain, last: Instant::now() }
    }

    /// Moves to `position`; `text` is made only when it will be shown.
    pub fn at(&mut self, position: u64, text: impl FnOnce() -> String) {
        if self.plain && self.last.elapsed() >= QUIET_INTERVAL {
            self.last = Instant::now();
            let length = self.bar.length().unwrap_or(position).max(1);
            anstream::eprintln!("{}: {} % {}", self.what, 100 * position / length, text());
        } else if !self.plain && self.last.elapsed() >= Duration::from_millis(100) {
            self.last = Instant::now();
            self.bar.set_position(position);
            self.bar.set_message(text());
        }
    }

    /// Prints a line for people without disturbing the bar.
    pub fn line(&self, output: Output, text: impl Display) {
        if !output.quiet {
            self.bar.suspend(|| output.say(text));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

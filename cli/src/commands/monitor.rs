//! `deku monitor`: a live view of a run, or of a module that nobody uses.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::args::BackendArgs;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::watch::{printable, view, End, Lines, Poller, State};

/// Time between two views on a terminal, and elsewhere.
const REDRAW: Duration = Duration::from_millis(200);
const PLAIN: Duration = Duration::from_secs(10);

/// Watch a run, or a module that nobody uses.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  deku train --log run.jsonl                       writes what this command follows\n  deku monitor run.jsonl                           in another terminal\n  deku train --json | deku monitor -\n  deku monitor --backend spi:/dev/spidev0.0        the counters of a module that nobody trains"
)]
pub struct Args {
    /// Log of a run (`deku train --log FILE`); - reads what `deku train --json` prints
    #[arg(value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    backend: BackendArgs,
    /// Time between two readings of --backend
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(100..=3_600_000))]
    every: u64,
    /// Show how things are now, and end
    #[arg(long)]
    once: bool,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let mut screen = Screen::new(output);
    let state = match &args.log {
        Some(path) => follow(path, args.once, &mut screen)?,
        None => poll(args, &mut screen)?,
    };
    output.summary("monitor", summary(&state));
    Ok(())
}

/// Shows a log until its run has ended.
fn follow(path: &Path, once: bool, screen: &mut Screen) -> Result<State> {
    let lines = match path.to_str() {
        Some("-") => Lines::of_stdin(),
        _ => Lines::of_file(path, !once)?,
    };
    let (mut state, mut heard) = (State::default(), Instant::now());
    while once || state.end.is_none() {
        match lines.next(REDRAW) {
            Ok(line) => {
                let line = line.map_err(|e| Error::io(path, "read", &e))?;
                if !state.take(&line) {
                    return Err(no_log(path, &line));
                }
                heard = Instant::now();
                screen.tell(&line);
            }
            Err(true) => break,
            Err(false) => {}
        }
        if !once {
            screen.show(&state, heard.elapsed());
        }
    }
    screen.finish(&state, if once { age(path) } else { heard.elapsed() });
    Ok(state)
}

/// How long ago a log was written to: a run that was killed cannot say so. A pipe is never old.
fn age(path: &Path) -> Duration {
    let written = path.metadata().and_then(|data| data.modified());
    written.ok().and_then(|written| written.elapsed().ok()).unwrap_or_default()
}

/// Reads a device until interrupted.
fn poll(args: &Args, screen: &mut Screen) -> Result<State> {
    let mut poller = Poller::new(&args.backend, screen.output)?;
    let mut state = State::default();
    loop {
        let reading = poller.read()?;
        state.busy = reading.is_none();
        if let Some(reading) = reading {
            state.reading = Some(reading);
        }
        if args.once {
            screen.finish(&state, Duration::ZERO);
            return Ok(state);
        }
        screen.output.event("reading", json!({ "busy": state.busy, "module": state.reading }));
        screen.show(&state, Duration::ZERO);
        std::thread::sleep(Duration::from_millis(args.every));
    }
}

fn no_log(path: &Path, line: &str) -> Error {
    let start: String = printable(line).chars().take(60).collect();
    let what = format!("`{}` is no log of a run: it says `{start}`", path.display());
    Error::input("monitor/log", what)
        .cause("every line must be an object that `deku train` has written")
        .fix("`deku train --log run.jsonl`, then `deku monitor run.jsonl`; or `deku train --json | deku monitor -`")
}

fn summary(state: &State) -> Value {
    let (end, error) = match &state.end {
        Some(End::Finished) => ("finished", None),
        Some(End::Failed(why)) => ("failed", Some(why)),
        None => ("open", None),
    };
    json!({
        "run": state.progress.as_ref().map(|_| end),
        "error": error,
        "progress": state.progress,
        "held_out": state.held_out.last().map(|(_, accuracy)| accuracy),
        "busy": state.busy,
        "module": state.reading,
    })
}

/// Where the view goes: drawn over itself on a terminal, a line now and then elsewhere.
struct Screen {
    output: Output,
    live: bool,
    drawn: usize,
    shown: Option<Instant>,
}

impl Screen {
    fn new(output: Output) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let live = std::io::stdout().is_terminal() && !dumb && !output.json;
        Self { output, live, drawn: 0, shown: None }
    }

    /// With `--json`, lines of progress are handed on.
    fn tell(&self, line: &str) {
        let event = serde_json::from_str::<Value>(line).unwrap_or_default();
        if event["event"] == "progress" {
            self.output.event("progress", event);
        }
    }

    fn show(&mut self, state: &State, silence: Duration) {
        let interval = if self.live { REDRAW } else { PLAIN };
        if self.output.quiet || self.shown.is_some_and(|shown| shown.elapsed() < interval) {
            return;
        }
        self.shown = Some(Instant::now());
        if self.live {
            self.draw(&view::lines(state, silence));
        } else {
            self.output.say(view::line(state));
        }
    }

    fn finish(&mut self, state: &State, silence: Duration) {
        let lines = view::lines(state, silence);
        if self.live {
            self.draw(&lines);
        } else {
            lines.iter().for_each(|line| self.output.say(line));
        }
    }

    /// Over what was drawn before. Moving the cursor is no colour: NO_COLOR does not forbid it.
    fn draw(&mut self, lines: &[String]) {
        let mut text = String::new();
        if self.drawn > 0 {
            text += &format!("\x1b[{}A\x1b[J", self.drawn);
        }
        // A line that wraps would be two, and the next view be drawn at the wrong place.
        lines.iter().for_each(|line| text += &format!("\x1b[?7l{line}\x1b[?7h\n"));
        self.drawn = lines.len();
        let mut out = std::io::stdout().lock();
        // There is nobody left to tell if the terminal is gone.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

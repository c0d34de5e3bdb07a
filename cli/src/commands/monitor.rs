//! `deku monitor`: a live view of a run, or of a module that nobody uses, on the terminal or as a
//! page.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::args::BackendArgs;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::watch::web::{Board, Page, PORT};
use crate::watch::{printable, view, End, Lines, Poller, State};

/// Time between two views on a terminal, and elsewhere.
const REDRAW: Duration = Duration::from_millis(200);
const PLAIN: Duration = Duration::from_secs(10);

/// Watch a run, or a module that nobody uses.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  deku train --log run.jsonl                       writes what this command follows\n  deku monitor run.jsonl                           in another terminal\n  deku train --json | deku monitor -\n  deku monitor --web run.jsonl                     as a page, for browsers on this computer\n  deku monitor --backend spi:/dev/spidev0.0        the counters of a module that nobody trains"
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
    /// Show it as a page, for browsers on this computer only; Ctrl-C ends it
    #[arg(long, conflicts_with = "once")]
    web: bool,
    /// Port of the page; 0 = any that is free
    #[arg(long, value_name = "N", default_value_t = PORT, requires = "web")]
    port: u16,
}

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    if args.web {
        return serve(args, output);
    }
    let mut screen = Screen::new(output);
    let state = match &args.log {
        Some(path) => follow(path, args.once, &mut screen)?,
        None => poll(args, &mut screen)?,
    };
    output.summary("monitor", summary(&state));
    Ok(())
}

/// Serves the page until interrupted: a run that is over stays to be looked at, and the next one
/// may follow in the same log.
fn serve(args: &Args, output: Output) -> Result<()> {
    match &args.log {
        Some(path) => serve_log(path, args.port, output),
        None => serve_device(args, output),
    }
}

fn serve_log(path: &Path, port: u16, output: Output) -> Result<()> {
    let lines = open(path, true)?;
    let board = Board::new(&path.display().to_string(), age(path));
    announce(&Page::serve(port, &board)?, output);
    let (mut state, mut shown) = (State::default(), Instant::now());
    let (mut is_changed, mut is_news, mut caught_up) = (false, false, false);
    loop {
        match lines.next(REDRAW) {
            Ok(line) => {
                take(&mut state, path, line)?;
                is_changed = true;
                // What was there before is no news.
                is_news |= caught_up;
            }
            Err(over) => {
                caught_up = true;
                if over {
                    // Standard input has ended, the page goes on.
                    std::thread::sleep(REDRAW);
                }
            }
        }
        // A long log is shown now and then while it is read.
        if is_changed && shown.elapsed() >= REDRAW {
            board.show(&state, is_news);
            (shown, is_changed, is_news) = (Instant::now(), false, false);
        }
    }
}

fn serve_device(args: &Args, output: Output) -> Result<()> {
    let mut poller = Poller::new(&args.backend, output)?;
    let board = Board::new(&args.backend.backend, Duration::ZERO);
    let mut state = State::default();
    state.look(&mut poller)?;
    announce(&Page::serve(args.port, &board)?, output);
    loop {
        board.show(&state, true);
        std::thread::sleep(Duration::from_millis(args.every));
        state.look(&mut poller)?;
    }
}

fn announce(page: &Page, output: Output) {
    output.say(format!("{}  for browsers on this computer; Ctrl-C ends it", page.url));
    output.event("ready", json!({ "url": page.url }));
}

fn open(path: &Path, follow: bool) -> Result<Lines> {
    match path.to_str() {
        Some("-") => Ok(Lines::of_stdin()),
        _ => Lines::of_file(path, follow),
    }
}

/// Takes a line into the state, and gives it back.
fn take(state: &mut State, path: &Path, line: std::io::Result<String>) -> Result<String> {
    let line = line.map_err(|e| Error::io(path, "read", &e))?;
    if state.take(&line) {
        return Ok(line);
    }
    Err(no_log(path, &line))
}

/// Shows a log until its run has ended.
fn follow(path: &Path, once: bool, screen: &mut Screen) -> Result<State> {
    let lines = open(path, !once)?;
    let (mut state, mut heard) = (State::default(), Instant::now());
    while once || state.end.is_none() {
        match lines.next(REDRAW) {
            Ok(line) => {
                let line = take(&mut state, path, line)?;
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
        state.look(&mut poller)?;
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

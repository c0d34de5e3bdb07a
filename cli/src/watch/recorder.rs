//! The log of a run, for those who follow it.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deku_ref::wire::ExampleResult;
use serde_json::{json, Value};

use super::{Histogram, Learned, LinkHealth, Progress};
use crate::error::{Error, Result};
use crate::output::{object, Output};
use crate::tally::Tally;

/// Time between two lines of progress, later on and at the beginning.
const INTERVAL: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_millis(50);
/// Examples that say something, if there is no hurry.
const ENOUGH: u64 = 100;
/// Time between two pictures of what was learned: they get rarer as learning slows down.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);
/// A picture may take this part of the time: reading the weights of a module takes a while.
const COSTLY: u32 = 20;

/// Results since the last line.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    tally: Tally,
    goodness: Histogram,
}

impl Recent {
    /// Takes the result of an example whose right answer is `right`.
    pub fn take(&mut self, result: &ExampleResult, right: u8) {
        self.tally.take(result, right);
        self.goodness.take(result.truth, result.other);
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// Samples learned from.
    pub samples: u64,
    /// Samples of the whole run.
    pub of: u64,
    /// Epochs begun.
    pub epoch: u64,
    /// Seconds of training.
    pub seconds: f64,
    /// Clock cycles so far, where there is a clock.
    pub cycles: Option<u64>,
    /// How the link is, where there is one.
    pub link: Option<LinkHealth>,
}

/// Tells of a run: in a file if one is named, and on stdout with `--json`.
pub struct Recorder {
    output: Output,
    file: Option<(PathBuf, File)>,
    /// When the run began.
    begun: Instant,
    told: Instant,
    before: Moment,
    pictures: Pictures,
}

/// When a picture of what was learned is due: at the end in any case, and before as often as it
/// costs little time and little room in the log.
struct Pictures {
    begun: Instant,
    last: Instant,
    /// What the last one cost.
    cost: Duration,
}

impl Pictures {
    fn begin() -> Self {
        let now = Instant::now();
        Self { begun: now, last: now, cost: Duration::ZERO }
    }

    fn is_due(&self) -> bool {
        let rare = (self.last - self.begun) / 10;
        let interval = rare.clamp(SHORTEST, LONGEST).max(COSTLY * self.cost);
        self.last.elapsed() >= interval
    }
}

impl Recorder {
    /// Begins a log, or goes on with the one of an earlier part of the run.
    ///
    /// # Errors
    /// `file/io` if the file can not be written.
    pub fn begin(output: Output, path: Option<&Path>, goes_on: bool) -> Result<Self> {
        let open = |path: &Path| -> Result<_> {
            if !goes_on {
                make_room(path);
            }
            let mut options = File::options();
            options.create(true).append(goes_on).write(true).truncate(!goes_on);
            let file = options.open(path).map_err(|e| Error::io(path, "write", &e))?;
            Ok((path.to_owned(), file))
        };
        let file = path.map(open).transpose()?;
        let (begun, before, pictures) = (Instant::now(), Moment::default(), Pictures::begin());
        Ok(Self { output, file, begun, told: begun, before, pictures })
    }

    /// Where the run stands when it begins: rates count from here.
    pub fn stands(&mut self, moment: Moment) {
        self.before = moment;
        self.begun = Instant::now();
        self.told = self.begun;
        self.pictures = Pictures::begin();
    }

    /// Whether it is time for a line of progress with these results.
    #[must_use]
    pub fn is_due(&self, recent: &Recent) -> bool {
        let waited = self.told.elapsed();
        if !self.is_heard() || waited < SOON {
            return false;
        }
        // Most is learned at the beginning.
        let interval = ((self.told - self.begun) / 4).min(INTERVAL);
        waited >= INTERVAL || (waited >= interval && recent.tally.examples >= ENOUGH)
    }

    /// Whether there is anybody to tell.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.file.is_some() || self.speaks()
    }

    /// Whether it is time for a picture of what was learned.
    #[must_use]
    pub fn is_picture_due(&self) -> bool {
        self.is_heard() && self.pictures.is_due()
    }

    /// A picture of what was learned, which took since `begun`.
    pub fn picture(&mut self, learned: &Learned, begun: Instant) {
        self.pictures.last = Instant::now();
        self.pictures.cost = begun.elapsed();
        self.tell("learned", json!(learned));
    }

    fn speaks(&self) -> bool {
        self.output.json && !self.output.quiet
    }

    /// A line of progress, if there are results to tell of.
    pub fn progress(&mut self, recent: &mut Recent, moment: Moment) {
        let Recent { tally, goodness } = std::mem::take(recent);
        if tally.examples == 0 {
            return;
        }
        self.told = Instant::now();
        let before = std::mem::replace(&mut self.before, moment);
        self.tell("progress", json!(describe(&tally, goodness, &before, moment)));
    }

    /// A line for whoever follows, in the file or on stdout.
    fn tell(&mut self, name: &str, line: Value) {
        self.log(name, line.clone());
        if self.speaks() {
            self.output.event(name, line);
        }
    }

    /// A line in the file, as `--json` has it. A disk that is full is no reason to stop a run.
    pub fn log(&mut self, name: &str, fields: Value) {
        let Some((path, file)) = &mut self.file else { return };
        // In one go: whoever follows sees whole lines.
        if let Err(error) = file.write_all(format!("{}\n", object(name, fields)).as_bytes()) {
            let text = format!("cannot write `{}`: {error}; the run goes on", path.display());
            self.file = None;
            self.output.warn("train/log", text);
        }
    }
}

/// Takes the log of another run away, so that those who follow it see that a new one begins:
/// a file that is emptied may have grown past what they have read before they look again.
/// Where that is not possible, it is emptied.
fn make_room(path: &Path) {
    if path.symlink_metadata().is_ok_and(|found| found.is_file()) {
        let _ = std::fs::remove_file(path);
    }
}

fn describe(tally: &Tally, goodness: Histogram, before: &Moment, now: Moment) -> Progress {
    let seconds = now.seconds - before.seconds;
    let rate = |n: u64| if seconds > 0.0 { (n as f64 / seconds).round() } else { 0.0 };
    let cycles = now.cycles.map(|n| n.saturating_sub(before.cycles.unwrap_or(0)));
    Progress {
        samples: now.samples,
        of: now.of,
        epoch: now.epoch,
        seconds: (now.seconds * 1000.0).round() / 1000.0,
        examples: tally.examples,
        accuracy: tally.accuracy(),
        gap: tally.mean_gap(),
        update_rate: tally.update_rate(),
        samples_per_second: rate(now.samples.saturating_sub(before.samples)),
        cycles_per_second: cycles.map(rate),
        cycles: now.cycles,
        goodness,
        link: now.link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_get_rarer_and_never_cost_much() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        let due = |begun, last, cost| {
            let cost = Duration::from_millis(cost);
            Pictures { begun: ago(begun), last: ago(last), cost }.is_due()
        };
        assert!(due(3, 3, 0) && !due(1, 1, 0), "the first one");
        assert!(due(120, 12, 0) && !due(120, 9, 0), "a tenth of the time so far");
        assert!(due(40_000, 61, 0) && !due(40_000, 58, 0), "once a minute");
        assert!(due(10, 4, 100) && !due(10, 4, 300), "a twentieth of the time");
    }

    #[test]
    fn rates_are_those_since_the_last_line() {
        let mut recent = Recent::default();
        recent.take(&ExampleResult { class: 1, truth: 9, other: 4, ..Default::default() }, 1);
        recent.take(&ExampleResult { class: 1, truth: 3, other: 8, ..Default::default() }, 0);
        let before = Moment { samples: 100, seconds: 1.0, cycles: Some(1000), ..Moment::default() };
        let now = Moment { samples: 150, seconds: 1.5, cycles: Some(2000), ..before };
        let progress = describe(&recent.tally, recent.goodness, &before, now);
        assert_eq!((progress.accuracy, progress.gap), (50.0, 0.0));
        assert_eq!(
            (progress.samples_per_second, progress.cycles_per_second),
            (100.0, Some(2000.0))
        );
        assert_eq!((progress.goodness.truth[9], progress.goodness.other[8]), (1, 1));
    }
}

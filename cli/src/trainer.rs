//! The training loop, the same for every backend.

use std::collections::VecDeque;
use std::time::Instant;

use deku_ref::schedule::Schedule;
use serde_json::json;

use crate::compose::Composer;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::{Host, Model};
use crate::order::Stream;
use crate::output::{Output, Progress};
use crate::score::{score, Score};
use crate::session::Session;
use crate::tally::Tally;

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Samples to learn from now on, 1 or more.
    pub samples: u64,
    /// Evaluate after every so many epochs; 0 = at the end only.
    pub evaluate_every: u64,
}

/// One point of the learning curve.
#[derive(Clone, Debug)]
pub struct Point {
    /// Samples seen since the plan began.
    pub seen: u64,
    /// The stretch since the point before.
    pub tally: Tally,
    /// On the samples that are not learned from, if it was measured.
    pub score: Option<Score>,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The learning curve.
    pub curve: Vec<Point>,
    /// All of it.
    pub total: Tally,
    /// Of each example, whether it was predicted right before the update.
    pub hits: Vec<bool>,
    /// Seconds of training, evaluation left out.
    pub seconds: f64,
    /// Clock cycles of training, where there is a clock.
    pub cycles: Option<u64>,
}

impl Report {
    /// At the end.
    #[must_use]
    pub fn score(&self) -> Option<&Score> {
        self.curve.last().and_then(|p| p.score.as_ref())
    }
}

/// A training run. The network is in `session`; `model` follows, all but its latents and states.
pub struct Run<'r> {
    /// The module.
    pub session: &'r mut dyn Session,
    /// The model.
    pub model: &'r mut Model,
    /// What it learns.
    pub data: &'r Dataset,
    /// Where messages go.
    pub output: Output,
}

impl Run<'_> {
    /// Trains.
    pub fn train(mut self, goal: Goal) -> Result<Report> {
        let mut feed = Feed::new(self.model, self.data)?;
        let mut progress = self.output.progress("training", goal.samples);
        let mut report = Report::default();
        let mut done = 0;
        while done < goal.samples {
            let stretch = feed.to_end_of_epoch().min(goal.samples - done);
            let tally =
                self.stretch(&mut feed, done..done + stretch, &mut report, &mut progress)?;
            done += stretch;
            let epoch = feed.epoch();
            let due = goal.evaluate_every > 0 && epoch % goal.evaluate_every == 0;
            let score = if due || done == goal.samples {
                Some(score(self.session, &self.model.settings, &self.data.test, &mut progress)?)
            } else {
                None
            };
            self.tell(&progress, epoch, &tally, score.as_ref());
            report.total.add(&tally);
            report.curve.push(Point { seen: self.model.settings.plan.seen, tally, score });
        }
        self.check_dead(&report)?;
        Ok(report)
    }

    /// Learns from the next samples.
    fn stretch(
        &mut self,
        feed: &mut Feed<'_>,
        samples: std::ops::Range<u64>,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<Tally> {
        let (cycles, start) = (self.session.cycles()?, Instant::now());
        for n in samples {
            feed.push(self.session)?;
            progress.at(n + 1, || feed.tally.text());
        }
        let tally = feed.finish(self.session)?;
        report.seconds += start.elapsed().as_secs_f64();
        if let (Some(before), Some(after)) = (cycles, self.session.cycles()?) {
            *report.cycles.get_or_insert(0) += after - before;
        }
        report.hits.append(&mut feed.hits);
        feed.note(self.model);
        Ok(tally)
    }

    fn tell(&self, progress: &Progress, epoch: u64, tally: &Tally, score: Option<&Score>) {
        let test = score.map_or(String::new(), |s| format!("  held out {:.2} %", s.accuracy()));
        progress.line(self.output, format!("epoch {epoch:>3}  {}{test}", tally.text()));
        let mut event = tally.json();
        event["epoch"] = json!(epoch);
        event["samples"] = json!(self.model.settings.plan.seen);
        event["test_accuracy"] = json!(score.map(Score::accuracy));
        self.output.event("epoch", event);
    }

    /// Says so if a layer is dead or does not learn.
    fn check_dead(&mut self, report: &Report) -> Result<()> {
        let counters = self.session.counters()?;
        for layer in 0..self.model.layers.len() {
            let (dead, samples) = (u64::from(counters.dead[layer]), u64::from(counters.samples));
            if samples > 0 && 2 * dead > samples {
                self.output.warn("train/dead-layer", format!("layer {layer} was silent in {dead} forward passes of {samples} examples: its scale S is too large; calibrate with --shift auto, or choose a smaller --shift"));
            }
        }
        let rates: Vec<f64> = report.curve.iter().map(|p| p.tally.update_rate()).collect();
        let seen = report.total.examples;
        if let (Some(first), Some(last)) = (rates.first(), rates.last()) {
            if seen >= PATIENCE && rates.len() > 1 && *first > 0.0 && last >= first {
                self.output.warn("train/not-learning", format!("the update rate did not fall ({first:.1} % to {last:.1} %): the data may be noise, or --tau-k or --shift does not suit it"));
            }
        }
        Ok(())
    }
}

/// Examples after which a network that learns updates less often than at the start.
const PATIENCE: u64 = 20_000;

/// Takes samples from the stream, hands them to the session, and collects the results.
struct Feed<'d> {
    stream: Stream<'d>,
    epoch_length: u64,
    composer: Composer,
    schedule: Schedule,
    seen: u64,
    /// Right answers of the examples under way.
    expected: VecDeque<u8>,
    tally: Tally,
    hits: Vec<bool>,
}

impl<'d> Feed<'d> {
    fn new(model: &Model, data: &'d Dataset) -> Result<Self> {
        let settings = &model.settings;
        let mut stream = Stream::new(settings, &data.train, data.side);
        if !stream.replay(&settings.host) {
            return Err(Error::input(
                "model/order",
                "the order of the samples cannot be continued",
            )
            .cause("the training data are not those of the model, or the file was changed")
            .fix("give the same --data, --samples and --validation as before"));
        }
        Ok(Self {
            stream,
            epoch_length: data.train.len() as u64,
            composer: Composer::new(settings),
            schedule: settings.schedule()?,
            seen: settings.plan.seen,
            expected: VecDeque::new(),
            tally: Tally::default(),
            hits: Vec::new(),
        })
    }

    fn epoch(&self) -> u64 {
        self.stream.drawn().div_ceil(self.epoch_length)
    }

    fn to_end_of_epoch(&self) -> u64 {
        self.epoch_length - self.stream.drawn() % self.epoch_length
    }

    fn push(&mut self, session: &mut dyn Session) -> Result<()> {
        let shift = self.schedule.rate_shift(self.seen);
        self.seen += 1;
        let (expected, tally, hits) = (&mut self.expected, &mut self.tally, &mut self.hits);
        self.composer.train(self.stream.next(), shift, |example, right| {
            expected.push_back(right);
            session.push(&example, &mut |result| {
                hits.push(tally.take(result, expected.pop_front().unwrap_or_default()));
            })
        })
    }

    /// Waits for the results under way and returns the tally since the last call.
    fn finish(&mut self, session: &mut dyn Session) -> Result<Tally> {
        let (expected, tally, hits) = (&mut self.expected, &mut self.tally, &mut self.hits);
        session.flush(&mut |result| {
            hits.push(tally.take(result, expected.pop_front().unwrap_or_default()));
        })?;
        Ok(std::mem::take(tally))
    }

    /// Writes down where the stream stands.
    fn note(&self, model: &mut Model) {
        let settings = &mut model.settings;
        settings.plan.seen = self.seen;
        settings.host = Host {
            state: self.stream.state(),
            drawn: self.stream.drawn(),
            ..settings.host.clone()
        };
    }
}

//! The training loop, the same for every backend.

mod feed;
mod standing;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;
use crate::output::{Output, Progress};
use crate::score::{score, Score};
use crate::session::Session;
use crate::tally::Tally;
use crate::watch::{Learned, Moment, Recorder};
use feed::Feed;
pub use standing::Standing;

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Samples of the whole run, 1 or more.
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

/// What a run came to; curve and hits begin where it was resumed.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The learning curve.
    pub curve: Vec<Point>,
    /// Of each example, whether it was predicted right before the update.
    pub hits: Vec<bool>,
    /// Sums over all of it.
    pub standing: Standing,
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
    /// Who tells others of it.
    pub recorder: Option<&'r mut Recorder>,
}

/// Where a run is kept while it goes on.
pub struct Keeper<'k> {
    /// Samples between two times; none = at the end of every epoch.
    pub every: Option<u64>,
    /// Keeps it; the model is complete.
    pub keep: &'k mut dyn FnMut(&Model, &Standing) -> Result<()>,
}

impl Keeper<'_> {
    /// Samples from here to the next time.
    fn distance(&self, done: u64, to_end_of_epoch: u64) -> u64 {
        self.every.map_or(to_end_of_epoch, |every| every - done % every)
    }
}

impl Run<'_> {
    /// Trains from the beginning.
    pub fn train(self, goal: Goal) -> Result<Report> {
        self.go_on(goal, Standing::default(), None)
    }

    /// Trains from where the run stands. The stretches are cut at other places when it is kept, but
    /// what a module learns does not depend on that.
    pub fn go_on(
        mut self,
        goal: Goal,
        standing: Standing,
        mut keeper: Option<Keeper<'_>>,
    ) -> Result<Report> {
        let mut feed = Feed::new(self.model, self.data)?;
        let mut progress = self.output.progress("training", goal.samples);
        let mut report = Report { standing, ..Report::default() };
        if let Some(recorder) = &mut self.recorder {
            let standing = &report.standing;
            recorder.stands(Moment {
                samples: standing.done,
                seconds: standing.seconds,
                cycles: standing.cycles,
                ..Moment::default()
            });
        }
        while report.standing.done < goal.samples {
            let done = report.standing.done;
            let to_end = feed.to_end_of_epoch().min(goal.samples - done);
            let to_keep = keeper.as_ref().map_or(to_end, |k| k.distance(done, to_end));
            let most = to_end.min(to_keep);
            let learned = self.stretch(&mut feed, most, goal, &mut report, &mut progress)?;
            self.picture(&report.standing, goal)?;
            if learned == to_end {
                self.point(goal, feed.epoch(), &mut report, &mut progress)?;
            }
            if let Some(keeper) = keeper
                .as_mut()
                .filter(|_| learned == to_keep || goal.samples == report.standing.done)
            {
                self.session.store(self.model)?;
                (keeper.keep)(self.model, &report.standing)?;
            }
        }
        if report.curve.is_empty() {
            // It was kept after its last sample: nothing is left but to measure.
            let settings = &self.model.settings;
            let score = score(self.session, settings, &self.data.test, &mut progress)?;
            let (seen, tally) = (settings.plan.seen, report.standing.epoch.clone());
            report.curve.push(Point { seen, tally, score: Some(score) });
        }
        self.check_dead(&report)?;
        Ok(report)
    }

    /// Learns from the next samples, `most` of them; fewer if it is time to look at what was
    /// learned. Returns how many.
    fn stretch(
        &mut self,
        feed: &mut Feed<'_>,
        most: u64,
        goal: Goal,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<u64> {
        let (cycles, start) = (self.session.cycles()?, Instant::now());
        let done = report.standing.done;
        let mut samples = 0;
        while samples < most {
            feed.push(self.session)?;
            samples += 1;
            let n = done + samples;
            // Results come later than samples: at first there is nothing to tell.
            if feed.tally().examples > 0 {
                progress.at(n, || feed.tally().text());
            }
            if self.recorder.as_ref().is_some_and(|recorder| recorder.is_due(feed.recent())) {
                let standing = &report.standing;
                let now = self.moment(n, goal, standing, start.elapsed(), cycles)?;
                self.tell_progress(feed, now);
            }
            if self.recorder.as_ref().is_some_and(|recorder| recorder.is_picture_due()) {
                break;
            }
        }
        let tally = feed.finish(self.session)?;
        let seconds = start.elapsed().as_secs_f64();
        let cycles = cycles.zip(self.session.cycles()?).map(|(before, after)| after - before);
        report.standing.add(samples, &tally, seconds, cycles);
        report.hits.append(&mut feed.take_hits());
        feed.note(self.model);
        if report.standing.done == goal.samples {
            let now = Moment {
                samples: report.standing.done,
                seconds: report.standing.seconds,
                cycles: report.standing.cycles,
                of: goal.samples,
                link: self.session.link(),
                ..Moment::default()
            };
            self.tell_progress(feed, now);
        }
        Ok(samples)
    }

    /// What the columns have learned, for those who follow, if it is time or the run is over.
    fn picture(&mut self, standing: &Standing, goal: Goal) -> Result<()> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        let over = standing.done == goal.samples && recorder.is_heard();
        if over || recorder.is_picture_due() {
            let begun = Instant::now();
            self.session.store(self.model)?;
            recorder.picture(&Learned::of(self.model, self.data, standing.done), begun);
        }
        Ok(())
    }

    /// In the middle of a stretch that began with these `cycles`.
    fn moment(
        &mut self,
        samples: u64,
        goal: Goal,
        standing: &Standing,
        elapsed: Duration,
        cycles: Option<u64>,
    ) -> Result<Moment> {
        let run = self.session.cycles()?.zip(cycles).map(|(now, then)| now - then);
        Ok(Moment {
            samples,
            of: goal.samples,
            seconds: standing.seconds + elapsed.as_secs_f64(),
            cycles: run.map(|run| standing.cycles.unwrap_or(0) + run),
            link: self.session.link(),
            ..Moment::default()
        })
    }

    fn tell_progress(&mut self, feed: &mut Feed<'_>, now: Moment) {
        let now = Moment { epoch: feed.epoch(), ..now };
        if let Some(recorder) = &mut self.recorder {
            recorder.progress(feed.recent(), now);
        }
    }

    /// The end of an epoch or of the run: a point of the learning curve.
    fn point(
        &mut self,
        goal: Goal,
        epoch: u64,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<()> {
        let due = goal.evaluate_every > 0 && epoch % goal.evaluate_every == 0;
        let score = if due || report.standing.done == goal.samples {
            Some(score(self.session, &self.model.settings, &self.data.test, progress)?)
        } else {
            None
        };
        let tally = report.standing.end_epoch();
        self.tell(progress, epoch, &tally, score.as_ref());
        report.curve.push(Point { seen: self.model.settings.plan.seen, tally, score });
        Ok(())
    }

    fn tell(&mut self, progress: &Progress, epoch: u64, tally: &Tally, score: Option<&Score>) {
        let test = score.map_or(String::new(), |s| format!("  held out {:.2} %", s.accuracy()));
        progress.line(self.output, format!("epoch {epoch:>3}  {}{test}", tally.text()));
        let mut event = tally.json();
        event["epoch"] = json!(epoch);
        event["samples"] = json!(self.model.settings.plan.seen);
        event["test_accuracy"] = json!(score.map(Score::accuracy));
        if let Some(recorder) = &mut self.recorder {
            recorder.log("epoch", event.clone());
        }
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
        let standing = &report.standing;
        let last = report.curve.last().map(|p| p.tally.update_rate());
        if let (Some(first), Some(last)) = (standing.first_rate(), last) {
            let later = standing.total.examples > standing.first.examples;
            if standing.total.examples >= PATIENCE && later && first > 0.0 && last >= first {
                self.output.warn("train/not-learning", format!("the update rate did not fall ({first:.1} % to {last:.1} %): the data may be noise, or --tau-k or --shift does not suit it"));
            }
        }
        Ok(())
    }
}

/// Examples after which a network that learns updates less often than at the start.
const PATIENCE: u64 = 20_000;

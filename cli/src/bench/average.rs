//! Averages over a training run, of which only parts were measured.
//!
//! What every epoch asks for is known exactly, from the reference. The engine's cycles follow from that:
//! those of forward passes are proportional to the words that are read, those of updates to the words that are
//! written, the rest to the samples. Over the link the time of a sample is interpolated between the measured
//! parts, by the words that are updated per sample.

use super::record::{Cost, Part, Record, Streamed, Timing, Work};
use super::training::SeedRun;

/// Means per sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// Clock cycles of forward passes.
    pub forward: f64,
    /// Clock cycles of updates.
    pub update: f64,
    /// Clock cycles of an engine that is neither idle nor in a pass.
    pub overhead: f64,
    /// Clock cycles that the weight port needs at least.
    pub minimum: f64,
    /// Seconds, with the link.
    pub seconds: f64,
    /// Share of the samples that update, percent.
    pub updated: f64,
}

/// Means over a whole run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Average {
    /// Over all epochs.
    pub mean: Mean,
    /// The most that the cycles of a measured part differ from what the other parts predict for it, percent.
    pub cycles_error: f64,
    /// The same for the time with the link, where a part lies between others.
    pub link_error: f64,
}

/// A part with its cost.
type Known<'r> = (&'r Streamed, &'r Cost);

/// Cycles per word read, per word written, per sample.
struct Coefficients {
    forward: f64,
    update: f64,
    overhead: f64,
}

impl Mean {
    /// Of samples that were measured.
    #[must_use]
    pub fn of(record: &Record, stretch: &Streamed) -> Option<Self> {
        let (cost, n) = (stretch.cost?, stretch.work.divisor());
        Some(Self {
            forward: cost.forward_cycles as f64 / n,
            update: cost.update_cycles as f64 / n,
            overhead: cost.overhead_cycles as f64 / n,
            minimum: record.port_minimum(&stretch.work),
            seconds: cost.elapsed() / n,
            updated: stretch.work.updated_percent(),
        })
    }

    /// Clock cycles in which the engine works.
    #[must_use]
    pub fn cycles(&self) -> f64 {
        self.forward + self.update + self.overhead
    }

    /// Samples per second of the engine alone.
    #[must_use]
    pub fn engine(&self, timing: &Timing) -> f64 {
        timing.clk_hz as f64 / self.cycles()
    }

    /// Samples per second with the link.
    #[must_use]
    pub fn with_link(&self) -> f64 {
        1.0 / self.seconds
    }

    /// Share of the cycles that the weight port needs at least, percent.
    #[must_use]
    pub fn port_share(&self) -> f64 {
        100.0 * self.minimum / self.cycles()
    }
}

impl Average {
    /// Over the epochs of a run; none if fewer than two parts were measured.
    #[must_use]
    pub fn of(record: &Record, run: &SeedRun) -> Option<Self> {
        let known: Vec<Known<'_>> = known(&record.parts);
        let links = links(&known);
        if known.len() < 2 || run.epochs.is_empty() {
            return None;
        }
        let coefficients = Coefficients::of(&known)?;
        let mut sum = Mean::default();
        for epoch in &run.epochs {
            let (work, n) = (&epoch.work, epoch.work.divisor());
            sum.forward += coefficients.forward * work.forward_words as f64 / n;
            sum.update += coefficients.update * work.update_words as f64 / n;
            sum.overhead += coefficients.overhead;
            sum.minimum += record.port_minimum(work);
            sum.seconds += interpolate(&links, words(work))?;
            sum.updated += work.updated_percent();
        }
        let epochs = run.epochs.len() as f64;
        let mean = Mean {
            forward: sum.forward / epochs,
            update: sum.update / epochs,
            overhead: sum.overhead / epochs,
            minimum: sum.minimum / epochs,
            seconds: sum.seconds / epochs,
            updated: sum.updated / epochs,
        };
        let (cycles_error, link_error) = (cycles_error(&known), link_error(&links));
        Some(Self { mean, cycles_error, link_error })
    }
}

impl Coefficients {
    fn of(known: &[Known<'_>]) -> Option<Self> {
        let sum = |f: fn(&Streamed, &Cost) -> u64| -> f64 {
            known.iter().map(|(s, c)| f(s, c)).sum::<u64>() as f64
        };
        let words = sum(|s, _| s.work.update_words);
        (words > 0.0).then(|| Self {
            forward: sum(|_, c| c.forward_cycles) / sum(|s, _| s.work.forward_words),
            update: sum(|_, c| c.update_cycles) / words,
            overhead: sum(|_, c| c.overhead_cycles) / sum(|s, _| s.work.samples),
        })
    }

    fn cycles(&self, work: &Work) -> f64 {
        self.forward * work.forward_words as f64
            + self.update * work.update_words as f64
            + self.overhead * work.samples as f64
    }
}

fn known(parts: &[Part]) -> Vec<Known<'_>> {
    parts.iter().filter_map(|p| p.stretch.cost.as_ref().map(|c| (&p.stretch, c))).collect()
}

/// Words that are updated, per sample.
fn words(work: &Work) -> f64 {
    work.update_words as f64 / work.divisor()
}

/// Updated words and seconds per sample, ascending.
fn links(known: &[Known<'_>]) -> Vec<(f64, f64)> {
    let point = |(s, c): &Known<'_>| (words(&s.work), c.elapsed() / s.work.divisor());
    let mut points: Vec<_> = known.iter().map(point).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Between the points on both sides of `x`; outside of them the nearest.
fn interpolate(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let after = points.iter().position(|p| p.0 >= x);
    match after {
        None => points.last().map(|p| p.1),
        Some(0) => points.first().map(|p| p.1),
        Some(n) => {
            let ((x0, y0), (x1, y1)) = (points[n - 1], points[n]);
            Some(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        }
    }
}

/// All but one, and that one.
fn leave_one<T: Copy>(all: &[T]) -> impl Iterator<Item = (Vec<T>, T)> + '_ {
    all.iter().enumerate().map(|(n, one)| {
        let others = all.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, other)| *other);
        (others.collect(), *one)
    })
}

fn percent_off(predicted: f64, measured: f64) -> f64 {
    100.0 * (predicted / measured - 1.0).abs()
}

fn cycles_error(known: &[Known<'_>]) -> f64 {
    let errors = leave_one(known).filter_map(|(others, (stretch, cost))| {
        let predicted = Coefficients::of(&others)?.cycles(&stretch.work);
        Some(percent_off(predicted, cost.busy() as f64))
    });
    errors.fold(0.0, f64::max)
}

fn link_error(links: &[(f64, f64)]) -> f64 {
    let inner = links.len().saturating_sub(1);
    let errors = leave_one(links).enumerate().filter_map(|(n, (others, (x, y)))| {
        let between = (1..inner).contains(&n);
        between.then(|| interpolate(&others, x)).flatten().map(|p| percent_off(p, y))
    });
    errors.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::testing::{epoch, part, record};

    #[test]
    fn a_run_is_the_mean_of_its_epochs() {
        // 2 cycles per word read, 9 per word written, 10 per sample; 1 us + 10 ns per word written.
        let stretch = |number, updates: u64| {
            let seconds = 1e-6 * 100.0 + 1e-8 * updates as f64;
            part(number, updates, [2 * 4000, 9 * updates, 10 * 100], seconds)
        };
        let record = record(vec![stretch(1, 1000), stretch(3, 200), stretch(5, 100)]);
        let run = SeedRun { seed: 1, epochs: [1000, 600, 200, 100].map(epoch).to_vec() };
        let average = Average::of(&record, &run).unwrap();
        let mean = average.mean;
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b.abs().max(1e-9), "{a} {b}");
        near(mean.forward, 80.0);
        near(mean.overhead, 10.0);
        near(mean.update, 9.0 * 475.0 / 100.0);
        near(mean.seconds, 1e-6 + 1e-10 * 475.0);
        near(mean.minimum, (4000.0 + 8.0 * 475.0) / 100.0);
        near(mean.engine(&record.timing) * mean.cycles(), record.timing.clk_hz as f64);
        assert!(average.cycles_error < 1e-9 && average.link_error < 1e-9, "{average:?}");
        assert_eq!(Average::of(&record_of_one(), &run), None);
    }

    fn record_of_one() -> Record {
        record(vec![part(1, 10, [1, 1, 1], 1.0)])
    }

    #[test]
    fn what_is_not_linear_is_an_error() {
        let bent = |number, updates: u64, cycles| part(number, updates, [8000, cycles, 0], 1e-4);
        let record = record(vec![bent(1, 1000, 9000), bent(2, 500, 4500), bent(3, 100, 2000)]);
        let run = SeedRun { seed: 1, epochs: vec![epoch(100)] };
        let error = Average::of(&record, &run).unwrap().cycles_error;
        assert!((10.0..12.0).contains(&error), "{error}"); // 900 instead of 2000, of 10,000 cycles
    }

    #[test]
    fn nothing_is_extrapolated() {
        let points = [(1.0, 10.0), (3.0, 20.0)];
        let at = |x| interpolate(&points, x).unwrap();
        assert_eq!([at(0.0), at(1.0), at(2.0), at(3.0), at(9.0)], [10.0, 10.0, 15.0, 20.0, 20.0]);
        assert_eq!(interpolate(&[], 1.0), None);
    }
}

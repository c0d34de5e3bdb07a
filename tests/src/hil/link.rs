//! How good and how fast is the link?

use std::time::Instant;

use deku_cli::backend::reference;
use deku_driver::LinkStats;
use deku_ref::wire::ExampleResult;
use deku_ref::Module;
use serde_json::{json, Value};

use super::bench::Bench;
use super::Found;
use crate::streamed::anonymous;

/// Of so many frames one may be damaged.
const FRAMES: u64 = 1000;
/// Frames that may be damaged anyhow: a module that has just been reset damages one.
const FREE: u64 = 1;

/// What was streamed, and how that went.
struct Streamed {
    samples: u64,
    /// Of these, examples with another result than the reference's.
    wrong: usize,
    seconds: f64,
    stats: LinkStats,
    /// Headers and payloads that the module has seen damaged.
    seen_by_module: (u16, u16),
    /// Clock cycles, where they can be counted.
    cycles: Option<u64>,
}

impl Streamed {
    fn run(bench: &Bench<'_>) -> Result<Self, String> {
        let digits = bench.digits()?;
        let examples = digits.examples(bench.plan.samples);
        let mut hardware = bench.connect()?;
        hardware.load(&digits.model).map_err(|e| e.to_string())?;
        let cycles = |hardware: &deku_cli::hardware::Hardware| {
            hardware.simulator.as_ref().and_then(|s| s.stats().ok()).map(|s| s.cycles)
        };
        let (before, start) = (cycles(&hardware), Instant::now());
        let mut results = Vec::with_capacity(examples.len());
        let sink = |_, _: &_, result: &ExampleResult| results.push(anonymous(result));
        hardware.driver.stream(examples.iter().copied(), sink).map_err(|e| e.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        let after = cycles(&hardware);
        let mut expected = Vec::with_capacity(results.len());
        let mut software = reference(&digits.model).map_err(|e| e.to_string())?;
        let done = software.stream(&examples, &mut |_, result| expected.push(anonymous(result)));
        done.map_err(|e| e.to_string())?;
        let same = expected.iter().zip(&results).filter(|(a, b)| a == b).count();
        Ok(Self {
            samples: examples.len() as u64,
            wrong: examples.len() - same,
            seconds,
            stats: *hardware.driver.stats(),
            seen_by_module: hardware.driver.damage_seen_by_module().map_err(|e| e.to_string())?,
            cycles: after.zip(before).map(|(after, before)| after - before),
        })
    }

    fn damaged(&self) -> u64 {
        self.stats.damaged + self.stats.unanswered + self.stats.failed
    }

    fn link(&self) -> Value {
        let s = &self.stats;
        json!({
            "frames": s.frames,
            "bytes": s.bytes,
            "failed": s.failed,
            "damaged": s.damaged,
            "unanswered": s.unanswered,
            "rewinds": s.rewinds,
            "resets": s.resets,
            "slowed": s.slowed,
            "damaged_headers_seen_by_module": self.seen_by_module.0,
            "damaged_payloads_seen_by_module": self.seen_by_module.1,
            "results_wrong": self.wrong,
        })
    }
}

/// Few frames are damaged, the clock was not lowered, and what came through is right.
pub fn clean(bench: &Bench<'_>) -> Result<Found, String> {
    let streamed = Streamed::run(bench)?;
    let (damaged, frames) = (streamed.damaged(), streamed.stats.frames);
    let (slowed, wrong) = (streamed.stats.slowed, streamed.wrong);
    let good = damaged <= FREE + frames / FRAMES && slowed == 0 && wrong == 0;
    let what = format!(
        "{damaged} of {frames} frames damaged, clock lowered {slowed} times, {wrong} of {} results wrong",
        streamed.samples
    );
    Ok(Found::judged(good, what, streamed.link()))
}

/// Fast enough, if the file says how fast it must be.
pub fn fast(bench: &Bench<'_>) -> Result<Found, String> {
    let streamed = Streamed::run(bench)?;
    let rate = streamed.samples as f64 / streamed.seconds;
    let bytes = streamed.stats.bytes as f64 / streamed.seconds;
    let least = bench.dut.least_samples_per_second;
    let good = least.is_none_or(|least| rate >= least) && streamed.wrong == 0;
    let limit = least.map_or(String::new(), |least| format!(", {least} are asked for"));
    let of = if bench.dut.is_simulated() { ", of a simulation" } else { "" };
    let what = format!("{rate:.0} samples/s{of}{limit}");
    let numbers = json!({
        "samples": streamed.samples,
        "seconds": streamed.seconds,
        "samples_per_second": rate,
        "link_bytes_per_second": bytes,
        "cycles": streamed.cycles,
        "polls": streamed.stats.polls,
    });
    Ok(Found::judged(good, what, numbers))
}

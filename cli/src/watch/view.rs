//! What is known of a run or a module, for people.

use std::time::Duration;

use super::{End, Phase, Point, Progress, Reading, State};

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Width of the learning curve.
const CURVE: usize = 40;

/// Lines of text; `silence` is how long nothing was heard.
#[must_use]
pub fn lines(state: &State, silence: Duration) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(network) = &state.network {
        lines.push(row("network", network));
    }
    lines.push(row("state", phase(state, silence)));
    if let Some(progress) = &state.progress {
        lines.extend(run(state, progress));
    }
    if let Some(reading) = &state.reading {
        lines.extend(module(reading));
    }
    lines
}

/// The same in one line, where lines can not be overwritten.
#[must_use]
pub fn line(state: &State) -> String {
    let run = state.progress.as_ref().map(|p| {
        let damaged = p.link.map_or(String::new(), |link| format!("  damaged {}", link.damaged));
        format!(
            "{} of {}  accuracy {:.1} %  gap {:+.0}  updates {:.1} %  {:.0} samples/s{damaged}",
            p.samples, p.of, p.accuracy, p.gap, p.update_rate, p.samples_per_second
        )
    });
    let module = state.reading.as_ref().map(|r| {
        format!(
            "{} samples  updates {:.1} %  {:.0} samples/s  damaged {}",
            r.samples,
            r.update_rate,
            r.samples_per_second,
            u32::from(r.damaged_headers) + u32::from(r.damaged_payloads)
        )
    });
    match run.or(module) {
        _ if state.busy => BUSY.into(),
        Some(text) => text,
        None => "waiting for the first results".into(),
    }
}

const BUSY: &str =
    "busy: another program uses the module; follow its log (`deku train --log FILE`)";

fn row(name: &str, text: impl std::fmt::Display) -> String {
    format!("{name:<12} {text}")
}

fn phase(state: &State, silence: Duration) -> String {
    match state.phase(silence) {
        Phase::Waiting => "waiting for the first results".into(),
        Phase::Training => "training".into(),
        Phase::Silent => {
            format!("no news for {} s: is it still running?", silence.as_secs())
        }
        Phase::Finished => "finished".into(),
        Phase::Failed => match &state.end {
            Some(End::Failed(why)) => format!("failed: {why}"),
            _ => "failed".into(),
        },
        Phase::Idle => "idle: nobody uses the module".into(),
        Phase::Busy => BUSY.into(),
    }
}

fn run(state: &State, p: &Progress) -> Vec<String> {
    let held_out = state.held_out.last().map(|(_, a)| format!(", held out {a:.2} %"));
    let cycles = p.cycles_per_second.map(|n| format!(", {:.2} million cycles/s", n / 1e6));
    let mut lines = vec![
        row("samples", format!("{} of {}, epoch {}, {}", p.samples, p.of, p.epoch, time(p))),
        row("accuracy", format!("{:.1} %{}", p.accuracy, held_out.unwrap_or_default())),
        row("", curve(&state.curve)),
        row("gap", format!("{:+.0} between the goodness of the truth and the best other", p.gap)),
        row("updates", format!("{:.1} % of the examples", p.update_rate)),
        row(
            "speed",
            format!("{:.0} samples/s{}", p.samples_per_second, cycles.unwrap_or_default()),
        ),
    ];
    lines.extend(p.link.map(|link| row("link", link.text())));
    lines
}

fn time(p: &Progress) -> String {
    let left = p.of.saturating_sub(p.samples) as f64 / p.samples_per_second;
    let left = if left.is_finite() { format!(", about {left:.0} s left") } else { String::new() };
    format!("{:.0} s{left}", p.seconds)
}

fn module(r: &Reading) -> Vec<String> {
    vec![
        row("samples", format!("{} since the counters were cleared", r.samples)),
        row("updates", format!("{:.1} % of the examples; by layer {:?}", r.update_rate, r.updates)),
        row("flips", format!("{:?} weights changed, by layer", r.flips)),
        row("silent", format!("{:?} forward passes, by layer", r.dead)),
        row("speed", format!("{:.0} samples/s", r.samples_per_second)),
        row(
            "link",
            format!(
                "{} headers and {} payloads reached the module damaged; this reading: {}",
                r.damaged_headers,
                r.damaged_payloads,
                r.link.text()
            ),
        ),
    ]
}

/// Accuracy from 0 to 100 %, as bars; the last one is the latest.
fn curve(points: &[Point]) -> String {
    let size = points.len().div_ceil(CURVE).max(1);
    let mean =
        |points: &[Point]| points.iter().map(|p| p.accuracy).sum::<f64>() / points.len() as f64;
    let bar = |accuracy: f64| BARS[((accuracy / 100.0 * 8.0) as usize).min(7)];
    points.chunks(size).map(|chunk| bar(mean(chunk))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::LinkHealth;

    fn point(samples: u64, accuracy: f64) -> Point {
        Point { samples, accuracy, ..Point::default() }
    }

    fn state() -> State {
        let link = Some(LinkHealth { frames: 50, damaged: 3, slowed: 1, ..LinkHealth::default() });
        let progress = Progress {
            samples: 100,
            of: 300,
            epoch: 2,
            seconds: 4.2,
            accuracy: 87.5,
            gap: 12.0,
            update_rate: 30.0,
            samples_per_second: 50.0,
            cycles_per_second: Some(2_500_000.0),
            link,
            ..Progress::default()
        };
        let curve = vec![point(50, 10.0), point(100, 87.5)];
        State { progress: Some(progress), curve, ..State::default() }
    }

    #[test]
    fn a_run_in_words() {
        let expected = [
            "state        training",
            "samples      100 of 300, epoch 2, 4 s, about 4 s left",
            "accuracy     87.5 %",
            "             ▁█",
            "gap          +12 between the goodness of the truth and the best other",
            "updates      30.0 % of the examples",
            "speed        50 samples/s, 2.50 million cycles/s",
            "link         50 frames, 3 damaged, 0 without answer, 0 failed, 0 resends, 0 resets, slowed 1 times",
        ];
        assert_eq!(lines(&state(), Duration::ZERO), expected);
        let line = line(&state());
        assert!(line.starts_with("100 of 300  accuracy 87.5 %") && line.ends_with("damaged 3"));
    }

    #[test]
    fn what_can_be_wrong_is_said() {
        let text = |state: &State, seconds| lines(state, Duration::from_secs(seconds)).join("\n");
        assert!(text(&state(), 12).contains("no news for 12 s"));
        assert!(text(&State::default(), 0).contains("waiting for the first results"));
        let failed = State { end: Some(End::Failed("error[x/y]: z".into())), ..state() };
        assert!(text(&failed, 12).contains("failed: error[x/y]: z"));
        let busy = State { busy: true, ..State::default() };
        assert!(text(&busy, 0).contains("another program") && line(&busy).starts_with("busy"));
    }

    #[test]
    fn a_long_curve_is_as_wide_as_a_short_one() {
        let points: Vec<_> = (0..1000).map(|n| point(n, n as f64 / 10.0)).collect();
        let text = curve(&points);
        assert_eq!(text.chars().count(), CURVE);
        assert!(text.starts_with('▁') && text.ends_with('█'));
    }
}

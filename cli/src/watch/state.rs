//! What is known of a run or a module that is watched.

use std::time::Duration;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use super::{Learned, Poller, Progress, Reading};
use crate::error::Result;

/// Points of a curve that are kept; half of them go when there are more.
const MOST_POINTS: usize = 2048;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It learned from all its samples.
    Finished,
    /// With this error.
    Failed(String),
}

/// A point of the learning curve: the examples since the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    /// Samples learned from.
    pub samples: u64,
    /// Predicted right, in percent.
    pub accuracy: f64,
    /// Examples that updated layer 0, in percent.
    pub update_rate: f64,
    /// Mean goodness of the truth less that of the best other candidate.
    pub gap: f64,
}

/// What goes on, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// A run that has no results yet.
    Waiting,
    /// A run that learns.
    Training,
    /// A run of which nothing was heard for a while.
    Silent,
    /// A run that has learned from all its samples.
    Finished,
    /// A run that ended with an error.
    Failed,
    /// A module that nobody uses.
    Idle,
    /// A module that another program uses.
    Busy,
}

/// Silence that is worth a word.
const SILENCE: Duration = Duration::from_secs(5);

/// All that was told so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Shape of the network.
    pub network: Option<String>,
    /// The last line of progress.
    pub progress: Option<Progress>,
    /// The learning curve, from the lines of progress.
    pub curve: Vec<Point>,
    /// Samples seen and accuracy on held-out samples, in percent.
    pub held_out: Vec<(u64, f64)>,
    /// What the columns of each class have learned.
    pub learned: Option<Learned>,
    /// The last counters of a module.
    pub reading: Option<Reading>,
    /// Another program uses the module.
    pub busy: bool,
    /// Whether it is over.
    pub end: Option<End>,
}

impl State {
    /// Takes a line of a log or of `deku train --json`. Whether it is one; events that are not
    /// known come from a later version.
    pub fn take(&mut self, line: &str) -> bool {
        let Ok(event) = serde_json::from_str::<Value>(line) else { return false };
        let Some(name) = event["event"].as_str() else { return false };
        match name {
            "start" => self.start(&event),
            "progress" => return self.progress(&event),
            "learned" => return self.learned(&event),
            "epoch" => self.test(&event["samples"], &event["test_accuracy"]),
            "summary" => self.end = Some(End::Finished),
            "error" => self.end = Some(End::Failed(failure(&event))),
            _ => {}
        }
        true
    }

    /// Looks at a module.
    ///
    /// # Errors
    /// Those of the device and the link.
    pub fn look(&mut self, poller: &mut Poller<'_>) -> Result<()> {
        let reading = poller.read()?;
        self.busy = reading.is_none();
        if reading.is_some() {
            self.reading = reading;
        }
        Ok(())
    }

    /// A run that begins, or goes on after a crash.
    fn start(&mut self, event: &Value) {
        if event["resumed_at"].as_u64().unwrap_or(0) == 0 {
            *self = Self::default();
        }
        self.end = None;
        let columns = event["columns"].as_array().map(Vec::as_slice).unwrap_or_default();
        let shape = std::iter::once(&event["inputs"]).chain(columns).map(Value::to_string);
        let shape = shape.collect::<Vec<_>>().join("-");
        self.network = Some(printable(&format!("{shape}, {} classes", event["classes"])));
    }

    fn progress(&mut self, event: &Value) -> bool {
        let Ok(progress) = Progress::deserialize(event) else { return false };
        thin(&mut self.curve);
        let Progress { samples, accuracy, update_rate, gap, .. } = progress;
        self.curve.push(Point { samples, accuracy, update_rate, gap });
        self.progress = Some(progress);
        true
    }

    fn learned(&mut self, event: &Value) -> bool {
        let Ok(learned) = Learned::deserialize(event) else { return false };
        self.learned = Some(learned);
        true
    }

    /// What goes on, if nothing was heard for so long.
    #[must_use]
    pub fn phase(&self, silence: Duration) -> Phase {
        match &self.end {
            Some(End::Finished) => Phase::Finished,
            Some(End::Failed(_)) => Phase::Failed,
            None if self.busy => Phase::Busy,
            None if self.reading.is_some() => Phase::Idle,
            None if silence >= SILENCE => Phase::Silent,
            None if self.progress.is_none() => Phase::Waiting,
            None => Phase::Training,
        }
    }

    fn test(&mut self, samples: &Value, accuracy: &Value) {
        if let (Some(samples), Some(accuracy)) = (samples.as_u64(), accuracy.as_f64()) {
            thin(&mut self.held_out);
            self.held_out.push((samples, accuracy));
        }
    }
}

/// Drops every other point of a curve that is too long.
fn thin<T>(curve: &mut Vec<T>) {
    if curve.len() >= MOST_POINTS {
        let all = std::mem::take(curve);
        *curve = all.into_iter().skip(1).step_by(2).collect();
    }
}

fn failure(event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or("unknown").to_owned();
    printable(&format!("error[{}]: {}", text("code"), text("what")))
}

/// What a log says, fit for a line of a terminal: a log can come from anywhere.
#[must_use]
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(lines: &[Value]) -> State {
        let mut state = State::default();
        for line in lines {
            assert!(state.take(&line.to_string()), "{line}");
        }
        state
    }

    fn progress(samples: u64) -> Value {
        let mut line = json!(Progress { samples, accuracy: 50.0, ..Progress::default() });
        line["event"] = json!("progress");
        line
    }

    #[test]
    fn a_run_is_put_together_from_its_lines() {
        let start = json!({"event": "start", "inputs": 64, "columns": [32, 16], "classes": 10});
        let epoch = json!({"event": "epoch", "samples": 200, "test_accuracy": 77.5});
        let later = json!({"event": "of a later version"});
        let lines = [start.clone(), progress(100), progress(200), epoch, later];
        let state = told(&lines);
        assert_eq!(state.network.as_deref(), Some("64-32-16, 10 classes"));
        let curve: Vec<_> = state.curve.iter().map(|p| (p.samples, p.accuracy)).collect();
        assert_eq!(curve, [(100, 50.0), (200, 50.0)]);
        assert_eq!((&state.held_out[..], &state.end), (&[(200, 77.5)][..], &None));
        let error = json!({"event": "error", "code": "link/noisy", "what": "it is noisy"});
        let failed = told(&[progress(1), error]);
        assert_eq!(failed.end, Some(End::Failed("error[link/noisy]: it is noisy".into())));
        // A new run forgets the old one, one that goes on does not.
        assert_eq!(told(&[progress(1), start.clone()]).curve.len(), 0);
        let mut resumed = start;
        resumed["resumed_at"] = json!(1);
        let state = told(&[progress(1), json!({"event": "error"}), resumed]);
        assert_eq!((state.curve.len(), state.end), (1, None));
    }

    #[test]
    fn a_log_does_not_control_the_terminal() {
        let start = json!({"event": "start", "inputs": "\u{9b}2J", "columns": [], "classes": 1});
        let error = json!({"event": "error", "code": "a\u{1b}[2J", "what": "b\nc"});
        let state = told(&[start, error]);
        assert_eq!(state.network.as_deref(), Some("\" 2J\", 1 classes"));
        assert_eq!(state.end, Some(End::Failed("error[a [2J]: b c".into())));
    }

    #[test]
    fn other_lines_are_refused() {
        for line in
            ["", "epoch 1", "{}", "[1]", r#"{"event": "progress"}"#, r#"{"event": "learned"}"#]
        {
            assert!(!State::default().take(line), "{line}");
        }
    }

    #[test]
    fn the_curve_does_not_grow_for_ever() {
        let epoch = |n| json!({"event": "epoch", "samples": n, "test_accuracy": 50.0});
        let lines: Vec<Value> = (0..3000).flat_map(|n| [progress(n), epoch(n)]).collect();
        let state = told(&lines);
        assert!(state.held_out.len() <= MOST_POINTS);
        assert_eq!(state.held_out.last(), Some(&(2999, 50.0)));
        assert!(state.curve.len() <= MOST_POINTS);
        assert_eq!(state.curve.last().unwrap().samples, 2999);
    }
}

//! What is known of a run or a module that is watched.

use serde::Deserialize as _;
use serde_json::Value;

use super::{Progress, Reading};

/// Points of the learning curve that are kept; half of them go when there are more.
const MOST_POINTS: usize = 2048;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It learned from all its samples.
    Finished,
    /// With this error.
    Failed(String),
}

/// All that was told so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Shape of the network.
    pub network: Option<String>,
    /// The last line of progress.
    pub progress: Option<Progress>,
    /// Samples and accuracy, in percent, of the lines of progress.
    pub curve: Vec<(u64, f64)>,
    /// Samples seen and accuracy on held-out samples, in percent.
    pub held_out: Vec<(u64, f64)>,
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
            "epoch" => self.test(&event["samples"], &event["test_accuracy"]),
            "summary" => self.end = Some(End::Finished),
            "error" => self.end = Some(End::Failed(failure(&event))),
            _ => {}
        }
        true
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
        if self.curve.len() >= MOST_POINTS {
            let all = std::mem::take(&mut self.curve);
            self.curve = all.into_iter().skip(1).step_by(2).collect();
        }
        self.curve.push((progress.samples, progress.accuracy));
        self.progress = Some(progress);
        true
    }

    fn test(&mut self, samples: &Value, accuracy: &Value) {
        if let (Some(samples), Some(accuracy)) = (samples.as_u64(), accuracy.as_f64()) {
            self.held_out.push((samples, accuracy));
        }
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
        assert_eq!(state.curve, [(100, 50.0), (200, 50.0)]);
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
        for line in ["", "epoch 1", "{}", "[1]", r#"{"event": "progress"}"#] {
            assert!(!State::default().take(line), "{line}");
        }
    }

    #[test]
    fn the_curve_does_not_grow_for_ever() {
        let lines: Vec<Value> = (0..3000).map(progress).collect();
        let state = told(&lines);
        assert!(state.curve.len() <= MOST_POINTS);
        assert_eq!(state.curve.last(), Some(&(2999, 50.0)));
    }
}

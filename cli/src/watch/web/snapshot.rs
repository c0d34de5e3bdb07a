//! All that is known, as the page gets it.

use std::time::Duration;

use serde_json::{json, Value};

use crate::output::object;
use crate::watch::{End, State};

/// `/state.json`. It has the version of everything that `--json` prints.
pub fn json(source: &str, state: &State, silence: Duration) -> Value {
    let error = match &state.end {
        Some(End::Failed(why)) => Some(why),
        _ => None,
    };
    object(
        "state",
        json!({
            "source": source,
            "phase": state.phase(silence),
            "silent_seconds": silence.as_secs(),
            "error": error,
            "network": state.network,
            "progress": state.progress,
            "curve": state.curve,
            "held_out": state.held_out,
            "learned": state.learned,
            "module": state.reading,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_a_word() {
        let phase = |state: &State, seconds| {
            json("run.jsonl", state, Duration::from_secs(seconds))["phase"].clone()
        };
        assert_eq!(phase(&State::default(), 0), "waiting");
        assert_eq!(phase(&State::default(), 60), "silent");
        let failed = State { end: Some(End::Failed("error[x/y]: z".into())), ..State::default() };
        assert_eq!(phase(&failed, 60), "failed");
        let all = json("run.jsonl", &failed, Duration::ZERO);
        assert_eq!((&all["error"], &all["schema"]), (&"error[x/y]: z".into(), &1.into()));
        assert_eq!(phase(&State { busy: true, ..State::default() }, 0), "busy");
    }
}

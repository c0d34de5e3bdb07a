//! `deku doctor`: what this computer has and lacks.

use serde_json::json;

use crate::devices::all;
use crate::doctor::{examine, next_steps, Finding, State};
use crate::error::{Error, Result};
use crate::output::Output;

/// Look at tools, permissions and settings, and say what to do next. Exit code 1 if something that
/// is there cannot be used.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, output: Output) -> Result<()> {
    let devices = all();
    let findings = examine(&devices);
    for finding in &findings {
        lines(finding).into_iter().for_each(|line| output.say(line));
        output.event(
            "finding",
            json!({
                "topic": finding.topic,
                "state": finding.state.name(),
                "text": finding.text,
                "fix": finding.fix,
            }),
        );
    }
    let next = next_steps(&findings, &devices);
    output.heading("What to do next");
    next.iter().for_each(|step| output.say(format!("  {step}")));
    let count = |state| findings.iter().filter(|f| f.state == state).count();
    let problems = count(State::Problem);
    if problems > 0 {
        let what =
            format!("{problems} thing{} cannot be used", if problems == 1 { "" } else { "s" });
        return Err(Error::check("doctor/problems", what)
            .cause("see the lines with `!` above")
            .fix("each of them has its own fix"));
    }
    output.summary("doctor", json!({ "absent": count(State::Absent), "next": next }));
    Ok(())
}

/// A finding for people.
pub(crate) fn lines(finding: &Finding) -> Vec<String> {
    let mark = match finding.state {
        State::Fine => ' ',
        State::Absent => '-',
        State::Problem => '!',
    };
    let mut lines = vec![format!("{mark} {:<11} {}", finding.topic, finding.text)];
    lines.extend(finding.fix.iter().map(|fix| format!("              fix: {fix}")));
    lines
}

//! Running a tool that takes minutes: its words go to a log, its last ones to the progress.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::explain::explain;
use crate::error::{Error, Result};
use crate::output::Progress;

const POLL: Duration = Duration::from_millis(100);
/// How much of the end of a log is looked at.
const TAIL: u64 = 4096;

/// One tool at work.
pub struct Step<'a> {
    /// The tool.
    pub name: &'a str,
    /// What it does.
    pub what: &'a str,
    /// Name of its log.
    pub log: String,
    /// Where the progress stands meanwhile.
    pub position: u64,
}

impl Step<'_> {
    /// Runs the tool to its end.
    ///
    /// # Errors
    /// `tool/failed`, with what the tool said and what it means.
    pub fn run(&self, mut command: Command, folder: &Path, progress: &mut Progress) -> Result<()> {
        let path = folder.join(&self.log);
        let log = File::create(&path).map_err(|e| Error::io(&path, "write", &e))?;
        let second = log.try_clone().map_err(|e| Error::io(&path, "write", &e))?;
        command.stdin(Stdio::null()).stdout(log).stderr(second);
        let start = Instant::now();
        let mut child = command.spawn().map_err(|e| self.not_started(&command, &e))?;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => std::thread::sleep(POLL),
                Err(e) => return Err(self.not_started(&command, &e)),
            }
            let seconds = start.elapsed().as_secs();
            progress
                .at(self.position, || format!("{}, {seconds} s: {}", self.what, last_line(&path)));
        };
        if status.success() {
            return Ok(());
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let (cause, fix) = explain(&text, status.code());
        Err(Error::backend(
            "tool/failed",
            format!("{} failed ({}, {status})", self.name, self.what),
        )
        .cause(cause)
        .fix(format!("{fix}; everything it said is in `{}`", path.display())))
    }

    fn not_started(&self, command: &Command, error: &std::io::Error) -> Error {
        let program = Path::new(command.get_program()).display();
        Error::backend("tool/failed", format!("{} did not start: {error}", self.name))
            .cause(format!("`{program}` is damaged, or was moved after it was recorded"))
            .fix("run `cargo xtask setup` again")
    }
}

/// The last line of a log that says something, shortened.
fn last_line(path: &Path) -> String {
    let tail = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = tail().unwrap_or_default();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    line.trim_start_matches("Info:").trim_start().chars().take(70).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::output::Output;

    fn run(script: &str) -> (Result<()>, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(folder.path());
        let quiet = Output { quiet: true, ..Output::default() };
        let step = Step { name: "sh", what: "test", log: "sh.log".into(), position: 0 };
        let result = step.run(command, folder.path(), &mut quiet.progress("test", 1));
        (result, last_line(&folder.path().join("sh.log")))
    }

    #[test]
    fn words_go_to_the_log() {
        let (result, last) = run("echo one; echo 'Info: two' >&2; echo");
        assert_eq!((result, last.as_str()), (Ok(()), "two"));
    }

    #[test]
    fn failures_quote_the_tool() {
        let error = run("echo 'ERROR: the sky fell'; exit 3").0.unwrap_err();
        assert_eq!(error.code, "tool/failed");
        assert!(error.what.contains("sh failed (test"), "{error}");
        assert!(error.cause.contains("the sky fell"), "{error}");
        assert!(error.fix.contains("sh.log"), "{error}");
    }

    #[test]
    fn a_tool_that_is_gone_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let quiet = Output { quiet: true, ..Output::default() };
        let step = Step { name: "yosys", what: "test", log: "y.log".into(), position: 0 };
        let command = Command::new(folder.path().join("gone"));
        let error = step.run(command, folder.path(), &mut quiet.progress("test", 1)).unwrap_err();
        assert!(error.what.starts_with("yosys did not start"), "{error}");
    }
}

//! The virtual machine: emulated, so that it runs everywhere; it shares no folder with this
//! computer and reaches no network but this computer's own ports.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::Parts;

/// Without a serial console nothing would tell why it did not start; after a panic it ends.
const CONSOLE: &str = "console=ttyS0 panic=-1";
/// Of the console, if the machine fails.
const LAST_LINES: usize = 60;

/// What a step of the machine printed, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub output: String,
    pub code: i32,
}

impl Step {
    /// For a person.
    pub fn shown(&self) -> String {
        let lines = self.output.lines().filter(|line| !line.is_empty());
        let lines: String = lines.map(|line| format!("          | {line}\n")).collect();
        format!("{lines}          exit code {}", self.code)
    }
}

/// A machine that runs; it is switched off when it is dropped.
pub(super) struct Machine {
    qemu: Child,
    lines: Receiver<String>,
    console: PathBuf,
    deadline: Instant,
}

impl Machine {
    /// Starts it, with variables for its first program.
    pub fn start(
        parts: &Parts,
        files: &Path,
        folder: &Path,
        variables: &[(&str, String)],
        limit: Duration,
    ) -> Result<Self, String> {
        let console = folder.join("console.log");
        let words = variables.iter().map(|(name, value)| format!(" {name}=\"{value}\""));
        let line = format!("{CONSOLE}{}", words.collect::<String>());
        let mut command = parts.qemu.command();
        command.args(["-accel", "tcg", "-machine", "pc", "-m", "512", "-no-reboot"]);
        command.args(["-nodefaults", "-no-user-config", "-display", "none"]);
        command.args(["-netdev", "user,id=net", "-device", "e1000,netdev=net,romfile="]);
        command.arg("-serial").arg(format!("file:{}", console.display()));
        command.args(["-chardev", "stdio,id=steps,signal=off", "-serial", "chardev:steps"]);
        command.arg("-kernel").arg(&parts.linux.path).arg("-initrd").arg(files);
        command.args(["-append", &line]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut qemu = command.spawn().map_err(|e| format!("cannot run qemu: {e}"))?;
        let output = qemu.stdout.take().ok_or("qemu has no output")?;
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.map(|line| tell.send(line)).take_while(Result::is_ok).count()
        });
        Ok(Self { qemu, lines, console, deadline: Instant::now() + limit })
    }

    /// Waits until the step of this name has ended.
    pub fn step(&mut self, name: &str) -> Result<Step, String> {
        let begin = format!("@begin {name}");
        let first = self.line(name)?;
        if first != begin {
            return Err(self.failed(&format!("it said `{first}` instead of `{begin}`")));
        }
        let end = format!("@end {name} ");
        let mut output = String::new();
        loop {
            let line = self.line(name)?;
            if let Some(code) = line.strip_prefix(&end) {
                return Ok(Step { output, code: code.parse().unwrap_or(-1) });
            }
            output += &line;
            output.push('\n');
        }
    }

    /// Waits until it has switched itself off.
    pub fn ends(&mut self) -> Result<(), String> {
        match self.next() {
            Ok(line) => Err(self.failed(&format!("it said `{line}` after its last step"))),
            Err(RecvTimeoutError::Timeout) => Err(self.failed("it does not switch itself off")),
            Err(RecvTimeoutError::Disconnected) => Ok(()),
        }
    }

    fn next(&self) -> Result<String, RecvTimeoutError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.lines.recv_timeout(left).map(|line| line.trim_end_matches('\r').to_owned())
    }

    fn line(&mut self, step: &str) -> Result<String, String> {
        self.next().map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                self.failed(&format!("time was up before the step `{step}` had ended"))
            }
            RecvTimeoutError::Disconnected => {
                self.failed(&format!("it ended before the step `{step}` had"))
            }
        })
    }

    /// An error, with the last that the kernel said.
    fn failed(&self, why: &str) -> String {
        let said = fs::read(&self.console).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).replace('\r', "");
        let lines: Vec<&str> = said.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n  ");
        format!("the virtual machine failed: {why}; its console ended with\n  {last}")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

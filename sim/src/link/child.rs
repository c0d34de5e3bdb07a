//! The simulation as a child process.

use std::io::{Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::{Reply, Request};
use crate::error::file_error;
use crate::{Program, SimError};

/// Posted requests go out at the latest when this much has come together. Their replies are a
/// few bytes each, so neither pipe can fill up while both sides write.
const POST_LIMIT: usize = 16 * 1024;

/// How much of the standard error is kept.
const STDERR_KEPT: usize = 8 * 1024;

/// A running simulation; ended when dropped.
pub(crate) struct Child {
    process: std::process::Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_thread: Option<JoinHandle<()>>,
    posted: Vec<u8>,
    unanswered: Vec<&'static str>,
    dead: Option<String>,
}

impl Child {
    pub fn spawn(program: &Program, arguments: &[String]) -> Result<Self, SimError> {
        let mut process = Command::new(program.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(file_error("run", program.path()))?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let (Some(output), Some(errors)) = (output, process.stderr.take()) else {
            unreachable!("all three streams were asked for")
        };
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let tail = Arc::clone(&stderr);
        let stderr_thread = Some(std::thread::spawn(move || keep_tail(errors, &tail)));
        Ok(Child {
            process,
            input,
            output,
            stderr,
            stderr_thread,
            posted: Vec::new(),
            unanswered: Vec::new(),
            dead: None,
        })
    }

    /// Sends a request whose result is only success; a failure is reported by a later call.
    pub fn post(&mut self, request: Request) -> Result<(), SimError> {
        let name = request.name;
        self.unanswered.push(name);
        self.posted.extend_from_slice(&request.finish());
        if self.posted.len() < POST_LIMIT {
            return Ok(());
        }
        self.send(name)?;
        self.settle()
    }

    /// Sends a request and waits for its result.
    pub fn call(&mut self, request: Request) -> Result<Reply, SimError> {
        let name = request.name;
        self.posted.extend_from_slice(&request.finish());
        self.send(name)?;
        let settled = self.settle();
        let reply = self.receive(name)?;
        settled.and(Ok(reply))
    }

    /// What the design printed last.
    pub fn console(&self) -> String {
        let tail = self.stderr.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        String::from_utf8_lossy(&tail).trim_end().to_owned()
    }

    fn send(&mut self, name: &'static str) -> Result<(), SimError> {
        let bytes = std::mem::take(&mut self.posted);
        let sent = match &mut self.input {
            Some(input) if self.dead.is_none() => input.write_all(&bytes),
            _ => return Err(self.died(name)),
        };
        // an early death is better explained by the replies that are still there
        if sent.is_err() && self.unanswered.is_empty() {
            return Err(self.died(name));
        }
        Ok(())
    }

    /// Collects the replies to posted requests; the first failure is the one reported.
    fn settle(&mut self) -> Result<(), SimError> {
        let mut first = Ok(());
        for name in std::mem::take(&mut self.unanswered) {
            let result = self.receive(name).map(drop);
            let fatal = matches!(result, Err(SimError::ChildDied { .. }));
            first = first.and(result);
            if fatal {
                break;
            }
        }
        first
    }

    fn receive(&mut self, command: &'static str) -> Result<Reply, SimError> {
        let mut head = [0; 5];
        if self.dead.is_some() || self.output.read_exact(&mut head).is_err() {
            return Err(self.died(command));
        }
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let mut bytes = vec![0; length.saturating_sub(1)];
        if self.output.read_exact(&mut bytes).is_err() {
            return Err(self.died(command));
        }
        match head[4] {
            0 => Ok(Reply::new(command, bytes)),
            _ => Err(SimError::Refused {
                command,
                reason: String::from_utf8_lossy(&bytes).into_owned(),
            }),
        }
    }

    fn died(&mut self, command: &'static str) -> SimError {
        if self.dead.is_none() {
            self.input = None; // makes it end if it has not
            self.dead = Some(match self.process.wait() {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            });
            if let Some(thread) = self.stderr_thread.take() {
                let _ = thread.join();
            }
        }
        let status = self.dead.clone().unwrap_or_default();
        SimError::ChildDied { command, status, stderr: self.console() }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.dead.is_some() {
            return;
        }
        // A closed input is the signal to finish a waveform and leave.
        if !self.posted.is_empty() {
            if let Some(input) = &mut self.input {
                let _ = input.write_all(&self.posted);
            }
        }
        self.input = None;
        if !leaves_soon(&mut self.process) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// Waits up to a second for the process to end.
fn leaves_soon(process: &mut std::process::Child) -> bool {
    for step in 0..200 {
        if !matches!(process.try_wait(), Ok(None)) {
            return true;
        }
        let pause = if step < 20 { 200 } else { 5_000 };
        std::thread::sleep(std::time::Duration::from_micros(pause));
    }
    false
}

fn keep_tail(mut errors: impl Read, tail: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 1024];
    while let Ok(got @ 1..) = errors.read(&mut chunk) {
        let mut tail = tail.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        tail.extend_from_slice(&chunk[..got]);
        let excess = tail.len().saturating_sub(STDERR_KEPT);
        tail.drain(..excess);
    }
}

//! The process of the browser, and its messages.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::time::{Duration, Instant};

use serde_json::{json, Value};

/// Patience with a busy machine.
const ANSWER: Duration = Duration::from_secs(60);
const END: Duration = Duration::from_secs(5);

/// No window, no sandbox (a root user has none), and no requests of the browser's own.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];
/// The browser reads commands from file 3 and answers to file 4: here standard input and output.
const START: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// A running browser. Messages end with a zero byte.
pub struct Pipe {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
}

impl Pipe {
    /// Starts it with an empty profile in `folder`.
    pub fn start(program: &Path, folder: &Path) -> Result<Self, String> {
        let log = std::fs::File::create(folder.join("browser.log")).map_err(|e| e.to_string())?;
        let mut child = Command::new("sh")
            .args(["-c", START])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let (commands, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(commands), Some(answers)) = (commands, answers) else {
            return Err("no pipes".to_owned());
        };
        let (sender, messages) = channel();
        std::thread::spawn(move || read(answers, &sender));
        Ok(Self { child, commands, messages, last: 0 })
    }

    /// Sends a command, and returns its number.
    pub fn send(&mut self, session: &str, method: &str, params: &Value) -> Result<u64, String> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = json!(session);
        }
        let sent = self.commands.write_all(format!("{command}\0").as_bytes());
        sent.map_err(|e| format!("{method}: {e}"))?;
        Ok(self.last)
    }

    /// The next answer or event.
    pub fn receive(&self) -> Result<Value, String> {
        self.messages.recv_timeout(ANSWER).map_err(|e| format!("the browser is silent: {e}"))
    }
}

fn read(answers: ChildStdout, messages: &Sender<Value>) {
    for message in BufReader::new(answers).split(0).map_while(Result::ok) {
        let Ok(message) = serde_json::from_slice(&message) else { return };
        if messages.send(message).is_err() {
            return;
        }
    }
}

impl Drop for Pipe {
    /// Lets the browser end its own processes; one that does not is killed.
    fn drop(&mut self) {
        let closed = self.send("", "Browser.close", &json!({}));
        let begun = Instant::now();
        while closed.is_ok() && begun.elapsed() < END {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

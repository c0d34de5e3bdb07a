//! What several tests need.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program.
pub const DEKU: &str = env!("CARGO_BIN_EXE_deku");

/// Runs `deku` in `folder`.
pub fn deku(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("deku starts")
}

/// `deku` in `folder`, without the defaults of whoever runs the tests.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deku"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    for (_, variable) in deku_cli::defaults::OPTIONS {
        command.env_remove(variable);
    }
    command
}

/// Runs `deku --json`, which must succeed, and returns its objects.
pub fn objects(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = deku(folder, &[arguments, &["--json", "--quiet"]].concat());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {err}");
    out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The summary of a successful run.
pub fn summary(folder: &Path, arguments: &[&str]) -> Value {
    let last = objects(folder, arguments).pop().expect("a summary");
    assert_eq!(last["event"], "summary");
    last
}

/// Runs `deku`, which must fail with this exit code and error code without a panic.
pub fn fails(folder: &Path, arguments: &[&str], exit: i32, code: &str) -> String {
    let output = deku(folder, arguments);
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {err}");
    assert!(err.contains(&format!("error[{code}]: ")), "{arguments:?}: {err}");
    assert!(err.contains("\n  cause: ") && err.contains("\n  fix: "), "{arguments:?}: {err}");
    err
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A small idx data set in `folder`: random images, 10 classes.
pub fn write_idx(folder: &Path, train: u32, test: u32) {
    for (name, n) in [("train", train), ("t10k", test)] {
        let mut images = [&[0, 0, 8, 3][..], &n.to_be_bytes(), &28u32.to_be_bytes()].concat();
        images.extend(28u32.to_be_bytes());
        images.extend((0..n * 784).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
        let mut labels = [&[0, 0, 8, 1][..], &n.to_be_bytes()].concat();
        labels.extend((0..n).map(|i| (i % 10) as u8));
        std::fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// Two classes that differ in which half of the features is large, in `t.csv`.
pub fn table(folder: &Path) {
    let row = |n: u32| {
        let value =
            |k: u32| n.wrapping_mul(97).wrapping_add(k * 41) % 60 + (k / 4 == n % 2) as u32 * 40;
        let features: Vec<String> = (0..8).map(|k| value(k).to_string()).collect();
        format!("{},{}\n", features.join(","), n % 2)
    };
    std::fs::write(folder.join("t.csv"), (0..150).map(row).collect::<String>()).unwrap();
}

/// A `deku` that serves a simulated module, ended with the test.
pub struct Served(Child);

impl Served {
    /// Starts it and waits for its `ready` event.
    pub fn start(folder: &Path, arguments: &[&str]) -> (Self, Value) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_deku"))
            .args(arguments)
            .args(["--json", "--quiet"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("deku starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let served = Self(child);
        let ready = lines.find_map(|line| {
            let event: Value = serde_json::from_str(&line.ok()?).ok()?;
            (event["event"] == "ready").then_some(event)
        });
        (served, ready.expect("the simulation ended before it was ready"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `deku` with the variables that a server has printed.
pub fn with(ready: &Value, folder: &Path, arguments: &[&str]) -> Output {
    command_with(ready, folder, arguments).output().expect("deku starts")
}

/// `deku` with the variables that a server has printed.
pub fn command_with(ready: &Value, folder: &Path, arguments: &[&str]) -> Command {
    let variables = ready["environment"].as_object().expect("variables");
    let mut command = Command::new(DEKU);
    command
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().map(|(name, value)| (name, value.as_str().expect("text"))));
    command
}

/// Takes line 24, which resets the module while it is low, as an output, as `GPIO_V2_GET_LINE` does.
/// It stays as it is when the program that has it ends.
pub fn reset_line(socket: &Path, high: bool) -> UnixStream {
    let mut request = vec![0; 592];
    request[..4].copy_from_slice(&24_u32.to_ne_bytes());
    request[256..262].copy_from_slice(b"holder");
    request[288] = 8; // output
    request[296] = 1; // with an attribute: initial values
    request[320] = 2;
    request[328] = high.into();
    request[336] = 1; // of the first line
    request[560] = 1; // one line
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(&[0xC250_B407_u32, 592].map(u32::to_ne_bytes).concat()).unwrap();
    stream.write_all(&request).unwrap();
    let mut reply = [1; 8];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(reply, [0; 8]);
    stream
}

/// Trains, takes the module away as soon as something was learned, and returns what is said then.
pub fn unplug(train: &mut Command, module: Served) -> String {
    let child = train.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("deku starts");
    let mut lines =
        BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let learns = lines.any(|line| line.starts_with("epoch"));
    drop(module);
    lines.for_each(drop);
    let output = child.wait_with_output().expect("deku ends");
    let said = text(&output.stderr);
    assert!(learns && output.status.code() == Some(4), "{}: {said}", output.status);
    said
}

/// What is said when the device `path` was unplugged.
pub fn unplugged(path: &str, words: &str) -> String {
    format!(
        "error[link/transport]: the link to the module failed again and again
  cause: `{path}` is gone: the board was unplugged or has lost its power ({words})
  fix: look whether `deku list` shows the device, plug the board in again, give a lower clock or baud rate; a run with --checkpoint goes on with --resume
"
    )
}

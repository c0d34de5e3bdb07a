//! A run is watched by its log, a device by its counters.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{command, deku, fails, objects, summary, table, Served};
use serde_json::Value;

const TRAIN: [&str; 7] = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "2"];
const ENDLESS: [&str; 9] = [
    "train",
    "--data",
    "csv:t.csv",
    "--columns",
    "64",
    "--schedule",
    "endless",
    "--epochs",
    "10000000",
];

/// A program, ended with the test.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts"))
    }

    /// The events that it prints.
    fn events(&mut self) -> impl Iterator<Item = Value> {
        let lines = BufReader::new(self.0.stdout.take().expect("piped")).lines();
        lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("an object"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_finished_run_is_told_from_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let run = summary(folder, &[&TRAIN[..], &["--log", "run.jsonl"]].concat());
    for once in [&["monitor", "run.jsonl"][..], &["monitor", "run.jsonl", "--once"]] {
        let events = objects(folder, once);
        let (last, before) = events.split_last().unwrap();
        assert_eq!((&last["run"], &last["error"]), (&"finished".into(), &Value::Null));
        assert_eq!(last["held_out"], run["test_accuracy"]);
        let progress = &last["progress"];
        assert_eq!((&progress["samples"], &progress["of"]), (&240.into(), &240.into()));
        assert_eq!(progress["link"], Value::Null, "the reference has none");
        let counts = |bins: &Value| {
            bins.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!(counts(&progress["goodness"]["truth"]), progress["examples"].as_u64().unwrap());
        assert!(before.iter().any(|event| event["event"] == "progress"));
    }
    let shown = deku(folder, &["monitor", "run.jsonl"]);
    let shown = text(&shown.stdout);
    assert!(shown.contains("network      8-64, 2 classes") && !shown.contains('\u{1b}'), "{shown}");
    assert!(shown.contains("state        finished") && shown.contains("240 of 240"), "{shown}");
}

#[test]
fn a_run_is_followed_while_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    std::fs::write(folder.join("l"), "").unwrap();
    let mut monitor = Running::start(command(folder, &["monitor", "l", "--json"]));
    // Its results are not read here: nobody would empty the pipe.
    let mut train = command(folder, &[&ENDLESS[..], &["--log", "l"]].concat());
    let train = train.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let train = Running(train);
    let mut followed = monitor.events().filter(|event| event["event"] == "progress");
    let (first, second) = (followed.next().expect("progress"), followed.next().expect("more"));
    assert!(first["samples"].as_u64() < second["samples"].as_u64());
    assert!(second["samples_per_second"].as_f64() > Some(0.0), "{second}");
    drop((train, monitor));
}

#[test]
fn what_a_run_prints_is_a_log_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let mut train = Running::start(command(folder, &[&ENDLESS[..], &["--json"]].concat()));
    let progress = train.events().find(|event| event["event"] == "progress").expect("progress");
    drop(train);
    let mut pipe = command(folder, &["monitor", "-", "--json"]);
    let mut pipe = pipe.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(pipe.stdin.take().unwrap(), "{progress}").unwrap();
    let said = text(&pipe.wait_with_output().unwrap().stdout);
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["run"]), (&"summary".into(), &"open".into()), "{said}");
    assert_eq!(last["progress"]["samples"], progress["samples"]);
}

#[test]
fn a_run_that_was_killed_is_reported_as_silent() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let start = r#"{"event":"start","inputs":8,"columns":[64],"classes":2}"#;
    std::fs::write(folder.join("l"), format!("{start}\n")).unwrap();
    let look = || text(&deku(folder, &["monitor", "l", "--once"]).stdout);
    assert!(look().contains("waiting for the first results"), "{}", look());
    let log = std::fs::File::options().write(true).open(folder.join("l")).unwrap();
    log.set_modified(std::time::SystemTime::now() - Duration::from_secs(90)).unwrap();
    assert!(look().contains("no news for 9"), "{}", look());
}

#[test]
fn a_run_that_failed_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let failing = [&TRAIN[..], &["--log", "l", "--backend", "serial:nowhere"]].concat();
    fails(folder, &failing, 4, "device/missing");
    let last = summary(folder, &["monitor", "l"]);
    assert_eq!(last["run"], Value::Null, "it has not learned anything");
    let why = last["error"].as_str().unwrap();
    assert!(why.starts_with("error[device/missing]: "), "{why}");
}

/// A page that is served, and its port.
fn page(command: Command) -> (Running, u16) {
    let mut monitor = Running::start(command);
    let ready = monitor.events().next().expect("an event");
    assert_eq!((&ready["event"], &ready["schema"]), (&"ready".into(), &1.into()), "{ready}");
    let url = ready["url"].as_str().unwrap().trim_end_matches('/');
    let port = url.strip_prefix("http://127.0.0.1:").expect("this computer only");
    (monitor, port.parse().unwrap())
}

/// Head and body of the answer to a request.
fn ask(port: u16, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "{request}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// What the page asks for.
fn state(port: u16) -> Value {
    let (head, body) = ask(port, &format!("GET /state.json HTTP/1.1\r\nHost: localhost:{port}"));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    serde_json::from_str(&body).expect("an object")
}

fn wait_for(port: u16, is_there: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let state = state(port);
        if is_there(&state) {
            return state;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{state}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_page_tells_what_the_log_does() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let run = summary(folder, &[&TRAIN[..], &["--log", "l"]].concat());
    let watch = ["monitor", "--web", "l", "--port", "0", "--json"];
    let (mut monitor, port) = page(command(folder, &watch));
    let told = wait_for(port, |state| state["phase"] == "finished");
    let keys: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "curve error event held_out learned module network phase progress schema silent_seconds source";
    assert_eq!(keys.join(" "), expected);
    assert_eq!((&told["source"], &told["schema"]), (&"l".into(), &1.into()));
    assert_eq!(told["progress"]["samples"], 240);
    assert_eq!(told["held_out"][1][1], run["test_accuracy"]);
    assert_eq!(told["learned"]["samples"], 240);
    assert_eq!(told["learned"]["strongest"][0]["inputs"].as_array().unwrap().len(), 6);
    // The next run in the same log is followed, too.
    let train = [&ENDLESS[..], &["--log", "l"]].concat();
    let train = command(folder, &train).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let train = Running(train.unwrap());
    wait_for(port, |state| state["phase"] == "training");
    drop(train);
    let id = monitor.0.id().to_string();
    // Not SIGINT: what runs in the background of a shell script ignores that, and its children do, too.
    assert!(Command::new("kill").arg(&id).status().unwrap().success());
    assert_eq!(monitor.0.wait().unwrap().code(), None, "a signal ends it");
}

#[test]
fn a_page_is_for_this_computer_and_only_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("l"), "").unwrap();
    let (_monitor, port) =
        page(command(folder, &["monitor", "--web", "l", "--port", "0", "--json"]));
    let status = |request: &str| {
        let (head, body) = ask(port, request);
        let secret = body.contains("phase") || body.contains("<html");
        (head.split(' ').nth(1).unwrap().parse::<u16>().unwrap(), secret)
    };
    assert_eq!(status("GET / HTTP/1.1\r\nHost: 127.0.0.1"), (200, true));
    assert_eq!(status("GET /?x HTTP/1.1\r\nHost: localhost:1"), (200, true), "a forwarded port");
    for path in ["/", "/state.json"] {
        let foreign = format!("GET {path} HTTP/1.1\r\nHost: evil.example:{port}");
        assert_eq!(status(&foreign), (403, false), "DNS rebinding");
        let post = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0");
        assert_eq!(status(&post), (405, false));
        assert_eq!(status(&format!("GET {path} HTTP/1.1")), (400, false));
    }
    for path in ["/l", "/../l", "/state.json/", "//state.json", "/etc/passwd", "http://a/"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost");
        assert_eq!(status(&request), (404, false), "{path}");
    }
    let (head, _) = ask(port, "GET / HTTP/1.1\r\nHost: localhost");
    assert!(head.contains("Content-Security-Policy: default-src 'none'; script-src 'sha256-"));
    assert!(!head.contains("Access-Control"), "other pages may not read it");
    // Other addresses of this computer do not answer.
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err());
}

#[test]
fn a_page_needs_a_port_and_something_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("l"), "").unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = fails(folder, &["monitor", "--web", "l", "--port", &port], 2, "monitor/port");
    assert!(said.contains(&port) && said.contains("--port 0"), "{said}");
    fails(folder, &["monitor", "--web", "nowhere"], 3, "file/io");
    fails(folder, &["monitor", "--web", "--backend", "ref"], 2, "monitor/backend");
    std::fs::write(folder.join("t"), "no log\n").unwrap();
    fails(folder, &["monitor", "--web", "t", "--port", "0"], 3, "monitor/log");
}

#[test]
fn what_can_not_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for backend in ["ref", "sim:nano", "model:nano"] {
        fails(folder, &["monitor", "--backend", backend], 2, "monitor/backend");
    }
    fails(folder, &["monitor", "nowhere"], 3, "file/io");
    table(folder);
    fails(folder, &["monitor", "t.csv"], 3, "monitor/log");
    fails(folder, &[&TRAIN[..], &["--log", "no/where"]].concat(), 3, "file/io");
}

/// `deku` that sees the node of a served module.
fn with(ready: &Value, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = command(folder, arguments);
    for (name, value) in ready["environment"].as_object().expect("variables") {
        command.env(name, value.as_str().expect("text"));
    }
    command
}

/// One look at the module.
fn look(ready: &Value, folder: &Path) -> Value {
    let watch = ["monitor", "--once", "--json", "--backend", "spi:/dev/spidev7.3,hz=31250000"];
    let output = with(ready, folder, &watch).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a summary")
}

#[test]
fn a_device_tells_its_counters_when_nobody_uses_it() {
    if deku_sim::testing::verilator_for("monitor, spidev").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let (_served, ready) = Served::start(folder, &["sim", "nano", "--spidev=/dev/spidev7.3"]);
    let backend = ["--backend", "spi:/dev/spidev7.3,hz=31250000"];
    let train = [&TRAIN[..], &backend, &["--log", "l"]].concat();
    assert!(with(&ready, folder, &train).output().unwrap().status.success());
    let run = summary(folder, &["monitor", "l"]);
    assert!(run["progress"]["link"]["frames"].as_u64() > Some(20), "{run}");
    let link = &run["progress"]["link"];
    // A module that has just been switched on does not answer the very first frame.
    assert!(link["damaged"].as_u64() <= Some(1), "{run}");
    assert_eq!((&link["resends"], &link["failed"]), (&0.into(), &0.into()), "{run}");
    let idle = look(&ready, folder);
    assert_eq!((&idle["busy"], &idle["module"]["samples"]), (&false.into(), &240.into()));
    assert_eq!(idle["module"]["damaged_headers"], 0);
    // The same as a page.
    let watch = ["monitor", "--web", "--port", "0", "--json", "--every", "100"];
    let (monitor, port) = page(with(&ready, folder, &[&watch[..], &backend].concat()));
    let told = wait_for(port, |state| state["phase"] == "idle");
    assert_eq!(told["module"]["samples"], 240);
    assert_eq!(told["module"]["link"]["speed"]["sck_hz"], 31_250_000);
    drop(monitor);
    // Another program has it, then it is killed.
    let start = || Running::start(with(&ready, folder, &[&ENDLESS[..], &backend].concat()));
    let mut trainer = start();
    let begun = Instant::now();
    while look(&ready, folder)["busy"] != true {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never took the module");
        // One that begins while somebody looks is told so.
        if trainer.0.try_wait().unwrap().is_some() {
            trainer = start();
        }
    }
    drop(trainer);
    assert_eq!(look(&ready, folder)["busy"], false);
}

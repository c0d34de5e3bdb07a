//! A run is watched by its log, a device by its counters.

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
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
    // Another program has it, then it is killed.
    let trainer = Running::start(with(&ready, folder, &[&ENDLESS[..], &backend].concat()));
    let begun = Instant::now();
    while look(&ready, folder)["busy"] != true {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never took the module");
    }
    drop(trainer);
    assert_eq!(look(&ready, folder)["busy"], false);
}

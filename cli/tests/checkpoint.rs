//! Checkpoints: a run that was killed goes on bit for bit, and nothing else is mistaken for one.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{deku, fails, objects, summary};
use deku_cli::checkpoint::Checkpoint;
use deku_cli::model::Model;
use serde_json::Value;

const SMALL: [&str; 7] = ["train", "--columns", "32", "--samples", "300", "--epochs", "40"];

/// Starts a run and kills it as soon as its checkpoint says that it is under way; returns how many
/// samples it had learned from.
fn killed(folder: &Path, arguments: &[&str]) -> u64 {
    for _ in 0..20 {
        let _ = std::fs::remove_file(folder.join("c"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_deku"))
            .args([arguments, &["--checkpoint", "c,every=70", "--quiet"]].concat())
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("deku starts");
        wait_for_progress(&folder.join("c"));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let run = Checkpoint::read(&folder.join("c")).expect("a good checkpoint").run;
        if !run.finished() {
            return run.standing.done;
        }
    }
    panic!("the run always ended before it could be killed");
}

/// Returns when a run has kept something that it has learned.
fn wait_for_progress(file: &Path) {
    let start = Instant::now();
    let learned = || file.exists() && Checkpoint::read(file).unwrap().run.standing.done > 0;
    while !learned() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a run came to, all but the time it took.
fn outcome(mut summary: Value) -> Value {
    summary["seconds"] = Value::Null;
    summary
}

#[test]
fn a_killed_run_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for extra in [
        &[][..],
        &["--order", "file", "--jitter", "--drop", "--schedule", "endless"],
        &["--overlay", "2", "--validation", "100", "--evaluate-every", "3"],
        &["--phase", "pair", "--columns", "24,16", "--schedule", "planned:50000"],
        &["--phase", "single", "--shift", "auto", "--stop-after", "11111", "--seed", "7"],
    ] {
        let run = match extra {
            [_, _, "--columns", ..] => {
                [&["train", "--samples", "300", "--epochs", "40"], extra].concat()
            }
            _ => [&SMALL[..], extra].concat(),
        };
        let whole = summary(folder, &[&run[..], &["--out", "whole"]].concat());
        let done = killed(folder, &[&run[..], &["--out", "part"]].concat());
        let all = objects(folder, &["train", "--resume", "c"]);
        assert_eq!(all[0]["resumed_at"], done, "{extra:?}");
        assert_eq!(outcome(all.last().unwrap().clone()), outcome(whole), "{extra:?}");
        let read = |name| std::fs::read(folder.join(name)).unwrap();
        assert!(read("whole") == read("part"), "{extra:?}");
        std::fs::remove_file(folder.join("part")).unwrap();
        summary(folder, &["train", "--resume", "c"]);
        assert!(read("whole") == read("part"), "resumed after its end: {extra:?}");
    }
}

#[test]
fn a_run_from_a_model_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    summary(
        folder,
        &["train", "--columns", "32", "--epochs", "1", "--samples", "300", "--out", "m"],
    );
    let run = ["train", "--model", "m", "--samples", "300", "--epochs", "40", "--jitter"];
    summary(folder, &[&run[..], &["--out", "whole"]].concat());
    killed(folder, &[&run[..], &["--out", "part"]].concat());
    summary(folder, &["train", "--resume", "c", "--model", "m", "--out", "elsewhere"]);
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    assert!(read("whole") == read("elsewhere"));
    assert!(!folder.join("part").exists(), "--out was changed");
}

#[test]
fn a_resume_that_contradicts_the_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    killed(folder, &SMALL);
    let refused = |extra: &[&str], exit, code| {
        fails(folder, &[&["train", "--resume", "c", "--quiet"], extra].concat(), exit, code)
    };
    for extra in [
        &["--epochs", "41"][..],
        &["--columns", "32,32"],
        &["--seed", "2"],
        &["--drop"],
        &["--jitter", "off"],
        &["--order", "file"],
        &["--stop-after", "5000"],
        &["--samples", "299"],
        &["--validation", "10"],
        &["--schedule", "endless"],
        &["--model", "m"],
        &["--save-initial", "m"],
    ] {
        let text = refused(extra, 2, "checkpoint/option");
        assert!(text.contains(extra[0]) && text.contains("started with"), "{text}");
    }
    std::fs::write(folder.join("t.csv"), "1,0\n2,1\n3,0\n4,1\n5,0\n").unwrap();
    refused(&["--data", "csv:t.csv"], 2, "data/samples");
    // What does not contradict is accepted, also where it says the same again.
    summary(
        folder,
        &["train", "--resume", "c", "--epochs", "40", "--out", "m", "--data", "digits"],
    );
}

#[test]
fn other_data_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = |change: u32| {
        let row = |n: u32| format!("{},{},{}\n", n * 7 % 50, (n * 11 + change) % 60, n % 2);
        (0..100).map(row).collect::<String>()
    };
    std::fs::write(folder.join("t.csv"), table(0)).unwrap();
    std::fs::write(folder.join("same.csv"), table(0)).unwrap();
    std::fs::write(folder.join("other.csv"), table(1)).unwrap();
    std::fs::write(folder.join("test.csv"), table(0)).unwrap();
    let run = ["train", "--data", "csv:t.csv,test.csv", "--columns", "32", "--epochs", "300"];
    killed(folder, &run);
    for data in ["csv:other.csv,test.csv", "csv:t.csv,other.csv"] {
        let text = fails(folder, &["train", "--resume", "c", "--data", data], 3, "checkpoint/data");
        assert!(text.contains(if data.ends_with("test.csv") { "training" } else { "test" }));
    }
    summary(folder, &["train", "--resume", "c", "--data", "csv:same.csv,test.csv"]);
}

#[test]
fn what_is_not_a_checkpoint_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    killed(folder, &SMALL);
    summary(folder, &[&SMALL[..], &["--out", "m"]].concat());
    fails(folder, &["train", "--resume", "m"], 3, "checkpoint/model");
    fails(folder, &["train", "--resume", "nowhere"], 3, "file/io");
    let whole = std::fs::read(folder.join("c")).unwrap();
    for end in (0..whole.len()).step_by(97) {
        std::fs::write(folder.join("cut"), &whole[..end]).unwrap();
        assert_eq!(Checkpoint::read(&folder.join("cut")).unwrap_err().code, "model/damaged");
    }
    let (model, run) = Model::read_with(&folder.join("c")).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut run = run.clone().unwrap();
        change(&mut run);
        std::fs::write(folder.join("x"), model.to_bytes_with(Some(run)).unwrap()).unwrap();
        Checkpoint::read(&folder.join("x")).map(|_| ()).map_err(|e| e.code)
    };
    assert_eq!(changed(&|_| ()), Ok(()));
    assert_eq!(changed(&|run| run["version"] = 9.into()), Err("checkpoint/version"));
    assert_eq!(changed(&|run| run["samples"] = 1.into()), Err("checkpoint/damaged"));
    assert_eq!(
        changed(&|run| run["standing"]["total"]["gap"] = i64::MIN.into()),
        Err("checkpoint/damaged")
    );
    assert_eq!(changed(&|run| run["more"] = 1.into()), Err("checkpoint/damaged"));
    changed(&|run| run["options"]["colour"] = "blue".into()).unwrap();
    fails(folder, &["train", "--resume", "x"], 3, "checkpoint/damaged");
}

#[test]
fn a_checkpoint_is_also_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    summary(folder, &[&SMALL[..], &["--out", "m", "--checkpoint", "every=5000"]].concat());
    let measure = |name| summary(folder, &["eval", "--model", name]);
    assert_eq!(measure("m"), measure("m.checkpoint"));
    let info = |name| summary(folder, &["info", "--model", name]);
    let run = &info("m.checkpoint")["run"];
    assert_eq!((&run["samples"], &run["standing"]["done"]), (&12000.into(), &12000.into()));
    assert_eq!(run["options"]["checkpoint"], "every=5000");
    assert!(info("m")["run"].is_null());
    let kept = Model::read(&folder.join("m.checkpoint")).unwrap();
    assert!(kept.to_bytes().unwrap() == std::fs::read(folder.join("m")).unwrap());
}

#[test]
fn a_run_that_can_go_on_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let done = killed(folder, &SMALL);
    let again = [&SMALL[..], &["--checkpoint", "c"]].concat();
    let text = fails(folder, &again, 3, "checkpoint/exists");
    assert!(text.contains(&format!("after {done} of 12000 samples")), "{text}");
    assert!(text.contains("deku train --resume c"), "{text}");
    summary(folder, &["train", "--resume", "c"]);
    summary(folder, &again); // a finished one is
    fails(folder, &[&SMALL[..], &["--checkpoint", "every=9"]].concat(), 2, "checkpoint/place");
    fails(
        folder,
        &[&SMALL[..], &["--checkpoint", "m", "--out", "m"]].concat(),
        2,
        "checkpoint/place",
    );
    let output = deku(folder, &[&SMALL[..], &["--checkpoint", "every=0"]].concat());
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_module_that_goes_away_costs_nothing() {
    if deku_sim::testing::verilator_for("checkpoint of a lost module").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let row = |n: u32| format!("{},{},{}\n", n * 7 % 50, n * 11 % 60, n % 2);
    std::fs::write(folder.join("t.csv"), (0..100).map(row).collect::<String>()).unwrap();
    let run = ["train", "--data", "csv:t.csv", "--columns", "64", "--epochs", "400"];
    summary(folder, &[&run[..], &["--out", "whole"]].concat());
    let mut module = common::command(folder, &["sim", "nano", "--pty=tty", "--quiet"]);
    let mut module = module.stdout(Stdio::null()).spawn().unwrap();
    let tty = folder.join("tty");
    let start = Instant::now();
    while !tty.exists() && start.elapsed() < Duration::from_secs(300) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let backend = format!("serial:{}", tty.display());
    let kept = ["--out", "part", "--checkpoint", "c,every=50", "--backend", &backend];
    let mut program = common::command(folder, &[&run[..], &kept].concat());
    let program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_progress(&folder.join("c"));
    module.kill().unwrap();
    module.wait().unwrap();
    let output = program.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{err}");
    assert!(err.contains("; then `deku train --resume c`"), "{err}");
    let all = objects(folder, &["train", "--resume", "c", "--backend", "ref"]);
    assert!(all[0]["resumed_at"].as_u64().unwrap() > 0);
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    assert!(read("whole") == read("part"));
}

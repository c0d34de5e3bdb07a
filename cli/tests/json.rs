//! `--json`: one object per line, a summary at the end, stable fields.

mod common;

use common::{deku, objects, summary};
use serde_json::Value;

/// Keys of an object, all but the version that each has.
fn keys(object: &Value) -> Vec<&str> {
    assert_eq!(object["schema"], 1);
    object.as_object().unwrap().keys().map(String::as_str).filter(|&k| k != "schema").collect()
}

#[test]
fn train() {
    let folder = tempfile::tempdir().unwrap();
    let all = objects(folder.path(), &["train", "--columns", "64", "--epochs", "2", "--out", "m"]);
    assert_eq!(
        all.iter().map(|o| o["event"].as_str().unwrap()).collect::<Vec<_>>(),
        ["start", "epoch", "epoch", "summary"]
    );
    assert_eq!(
        keys(&all[0]),
        [
            "classes",
            "columns",
            "event",
            "inputs",
            "planned",
            "resumed_at",
            "seed",
            "shifts",
            "test_samples",
            "theta",
            "train_samples"
        ]
    );
    assert_eq!(
        keys(&all[1]),
        [
            "accuracy",
            "epoch",
            "event",
            "examples",
            "gap",
            "samples",
            "test_accuracy",
            "update_rate"
        ]
    );
    assert_eq!(
        keys(&all[3]),
        [
            "command",
            "cycles",
            "event",
            "samples",
            "seconds",
            "test_accuracy",
            "test_correct",
            "test_samples",
            "updates",
            "updates_per_layer"
        ]
    );
    assert_eq!(all[3]["samples"], 2 * 1437);
    assert!(all[3]["test_accuracy"].as_f64().unwrap() > 50.0);
}

#[test]
fn eval_infer_and_info() {
    let folder = tempfile::tempdir().unwrap();
    summary(folder.path(), &["train", "--columns", "64", "--epochs", "2", "--out", "m"]);
    let eval = summary(folder.path(), &["eval", "--model", "m"]);
    assert_eq!(
        keys(&eval),
        ["command", "confusion", "event", "test_accuracy", "test_correct", "test_samples"]
    );
    let infer = objects(folder.path(), &["infer", "--model", "m", "--first", "3", "--count", "2"]);
    assert_eq!(infer.len(), 3);
    assert_eq!(
        (&infer[0]["sample"], keys(&infer[0])),
        (&Value::from(3), vec!["class", "event", "goodness", "label", "sample"])
    );
    let info = summary(folder.path(), &["info", "--model", "m"]);
    assert_eq!(info["settings"]["columns"], serde_json::json!([64]));
    assert_eq!(summary(folder.path(), &["info"])["max_layers"], 4);
}

#[test]
fn configs() {
    let folder = tempfile::tempdir().unwrap();
    let all = objects(folder.path(), &["configs"]);
    let of = |name: &str| all.iter().find(|o| o["name"] == name).expect(name)["columns"].clone();
    assert_eq!(of("nano"), serde_json::json!({ "784": 0, "196": 0, "64": 64 }));
    assert_eq!(of("up5k"), serde_json::json!({ "784": 160, "196": 640, "64": 1024 }));
    assert_eq!(of("ecp5-85"), serde_json::json!({ "784": 512, "196": 1024, "64": 1024 }));
}

#[test]
fn boards() {
    let folder = tempfile::tempdir().unwrap();
    let all = objects(folder.path(), &["boards"]);
    assert_eq!(all.len(), 10);
    assert_eq!(
        keys(&all[0]),
        [
            "configuration",
            "event",
            "flash",
            "fpga",
            "name",
            "notes",
            "oscillator_hz",
            "price_usd",
            "title",
            "uart"
        ]
    );
}

#[test]
fn list() {
    let folder = tempfile::tempdir().unwrap();
    let all = objects(folder.path(), &["list"]);
    let (summary, devices) = all.split_last().unwrap();
    assert_eq!(keys(summary), ["command", "configurations", "devices", "event", "usable"]);
    assert_eq!(
        summary["configurations"],
        serde_json::json!(["nano", "up5k", "ecp5-85", "ecp5-25", "gw1n-9", "gw2a-18"])
    );
    assert_eq!(summary["devices"], devices.len());
    for device in devices {
        let expected = [
            "backend", "boards", "bridge", "cause", "event", "fix", "kind", "node", "usable", "usb",
        ];
        assert_eq!(keys(device), expected);
        assert_eq!(device["usable"] == true, device["fix"].is_null(), "{device}");
    }
}

#[test]
fn estimate() {
    let folder = tempfile::tempdir().unwrap();
    let estimated = |arguments: &[&str]| summary(folder.path(), arguments);
    let whole = estimated(&["estimate", "--board", "upduino", "--network", "784-160"]);
    let area = [
        "available",
        "board",
        "clock_hz",
        "command",
        "config",
        "configuration_hash",
        "dsps",
        "event",
        "ffs",
        "large_rams",
        "latents",
        "logic_cells",
        "luts",
        "rams",
        "rate",
    ];
    assert_eq!(keys(&whole), area);
    let rate: Vec<&String> = whole["rate"].as_object().unwrap().keys().collect();
    assert_eq!(
        rate,
        [
            "active",
            "draw_cycles",
            "engine_infer",
            "engine_train",
            "forward_cycles",
            "infer",
            "link",
            "network",
            "port_minimum_cycles",
            "sck_hz",
            "train",
            "update_cycles",
            "updated_percent"
        ]
    );
    assert_eq!((&whole["board"], &whole["config"]), (&"upduino".into(), &"up5k".into()));
    let alone = estimated(&["estimate", "--config", "ecp5-85"]);
    assert_eq!(keys(&alone), area);
    let unknown = ["board", "available", "rate"];
    assert!(unknown.iter().all(|field| alone[field].is_null()), "{alone}");
}

#[test]
fn errors_are_objects_too() {
    let folder = tempfile::tempdir().unwrap();
    let output = deku(folder.path(), &["train", "--columns", "5000", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let last: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(keys(&last), ["cause", "code", "event", "exit", "fix", "notes", "what"]);
    assert_eq!((&last["event"], &last["code"]), (&"error".into(), &"config/range".into()));
}

#[test]
fn mistyped_arguments_are_objects_too() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["train", "--colour", "red", "--json"][..], &["tarin", "--json"], &["save", "--json"]]
    {
        let output = deku(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        let last: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(last["code"], "usage/arguments", "{last}");
    }
    assert_eq!(deku(folder.path(), &["--help", "--json"]).status.code(), Some(0));
}

#[test]
fn no_colours_and_no_bars_outside_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let output = deku(folder.path(), &["train", "--columns", "32", "--epochs", "1"]);
    for stream in [output.stdout, output.stderr] {
        assert!(!stream.contains(&0x1B), "{}", String::from_utf8_lossy(&stream));
    }
}

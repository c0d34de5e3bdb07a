//! The reference learns the digits.

mod common;

#[test]
fn digits_with_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let mut accuracies = [1, 2, 3].map(|seed| {
        let seed = seed.to_string();
        let arguments = ["train", "--seed", &seed, "--evaluate-every", "0"];
        common::summary(folder.path(), &arguments)["test_accuracy"].as_f64().unwrap()
    });
    accuracies.sort_by(f64::total_cmp);
    assert!(accuracies[1] >= 97.0, "{accuracies:?}");
}

#[test]
fn every_phase_learns() {
    let folder = tempfile::tempdir().unwrap();
    for (phase, least) in [("overlay", 93.0), ("pair", 88.0), ("single", 85.0)] {
        let arguments = [
            "train",
            "--phase",
            phase,
            "--epochs",
            "20",
            "--columns",
            "256",
            "--evaluate-every",
            "0",
        ];
        let accuracy =
            common::summary(folder.path(), &arguments)["test_accuracy"].as_f64().unwrap();
        assert!(accuracy >= least, "{phase}: {accuracy}");
    }
}

/// Processes that go through the same twelve calls again and again, from anywhere: what comes after
/// a `read` or a `write`, only the calls before it tell.
fn write_calls(folder: &std::path::Path) {
    const ROUND: [&str; 12] = [
        "open", "read", "read", "write", "read", "write", "write", "close", "open", "write",
        "read", "close",
    ];
    let process = |start: usize| -> String {
        let calls: Vec<&str> = ROUND.into_iter().cycle().skip(start).take(40).collect();
        calls.join(" ") + "\n"
    };
    let processes = |numbers: std::ops::Range<usize>| numbers.map(|n| process(n * 5 % 12));
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    write("t.vocab.txt", "open\nread\nwrite\nclose\n".into());
    write("t.train.txt", processes(0..60).collect());
    write("t.test.txt", processes(60..72).collect());
}

#[test]
fn calls_with_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    write_calls(folder.path());
    let arguments = ["train", "--data", "calls:t", "--evaluate-every", "0", "--out", "calls.model"];
    let summary = common::summary(folder.path(), &arguments);
    // What follows the first calls of a process cannot always be known.
    let accuracy = summary["test_accuracy"].as_f64().unwrap();
    assert!(accuracy >= 95.0, "{accuracy}");
    let info = common::summary(folder.path(), &["info", "--model", "calls.model"]);
    let rule = &info["settings"]["rule"];
    assert_eq!((&rule["temperature"], &rule["first_shift"]), (&6.into(), &2.into()), "{rule}");
    let infer = ["infer", "--model", "calls.model", "--data", "calls:t", "--first", "10"];
    let sample = &common::objects(folder.path(), &[&infer[..], &["--count", "1"]].concat())[0];
    let names = ["open", "read", "write", "close"];
    let name = |class: &str| names[sample[class].as_u64().unwrap() as usize];
    assert_eq!(
        (&sample["class_name"], &sample["label_name"]),
        (&name("class").into(), &name("label").into())
    );
}

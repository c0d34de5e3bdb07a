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

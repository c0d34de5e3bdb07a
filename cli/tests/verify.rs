//! Side by side: no difference where there is none, and every kind of difference is found.
//!
//! The module is the device model behind the driver; simulated ones are compared in /tests.

mod common;

use common::{fails, objects, summary};
use deku_cli::args::BackendArgs;
use deku_cli::hardware::Hardware;
use deku_cli::verify::{random_case, Case, Difference, Examples, Lockstep};
use deku_ref::module::Generators;
use serde_json::json;

fn lockstep() -> Lockstep {
    Lockstep::new(Hardware::model("nano", &BackendArgs::default()).unwrap()).unwrap()
}

/// A loaded network and what is found in 100 examples after `tamper`.
fn after(tamper: impl Fn(&mut Lockstep, &Case)) -> Option<Difference> {
    let mut lockstep = lockstep();
    let capacity = lockstep.hardware().configuration.capacity();
    // A labelled network with more than one class, in which something happens.
    for seed in 1.. {
        let (case, mut examples) = random_case(&capacity, seed);
        let masked = case.masks[0].iter().filter(|&&m| m != 0).count();
        if masked < 40 || case.network.classes() < 3 || case.network.record_inputs() < 5 {
            continue;
        }
        lockstep.load(&case).unwrap();
        for _ in 0..20 {
            assert_eq!(lockstep.step(&examples.next().example()).unwrap(), None);
        }
        tamper(&mut lockstep, &case);
        let found = (0..100).find_map(|_| lockstep.step(&examples.next().example()).unwrap());
        return found.or_else(|| lockstep.compare_over_link().unwrap());
    }
    unreachable!("an endless search")
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(after(|_, _| ()), None);
}

#[test]
fn a_changed_latent_is_found() {
    let found = after(|lockstep, case| {
        let driver = &mut lockstep.hardware().driver;
        let l = case.network.layers()[0];
        let mut latents = vec![0; l.inputs * l.columns];
        driver.read_latents(0, &mut latents).unwrap();
        latents[1] ^= 1;
        driver.load_latents(0, &latents).unwrap();
    });
    assert!(found.is_some());
}

#[test]
fn a_changed_mask_bit_is_found() {
    let found = after(|lockstep, case| {
        // One class loses a column, for every column: one of them matters.
        let mut masks = case.masks[0].clone();
        masks.iter_mut().step_by(3).for_each(|m| *m ^= 1);
        lockstep.hardware().driver.load_class_masks(0, &masks).unwrap();
    });
    assert!(found.is_some());
}

#[test]
fn another_generator_state_is_found() {
    let found = after(|lockstep, _| {
        let driver = &mut lockstep.hardware().driver;
        let now = driver.generator_states().unwrap();
        driver.set_generator_states(&Generators { round: now.round ^ 4, ..now }).unwrap();
    });
    assert!(found.is_some());
}

#[test]
fn another_temperature_is_found() {
    let found = after(|lockstep, case| {
        let train =
            deku_ref::TrainConfig { temperature: (case.train.temperature + 6) % 13, ..case.train };
        lockstep.hardware().driver.set_training(&train).unwrap();
    });
    assert!(found.is_some());
}

#[test]
fn the_command_compares_random_networks_and_data() {
    let folder = tempfile::tempdir().unwrap();
    for configuration in ["model:nano", "model:up5k", "model:ecp5-85"] {
        let done =
            summary(folder.path(), &["verify", "--backend", configuration, "--samples", "1100"]);
        assert_eq!((&done["samples"], &done["differences"]), (&1100.into(), &0.into()));
    }
    let data = ["verify", "--backend", "model", "--data", "digits", "--samples", "300"];
    assert_eq!(summary(folder.path(), &data)["networks"], 1);
}

#[test]
fn a_network_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let large = ["train", "--backend", "model:up5k", "--columns", "1800"];
    let err = fails(folder.path(), &large, 4, "config");
    assert!(err.contains("mask words") || err.contains("columns"), "{err}");
    fails(folder.path(), &["verify"], 2, "backend/no-link");
    fails(folder.path(), &["info", "--backend", "sim:pico"], 3, "config/file");
    std::fs::write(folder.path().join("bad.toml"), "name = 3").unwrap();
    fails(folder.path(), &["info", "--backend", "model:bad.toml"], 3, "config/file");
}

#[test]
fn every_backend_learns_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (format, phase) in
        [("raw", "labelled"), ("packed-u", "overlay"), ("packed-s", "pair"), ("index", "single")]
    {
        let train =
            ["train", "--columns", "48,32", "--samples", "200", "--epochs", "2", "--phase", phase];
        let here = summary(folder.path(), &[&train[..], &["--out", "a"]].concat());
        let there = ["--backend", "model:ecp5-85", "--format", format, "--out", "b"];
        let there = summary(folder.path(), &[&train[..], &there].concat());
        let read = |name| std::fs::read(folder.path().join(name)).unwrap();
        assert!(read("a") == read("b"), "{phase}");
        assert_eq!(here["updates"], there["updates"]);
        summary(
            folder.path(),
            &["load", "--model", "a", "--backend", "model:ecp5-85", "--save", "c"],
        );
        assert!(read("a") == read("c"));
    }
}

#[test]
fn bench_counts_work_and_its_page_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("docs/bench")).unwrap();
    let bench = ["bench", "--backend", "model:up5k", "--samples", "300", "--out", "docs/bench"];
    let record = summary(folder.path(), &bench)["record"].clone();
    assert!(folder.path().join("docs/bench/up5k-digits-64-512-drop20.json").is_file());
    let work = &record["parts"][0]["stretch"]["work"];
    assert_eq!(work["samples"], 300);
    assert_eq!(work["forward_words"], 16 * work["rows"].as_u64().unwrap());
    fails(folder.path(), &["bench", "report", "--check"], 1, "bench/stale");
    summary(folder.path(), &["bench", "report"]);
    summary(folder.path(), &["bench", "report", "--check"]);
    std::fs::write(folder.path().join("docs/bench/x.json"), "{}").unwrap();
    fails(folder.path(), &["bench", "report"], 3, "bench/raw");
}

#[test]
fn bench_measures_late_epochs_and_inference() {
    let folder = tempfile::tempdir().unwrap();
    let network = ["--samples", "300", "--columns", "64", "--epochs", "4"];
    let measure = ["bench", "--backend", "model:up5k", "--epoch", "1,4", "--part", "200"];
    let measure = [&measure[..], &network, &["--infer", "100", "--out", "docs/bench"]].concat();
    let record = summary(folder.path(), &measure)["record"].clone();
    let work = |n: usize| &record["parts"][n]["stretch"]["work"];
    assert_eq!((&work(0)["samples"], &work(1)["samples"]), (&json!(200), &json!(200)));
    let updated = |n: usize| work(n)["updated"].as_u64().unwrap();
    assert!(2 * updated(1) < updated(0), "{} {}", updated(1), updated(0));
    assert_eq!(record["inference"]["work"]["samples"], 100);
    assert_eq!(record["inference"]["work"]["updated"], 0);

    let training = ["bench", "training", "--seeds", "1,2", "--out", "docs/bench/training"];
    let training = summary(folder.path(), &[&training[..], &network].concat());
    let epochs = training["training"]["runs"][0]["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 4);
    assert!(epochs[0]["work"]["updated"].as_u64().unwrap() > updated(0), "300 samples, not 200");
    summary(folder.path(), &["bench", "report"]);
    fails(folder.path(), &["bench", "--backend", "model:up5k", "--epoch", "2"], 2, "bench/epoch");
}

#[test]
fn the_plan_of_measurements_is_followed_once() {
    let folder = tempfile::tempdir().unwrap();
    let plan = "epochs = 2\nmeasured_epochs = [1, 2]\ninferred = 50\nseeds = [1]\nconfigurations = [\"up5k\"]\n\
        block = []\nlimit = []\nclocks = {}\n[[network]]\ntitle = \"digits\"\ndata = \"digits\"\ninputs = 64\nclasses = 10\n\
        most_columns = 64\ndrop = 20\nformat = \"packed-u\"\npart = 100\n";
    std::fs::create_dir_all(folder.path().join("docs/bench")).unwrap();
    std::fs::write(folder.path().join("docs/bench/plan.toml"), plan).unwrap();
    let all = ["bench", "all", "--data", ".", "--training"];
    assert_eq!(summary(folder.path(), &all)["measured"], 1);
    assert_eq!(summary(folder.path(), &all)["measured"], 0);
    assert_eq!(summary(folder.path(), &[&all[..], &["--again"]].concat())["measured"], 1);
    summary(folder.path(), &["bench", "report"]);
    let page = std::fs::read_to_string(folder.path().join("docs/benchmarks.md")).unwrap();
    assert!(page.contains("| digits | 64-64 | not measured"), "{page}");
    std::fs::write(folder.path().join("docs/bench/plan.toml"), plan.replace("[1, 2]", "[2, 1]"))
        .unwrap();
    fails(folder.path(), &all, 3, "bench/plan");
}

#[test]
fn demo_without_a_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let all = objects(folder.path(), &["demo", "--backend", "model", "--epochs", "3"]);
    let last = all.last().unwrap();
    assert_eq!(last["command"], "demo");
    assert_eq!(last["compared"]["latents"], 64 * 512);
    for name in ["digits.safetensors", "learning-curve.svg", "classes.svg", "index.html"] {
        assert!(folder.path().join("deku-demo").join(name).is_file(), "{name}");
    }
}

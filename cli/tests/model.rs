//! Model files: complete, byte-identical, and robust against hostile ones.

mod common;

use common::{fails, objects, summary};
use deku_cli::data::Scaling;
use deku_cli::model::Model;
use safetensors::SafeTensors;

const SMALL: [&str; 7] = ["train", "--columns", "40,33", "--samples", "100", "--epochs", "2"];

fn trained(folder: &std::path::Path, extra: &[&str]) -> Vec<u8> {
    summary(folder, &[&SMALL[..], extra, &["--out", "m"]].concat());
    std::fs::read(folder.join("m")).unwrap()
}

#[test]
fn reading_and_writing_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for extra in [&[][..], &["--overlay", "3"], &["--phase", "pair"], &["--phase", "single"]] {
        let bytes = trained(folder.path(), extra);
        let model = Model::from_bytes(&bytes).unwrap();
        assert_eq!(model.to_bytes().unwrap(), bytes, "{extra:?}");
        assert_eq!(bytes, trained(folder.path(), extra), "a second run is the same: {extra:?}");
    }
}

#[test]
fn tensors_are_what_the_documentation_says() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = trained(folder.path(), &[]);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!(shape("layer0.latents"), [64, 40]);
    assert_eq!(shape("layer1.latents"), [40, 33]);
    assert_eq!(shape("layer0.masks"), [10, 40]);
    assert_eq!(shape("checksum"), [32]);
    let text = String::from_utf8_lossy(&bytes[..4000]).into_owned();
    assert!(!text.contains(&folder.path().display().to_string()), "no machine paths");
}

#[test]
fn a_model_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| summary(folder.path(), arguments);
    for extra in
        [&["--drop"][..], &["--jitter", "--overlay", "2"], &["--order", "file", "--phase", "pair"]]
    {
        let start = [&["train", "--columns", "40", "--epochs", "3"], extra].concat();
        run(&[&start[..], &["--out", "whole"]].concat());
        run(&[&start[..], &["--stop-after", "1000", "--out", "part"]].concat());
        run(&["train", "--model", "part", "--stop-after", "1500", "--out", "part"]);
        run(&["train", "--model", "part", "--out", "part"]);
        let read = |name| std::fs::read(folder.path().join(name)).unwrap();
        assert!(read("whole") == read("part"), "{extra:?}");
    }
}

#[test]
fn other_data_begin_a_new_order() {
    let folder = tempfile::tempdir().unwrap();
    let before = Model::from_bytes(&trained(folder.path(), &[])).unwrap();
    fails(folder.path(), &["train", "--model", "m", "--samples", "50"], 2, "train/complete");
    summary(
        folder.path(),
        &["train", "--model", "m", "--samples", "50", "--epochs", "1", "--out", "n"],
    );
    let after = Model::read(&folder.path().join("n")).unwrap();
    assert_eq!(after.settings.host.start, before.settings.host.state);
    assert_eq!((after.settings.host.drawn, after.settings.plan.seen), (50, 50));
}

#[test]
fn the_initial_model_is_untouched() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path(), &["--save-initial", "start"]);
    let start = Model::read(&folder.path().join("start")).unwrap();
    let fresh = Model::new(start.settings.clone()).unwrap();
    assert!(start == fresh);
    summary(folder.path(), &["train", "--model", "start", "--samples", "100", "--out", "end"]);
    assert!(
        std::fs::read(folder.path().join("end")).unwrap()
            == std::fs::read(folder.path().join("m")).unwrap()
    );
}

#[test]
fn every_truncation_and_every_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = trained(folder.path(), &[]);
    for end in (0..bytes.len()).step_by(7) {
        assert!(Model::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        if let Ok(model) = Model::from_bytes(&damaged) {
            // White space in the header, or the order of its keys, carries no meaning.
            assert!(model.to_bytes().unwrap() == bytes, "byte {at}");
        }
    }
}

#[test]
fn hostile_settings_are_refused_even_with_a_right_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let good = Model::from_bytes(&trained(folder.path(), &[])).unwrap();
    let refused = |change: &dyn Fn(&mut Model)| {
        let mut model = good.clone();
        change(&mut model);
        let outcome = model.to_bytes().and_then(|bytes| Model::from_bytes(&bytes));
        assert!(outcome.is_err());
    };
    refused(&|m| m.layers[0].latents[5] = 192);
    refused(&|m| m.layers[1].masks[5] = 2);
    refused(&|m| m.settings.rival_state = 0);
    refused(&|m| m.settings.host.start = 0);
    refused(&|m| m.settings.shifts = vec![16, 0]);
    refused(&|m| m.settings.columns = vec![40]);
    refused(&|m| m.settings.columns[0] = usize::MAX);
    refused(&|m| m.settings.inputs = usize::MAX);
    refused(&|m| m.settings.classes = 0);
    refused(&|m| m.settings.rule.temperature = 13);
    refused(&|m| m.settings.rule.first_shift = 200);
    refused(&|m| m.settings.rule.seed = 0);
    refused(&|m| m.settings.host.drawn = u64::MAX);
    refused(&|m| m.settings.scaling = Some(Scaling { min: vec![0.0; 64], max: vec![1.0; 63] }));
}

#[test]
fn other_files_are_no_models() {
    let folder = tempfile::tempdir().unwrap();
    let tensor =
        safetensors::tensor::TensorView::new(safetensors::Dtype::U8, vec![1], &[0]).unwrap();
    let foreign = safetensors::serialize([("x", tensor)], None).unwrap();
    std::fs::write(folder.path().join("foreign"), foreign).unwrap();
    std::fs::write(folder.path().join("text"), "hello").unwrap();
    fails(folder.path(), &["info", "--model", "foreign"], 3, "model/foreign");
    fails(folder.path(), &["info", "--model", "text"], 3, "model/damaged");
    fails(folder.path(), &["info", "--model", "missing"], 3, "file/io");
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path(), &[]);
    fails(folder.path(), &["train", "--epochs", "1", "--out", "no/such/folder"], 3, "file/folder");
    let model = objects(folder.path(), &["info", "--model", "m"]);
    assert_eq!(model[0]["settings"]["columns"], serde_json::json!([40, 33]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

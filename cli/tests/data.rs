//! Loaders on good, damaged and hostile files.

mod common;

use std::io::Write;
use std::path::Path;

use common::{fails, summary, write_idx};
use deku_cli::data::Dataset;
use flate2::{write::GzEncoder, Compression};

fn load(folder: &Path) -> Result<Dataset, deku_cli::error::Error> {
    Dataset::load(&format!("mnist:{}", folder.display()), None)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn plain_and_gzipped_files_are_the_same_data() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 20, 5);
    let plain = load(folder.path()).unwrap();
    assert_eq!((plain.inputs, plain.train.len(), plain.test.len()), (784, 20, 5));
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(path.with_extension("gz"), gzip(&bytes)).unwrap();
    }
    let packed = load(folder.path()).unwrap();
    assert_eq!((plain.train, plain.test), (packed.train, packed.test));
}

#[test]
fn mnist14_is_a_quarter_of_the_inputs() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 20, 5);
    let small = Dataset::load(&format!("mnist14:{}", folder.path().display()), None).unwrap();
    assert_eq!((small.inputs, small.side), (196, Some(14)));
}

#[test]
fn every_truncation_of_every_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 3, 2);
    for name in ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).unwrap();
        for packed in [false, true] {
            let whole = if packed { gzip(&bytes) } else { bytes.clone() };
            for end in (0..whole.len()).step_by(1 + whole.len() / 97) {
                std::fs::write(&path, &whole[..end]).unwrap();
                let error = load(folder.path()).unwrap_err();
                assert!(["data/idx", "data/gzip"].contains(&error.code), "{name} {end}: {error}");
            }
        }
        std::fs::write(&path, &bytes).unwrap();
    }
    load(folder.path()).unwrap();
}

#[test]
fn damaged_gzip_is_found_by_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 3, 2);
    let path = folder.path().join("train-images-idx3-ubyte");
    let good = gzip(&std::fs::read(&path).unwrap());
    for at in (10..good.len()).step_by(1 + good.len() / 50) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, bytes).unwrap();
        assert!(load(folder.path()).is_err(), "byte {at}");
    }
}

#[test]
fn files_of_different_sets_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 3, 2);
    let images = folder.path().join("train-images-idx3-ubyte");
    std::fs::copy(folder.path().join("t10k-images-idx3-ubyte"), images).unwrap();
    let error = load(folder.path()).unwrap_err();
    assert_eq!(error.code, "data/mnist");
    assert!(error.what.contains("2 images and 3 labels"), "{error}");
}

#[test]
fn a_class_beyond_classes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_idx(folder.path(), 30, 10);
    let place = format!("mnist:{}", folder.path().display());
    let err = fails(folder.path(), &["train", "--data", &place, "--classes", "9"], 3, "data/class");
    assert!(err.contains("training sample 9 is of class 9, out of range for 9 classes"), "{err}");
}

fn table(rows: &str) -> Result<Dataset, deku_cli::error::Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, rows).unwrap();
    Dataset::load(&format!("csv:{}", path.display()), None)
}

#[test]
fn tables_with_and_without_header() {
    let rows = "1,10,0\n2,20,1\n3,30,2\n4,40,0\n5,50,1\n";
    let plain = table(rows).unwrap();
    let titled = table(&format!("width, height, class\n# a comment\n{rows}")).unwrap();
    assert_eq!((plain.inputs, plain.classes, plain.train.len(), plain.test.len()), (2, 3, 4, 1));
    assert_eq!((plain.train, plain.test), (titled.train, titled.test));
}

#[test]
fn damaged_tables_name_the_row() {
    for (rows, text) in [
        ("1,2,0\n1,x,0\n", "row 2: `x` is not a number"),
        ("1,2,0\n1,,0\n", "row 2: `` is not a number"),
        ("1,2,0\n1,NaN,0\n", "row 2: `NaN` is not a number"),
        ("1,2,0\n1,2,0.5\n", "row 2: the class `0.5` is not an integer"),
        ("1,2,0\n1,2,-1\n", "row 2: the class `-1` is not an integer"),
        ("1,2,0\n1,2,256\n", "row 2: class 256 is out of range"),
        ("1,2,0\n1,2\n", "found record with 2 fields"),
        ("1\n2\n", "row 1: 1 columns"),
        ("", "it holds 0 rows"),
        ("1,2,0\n\u{fffd}\0,1,0\n", "row 2"),
    ] {
        let error = table(rows).unwrap_err();
        assert_eq!(error.code, "data/csv");
        assert!(error.what.contains(text), "{rows:?}: {error}");
    }
}

#[test]
fn a_model_keeps_the_scaling_of_its_table() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |factor: u32| -> String {
        (0..200).map(|n| format!("{},{},{}\n", n % 7 * factor, n % 5, n % 2)).collect()
    };
    std::fs::write(folder.path().join("a.csv"), rows(1)).unwrap();
    std::fs::write(folder.path().join("b.csv"), rows(9)).unwrap();
    let train = ["train", "--data", "csv:a.csv", "--columns", "32", "--epochs", "2", "--out", "m"];
    summary(folder.path(), &train);
    let own = Dataset::load(&format!("csv:{}", folder.path().join("b.csv").display()), None);
    let model = deku_cli::model::Model::read(&folder.path().join("m")).unwrap();
    let scaling = model.settings.scaling.as_ref();
    let with = Dataset::load(&format!("csv:{}", folder.path().join("b.csv").display()), scaling);
    assert_ne!(own.unwrap().train, with.unwrap().train);
    summary(folder.path(), &["eval", "--model", "m", "--data", "csv:b.csv"]);
}

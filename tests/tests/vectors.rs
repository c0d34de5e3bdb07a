//! Every file of `tests/vectors/v1` against the reference model.
//!
//! A failure names the file, the case (the example, for training) and the first difference.

use std::path::{Path, PathBuf};

#[test]
fn the_reference_agrees_with_every_vector() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder of the vectors")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(files.len() > 60, "only {} vector files", files.len());
    let (mut cases, mut failures) = (0, Vec::new());
    for file in &files {
        match deku_tests::vectors::check(file) {
            Ok(n) => cases += n,
            Err(difference) => failures.push(format!("{}: {difference}", name(file))),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} files:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
    assert!(cases > 2500, "only {cases} cases");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1")
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

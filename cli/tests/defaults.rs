//! Flag, environment, `deku.toml`, built in: the first that says something counts.

mod common;

use std::path::Path;

use common::{command, fails, summary};
use serde_json::Value;

/// Columns of the module that `deku info` finds with this environment and these flags.
fn latents(folder: &Path, variable: Option<&str>, flags: &[&str]) -> u64 {
    let mut command = command(folder, &[&["info", "--json"], flags].concat());
    if let Some(value) = variable {
        command.env("DEKU_BACKEND", value);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let last: Value = serde_json::from_slice(&output.stdout).unwrap();
    last["latents"].as_u64().unwrap_or_else(|| panic!("{last}"))
}

#[test]
fn the_nearest_counts() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let built_in = latents(&below, None, &[]);
    let nano = latents(&below, None, &["--backend", "model:nano"]);
    let up5k = latents(&below, None, &["--backend", "model:up5k"]);
    assert!(built_in != nano && nano != up5k && built_in != up5k);
    std::fs::write(folder.path().join("deku.toml"), "backend = \"model:nano\"\n").unwrap();
    assert_eq!(latents(&below, None, &[]), nano, "of a folder above");
    assert_eq!(latents(&below, Some(""), &[]), nano, "an empty variable says nothing");
    assert_eq!(latents(&below, Some("model:up5k"), &[]), up5k);
    assert_eq!(latents(&below, Some("model:up5k"), &["--backend", "ref"]), built_in);
}

#[test]
fn an_error_says_where_a_default_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deku.toml");
    std::fs::write(&file, "backend = \"toaster\"\n").unwrap();
    let text = fails(folder.path(), &["info"], 2, "backend/unknown");
    assert!(
        text.contains("  note: --backend toaster comes from ") && text.contains("deku.toml"),
        "{text}"
    );
    let text = fails(folder.path(), &["info", "--backend", "toast"], 2, "backend/unknown");
    assert!(!text.contains("note:"), "{text}");
    std::fs::write(&file, "colour = \"red\"\n").unwrap();
    fails(folder.path(), &["info"], 3, "file/settings");
}

#[test]
fn a_run_goes_on_where_it_was_although_the_defaults_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, file) = (folder.path(), folder.path().join("deku.toml"));
    std::fs::write(folder.join("t.csv"), "1,0\n2,1\n3,0\n4,1\n5,0\n").unwrap();
    std::fs::write(&file, "data = \"csv:t.csv\"\n").unwrap();
    summary(
        folder,
        &["train", "--columns", "32", "--epochs", "2", "--out", "m", "--checkpoint", "c"],
    );
    std::fs::write(&file, "backend = \"toaster\"\ndata = \"digits\"\n").unwrap();
    let before = std::fs::read(folder.join("m")).unwrap();
    std::fs::remove_file(folder.join("m")).unwrap();
    summary(folder, &["train", "--resume", "c"]);
    assert!(std::fs::read(folder.join("m")).unwrap() == before);
}

//! The table of error codes, the sources and docs/errors.md say the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deku_cli::error::codes::{find, page, TABLE};
use deku_cli::error::Kind;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust sources under a folder, the table itself left out.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("error/codes.rs") {
            found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
        }
    }
    found
}

/// What stands between quotation marks and has the form of a code.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let lower =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    text.split('"').filter(move |word| {
        word.split_once('/').is_some_and(|(area, what)| lower(area) && lower(what))
    })
}

#[test]
fn every_code_of_the_sources_is_in_the_table_and_the_other_way_round() {
    let mut used = BTreeSet::new();
    for folder in ["cli/src", "driver/src"] {
        for (path, text) in sources(&root().join(folder)) {
            for code in codes(&text) {
                assert!(
                    find(code).is_some(),
                    "{}: add `{code}` to cli/src/error/codes.rs",
                    path.display()
                );
                used.insert(code.to_owned());
            }
        }
    }
    // The driver has two without an area.
    used.extend(["config".to_owned(), "network".to_owned()]);
    assert!(used.len() > 80, "the search works");
    for code in TABLE {
        assert!(used.contains(code.name), "nothing says `{}` any more", code.name);
    }
}

#[test]
fn errors_have_the_kind_of_the_table() {
    let constructors = [
        ("check(", Kind::Check),
        ("usage(", Kind::Usage),
        ("input(", Kind::Input),
        ("backend(", Kind::Backend),
    ];
    let mut seen = 0;
    for (path, text) in sources(&root().join("cli/src")) {
        for (name, kind) in constructors {
            for rest in text.split(&format!("::{name}")).skip(1) {
                let Some(code) =
                    rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next())
                else {
                    continue; // a variable, such as the driver's code
                };
                let entry = find(code).unwrap_or_else(|| panic!("{}: {code}", path.display()));
                assert_eq!(entry.kind, Some(kind), "{code} in {}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "the search works: {seen}");
}

#[test]
fn the_page_is_up_to_date() {
    let stored = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    assert!(stored == page(), "run `cargo run -p deku-cli -- explain --page > docs/errors.md`");
}

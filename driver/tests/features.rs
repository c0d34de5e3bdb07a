//! The table of features in src/lib.rs says what Cargo.toml says.

use std::collections::BTreeMap;

type Features = BTreeMap<String, Vec<String>>;

/// Features with the names of the crates they bring.
fn of_manifest() -> Features {
    let manifest: toml::Table = toml::from_str(include_str!("../Cargo.toml")).unwrap();
    let features = manifest["features"].as_table().unwrap();
    let crates = |brought: &toml::Value| {
        let brought = brought.as_array().unwrap().iter().map(|one| one.as_str().unwrap());
        let mut crates: Vec<_> =
            brought.filter_map(|one| Some(one.strip_prefix("dep:")?.to_owned())).collect();
        crates.sort();
        crates
    };
    features.iter().map(|(name, brought)| (name.clone(), crates(brought))).collect()
}

fn of_page() -> Features {
    let lines = include_str!("../src/lib.rs").lines();
    let rows = lines.filter_map(|line| line.strip_prefix("//! | `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` |").expect("a feature has a name");
        let through = rest.trim_end_matches('|').rsplit('|').next().expect("three columns").trim();
        let crates = through.split(", ").filter(|one| !one.is_empty()).map(String::from);
        (name.to_owned(), crates.collect())
    })
    .collect()
}

#[test]
fn the_table_is_complete() {
    let mut manifest = of_manifest();
    assert_eq!(manifest.remove("default"), Some(vec![]), "the page says: none by default");
    assert_eq!(of_page(), manifest);
}

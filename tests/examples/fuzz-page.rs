//! Prints docs/fuzzing.md, made of the runs in `tests/corpus/runs.jsonl`.

use deku_tests::{bench, fuzz};

fn main() -> std::io::Result<()> {
    let runs = std::fs::read_to_string(bench::root().join("tests/corpus/runs.jsonl"))?;
    print!("{}", fuzz::page(&runs));
    Ok(())
}

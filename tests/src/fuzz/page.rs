//! The page docs/fuzzing.md.

use serde::Deserialize;

use super::TARGETS;

/// A run of `cargo xtask fuzz`, as it is kept in `tests/corpus/runs.jsonl`.
#[derive(Debug, Deserialize)]
struct Run {
    date: String,
    commit: String,
    target: String,
    seconds: u64,
    /// Of a core. The first runs did not measure it.
    cpu_seconds: Option<u64>,
    executions: u64,
    /// Edges of the code that were reached.
    coverage: u64,
    new_inputs: u64,
    crashes: u64,
}

const HEAD: &str = include_str!("page.md");

/// The page for these runs, one JSON object per line.
///
/// # Panics
/// If a line is none.
#[must_use]
pub fn page(runs: &str) -> String {
    let parsed = runs.lines().map(|line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("runs.jsonl: {error}: {line}"))
    });
    let runs: Vec<Run> = parsed.collect();
    let mut page = HEAD.to_owned();
    page += "\n## Targets\n\n| target | feeds | minutes in all | of a core | longest run | executions |\n|---|---|---|---|---|---|\n";
    for target in &TARGETS {
        let own = || runs.iter().filter(|run| run.target == target.name);
        let (all, longest) = (own().map(|r| r.seconds).sum(), own().map(|r| r.seconds).max());
        let cpu = own().filter_map(|r| r.cpu_seconds).sum();
        let executions: u64 = own().map(|r| r.executions).sum();
        page += &format!(
            "| `{}` | {} | {} | {} | {} | {executions} |\n",
            target.name,
            target.about,
            minutes(all),
            minutes(cpu),
            minutes(longest.unwrap_or(0))
        );
    }
    page += "\n## Runs\n\nCoverage counts edges of the code that were reached, those of the libraries included. `-` was not measured.\n\n| date | commit | target | minutes | of a core | executions | coverage | new inputs | crashes |\n|---|---|---|---|---|---|---|---|---|\n";
    for r in &runs {
        page += &format!(
            "| {} | {} | `{}` | {} | {} | {} | {} | {} | {} |\n",
            r.date,
            r.commit,
            r.target,
            minutes(r.seconds),
            r.cpu_seconds.map_or("-".to_owned(), minutes),
            r.executions,
            r.coverage,
            r.new_inputs,
            r.crashes
        );
    }
    page
}

fn minutes(seconds: u64) -> String {
    format!("{:.1}", seconds as f64 / 60.0)
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn runs_are_added_up() {
        let run = |seconds: u64, cpu: &str| {
            format!(
                r#"{{"date":"2026-01-02","commit":"abc","target":"toml","seconds":{seconds},{cpu}"executions":70,"coverage":5,"new_inputs":3,"crashes":0}}"#
            )
        };
        let page = page(&format!("{}\n{}\n", run(600, ""), run(90, r#""cpu_seconds":30,"#)));
        assert!(page.contains("| 11.5 | 0.5 | 10.0 | 140 |"), "{page}");
        assert!(
            page.contains("| 2026-01-02 | abc | `toml` | 10.0 | - | 70 | 5 | 3 | 0 |"),
            "{page}"
        );
        assert!(
            page.contains("| 2026-01-02 | abc | `toml` | 1.5 | 0.5 | 70 | 5 | 3 | 0 |"),
            "{page}"
        );
    }
}

//! What cargo's test harness prints, and what tests report as not run.

use std::collections::BTreeSet;

/// Numbers of tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Ran and passed.
    pub passed: u64,
    /// Ran and failed.
    pub failed: u64,
    /// Not run.
    pub skipped: u64,
}

impl Counts {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Adds up every `test result:` line; ignored tests are tests not run.
pub fn counts(log: &str) -> Counts {
    let lines = log.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
    lines.map(one_line).fold(Counts::default(), Counts::plus)
}

/// `ok. 5 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn one_line(line: &str) -> Counts {
    let of = |kind: &str| -> u64 {
        let words: Vec<&str> = line.split([' ', ';']).filter(|word| !word.is_empty()).collect();
        let found = words.windows(2).find(|pair| pair[1] == kind);
        found.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
    };
    Counts { passed: of("passed"), failed: of("failed"), skipped: of("ignored") }
}

/// Names of the failed tests.
pub fn failures(log: &str) -> BTreeSet<String> {
    let failed = log.lines().filter_map(|line| {
        line.trim().strip_prefix("test ")?.strip_suffix(" ... FAILED").map(str::to_owned)
    });
    failed.collect()
}

/// What the failed tests printed: of each binary the part between its two `failures:` lines.
pub fn reports(log: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in log.lines() {
        if line == "failures:" {
            inside = !inside;
        } else if inside && !line.trim().is_empty() {
            text += &format!("{line}\n");
        }
        // A binary that died in between has no second list.
        inside &= !line.starts_with("test result:");
    }
    text
}

/// Tests that returned early for lack of a tool: they appended `name: reason` to the file that
/// `DEKU_NOT_RUN_LOG` names. The harness counts them as passed.
pub fn not_run(report: &str) -> Vec<String> {
    let lines: BTreeSet<&str> = report.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.into_iter().map(str::to_owned).collect()
}

/// Moves the tests that were not run from passed to skipped.
pub fn without(counts: Counts, not_run: usize) -> Counts {
    let moved = (not_run as u64).min(counts.passed);
    Counts { passed: counts.passed - moved, skipped: counts.skipped + moved, ..counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
running 3 tests
test a::fits ... ok
test a::breaks ... FAILED
test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s
";

    #[test]
    fn reports_of_failed_tests_are_found() {
        let log = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nseed 7, byte 3\n\n\n\
                   failures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed;\nrunning 1 test\n";
        assert_eq!(reports(log), "---- a stdout ----\nseed 7, byte 3\n");
        assert_eq!(reports(LOG), "");
    }

    #[test]
    fn result_lines_are_added_up() {
        assert_eq!(counts(LOG), Counts { passed: 13, failed: 1, skipped: 1 });
        assert_eq!(counts("nothing"), Counts::default());
    }

    #[test]
    fn failed_tests_are_named() {
        assert_eq!(failures(LOG).into_iter().collect::<Vec<_>>(), ["a::breaks"]);
    }

    #[test]
    fn tests_not_run_are_not_passed() {
        let report = not_run("a::needs: no verilator\n\na::needs: no verilator\nb: no python\n");
        assert_eq!(report.len(), 2);
        let counts = without(Counts { passed: 5, failed: 0, skipped: 1 }, report.len());
        assert_eq!(counts, Counts { passed: 3, failed: 0, skipped: 3 });
    }
}

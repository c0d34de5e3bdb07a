//! What a step came to.

use crate::test::libtest::Counts;

/// Counts of a step and what a person should read about it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Passed, failed, not run.
    pub counts: Counts,
    /// Why it failed, or remarks.
    pub message: String,
    /// What the failed parts said themselves; empty if the end of the log says it.
    pub details: String,
    /// What was not run and why, one line each.
    pub not_run: Vec<String>,
}

impl Outcome {
    /// One check that passed.
    pub fn passed() -> Self {
        Self { counts: Counts { passed: 1, ..Counts::default() }, ..Self::default() }
    }

    /// One check that passed, with a remark.
    pub fn passed_with(remark: String) -> Self {
        Self { message: remark, ..Self::passed() }
    }

    /// One check that failed.
    pub fn failed(message: &str) -> Self {
        let counts = Counts { failed: 1, ..Counts::default() };
        Self { counts, message: message.to_owned(), ..Self::default() }
    }

    /// One check that could not be run.
    pub fn not_run(reason: &str) -> Self {
        let counts = Counts { skipped: 1, ..Counts::default() };
        Self { counts, not_run: vec![reason.to_owned()], ..Self::default() }
    }

    /// True when something failed.
    pub fn has_failed(&self) -> bool {
        self.counts.failed > 0
    }

    /// Where nothing may be left out (`strict`), what was not run for lack of a tool has failed.
    pub fn strict_in(mut self, strict: bool) -> Self {
        if strict && !self.not_run.is_empty() {
            let count = (self.not_run.len() as u64).min(self.counts.skipped);
            self.counts.skipped -= count;
            self.counts.failed += count.max(1);
            self.message = format!("{}\nnot run, which CI=true forbids", self.message);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn not_run_fails_only_in_ci() {
        let outcome = Outcome::not_run("no yosys");
        assert!(!outcome.clone().strict_in(false).has_failed());
        let strict = outcome.strict_in(true);
        assert_eq!((strict.counts.failed, strict.counts.skipped), (1, 0));
        assert!(!Outcome::passed().strict_in(true).has_failed());
    }
}

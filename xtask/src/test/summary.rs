//! The table at the end of a test run and its closing line.

use std::process::ExitCode;
use std::time::Duration;

use super::libtest::Counts;
use super::outcome::Outcome;

/// Lines of what failed tests printed that are repeated at the end.
const DETAILS: usize = 60;

/// One step, done.
pub struct Row {
    /// The step's name.
    pub name: &'static str,
    /// Wall time.
    pub seconds: f64,
    /// What it came to.
    pub outcome: Outcome,
}

impl Row {
    /// One line for a person.
    pub fn line(&self) -> String {
        let word = match self.outcome.counts {
            Counts { failed: 1.., .. } => "FAILED",
            Counts { passed: 0, .. } => "not run",
            _ => "ok",
        };
        format!("{word:<8}{:>8.1} s{}", self.seconds, self.remark())
    }

    fn remark(&self) -> String {
        let Counts { passed, failed, skipped } = self.outcome.counts;
        let mut text = String::new();
        if passed + failed + skipped > 1 {
            text += &format!("  {passed} passed, {failed} failed, {skipped} not run");
        }
        if !self.outcome.has_failed() && !self.outcome.message.is_empty() {
            text += &format!("  {}", self.outcome.message);
        }
        text
    }
}

/// Prints the summary and says whether all is well.
pub fn print(rows: &[Row], elapsed: Duration) -> ExitCode {
    println!("\nsummary");
    for row in rows {
        println!("  {:<16}{}", row.name, row.line());
        for reason in &row.outcome.not_run {
            println!("  {:<16}  not run: {reason}", "");
        }
    }
    println!("  {:<16}{:<8}{:>8.1} s", "all", "", elapsed.as_secs_f64());
    // Once more, because of a long log often only the end is kept.
    for row in rows.iter().filter(|row| row.outcome.has_failed()) {
        println!("\n{}: {}", row.name, row.outcome.message);
        row.outcome.details.lines().take(DETAILS).for_each(|line| println!("  | {line}"));
    }
    let counts = rows.iter().map(|row| row.outcome.counts).fold(Counts::default(), Counts::plus);
    println!("\n{}", closing_line(counts));
    if counts.failed > 0 || counts.passed == 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn closing_line(counts: Counts) -> String {
    format!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_plain() {
        let counts = Counts { passed: 12, failed: 0, skipped: 3 };
        assert_eq!(closing_line(counts), "12 passed, 0 failed, 3 skipped");
    }

    #[test]
    fn a_row_says_what_happened() {
        let row = |outcome| Row { name: "x", seconds: 1.25, outcome }.line();
        assert!(row(Outcome::passed()).starts_with("ok "));
        assert!(row(Outcome::failed("why")).starts_with("FAILED"));
        assert!(row(Outcome::not_run("why")).starts_with("not run"));
    }
}

//! Errors for the person who reads them: what happened, why, and last what to do.

use anyhow::Error;

/// An error and its causes in a sentence; then the line with the fix, whichever of them has it.
pub fn explained(error: &Error) -> String {
    let mut what = Vec::new();
    let mut fixes = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let (text, fix) = cause.split_once("\nfix:").unwrap_or((&cause, ""));
        what.push(text.trim_end_matches('.').to_owned());
        if !fix.is_empty() {
            fixes += &format!("\nfix:{fix}");
        }
    }
    format!("{}{fixes}", what.join(": "))
}

#[cfg(test)]
mod tests {
    use super::explained;
    use anyhow::anyhow;

    #[test]
    fn the_fix_is_last() {
        let error = anyhow!("`cargo fmt` failed").context("not formatted.\nfix:   cargo fmt --all");
        assert_eq!(explained(&error), "not formatted: `cargo fmt` failed\nfix:   cargo fmt --all");
        assert_eq!(explained(&anyhow!("a").context("b")), "b: a");
    }
}

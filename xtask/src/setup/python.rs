//! The Python that the private environments are made from.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{anyhow, Context as _, Result};

use super::site::Site;
use crate::shell::{output, which};

/// The oldest Python that the locked packages exist for.
const OLDEST: (u32, u32) = (3, 9);

/// Checks the version and that environments can be made; prints the program's own path.
const QUESTION: &str = "import sys; print(sys.executable, *sys.version_info[:2]); \
                        import venv, ensurepip";

/// Finds a Python, installing one where that is allowed.
pub fn find(site: &Site) -> Result<PathBuf> {
    search().or_else(|reasons| {
        site.install(&["python3", "python3-venv"]).with_context(|| missing(&reasons))?;
        search().map_err(|reasons| anyhow!(missing(&reasons)))
    })
}

fn missing(reasons: &str) -> String {
    let (major, minor) = OLDEST;
    format!("no Python {major}.{minor} or later that can make environments ({reasons})")
}

fn search() -> Result<PathBuf, String> {
    let mut reasons = Vec::new();
    for candidate in candidates() {
        match examine(&candidate) {
            Ok(path) => return Ok(path),
            Err(reason) => reasons.push(format!("{} {reason}", candidate.display())),
        }
    }
    if reasons.is_empty() {
        reasons.push("no python3 on PATH".to_owned());
    }
    Err(reasons.join(", "))
}

/// The Python that `DEKU_PYTHON` asks for; empty: any.
pub fn wanted() -> String {
    env::var("DEKU_PYTHON").unwrap_or_default()
}

fn candidates() -> Vec<PathBuf> {
    let named = wanted();
    if !named.is_empty() {
        return vec![named.into()];
    }
    let names = ["python3".to_owned()]
        .into_iter()
        .chain((OLDEST.1..=14).rev().map(|minor| format!("python3.{minor}")));
    names.filter_map(|name| which(&name)).collect()
}

fn examine(candidate: &PathBuf) -> Result<PathBuf, String> {
    let answer = output(Command::new(candidate).args(["-c", QUESTION])).map_err(|error| {
        let text = error.to_string();
        if text.contains("No module named") {
            return "has no venv module: package python3-venv".to_owned();
        }
        format!("does not run: {}", text.lines().last().unwrap_or_default())
    })?;
    parse(&answer)
}

fn parse(answer: &str) -> Result<PathBuf, String> {
    let mut words = answer.trim().rsplitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let (Some(minor), Some(major)) = (number(), number()) else {
        return Err(format!("gives an unexpected answer: {}", answer.trim()));
    };
    if (major, minor) < OLDEST {
        return Err(format!("is {major}.{minor}, too old"));
    }
    words.next().map(PathBuf::from).ok_or_else(|| "does not say where it is".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        assert_eq!(parse("/usr/bin/python3 3 11\n").unwrap(), PathBuf::from("/usr/bin/python3"));
        assert_eq!(parse("/a b/python3 3 9\n").unwrap(), PathBuf::from("/a b/python3"));
        assert!(parse("/usr/bin/python3 3 8").unwrap_err().contains("3.8, too old"));
        assert!(parse("hello").unwrap_err().contains("unexpected"));
    }
}

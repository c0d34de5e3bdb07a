//! Sequences of function calls: which call comes next, from the calls before it.
//!
//! `calls:PREFIX` takes `PREFIX.vocab.txt` (one name per line, `<other>` for all that are not
//! listed), `PREFIX.train.txt` and `PREFIX.test.txt` (one process per line, names of its calls in
//! order, separated by blanks), the latter two plain or gzipped. A sample is the window of the
//! [`WINDOW`] calls before a call, the class is that call. Input `position * names + call` has code
//! 4 (value 2), position 0 is the most recent call; at the beginning of a process the window is
//! shorter, and its first call is no sample.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use deku_ref::{Entry, E2M1};

use super::{idx, Samples};
use crate::error::{Error, Result};

/// Calls that are looked at.
pub const WINDOW: usize = 8;
/// Code of an input that is there.
const CODE: E2M1 = E2M1::from_low_bits(4);
/// Stands for every call that has no name of its own.
const OTHER: &str = "<other>";
/// A class is a byte.
const MAX_NAMES: usize = 256;

/// Training samples, test samples, names.
pub fn load(prefix: &str) -> Result<(Samples, Samples, Vec<String>)> {
    let numbers = vocabulary(prefix)?;
    let part = |name: &str| samples(&find(prefix, name)?, &numbers);
    let (train, test) = (part("train.txt")?, part("test.txt")?);
    let mut names: Vec<String> = numbers.keys().cloned().collect();
    names.sort_by_key(|name| numbers[name]);
    Ok((train, test, names))
}

fn find(prefix: &str, end: &str) -> Result<PathBuf> {
    let plain = format!("{prefix}.{end}");
    [plain.clone(), format!("{plain}.gz")].iter().map(PathBuf::from).find(|p| p.is_file()).ok_or_else(
        || {
            Error::input("data/missing", format!("there is no `{plain}` or `{plain}.gz`"))
                .cause("what follows `calls:` is the beginning of the names of three files")
                .fix("put PREFIX.vocab.txt, PREFIX.train.txt and PREFIX.test.txt there, and write for example `--data calls:traces/sysrun`")
        },
    )
}

fn problem(path: &Path, text: &str) -> Error {
    Error::input("data/calls", format!("`{}` is not usable: {text}", path.display()))
        .cause("a vocabulary has one name per line; in the others a line holds the calls of a process, separated by blanks")
        .fix("correct the file; docs/cli.md has an example")
}

fn text(path: &Path) -> Result<String> {
    String::from_utf8(idx::unpacked(path)?).map_err(|_| problem(path, "it is not text"))
}

fn vocabulary(prefix: &str) -> Result<HashMap<String, usize>> {
    let path = find(prefix, "vocab.txt")?;
    let mut names = HashMap::new();
    for (n, name) in text(&path)?.lines().map(str::trim).enumerate() {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(problem(&path, &format!("line {} holds no name or more than one", n + 1)));
        }
        if names.insert(name.to_owned(), n).is_some() {
            return Err(problem(&path, &format!("`{name}` is there twice")));
        }
    }
    match names.len() {
        2..=MAX_NAMES => Ok(names),
        n => Err(problem(&path, &format!("it has {n} names; 2 to {MAX_NAMES} are possible"))),
    }
}

fn samples(path: &Path, names: &HashMap<String, usize>) -> Result<Samples> {
    let mut samples = Samples::default();
    for (n, line) in text(path)?.lines().enumerate() {
        let known = |name| names.get(name).or_else(|| names.get(OTHER)).copied();
        let calls = line.split_whitespace().map(|name| {
            known(name).ok_or_else(|| {
                problem(path, &format!("line {}: `{name}` is not in the vocabulary", n + 1))
            })
        });
        let calls = calls.collect::<Result<Vec<_>>>()?;
        (1..calls.len()).for_each(|at| push(&mut samples, &calls, at, names.len()));
    }
    if samples.is_empty() {
        return Err(problem(path, "no line has two calls"));
    }
    Ok(samples)
}

/// The window before call `at`.
fn push(samples: &mut Samples, calls: &[usize], at: usize, names: usize) {
    let window = calls[..at].iter().rev().take(WINDOW).enumerate();
    let entry = |(position, call)| Entry::new((position * names + call) as u16, CODE);
    samples.push_list(window.map(entry), calls[at] as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let prefix = folder.path().join("t").display().to_string();
        (folder, prefix)
    }

    const VOCAB: (&str, &str) = ("t.vocab.txt", "open\nread\n<other>\n");

    #[test]
    fn a_window_has_the_latest_call_first() {
        let (_keep, prefix) = folder(&[
            VOCAB,
            ("t.train.txt", "open read read strange\nopen\n"),
            ("t.test.txt", "read open\n"),
        ]);
        let (train, test, names) = load(&prefix).unwrap();
        assert_eq!((train.len(), test.len()), (3, 1));
        assert_eq!(names, ["open", "read", "<other>"]);
        assert_eq!(train.labels(), [1, 1, 2]);
        let indices = |n| train.list(n).iter().map(|e| e.index).collect::<Vec<_>>();
        // Position 0: read (1), position 1: read (3 + 1), position 2: open (6 + 0).
        assert_eq!((indices(0), indices(1), indices(2)), (vec![0], vec![1, 3], vec![1, 4, 6]));
        assert!(train.list(2).iter().all(|e| e.code.bits() == 4));
    }

    #[test]
    fn a_window_is_eight_calls_long() {
        let (_keep, prefix) =
            folder(&[VOCAB, ("t.train.txt", &"open ".repeat(12)), ("t.test.txt", "read open\n")]);
        let (train, _, _) = load(&prefix).unwrap();
        let lengths: Vec<_> = (0..train.len()).map(|n| train.list(n).len()).collect();
        assert_eq!(lengths, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8]);
    }

    #[test]
    fn bad_files_are_refused() {
        let good = [("t.train.txt", "open read\n"), ("t.test.txt", "open read\n")];
        let refused = |files: &[(&str, &str)], text: &str| {
            let (_keep, prefix) = folder(files);
            let error = load(&prefix).unwrap_err();
            assert!(error.what.contains(text), "{error}");
        };
        refused(&good, "there is no");
        refused(&[("t.vocab.txt", "a\na\n"), good[0], good[1]], "`a` is there twice");
        refused(&[("t.vocab.txt", "a\nb c\n"), good[0], good[1]], "line 2");
        refused(&[("t.vocab.txt", "a\n"), good[0], good[1]], "1 names");
        refused(&[("t.vocab.txt", "open\nclose\n"), good[0], good[1]], "`read` is not in");
        refused(&[VOCAB, ("t.train.txt", "open\nread\n"), good[1]], "no line has two calls");
    }
}

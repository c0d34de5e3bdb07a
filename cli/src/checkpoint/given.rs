//! The options a run was started with, as the user wrote them: what goes on is the same run only
//! with the same options. Kept by name, so that no new option can be forgotten here.

use std::collections::{BTreeMap, BTreeSet};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::error::{Error, Result};

/// Long names of options and their values.
pub type Options = BTreeMap<String, String>;

/// What can be said of a run that goes on without changing its result. `data` only says where the
/// samples are; that they are the same is checked.
const FREE: [&str; 11] = [
    "backend",
    "checkpoint",
    "clk-hz",
    "data",
    "evaluate-every",
    "format",
    "hdl",
    "link",
    "log",
    "out",
    "sck-hz",
];
/// Options that belong to a backend, and go when another one is named.
const OF_BACKEND: [&str; 5] = ["clk-hz", "format", "hdl", "link", "sck-hz"];
/// Not an option of the run itself.
const RESUME: &str = "resume";

/// The options of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    options: Options,
    /// Those on the command line itself; the others are defaults.
    explicit: BTreeSet<String>,
}

impl Given {
    /// The options of `command` in what was parsed for it.
    ///
    /// # Errors
    /// `file/name` for a value that is not UTF-8.
    pub fn of(command: &Command, matches: &ArgMatches) -> Result<Self> {
        let mut given = Self::default();
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            let Some(name) = arg.get_long().filter(|&name| name != RESUME) else { continue };
            let Ok(Some(values)) = matches.try_get_raw(id) else { continue };
            let values: Option<Vec<_>> = values.map(|v| v.to_str()).collect();
            let values = values.ok_or_else(|| not_text(name))?.join(",");
            match matches.value_source(id) {
                Some(ValueSource::CommandLine) => drop(given.explicit.insert(name.to_owned())),
                // Where samples and module are may be a default of this computer.
                _ if ["backend", "data"].contains(&name) => (),
                _ => continue,
            }
            given.options.insert(name.to_owned(), values);
        }
        Ok(given)
    }

    /// All of them.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether the user wrote this one.
    #[must_use]
    pub fn is_explicit(&self, name: &str) -> bool {
        self.explicit.contains(name)
    }

    /// The options of the run `recorded`, with what is said now.
    ///
    /// # Errors
    /// `checkpoint/option` if that contradicts the run.
    pub fn go_on(&self, recorded: &Options) -> Result<Options> {
        let mut options = recorded.clone();
        if self.is_explicit("backend") && self.options.get("backend") != recorded.get("backend") {
            options.retain(|name, _| !OF_BACKEND.contains(&name.as_str()));
        }
        for name in &self.explicit {
            let value = &self.options[name];
            if FREE.contains(&name.as_str()) {
                options.insert(name.clone(), value.clone());
            } else if recorded.get(name) != Some(value) {
                return Err(contradiction(name, value, recorded.get(name)));
            }
        }
        Ok(options)
    }
}

/// As arguments, to be parsed again.
pub(crate) fn arguments(options: &Options) -> impl Iterator<Item = String> + '_ {
    options.iter().map(|(name, value)| format!("--{name}={value}"))
}

fn contradiction(name: &str, value: &str, recorded: Option<&String>) -> Error {
    let run = match recorded {
        Some(value) => format!("it was started with --{name} {value}"),
        None => format!("it was started without --{name}"),
    };
    let what = format!("--{name} {value} contradicts the run that is to go on: {run}");
    Error::usage("checkpoint/option", what)
        .cause("a run that goes on bit for bit keeps what it was started with")
        .fix(format!("leave out --{name}; only --{} may be others", FREE.join(", --")))
}

fn not_text(name: &str) -> Error {
    Error::usage("file/name", format!("the value of --{name} is not UTF-8"))
        .cause("a checkpoint keeps the options as text")
        .fix("rename the file or folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(explicit: &[(&str, &str)]) -> Given {
        let options: Options =
            explicit.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect();
        Given { explicit: options.keys().cloned().collect(), options }
    }

    #[test]
    fn a_new_backend_brings_its_own_options() {
        let run = given(&[("backend", "sim:nano"), ("sck-hz", "1000000"), ("drop", "40")]).options;
        let same = given(&[("backend", "sim:nano")]).go_on(&run).unwrap();
        assert_eq!(same, run);
        let other = given(&[("backend", "ref")]).go_on(&run).unwrap();
        assert_eq!(other, given(&[("backend", "ref"), ("drop", "40")]).options);
    }

    #[test]
    fn contradictions_are_named() {
        let run = given(&[("epochs", "3")]).options;
        assert_eq!(given(&[("epochs", "3")]).go_on(&run).unwrap(), run);
        let text = |options| given(options).go_on(&run).unwrap_err().what;
        assert!(text(&[("epochs", "4")]).ends_with("it was started with --epochs 3"));
        assert!(text(&[("seed", "4")]).ends_with("it was started without --seed"));
    }
}

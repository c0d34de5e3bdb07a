//! Where options come from that are not on the command line: the environment, then `deku.toml`,
//! then what the program says. See docs/cli.md, "Defaults of options".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::error::{Error, Result};

/// Options that can have a default of this computer, and their variables.
pub const OPTIONS: [(&str, &str); 4] = [
    ("backend", "DEKU_BACKEND"),
    ("board", "DEKU_BOARD"),
    ("data", "DEKU_DATA"),
    ("format", "DEKU_FORMAT"),
];
/// Names another file than `deku.toml`.
const FILE_VARIABLE: &str = "DEKU_CONFIG";
const FILE: &str = "deku.toml";
/// The demo shows something that it chooses itself.
const FIXED: &str = "demo";

/// Defaults of this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    values: BTreeMap<&'static str, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    text: String,
    /// The variable or the file, for people.
    origin: String,
}

impl Defaults {
    /// Reads the environment and `deku.toml`.
    ///
    /// # Errors
    /// `file/settings` or `file/io` if the file is there but cannot be used.
    pub fn read() -> Result<Self> {
        let mut defaults = match file() {
            Some(file) => Self::of_file(&file)?,
            None => Self::default(),
        };
        defaults.take_variables(variable);
        Ok(defaults)
    }

    /// What a file like `deku.toml` says.
    ///
    /// # Errors
    /// `file/settings` or `file/io` if it cannot be used.
    pub fn of_file(path: &Path) -> Result<Self> {
        let text = deku_rtlgen::config::read_text(path).map_err(|e| Error::io(path, "read", &e))?;
        Ok(Self { values: parse(path, &text)? })
    }

    /// The environment goes before the file.
    fn take_variables(&mut self, variable: impl Fn(&str) -> Option<String>) {
        for (option, name) in OPTIONS {
            if let Some(text) = variable(name) {
                self.values.insert(option, Value { text, origin: name.to_owned() });
            }
        }
    }

    /// The command with these defaults in place of its own.
    #[must_use]
    pub fn apply(&self, command: Command) -> Command {
        command.mut_subcommands(|command| {
            if command.get_name() == FIXED {
                return command;
            }
            command.mut_args(|arg| self.set(arg))
        })
    }

    fn set(&self, arg: Arg) -> Arg {
        let value = arg.get_long().and_then(|name| self.values.get(name));
        // Where --data has no default it asks for something else than what is trained on.
        let other = arg.get_long() == Some("data") && arg.get_default_values().is_empty();
        match value.filter(|_| !other) {
            Some(value) => arg.required(false).default_value(value.text.clone()),
            None => arg,
        }
    }

    /// Sentences on the defaults that a subcommand uses, for those who wonder about an error.
    #[must_use]
    pub fn notes(&self, matches: &ArgMatches) -> Vec<String> {
        let Some((_, matches)) = matches.subcommand() else { return Vec::new() };
        let used = |name: &str| {
            matches!(matches.try_contains_id(name), Ok(true))
                && matches.value_source(name) == Some(ValueSource::DefaultValue)
        };
        let used = self.values.iter().filter(|(name, _)| used(name));
        used.map(|(name, value)| value.sentence(name)).collect()
    }

    /// All of them, as sentences.
    pub fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        self.values.iter().map(|(name, value)| value.sentence(name))
    }
}

impl Value {
    fn sentence(&self, name: &str) -> String {
        format!("--{name} {} comes from {}", self.text, self.origin)
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The file that is used: that of the variable, or the nearest upwards from the working folder.
#[must_use]
pub fn file() -> Option<PathBuf> {
    if let Some(file) = variable(FILE_VARIABLE) {
        return Some(file.into());
    }
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}

fn parse(path: &Path, text: &str) -> Result<BTreeMap<&'static str, Value>> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(0, |span| text[..span.start].matches('\n').count()) + 1;
        let what = format!("line {line} is no TOML {}", e.message());
        unusable(path, what.trim_end(), "texts stand in quotation marks, one setting per line")
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in &table {
        let known = OPTIONS.iter().find(|(name, _)| name == key);
        let (option, _) = known.ok_or_else(|| {
            unusable(
                path,
                &format!("there is no setting `{key}`"),
                "it is mistyped, or of another version",
            )
        })?;
        let text = value.as_str().ok_or_else(|| {
            unusable(path, &format!("`{key}` is no text"), "texts stand in quotation marks")
        })?;
        values.insert(*option, Value { text: text.into(), origin: path.display().to_string() });
    }
    Ok(values)
}

fn unusable(path: &Path, what: &str, cause: &str) -> Error {
    let names: Vec<_> = OPTIONS.iter().map(|(name, _)| *name).collect();
    Error::input("file/settings", format!("cannot use `{}`: {what}", path.display()))
        .cause(cause)
        .fix(format!("it takes {}, e.g. backend = \"sim:nano\"", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    const TEXT: &str = "backend = \"sim:nano\"\nboard = \"upduino\"\n";

    fn merged(variable: Option<&str>) -> Defaults {
        let variable = |name: &str| variable.filter(|_| name == "DEKU_BACKEND").map(Into::into);
        let mut defaults = of_text("x/deku.toml", TEXT).unwrap();
        defaults.take_variables(variable);
        defaults
    }

    fn of_text(path: &str, text: &str) -> Result<Defaults> {
        Ok(Defaults { values: parse(Path::new(path), text)? })
    }

    fn parse_with(defaults: &Defaults, line: &str) -> ArgMatches {
        let command = defaults.apply(crate::cli::Cli::command());
        command.try_get_matches_from(line.split(' ')).unwrap()
    }

    fn value(defaults: &Defaults, line: &str, name: &str) -> Option<String> {
        let matches = parse_with(defaults, line);
        let matches = matches.subcommand().unwrap().1;
        matches.get_one::<String>(name).cloned()
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let (file, both) = (merged(None), merged(Some("model:nano")));
        let none = Defaults::default();
        let backend = |defaults: &Defaults, line| value(defaults, line, "backend").unwrap();
        assert_eq!(backend(&none, "deku train"), "ref");
        assert_eq!(backend(&file, "deku train"), "sim:nano");
        assert_eq!(backend(&both, "deku train"), "model:nano");
        assert_eq!(backend(&both, "deku train --backend sim:up5k"), "sim:up5k");
        assert_eq!(value(&file, "deku build", "board").as_deref(), Some("upduino"));
    }

    #[test]
    fn what_means_something_else_keeps_its_default() {
        let mut all = Defaults::default();
        all.take_variables(|_| Some("csv:x".into()));
        assert_eq!(value(&all, "deku verify --format raw", "data"), None);
        let demo = value(&all, "deku demo", "backend").unwrap();
        assert!(demo.starts_with("sim:"), "{demo}");
    }

    #[test]
    fn only_what_is_used_is_noted() {
        let both = merged(Some("model:nano"));
        let notes = |line| both.notes(&parse_with(&both, line));
        assert_eq!(notes("deku train"), ["--backend model:nano comes from DEKU_BACKEND"]);
        assert_eq!(notes("deku flash"), ["--board upduino comes from x/deku.toml"]);
        assert!(notes("deku train --backend ref").is_empty());
        assert!(notes("deku configs").is_empty());
    }

    #[test]
    fn a_file_that_is_wrong_is_refused() {
        for (text, what) in [
            ("\nbackend = sim:nano", "line 2 is no TOML"),
            ("colour = \"red\"", "no setting `colour`"),
            ("data = 5", "`data` is no text"),
        ] {
            let error = of_text("deku.toml", text).unwrap_err();
            assert_eq!(error.code, "file/settings");
            assert!(error.what.contains(what), "{error}");
        }
    }
}

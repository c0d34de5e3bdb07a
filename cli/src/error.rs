//! What the user reads when something goes wrong: what happened, the likely cause, the fix.

pub mod codes;

use std::fmt;
use std::path::Path;

use serde_json::{json, Value};

/// Who has to act; also the exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A check found a difference or a stale file.
    Check,
    /// The command line asks for something that does not exist or contradicts itself.
    Usage,
    /// A file is missing, damaged or does not fit.
    Input,
    /// The module, its link or the simulator failed.
    Backend,
}

impl Kind {
    /// All of them, in the order of their exit codes.
    pub const ALL: [Self; 4] = [Self::Check, Self::Usage, Self::Input, Self::Backend];

    /// What the exit code says.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Check => "a check failed",
            Self::Usage => "wrong use",
            Self::Input => "an unusable file",
            Self::Backend => "module, device, tool or simulator failed",
        }
    }

    /// Exit code of the process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Check => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Backend => 4,
        }
    }
}

/// An error with everything needed to repair it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Who has to act.
    pub kind: Kind,
    /// Stable short name, `area/what`.
    pub code: &'static str,
    /// What happened.
    pub what: String,
    /// The likely cause.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// Result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A damaged, missing or unsuitable file.
    pub fn input(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Kind::Input, code, what)
    }

    /// A contradiction on the command line.
    pub fn usage(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, code, what)
    }

    /// The module, its link or the simulator failed.
    pub fn backend(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Kind::Backend, code, what)
    }

    /// A check found a difference.
    pub fn check(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Kind::Check, code, what)
    }

    /// A file could not be read or written.
    pub fn io(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::input("file/io", format!("cannot {doing} `{}`: {error}", path.display()))
            .cause("the path is wrong, the disk is full, or the permission is missing")
            .fix("check the path; `ls -l` shows who may read and write it")
    }

    fn new(kind: Kind, code: &'static str, what: impl Into<String>) -> Self {
        Self { kind, code, what: what.into(), cause: String::new(), fix: String::new() }
    }

    /// Adds the likely cause.
    #[must_use]
    pub fn cause(mut self, text: impl Into<String>) -> Self {
        self.cause = text.into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix = text.into();
        self
    }
}

impl Error {
    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "code": self.code,
            "what": self.what,
            "cause": self.cause,
            "fix": self.fix,
            "exit": self.kind.exit_code(),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.what)?;
        for (name, text) in [("cause", &self.cause), ("fix", &self.fix)] {
            if !text.is_empty() {
                write!(f, "\n  {name}: {text}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

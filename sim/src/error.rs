//! What can go wrong, with its likely cause and the way out.

use std::path::PathBuf;

/// Everything the simulator can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// No Verilator anywhere.
    #[error(
        "Verilator was not found (looked at: {searched}). Run `cargo xtask setup`, or install it \
         with the system's package manager, or name the program in DEKU_VERILATOR."
    )]
    ToolMissing {
        /// The places that were looked at.
        searched: String,
    },
    /// A Verilator that does not run.
    #[error(
        "{} does not run as Verilator: {reason}. Check DEKU_VERILATOR and the file named by \
         DEKU_TOOLS_JSON, or run `cargo xtask setup` again.", path.display()
    )]
    ToolUnusable {
        /// The program that was tried.
        path: PathBuf,
        /// What it did instead.
        reason: String,
    },
    /// A build without sources.
    #[error(
        "there is no Verilog to simulate in {}. Generate it with `deku generate`, or check the \
         path.", path.display()
    )]
    NoSources {
        /// The folder or file that was expected.
        path: PathBuf,
    },
    /// Verilator or the C++ compiler refused the design.
    #[error(
        "{step} failed for `{top}`. {hint} The last lines of {}:\n{tail}", log.display()
    )]
    Compile {
        /// `Verilator` or `the C++ compiler`.
        step: &'static str,
        /// The top module.
        top: String,
        /// What to do about it.
        hint: String,
        /// The end of the log.
        tail: String,
        /// The whole log.
        log: PathBuf,
    },
    /// A program that building needs does not start.
    #[error(
        "cannot start {}: {source}. Building a simulation needs make and a C++ compiler: run \
         `cargo xtask setup`, or install them (Debian: apt install make g++).", program.display()
    )]
    CannotStart {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The simulation process ended by itself.
    #[error(
        "the simulation ended by itself during `{command}` ({status}). Usually the Verilog called \
         $stop, $finish or $error, or does not settle; start a new Simulator. Its last words:\n{stderr}"
    )]
    ChildDied {
        /// The command it was working on.
        command: &'static str,
        /// Exit status or signal.
        status: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// The process answered something else than this library expects.
    #[error(
        "the simulation program answered `{command}` with {got}. It was built by another version \
         of deku-sim or is damaged: delete the cache folder and build again."
    )]
    Protocol {
        /// The command.
        command: &'static str,
        /// What came back.
        got: String,
    },
    /// The process refused a command and goes on.
    #[error("the simulation refused `{command}`: {reason}")]
    Refused {
        /// The command.
        command: &'static str,
        /// Its reason.
        reason: String,
    },
    /// No variable of that name is public.
    #[error(
        "no public variable `{name}` in this design. Mark it /*verilator public_flat_rw*/ in the \
         Verilog, or pick one of: {known}"
    )]
    NoVariable {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Several variables end with that name.
    #[error("`{name}` is ambiguous; give more of the path: {candidates}")]
    AmbiguousVariable {
        /// The name asked for.
        name: String,
        /// The full paths it may stand for.
        candidates: String,
    },
    /// An access that does not fit the variable.
    #[error("`{variable}` has {entries} entries of {bits} bits; asked for {asked}")]
    DoesNotFit {
        /// The variable's path.
        variable: String,
        /// How many entries it has.
        entries: u32,
        /// Bits of each.
        bits: u32,
        /// What was asked for.
        asked: String,
    },
    /// Nothing arrived in the simulated time allowed.
    #[error(
        "nothing within {ns} ns of simulated time while waiting for {what}. Check the baud rate \
         and that the design is out of reset, or allow more time."
    )]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// Simulated time that went by.
        ns: u64,
    },
    /// An option with an impossible value.
    #[error("{what} cannot be {value}: {rule}")]
    BadOption {
        /// The option.
        what: &'static str,
        /// Its value.
        value: String,
        /// What it has to be.
        rule: &'static str,
    },
}

impl embedded_hal::spi::Error for SimError {
    fn kind(&self) -> embedded_hal::spi::ErrorKind {
        embedded_hal::spi::ErrorKind::Other
    }
}

impl embedded_hal::digital::Error for SimError {
    fn kind(&self) -> embedded_hal::digital::ErrorKind {
        embedded_hal::digital::ErrorKind::Other
    }
}

impl embedded_io::Error for SimError {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            SimError::TimedOut { .. } => embedded_io::ErrorKind::TimedOut,
            SimError::ChildDied { .. } => embedded_io::ErrorKind::BrokenPipe,
            _ => embedded_io::ErrorKind::Other,
        }
    }
}

/// Adds the file and the attempt to an I/O error.
pub(crate) fn file_error(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(std::io::Error) -> SimError {
    let path = path.into();
    move |source| SimError::File { action, path, source }
}

//! Tests of a module on a board (or of a simulated one): `cargo xtask hil`. What a board is wired to says a
//! file in `duts/`; what was found is written to `duts/results/`.

mod bench;
mod checks;
mod date;
mod dut;
mod link;
mod program;
mod record;
mod reset;
mod training;

use std::path::Path;

pub use dut::Dut;
pub use record::{Check, Found, Outcome, Record};

use bench::Bench;

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Examples compared one by one, and streamed.
    pub samples: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { samples: 1000 }
    }
}

/// One check: what it shows, and how.
type Step = (&'static str, fn(&Bench<'_>) -> Result<Found, String>);

/// All of them, in order. A module whose identity is wrong is asked nothing more.
const STEPS: [Step; 9] = [
    ("identity", checks::identity),
    ("memory", checks::memory),
    ("lockstep", checks::lockstep),
    ("training", training::same_model),
    ("link", link::clean),
    ("speed", link::fast),
    ("reset-command", reset::by_command),
    ("reset-line", reset::by_line),
    ("interrupt", reset::interrupt),
];

/// Runs all checks; `deku` is the program, `each` hears of every check.
///
/// # Errors
/// If nothing can be checked: no folder for what is in between, an unusable configuration.
pub fn run(
    dut: &Dut,
    deku: &[String],
    plan: Plan,
    mut each: impl FnMut(&Check),
) -> Result<Record, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let bench = Bench::new(dut, deku, plan, folder.path())?;
    let mut record = Record::begin(dut)?;
    for (name, step) in STEPS {
        let check = Check::of(name, step(&bench));
        each(&check);
        let hopeless = name == "identity" && check.outcome == Outcome::Failed;
        record.checks.push(check);
        if hopeless {
            break;
        }
    }
    Ok(record)
}

/// The files of the folder `duts/` that are enabled.
///
/// # Errors
/// If a file cannot be used.
pub fn enabled(folder: &Path) -> Result<Vec<Dut>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let all: Vec<Dut> = files.iter().map(|path| Dut::read(path)).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|dut| dut.enabled).collect())
}

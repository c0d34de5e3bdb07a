//! `cargo xtask hil`: tests modules on boards, as files in `duts/` describe them, and keeps what was found.
//!
//! Started as `hil deku ...` it is the program `deku`: so what is tested with is always what is in this
//! folder, in processes of their own.

use std::path::PathBuf;
use std::process::ExitCode;

use deku_tests::bench::root;
use deku_tests::hil::{enabled, run, Check, Dut, Outcome, Plan};

const USAGE: &str = "usage: hil [--dut FILE]... [--samples N] [--results DIR]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "deku") {
        return deku_cli::cli::main_with(arguments);
    }
    match Wish::parse(&arguments).and_then(|wish| test_all(&wish)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("hil: {error}");
            ExitCode::from(2)
        }
    }
}

/// What is asked for.
struct Wish {
    files: Vec<PathBuf>,
    plan: Plan,
    results: PathBuf,
}

impl Wish {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let results = root().join("duts/results");
        let mut wish = Self { files: Vec::new(), plan: Plan::default(), results };
        for pair in arguments.chunks(2) {
            match pair {
                [option, file] if option == "--dut" => wish.files.push(file.into()),
                [option, folder] if option == "--results" => wish.results = folder.into(),
                [option, n] if option == "--samples" => {
                    let samples = n.parse().ok().filter(|n| (1..=1_000_000).contains(n));
                    wish.plan.samples = samples.ok_or("--samples takes 1 to 1000000")?;
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(wish)
    }

    fn duts(&self) -> Result<Vec<Dut>, String> {
        if !self.files.is_empty() {
            return self.files.iter().map(|file| Dut::read(file)).collect();
        }
        let duts = enabled(&root().join("duts"))?;
        match duts.is_empty() {
            true => Err("no device is enabled.\nfix: write a file as duts/README.md says, with `enabled = true`, or name one: --dut duts/simulated.toml".into()),
            false => Ok(duts),
        }
    }
}

/// Whether everything passed.
fn test_all(wish: &Wish) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let deku = [program.to_string_lossy().into_owned(), "deku".into()];
    let mut good = true;
    for dut in wish.duts()? {
        println!("{}: {} with {} over {}", dut.name, dut.board, dut.config, dut.backend);
        let record = run(&dut, &deku, wish.plan, show)?;
        let path = record.write(&wish.results)?;
        let [passed, failed, skipped] =
            [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(|o| record.count(o));
        println!("{}: {passed} passed, {failed} failed, {skipped} skipped", dut.name);
        println!("record: {}", path.display());
        good &= failed == 0;
    }
    Ok(good)
}

fn show(check: &Check) {
    println!("  {:7} {:14} {}", check.outcome.name(), check.name, check.what);
}

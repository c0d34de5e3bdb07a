//! `cargo run -p deku-tests --bin same-model`: trains the digits in the reference, over the
//! simulator's own interface, through `/dev/spidev0.0` and through a serial port, and compares
//! the saved models. `--quick` trains a table on the smallest module instead. Words after `--` are
//! the command of another `deku`, such as one for another computer in an emulator: then that one
//! trains, this one only simulates.
//!
//! Started as `same-model deku ...` it is the program `deku`: so what is trained with is always
//! what is in this folder, in processes of their own.

use std::process::ExitCode;

use deku_tests::same_model::{identical, train_all, Plan, Programs, Trained};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["deku", ..] => deku_cli::cli::main_with(arguments),
        [] => report(compare(&Plan::DIGITS, None)),
        ["--quick"] => report(compare(&Plan::QUICK, None)),
        ["--", _, ..] => report(compare(&Plan::DIGITS, Some(&arguments[1..]))),
        ["--quick", "--", _, ..] => report(compare(&Plan::QUICK, Some(&arguments[2..]))),
        _ => report(Err("usage: same-model [--quick] [-- COMMAND]".into())),
    }
}

fn report(compared: Result<bool, String>) -> ExitCode {
    match compared {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("same-model: {error}");
            ExitCode::from(2)
        }
    }
}

fn compare(plan: &Plan, other: Option<&[String]>) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let deku = [program.to_string_lossy().into_owned(), "deku".into()];
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    println!("{:?}, deku train {}", plan.data, plan.options);
    let all = train_all(Programs { deku: &deku, other }, plan, folder.path(), show)?;
    println!("{} of {} identical", identical(&all), all.len());
    Ok(identical(&all) == all.len())
}

fn show(trained: &Trained) {
    let Trained { backend, model, accuracy } = trained;
    let digest = trained.digest();
    println!(
        "{backend:28} {:8} bytes  sha256 {digest}...  test accuracy {accuracy:.2} %",
        model.len()
    );
}

//! `cargo xtask usbip` runs this: a simulated module, plugged by USB/IP into a virtual machine in
//! which the `deku` beside this program finds it and trains on it.

use std::process::ExitCode;

use deku_tests::guest::{run, Parts};

fn main() -> ExitCode {
    match Parts::recorded().and_then(|parts| run(&parts)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("usbip: {error}");
            ExitCode::from(2)
        }
    }
}

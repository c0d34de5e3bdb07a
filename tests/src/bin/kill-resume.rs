//! Kills training at random moments and resumes it: `cargo run -p deku-tests --bin kill-resume --
//! --count 100 --backend ref`.

use std::process::ExitCode;

use deku_tests::kill_resume::{Campaign, AS_DEKU};

fn main() -> ExitCode {
    // The program that is killed is this one, so that it is never an older build.
    if std::env::var_os(AS_DEKU).is_some() {
        return deku_cli::cli::main();
    }
    let Some(campaign) = arguments() else {
        eprintln!("usage: kill-resume [--count KILLS] [--backend BACKEND] [--seed N]");
        return ExitCode::from(2);
    };
    match campaign.run() {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<Campaign> {
    let mut campaign = Campaign { count: 100, backend: "ref".into(), seed: 1 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--count" => campaign.count = value.parse().ok()?,
            "--backend" => campaign.backend = value,
            "--seed" => campaign.seed = value.parse().ok().filter(|&seed| seed != 0)?,
            _ => return None,
        }
    }
    Some(campaign)
}

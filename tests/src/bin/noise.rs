//! `cargo xtask noise`: trains over a cable that flips bits and compares with the reference.
//! `--quick` tries little on the smallest module; `--out FILE` keeps the numbers.

use std::path::PathBuf;
use std::process::ExitCode;

use deku_cli::bench::{commit, noise_table};
use deku_tests::noise::Campaign;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let Some((campaign, out)) = parse(&given) else {
        eprintln!("usage: noise [--quick] [--config NAME] [--samples N] [--seed N] [--out FILE]");
        return ExitCode::from(2);
    };
    match run(&campaign, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            println!("not identical or not in time: {what}");
            ExitCode::FAILURE
        }
    }
}

fn run(campaign: &Campaign, out: Option<PathBuf>) -> Result<(), String> {
    let Campaign { config, samples, .. } = campaign;
    println!("{}", noise_table::HEAD);
    let command = format!("cargo xtask noise --config {config} --samples {samples}");
    let record = campaign.run(command, commit())?;
    println!("{}", noise_table::given_up(&record));
    if let Some(path) = out {
        let text = serde_json::to_string_pretty(&record).map_err(|e| e.to_string())? + "\n";
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("written to {}", path.display());
    }
    let rates = record.rows.len();
    println!("{rates} of {rates} rates identical, given up in time and usable afterwards");
    Ok(())
}

fn parse(given: &[String]) -> Option<(Campaign, Option<PathBuf>)> {
    let (mut campaign, mut out) = (Campaign::default(), None);
    let mut given = given.iter();
    while let Some(name) = given.next() {
        if name == "--quick" {
            campaign =
                Campaign { config: "nano".into(), samples: 300, rates: vec![1e-4], ..campaign };
            continue;
        }
        let value = given.next()?;
        match name.as_str() {
            "--config" => campaign.config = value.clone(),
            "--samples" => campaign.samples = value.parse().ok().filter(|&n| n > 0)?,
            "--seed" => campaign.seed = value.parse().ok().filter(|&seed| seed != 0)?,
            "--out" => out = Some(value.into()),
            _ => return None,
        }
    }
    Some((campaign, out))
}

//! Lockstep over a range of seeds, for a machine that has time: the tests draw a few at random.
//!
//! `cargo run -r -p deku-tests --example soak -- ecp5-85 1 1000` tries a thousand networks of eight
//! examples each and says which seeds differ.

use deku_tests::bench;
use deku_tests::trial::{Trial, SLOW};

fn main() {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| usage());
    let number = |text: Option<String>| text.and_then(|t| t.parse::<u32>().ok());
    let (Some(first), Some(count)) = (number(args.next()), number(args.next())) else { usage() };
    let (program, hdl) = (bench::program(&name), bench::root().join("hdl"));
    let mut wrong = 0;
    for (done, seed) in (first..).take(count as usize).enumerate() {
        if done % 20 == 0 {
            eprintln!("{name}: {done} of {count} seeds, {wrong} with a difference");
        }
        let trial = Trial { hdl: Some(&hdl), name: &name, seed, examples: 8, slowest_hz: SLOW };
        if let Err(report) = trial.run(&program) {
            println!("{report}\n");
            wrong += 1;
        }
    }
    println!("{name}: {count} seeds from {first} on, {wrong} with a difference");
    std::process::exit(i32::from(wrong > 0));
}

fn usage() -> ! {
    eprintln!("usage: soak CONFIG FIRST_SEED COUNT");
    std::process::exit(2);
}

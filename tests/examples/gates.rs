//! A netlist in lockstep with the reference; `cargo xtask gates` makes the netlist and runs this.
//!
//! `cargo run -r -p deku-tests --example gates -- nano FOLDER CELLS 40 8` tries forty networks of
//! eight examples each on the netlist in FOLDER, with the cell models in the file CELLS.

use std::time::Instant;

use deku_tests::bench;
use deku_tests::netlist::Netlist;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder, cells, trials, examples] = &arguments[..] else { usage() };
    let (Ok(trials), Ok(examples)) = (trials.parse(), examples.parse()) else { usage() };
    let netlist = Netlist { name: name.clone(), folder: folder.into(), cells: cells.into() };
    if let Err(what) = run(&netlist, trials, examples) {
        eprintln!("{what}");
        std::process::exit(1);
    }
}

fn run(netlist: &Netlist, trials: u32, examples: usize) -> Result<(), String> {
    let name = &netlist.name;
    let blocks = netlist.cells_per_block(&bench::root().join("hdl"))?;
    let (least, count) = blocks.iter().min_by_key(|(_, n)| **n).expect("there are blocks");
    println!("{name}: {} blocks, the smallest is {least} with {count} cells", blocks.len());
    let start = Instant::now();
    let program = netlist.build().run().map_err(|e| e.to_string())?;
    println!("{name}: built in {:.0} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let latents = netlist.memory(&program)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: all {latents} latents can be written and read, {seconds:.0} s");
    let start = Instant::now();
    let seen = netlist.lockstep(&program, trials, examples, |done| {
        if done % 5 == 0 {
            println!("{name}: {done} of {trials} networks");
        }
    })?;
    let (all, seconds) = (seen.iter().sum::<usize>(), start.elapsed().as_secs_f64());
    println!("{name}: {all} examples agree in every bit, {seconds:.0} s (by kind: {seen:?})");
    Ok(())
}

fn usage() -> ! {
    eprintln!("usage: gates CONFIG FOLDER CELLS NETWORKS EXAMPLES");
    std::process::exit(2);
}

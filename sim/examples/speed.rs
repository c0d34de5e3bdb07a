//! Measures the speed of a simulation: `speed <top> <folder or file>...`
//!
//! Three numbers: clock alone, SPI at 31.25 MHz, and the round trip of a small command.

use std::time::Instant;

use deku_sim::{Build, SimError, SimOptions, Simulator};
use embedded_hal::spi::SpiDevice;

fn main() -> Result<(), SimError> {
    let mut arguments = std::env::args().skip(1);
    let mut build = Build::new(arguments.next().unwrap_or("deku_top".into()));
    for path in arguments {
        build = if std::path::Path::new(&path).is_dir() {
            build.folder(path)?
        } else {
            build.source(path)
        };
    }
    let start = Instant::now();
    let program = build.run_with(|step| println!("{step:?}"))?;
    println!("built in {:.1?}", start.elapsed());
    let sim = Simulator::start(&program, SimOptions::default())?;

    let start = Instant::now();
    sim.run_cycles(5_000_000)?;
    println!("clock alone: {:.2} M cycles/s", 5.0 / start.elapsed().as_secs_f64());

    sim.reset_stats()?;
    let start = Instant::now();
    for _ in 0..50 {
        sim.spi().transfer_in_place(&mut [0; 4096])?;
    }
    let (stats, time) = (sim.stats()?, start.elapsed().as_secs_f64());
    let (rate, bytes) = (stats.cycles as f64 / time / 1e6, stats.spi_bytes as f64 / time / 1e3);
    println!("SPI: {rate:.2} M cycles/s, {bytes:.0} kB/s");

    let start = Instant::now();
    for _ in 0..10_000 {
        sim.pins()?;
    }
    println!("round trip: {:.1?}", start.elapsed() / 10_000);
    Ok(())
}

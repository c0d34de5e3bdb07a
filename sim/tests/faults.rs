//! Injected faults happen as often as planned, and are counted.

mod common;

use common::{echo, start};
use deku_sim::{FaultPlan, SimOptions};
use embedded_hal::spi::SpiDevice;
use embedded_io::{Read, Write};

const FRAME: usize = 4096;
const FRAMES: usize = 25;

fn with(faults: FaultPlan) -> SimOptions {
    SimOptions { faults, ..SimOptions::quick() }
}

/// Five standard deviations around the mean of a binomial distribution.
fn is_plausible(count: u64, trials: usize, p: f64) -> bool {
    let mean = trials as f64 * p;
    (count as f64 - mean).abs() < 5.0 * (mean * (1.0 - p)).sqrt()
}

fn differing_bits(a: &[u8], b: &[u8]) -> u64 {
    a.iter().zip(b).map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
}

#[test]
fn miso_bits_flip_at_the_rate() {
    let plan = FaultPlan { seed: 5, miso_bit: 1e-3, ..FaultPlan::none() };
    let Some(sim) = start("miso_bits_flip_at_the_rate", with(plan)) else { return };
    let mut seen = 0;
    for _ in 0..FRAMES {
        let mut frame = vec![0x3c; FRAME];
        sim.spi().transfer_in_place(&mut frame).unwrap();
        seen += differing_bits(&frame, &echo(&[0x3c; FRAME]));
    }
    let injected = sim.stats().unwrap().injected;
    assert_eq!((seen, injected.mosi_bits), (injected.miso_bits, 0));
    assert!(is_plausible(seen, FRAMES * FRAME * 8, 1e-3), "{seen}");
}

#[test]
fn mosi_bits_flip_at_the_rate() {
    let plan = FaultPlan { seed: 5, mosi_bit: 1e-2, ..FaultPlan::none() };
    let Some(sim) = start("mosi_bits_flip_at_the_rate", with(plan)) else { return };
    let sent = [0x3c; 256];
    let mut seen = 0;
    for _ in 0..FRAMES {
        sim.spi().write(&sent).unwrap();
        sim.run_cycles(8).unwrap();
        let log = sim.backdoor().unwrap().dump("log").unwrap();
        let log: Vec<u8> = log.iter().map(|byte| *byte as u8).collect();
        seen += differing_bits(&log, &sent);
    }
    let injected = sim.stats().unwrap().injected;
    assert_eq!((seen, injected.miso_bits), (injected.mosi_bits, 0));
    assert!(is_plausible(seen, FRAMES * 256 * 8, 1e-2), "{seen}");
}

#[test]
fn a_dropped_chip_select_ends_the_frame_for_the_module() {
    let plan = FaultPlan { seed: 1, cs_drop: 1.0, ..FaultPlan::none() };
    let Some(sim) = start("a_dropped_chip_select_ends_the_frame", with(plan)) else { return };
    for _ in 0..20 {
        sim.spi().write(&[0x77; 100]).unwrap();
    }
    assert_eq!(sim.stats().unwrap().injected.cs_drops, 20);
    let arrived = sim.backdoor().unwrap().peek("count_q", 0).unwrap();
    assert!((500..1500).contains(&arrived), "{arrived} of 2000");
    sim.set_faults(&FaultPlan::none()).unwrap();
    let mut frame = [1, 2, 3];
    sim.spi().transfer_in_place(&mut frame).unwrap();
    assert_eq!(frame, [0xa5, 1, 2]);
}

#[test]
fn the_clock_stalls() {
    let plan = FaultPlan { seed: 1, clock_stall: 0.1, stall_ns: 10_000, ..FaultPlan::none() };
    let Some(sim) = start("the_clock_stalls", with(plan)) else { return };
    sim.reset_stats().unwrap();
    for _ in 0..40 {
        sim.spi().write(&[0; 100]).unwrap();
    }
    sim.run_cycles(1).unwrap();
    let stats = sim.stats().unwrap();
    let stalls = stats.injected.clock_stalls;
    assert!(is_plausible(stalls, 4000, 0.1), "{stalls}");
    let expected = (stats.elapsed_ps - stalls * 10_000_000) / 20_833;
    assert!(stats.cycles.abs_diff(expected) <= 2, "{stats:?}");
}

#[test]
fn uart_bytes_get_lost_both_ways() {
    let plan = FaultPlan { seed: 9, uart_to_module: 0.2, uart_to_host: 0.1, ..FaultPlan::none() };
    let Some(sim) = start("uart_bytes_get_lost_both_ways", with(plan)) else { return };
    let mut uart = sim.uart();
    uart.write_all(&[0x55; 1000]).unwrap();
    uart.flush().unwrap();
    let mut received = 0;
    while let Ok(count) = uart.read(&mut [0; 100]) {
        received += count as u64;
    }
    let injected = sim.stats().unwrap().injected;
    assert_eq!(received + injected.uart_to_module + injected.uart_to_host, 1000);
    assert!(is_plausible(injected.uart_to_module, 1000, 0.2), "{injected:?}");
    assert!(is_plausible(injected.uart_to_host, 800, 0.1), "{injected:?}");
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let run = |seed| {
        let plan = FaultPlan { seed, miso_bit: 0.01, ..FaultPlan::none() };
        let sim = start("the_same_seed_gives_the_same_faults", with(plan))?;
        let mut frame = [0; 512];
        sim.spi().transfer_in_place(&mut frame).unwrap();
        Some(frame)
    };
    let Some(first) = run(1) else { return };
    assert_eq!(run(1).unwrap(), first);
    assert_ne!(run(2).unwrap(), first);
}

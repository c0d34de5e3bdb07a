//! Every interface of a simulator, against the fixture.

mod common;

use std::time::Duration;

use common::{echo, start};
use deku_sim::{InitialState, SckPhase, SimError, SimOptions};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal::spi::{Operation, SpiDevice};
use embedded_io::{Read, ReadReady, Write};

fn quick() -> SimOptions {
    SimOptions::quick()
}

#[test]
fn spi_echoes_at_any_ratio_and_phase() {
    let Some(sim) = start("spi_echoes_at_any_ratio_and_phase", quick()) else { return };
    let frame: Vec<u8> = (0..64u8).map(|i| i.wrapping_mul(37) | 1).collect();
    let phases = [
        SckPhase::Free,
        SckPhase::Random,
        SckPhase::Aligned(0),
        SckPhase::Aligned(1),
        SckPhase::Aligned(10_416),
        SckPhase::Aligned(20_832),
    ];
    for sck_hz in [1_000_000, 12_000_000, 31_250_000, 47_999_999, 48_000_000, 96_000_000] {
        for sck_phase in phases {
            sim.set_options(SimOptions { sck_hz, sck_phase, ..quick() }).unwrap();
            let mut buffer = frame.clone();
            sim.spi().transfer_in_place(&mut buffer).unwrap();
            assert_eq!(buffer, echo(&frame), "{sck_hz} Hz, {sck_phase:?}");
        }
    }
    sim.run_cycles(10).unwrap();
    let stats = sim.stats().unwrap();
    assert_eq!((stats.spi_frames, stats.spi_bytes), (36, 36 * 64));
    let backdoor = sim.backdoor().unwrap();
    assert_eq!(backdoor.peek("count_q", 0).unwrap(), 36 * 64);
    let log = backdoor.dump("log").unwrap();
    assert!(log.iter().enumerate().all(|(i, byte)| *byte == u64::from(frame[i % 64])));
}

#[test]
fn a_transaction_is_one_chip_select() {
    let Some(sim) = start("a_transaction_is_one_chip_select", quick()) else { return };
    let (mut read, mut both, mut place) = ([0; 2], [0; 3], [0x33]);
    let mut operations = [
        Operation::Write(&[0x11, 0x12]),
        Operation::DelayNs(5_000),
        Operation::Read(&mut read),
        Operation::Transfer(&mut both, &[0x21, 0x22, 0x23]),
        Operation::TransferInPlace(&mut place),
    ];
    sim.spi().transaction(&mut operations).unwrap();
    assert_eq!((read, both, place), ([0x12, 0], [0, 0x21, 0x22], [0x23]));
    assert_eq!(sim.stats().unwrap().spi_frames, 1);
}

#[test]
fn spi_takes_the_time_it_should() {
    let options = SimOptions {
        sck_hz: 10_000_000,
        idle_clocks_per_byte: 1,
        cs_setup: Duration::from_nanos(250),
        gap: Duration::from_micros(15),
        ..quick()
    };
    let Some(sim) = start("spi_takes_the_time_it_should", options) else { return };
    sim.reset_stats().unwrap();
    sim.spi().write(&[0; 100]).unwrap();
    let stats = sim.stats().unwrap();
    assert_eq!(stats.elapsed_ps, 100 * 9 * 100_000 + 2 * 250_000 + 15_000_000);
    assert!(stats.cycles.abs_diff(stats.elapsed_ps / 20_833) <= 1);
    let cycles = stats.activity_cycles;
    assert_eq!(cycles.idle + cycles.busy(), stats.cycles);
    assert!(cycles.forward > 4_000 && cycles.update == 10, "{stats:?}");
    assert_eq!(stats.activity_entries.forward, 1);
}

#[test]
fn a_frame_cut_short_delivers_whole_bytes_only() {
    let Some(sim) = start("a_frame_cut_short_delivers_whole_bytes_only", quick()) else { return };
    let mut frame = [0x81, 0x82, 0x83];
    sim.spi().cut_short(&mut frame, 13).unwrap();
    assert_eq!(frame, [0xa5, 0x81 | 0x07, 0xff]);
    sim.run_cycles(8).unwrap();
    assert_eq!(sim.backdoor().unwrap().peek("count_q", 0).unwrap(), 1);
    let mut next = [0x11, 0x22];
    sim.spi().transfer_in_place(&mut next).unwrap();
    assert_eq!(next, [0xa5, 0x11]);
}

#[test]
fn irq_follows_the_module() {
    let Some(sim) = start("irq_follows_the_module", quick()) else { return };
    let mut irq = sim.irq();
    assert!(irq.is_low().unwrap());
    assert_eq!(sim.run_until_irq(100).unwrap(), None);
    sim.spi().write(&[0x5a]).unwrap();
    assert!(irq.is_high().unwrap());
    assert_eq!(sim.run_until_irq(100).unwrap(), Some(0));
    sim.spi().write(&[0x00]).unwrap();
    assert!(irq.is_low().unwrap());
    assert_eq!(sim.stats().unwrap().irq_rises, 1);
    assert!(sim.run_until_idle(100).unwrap().is_some());
}

#[test]
fn the_reset_pin_resets() {
    let Some(sim) = start("the_reset_pin_resets", quick()) else { return };
    sim.spi().write(&[0x5a, 1, 2]).unwrap();
    let backdoor = sim.backdoor().unwrap();
    assert!(sim.pins().unwrap().irq);
    assert_eq!(backdoor.peek("count_q", 0).unwrap(), 3);
    let mut reset = sim.reset_pin();
    reset.set_low().unwrap();
    sim.delay().delay_us(1);
    assert!(!sim.pins().unwrap().irq);
    assert_eq!(backdoor.peek("count_q", 0).unwrap(), 0);
    sim.spi().write(&[1, 2]).unwrap();
    assert_eq!(backdoor.peek("count_q", 0).unwrap(), 0, "held in reset");
    reset.set_high().unwrap();
    sim.spi().write(&[1, 2]).unwrap();
    assert_eq!(backdoor.peek("count_q", 0).unwrap(), 2);
}

#[test]
fn the_uart_loops_back() {
    let Some(sim) = start("the_uart_loops_back", quick()) else { return };
    let mut uart = sim.uart();
    for baud in [115_200, 1_000_000, 3_000_000] {
        uart.set_baud(baud).unwrap();
        let sent: Vec<u8> = (0..=255).collect();
        uart.write_all(&sent).unwrap();
        let mut received = vec![0; sent.len()];
        uart.read_exact(&mut received).unwrap();
        assert_eq!(received, sent, "{baud} baud");
        uart.flush().unwrap();
    }
    let stats = sim.stats().unwrap();
    assert_eq!(stats.uart_bytes_to_module, 768);
    assert_eq!((stats.uart_bytes_to_host, stats.uart_framing_errors), (768, 0));
}

#[test]
fn the_uart_runs_beside_spi() {
    let Some(sim) = start("the_uart_runs_beside_spi", quick()) else { return };
    let mut uart = sim.uart();
    uart.write_all(b"beside").unwrap();
    let mut frame = [0x42; 1024];
    sim.spi().transfer_in_place(&mut frame).unwrap();
    assert_eq!(frame[1..], [0x42; 1023]);
    let mut received = [0; 6];
    uart.read_exact(&mut received).unwrap();
    assert_eq!(&received, b"beside");
}

#[test]
fn a_silent_uart_times_out_in_simulated_time() {
    let options = SimOptions { uart_timeout: Duration::from_micros(20), ..quick() };
    let Some(sim) = start("a_silent_uart_times_out_in_simulated_time", options) else { return };
    let mut uart = sim.uart();
    assert!(!uart.read_ready().unwrap());
    let error = uart.read(&mut [0; 4]).unwrap_err();
    assert!(error.to_string().contains("20000 ns"), "{error}");
    assert_eq!(uart.wait_for(1, Duration::from_micros(1)).unwrap(), 0);
    uart.write_all(&[7, 8]).unwrap();
    assert_eq!(uart.wait_for(2, Duration::from_micros(100)).unwrap(), 2);
    uart.clear().unwrap();
    assert!(!uart.read_ready().unwrap());
}

#[test]
fn the_back_door_reads_and_writes() {
    let Some(sim) = start("the_back_door_reads_and_writes", quick()) else { return };
    let backdoor = sim.backdoor().unwrap();
    let shapes: Vec<_> =
        backdoor.list().iter().map(|v| (v.name.as_str(), v.bits, v.entries)).collect();
    assert_eq!(shapes, [("count_q", 16, 1), ("log", 8, 256), ("wide", 70, 8)]);
    let log = backdoor.find("deku_top.log").unwrap();
    let values: Vec<u64> = (0..256).map(|i| i ^ 0x55).collect();
    backdoor.write(&log, 0, &values).unwrap();
    assert_eq!(backdoor.read(&log, 0, 256).unwrap(), values);
    backdoor.poke("log", 255, 0xee).unwrap();
    assert_eq!(backdoor.read(&log, 254, 2).unwrap(), [254 ^ 0x55, 0xee]);
    let wide = backdoor.find("wide").unwrap();
    backdoor.write_raw(&wide, 3, &[0xff; 12]).unwrap();
    let raw = backdoor.read_raw(&wide, 3, 1).unwrap();
    assert_eq!(raw, [255, 255, 255, 255, 255, 255, 255, 255, 0x3f, 0, 0, 0]);
}

#[test]
fn the_back_door_explains_mistakes() {
    let Some(sim) = start("the_back_door_explains_mistakes", quick()) else { return };
    let backdoor = sim.backdoor().unwrap();
    let error = backdoor.peek("weights", 0).unwrap_err().to_string();
    assert!(error.contains("`weights`") && error.contains("log"), "{error}");
    let error = backdoor.peek("log", 256).unwrap_err().to_string();
    assert!(error.contains("256 entries of 8 bits"), "{error}");
    let error = backdoor.poke("log", 0, 256).unwrap_err().to_string();
    assert!(error.contains("0x100"), "{error}");
    assert!(matches!(backdoor.peek("wide", 0), Err(SimError::DoesNotFit { .. })));
}

#[test]
fn initial_contents_follow_the_seed() {
    let contents = |initial, seed| {
        let sim =
            start("initial_contents_follow_the_seed", SimOptions { initial, seed, ..quick() })?;
        Some(sim.backdoor().unwrap().dump("log").unwrap())
    };
    let Some(first) = contents(InitialState::Random, 1) else { return };
    assert_eq!(contents(InitialState::Random, 1).unwrap(), first);
    assert_ne!(contents(InitialState::Random, 2).unwrap(), first);
    assert!(contents(InitialState::Zeros, 1).unwrap().iter().all(|byte| *byte == 0));
    assert!(contents(InitialState::Ones, 1).unwrap().iter().all(|byte| *byte == 255));
}

#[test]
fn facets_share_one_simulation() {
    let Some(sim) = start("facets_share_one_simulation", quick()) else { return };
    let (mut spi, mut irq) = (sim.spi(), sim.irq());
    drop(sim);
    std::thread::spawn(move || spi.write(&[0x5a]).unwrap()).join().unwrap();
    assert!(irq.is_high().unwrap());
}

#[test]
fn impossible_options_are_refused() {
    let Some(sim) = start("impossible_options_are_refused", quick()) else { return };
    let error = sim.set_options(SimOptions { sck_hz: 0, ..quick() }).unwrap_err();
    assert!(error.to_string().contains("sck_hz"), "{error}");
}

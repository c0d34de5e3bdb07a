//! The generated Verilog behind bad links: the real driver, bits flipped both ways, chip select
//! dropped, clock stalls, lost bytes. No example is trained twice, none is lost.

use std::ops::RangeInclusive;
use std::path::Path;

use deku_driver::{Deku, Error, Options, SpiTransport};
use deku_ref::Xorshift32;
use deku_sim::{FaultPlan, Injected, Program, SckPhase, SimOptions, Simulator};
use deku_tests::case::below;
use deku_tests::streamed::Stream;
use deku_tests::{bench, lockstep};

/// Examples of a stream: more than there are sequence numbers.
const EXAMPLES: usize = 280;
/// The same on the UART, which takes longer.
const UART_EXAMPLES: usize = 100;

/// No faults, few, or up to `most`.
fn level(random: &mut Xorshift32, most: f64) -> f64 {
    [0.0, most / 10.0, most / 3.0, most][below(random, 4)]
}

/// Moderate faults of every kind; about one in four is not there at all.
fn moderate(random: &mut Xorshift32) -> FaultPlan {
    FaultPlan {
        seed: u64::from(random.next()),
        mosi_bit: level(random, 3e-4),
        miso_bit: level(random, 3e-4),
        cs_drop: level(random, 0.05),
        clock_stall: level(random, 1e-3),
        stall_ns: 50 + u64::from(random.next()) % 2000,
        uart_to_module: level(random, 1e-3),
        uart_to_host: level(random, 1e-3),
    }
}

/// SPI with any legal SCK.
fn spi_options(random: &mut Xorshift32) -> SimOptions {
    SimOptions {
        sck_hz: 1_000_000 + u64::from(random.next()) % 37_400_000,
        sck_phase: SckPhase::Random,
        seed: u64::from(random.next()),
        ..SimOptions::quick()
    }
}

fn seeded(seed: u32) -> Xorshift32 {
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    random
}

/// Sums what was injected.
fn add(sum: &mut Injected, one: &Injected) {
    sum.mosi_bits += one.mosi_bits;
    sum.miso_bits += one.miso_bits;
    sum.cs_drops += one.cs_drops;
    sum.clock_stalls += one.clock_stalls;
    sum.uart_to_module += one.uart_to_module;
    sum.uart_to_host += one.uart_to_host;
}

/// What one stream came to.
struct Streamed {
    injected: Injected,
    rewinds: u64,
    uart_bytes: u64,
}

/// Repeats a stream that went wrong, with a waveform; the sentence that says where it is.
fn recorded<T>(name: &str, seed: u32, run: impl Fn(&Program, Option<&Path>) -> T) -> String {
    let (hdl, label) = (bench::root().join("hdl"), format!("{name}-faults-{seed}"));
    bench::waveform(&hdl, name, &label, |program, path| {
        let _ = run(program, Some(path));
    })
}

/// One stream over SPI with moderate faults.
fn spi(
    name: &str,
    seed: u32,
    program: &Program,
    record: Option<&Path>,
) -> Result<Streamed, String> {
    let (config, mut random) = (bench::config(name), seeded(seed));
    let trace = record.map(Path::to_path_buf);
    let options = SimOptions { trace, ..spi_options(&mut random) };
    let (sim, mut deku) = bench::connect(program, options);
    let stream = Stream::draw(&mut random, &config.capacity(), EXAMPLES);
    let plan = moderate(&mut random);
    let checked = stream.check(&sim, &mut deku, config.slices as usize, &plan);
    let stats = sim.stats().unwrap();
    checked.map_err(|what| format!("cycle {}: {what}\n{plan:?}", stats.cycles))?;
    let rewinds = deku.stats().rewinds;
    Ok(Streamed { injected: stats.injected, rewinds, uart_bytes: stats.uart_bytes_to_host })
}

/// Streams over SPI with moderate faults, seeds 1 to `cases`.
fn over_spi(name: &str, cases: u32) {
    if deku_sim::testing::verilator_for(&format!("faults on SPI, {name}")).is_none() {
        return;
    }
    let program = bench::program(name);
    let (mut injected, mut rewinds) = (Injected::default(), 0);
    for seed in 1..=cases {
        let run = |program: &Program, record: Option<&Path>| spi(name, seed, program, record);
        let done = run(&program, None).unwrap_or_else(|what| {
            panic!("{name}, seed {seed}, {what}\n{}", recorded(name, seed, run))
        });
        add(&mut injected, &done.injected);
        rewinds += done.rewinds;
    }
    println!("{name}: {injected:?}, the driver went back {rewinds} times");
    let Injected { mosi_bits, miso_bits, cs_drops, clock_stalls, .. } = injected;
    assert!([mosi_bits, miso_bits, cs_drops, clock_stalls, rewinds].iter().all(|n| *n > 0));
}

#[test]
fn spi_nano() {
    over_spi("nano", 24);
}

#[test]
fn spi_up5k() {
    over_spi("up5k", 8);
}

#[test]
fn spi_ecp5_85() {
    over_spi("ecp5-85", 8);
}

/// One stream over the UART with moderate faults; seed 1 has none.
fn uart(
    name: &str,
    seed: u32,
    program: &Program,
    record: Option<&Path>,
) -> Result<Streamed, String> {
    let (config, mut random) = (bench::config(name), seeded(seed));
    let trace = record.map(Path::to_path_buf);
    let options = SimOptions { trace, ..bench::uart_options(&config) };
    let (sim, mut deku) = bench::connect_uart(program, options);
    let stream = Stream::draw(&mut random, &config.capacity(), UART_EXAMPLES);
    let plan = if seed == 1 { FaultPlan::none() } else { moderate(&mut random) };
    let checked = stream.check(&sim, &mut deku, config.slices as usize, &plan);
    let stats = sim.stats().unwrap();
    checked.map_err(|what| format!("cycle {}: {what}\n{plan:?}", stats.cycles))?;
    assert_eq!(stats.spi_bytes, 0);
    Ok(Streamed { injected: stats.injected, rewinds: 0, uart_bytes: stats.uart_bytes_to_host })
}

/// Streams over the UART.
fn over_uart(name: &str, seeds: RangeInclusive<u32>) {
    if deku_sim::testing::verilator_for(&format!("faults on the UART, {name}")).is_none() {
        return;
    }
    let program = bench::program(name);
    assert!(bench::config(name).uart, "{name} has no UART");
    let mut injected = Injected::default();
    for seed in seeds {
        let run = |program: &Program, record: Option<&Path>| uart(name, seed, program, record);
        let done = run(&program, None).unwrap_or_else(|what| {
            panic!("{name}, seed {seed}, {what}\n{}", recorded(name, seed, run))
        });
        add(&mut injected, &done.injected);
        assert!(done.uart_bytes > 0);
    }
    println!("{name}: {injected:?}");
    let Injected { uart_to_module, uart_to_host, clock_stalls, .. } = injected;
    assert!([uart_to_module, uart_to_host, clock_stalls].iter().all(|n| *n > 0));
}

#[test]
fn uart_nano() {
    over_uart("nano", 1..=10);
}

#[test]
fn uart_ecp5_85() {
    over_uart("ecp5-85", 3..=4);
}

/// One bit in a hundred: the driver gives up with an error that says so, in bounded time; when
/// the faults cease, it finds out what was executed, and goes on as if nothing had happened.
#[test]
fn a_hopeless_link_is_given_up_and_recovers() {
    if deku_sim::testing::verilator_for("a hopeless link").is_none() {
        return;
    }
    let (program, config) = (bench::program("nano"), bench::config("nano"));
    let mut given_up = 0;
    for seed in 1..=8 {
        let mut random = seeded(seed);
        let options = spi_options(&mut random);
        let sim = Simulator::start(&program, options).unwrap();
        let patience = Options { polls: 100_000, ..Options::DEFAULT };
        let transport = SpiTransport::new(sim.spi());
        let mut deku: Deku<_> = Deku::connect_with(transport, (), patience).unwrap();
        let stream = Stream::draw(&mut random, &config.capacity(), EXAMPLES);
        lockstep::load(&mut deku, &stream.case).unwrap();
        deku.set_format(stream.format).unwrap();
        let (plan, mut results) = (hopeless(seed), Vec::new());
        sim.set_faults(&plan).unwrap();
        let streamed = stream.stream_from(&mut deku, 0, &mut results);
        sim.set_faults(&FaultPlan::none()).unwrap();
        if let Err(error) = streamed {
            assert!(matches!(error, Error::Noisy { .. }), "seed {seed}: {error}");
            given_up += 1;
            let executed = deku.settle(|_, r| results.push(deku_tests::streamed::anonymous(r)));
            executed.unwrap_or_else(|e| panic!("seed {seed}: after the faults: {e}"));
            let first = results.len();
            stream.stream_from(&mut deku, first, &mut results).unwrap();
        }
        let same = stream.compare(&sim, &mut deku, config.slices as usize, &results);
        same.unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
    println!("given up {given_up} of 8 times");
    assert!(given_up >= 4);
}

fn hopeless(seed: u32) -> FaultPlan {
    FaultPlan {
        seed: seed.into(),
        mosi_bit: 1e-2,
        miso_bit: 1e-2,
        cs_drop: 1e-2,
        clock_stall: 1e-2,
        stall_ns: 1000,
        ..FaultPlan::none()
    }
}

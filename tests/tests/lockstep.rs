//! The generated Verilog against the reference: random networks, phases, formats and clock ratios.

use deku_driver::Deku;
use deku_ref::reference::Reference;
use deku_ref::sample::Format;
use deku_ref::{OwnedMemory, Xorshift32};
use deku_sim::{SckPhase, SimOptions};
use deku_tests::case::{below, Case};
use deku_tests::{bench, lockstep};
use proptest::prelude::*;

/// Runs one random case on a configuration; everything follows from `seed`.
fn one(program: &deku_sim::Program, name: &str, seed: u32, examples: usize) -> Result<(), String> {
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    let config = bench::config(name);
    let case = Case::draw(&mut random, &config.capacity());
    // The system clock is at least 1.25 x SCK.
    let sck_hz = 1_000_000 + u64::from(random.next()) % 37_400_000;
    let options = SimOptions {
        sck_hz,
        sck_phase: SckPhase::Random,
        seed: u64::from(random.next()),
        ..SimOptions::quick()
    };
    let (_sim, mut deku) = bench::connect(program, options);
    let formats = [Format::Raw, Format::PackedSigned, Format::IndexList];
    let format = formats[below(&mut random, formats.len())];
    let mut reference =
        Reference::<OwnedMemory>::new(&case.network, &case.training).map_err(|e| format!("{e}"))?;
    lockstep::load(&mut deku, &case).map_err(|e| format!("{e}"))?;
    deku.set_format(format).map_err(|e| format!("{e}"))?;
    lockstep::run((&mut reference, &mut deku), &case, &mut random, examples).map_err(|d| {
        format!("{name}, seed {seed}, example {}: {}\n{:?}", d.example, d.what, case.network)
    })
}

fn many(name: &str, cases: u32, examples: usize) {
    if deku_sim::testing::verilator_for(&format!("lockstep of {name}")).is_none() {
        return;
    }
    let program = bench::program(name);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(seed in 1u32..)| {
        if let Err(difference) = one(&program, name, seed, examples) {
            return Err(TestCaseError::fail(difference));
        }
    });
}

#[test]
fn nano() {
    many("nano", 24, 12);
}

#[test]
fn up5k() {
    many("up5k", 8, 8);
}

#[test]
fn ecp5_85() {
    many("ecp5-85", 8, 8);
}

#[test]
fn the_driver_type_is_the_real_one() {
    // What is tested above is the driver that a board gets, not a stand-in.
    fn takes(_: fn(deku_driver::SpiTransport<deku_sim::SimSpi>) -> bool) {}
    takes(|t| Deku::<_>::connect(t).is_ok());
}

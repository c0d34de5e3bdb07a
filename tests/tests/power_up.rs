//! What flip-flops and memories happen to hold at power-up means nothing after the reset.

use deku_driver::{Deku, SpiTransport};
use deku_sim::{InitialState, SimOptions, Simulator};
use deku_tests::bench;

/// The identity lies in the register memory, next to what can be written.
#[test]
fn the_identity_survives_any_power_up() {
    if deku_sim::testing::verilator_for("power-up").is_none() {
        return;
    }
    for (name, count) in [("nano", 150), ("up5k", 100), ("ecp5-85", 50)] {
        let program = bench::program(name);
        for seed in 1..=count {
            let options = SimOptions { initial: InitialState::Random, seed, ..SimOptions::quick() };
            let sim = Simulator::start(&program, options).unwrap_or_else(|e| panic!("{e}"));
            let deku = Deku::connect(SpiTransport::new(sim.spi()))
                .unwrap_or_else(|e| panic!("{name}, power-up {seed}: {e}"));
            let expected = bench::config(name).capabilities();
            assert_eq!(deku.identity(), &expected, "{name}, power-up {seed}");
        }
    }
}

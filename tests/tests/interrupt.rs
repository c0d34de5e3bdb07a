//! The generated Verilog with its interrupt line connected, and with a line that is dead.

use deku_driver::{Deku, Interrupt, LinkStats, Options, Pace, PinLine, SpiTransport};
use deku_ref::Xorshift32;
use deku_sim::{FaultPlan, Program, SimDelay, SimOptions, Simulator, Stats};
use deku_tests::bench;
use deku_tests::streamed::Stream;

/// Examples that take longer than their records: the host has to wait.
const CASE: (&str, u32) = ("up5k", 4);
const EXAMPLES: usize = 100;
/// Looks at a pin this often, and as long as an example may take.
const EVERY_NS: u32 = 1_000;
const TIMEOUT_US: u32 = 20_000;

/// Streams and compares everything with the reference; what driver and harness have counted.
fn run<P: Pace>(
    program: &Program,
    (config, seed): (&str, u32),
    faults: &FaultPlan,
    pace: impl FnOnce(&Simulator) -> P,
) -> (LinkStats, Stats) {
    let sim = Simulator::start(program, SimOptions::quick()).unwrap();
    let transport = SpiTransport::new(sim.spi());
    let mut deku = Deku::<_, P>::connect_with(transport, pace(&sim), Options::DEFAULT).unwrap();
    let config = bench::config(config);
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    let stream = Stream::draw(&mut random, &config.capacity(), EXAMPLES);
    let slices = config.slices as usize;
    stream.check(&sim, &mut deku, slices, faults).unwrap_or_else(|e| panic!("{e}"));
    (*deku.stats(), sim.stats().unwrap())
}

fn line(sim: &Simulator) -> Interrupt<PinLine<deku_sim::SimIrq, SimDelay>> {
    Interrupt::new(PinLine::new(sim.irq(), sim.delay(), EVERY_NS, TIMEOUT_US))
}

/// A pin that is low whatever happens.
#[derive(Clone, Debug)]
struct Dead;

impl embedded_hal::digital::ErrorType for Dead {
    type Error = core::convert::Infallible;
}

impl embedded_hal::digital::InputPin for Dead {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        Ok(false)
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

#[test]
fn the_line_saves_frames_and_changes_nothing() {
    if deku_sim::testing::verilator_for("interrupt line").is_none() {
        return;
    }
    let program = bench::program(CASE.0);
    let none = FaultPlan::none();
    let (asked, _) = run(&program, CASE, &none, |_| ());
    let (waited, pins) = run(&program, CASE, &none, line);
    assert!(pins.irq_rises > 10, "the line is hardly used: {pins:?}");
    assert!(waited.polls * 3 < asked.polls * 2, "polling {asked:?}, interrupts {waited:?}");
    assert!(waited.bytes < asked.bytes, "polling {asked:?}, interrupts {waited:?}");
    // A dead line costs the time of a few waits.
    let dead =
        |sim: &Simulator| Interrupt::new(PinLine::new(Dead, sim.delay(), EVERY_NS, TIMEOUT_US));
    run(&program, CASE, &none, dead);
    // Damage hits the frames that clear the cause, too.
    let faults = FaultPlan { seed: 3, mosi_bit: 1e-4, miso_bit: 1e-4, ..FaultPlan::none() };
    let (damaged, _) = run(&program, CASE, &faults, line);
    assert!(damaged.damaged + damaged.unanswered > 0, "no damage: {damaged:?}");
}

//! SPI through an FTDI chip: the driver's commands, interpreted by a model of the chip.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use deku_cli::args::{BackendArgs, NetworkArgs, RunArgs};
use deku_cli::backend::{empty_reference, Software};
use deku_cli::data::Dataset;
use deku_cli::hardware::Hardware;
use deku_cli::output::Output;
use deku_cli::session::{Batched, Session};
use deku_cli::trainer::{Goal, Run};
use deku_driver::mpsse::{Chip, Mpsse, MpsseError, MpsseSettings, Pipes};
use deku_driver::{Deku, Error, Transport};
use deku_ref::Xorshift32;
use deku_sim::{FaultPlan, SimOptions, Simulator};
use deku_tests::bench;
use deku_tests::digits::write_table;
use deku_tests::ftdi::{Ftdi, FtdiError, Loop, SimWire};
use deku_tests::streamed::Stream;

const CONFIG: &str = "nano";

fn looped(chip: Chip, high_speed: bool, settings: MpsseSettings) -> Mpsse<Ftdi<Loop>> {
    let pipes = Ftdi::new(chip, high_speed, Loop::default());
    Mpsse::new(pipes, chip, settings).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn frames_of_every_length_arrive_through_every_chip() {
    for chip in Chip::ALL {
        for high_speed in [true, false] {
            let mut bus = looped(chip, high_speed, MpsseSettings::default());
            let stray = bus.pipes().wire().stray;
            let lengths =
                [1, 60, 61, 62, 64, 508, 510, 511, 896, 897, 1020, 1024, 1920, 2048, 4096];
            for length in lengths {
                let sent: Vec<u8> = (0..length).map(|n| (n * 37 + n / 256) as u8).collect();
                let mut frame = sent.clone();
                let exchanged = bus.exchange(&mut frame);
                exchanged.unwrap_or_else(|e| panic!("{chip:?}, {length} bytes: {e}"));
                assert!(frame == sent, "{chip:?}, {length} bytes");
            }
            let late = bus.pipes().late;
            let wire = bus.pipes().wire();
            let bits: Vec<u64> = lengths.iter().map(|length| *length as u64 * 8).collect();
            assert_eq!(wire.frames, bits, "one chip select per frame");
            // Eight cycles of the slowest module that there is, 12 MHz.
            assert!(wire.hold.unwrap() >= 700_000, "{:?} ps after chip select", wire.hold);
            assert_eq!((wire.stray, late), (stray, 0), "clocks beside a frame, answers held back");
        }
    }
}

#[test]
fn the_clock_is_the_next_lower_one_and_is_halved_on_demand() {
    let settings = MpsseSettings { hz: 31_250_000, ..MpsseSettings::default() };
    let mut bus = looped(Chip::Ft232h, true, settings);
    let mut seen = Vec::new();
    loop {
        bus.exchange(&mut [0; 4]).unwrap();
        seen.push((bus.hz(), 1_000_000_000_000 / bus.pipes().wire().period));
        if !bus.slow_down() {
            break;
        }
    }
    let hz: Vec<u32> = seen.iter().map(|(hz, _)| *hz).collect();
    assert_eq!(hz, [30_000_000, 15_000_000, 7_500_000, 3_750_000, 1_875_000, 937_500]);
    for (hz, measured) in seen {
        assert!(measured.abs_diff(hz.into()) * 1000 < u64::from(hz), "{hz}: {measured}");
    }
}

#[test]
fn a_chip_without_an_mpsse_is_told_from_one_that_is_gone() {
    let mut deaf = Ftdi::new(Chip::Ft2232h, true, Loop::default());
    deaf.deaf = true;
    let refused = Mpsse::new(deaf, Chip::Ft2232h, MpsseSettings::default()).err().unwrap();
    assert_eq!(refused, MpsseError::NoMpsse);
    let mut gone = Ftdi::new(Chip::Ft2232h, true, Loop::default());
    gone.unplugged_after = Some(0);
    let refused = Mpsse::new(gone, Chip::Ft2232h, MpsseSettings::default()).err().unwrap();
    assert_eq!(refused, MpsseError::Usb(FtdiError::Unplugged));
}

#[test]
fn what_gets_lost_costs_one_frame() {
    let mut bus = looped(Chip::Ft232h, true, MpsseSettings::default());
    bus.pipes().lose_one = true;
    assert_eq!(bus.exchange(&mut [7; 100]), Err(MpsseError::TimedOut));
    for n in 0..3 {
        let mut frame = [n; 100];
        bus.exchange(&mut frame).unwrap();
        assert_eq!(frame, [n; 100]);
    }
    assert!(bus.pipes().wire().frames.iter().all(|bits| *bits == 800));
}

#[test]
fn answers_of_an_earlier_program_are_thrown_away() {
    let mut pipes = Ftdi::new(Chip::Ft232h, true, Loop::default());
    pipes.control(0x0B, 0x0200).unwrap();
    // Nonsense, and a frame that was cut off in its middle.
    pipes.bulk_out(&[0xAA, 0xAB, 0x80, 0, 0x0B, 0x31, 99, 0, 1, 2, 3]).unwrap();
    let mut bus = Mpsse::new(pipes, Chip::Ft232h, MpsseSettings::default()).unwrap();
    let mut frame = [1, 2, 3];
    bus.exchange(&mut frame).unwrap();
    assert_eq!((frame, bus.pipes().wire().frames[1..].to_vec()), ([1, 2, 3], vec![24]));
}

#[test]
fn the_reset_line_is_pulsed_once_and_only_if_it_is_named() {
    for (reset, pulses) in [(None, 0), (Some(4), 1), (Some(5), 0)] {
        let mut bus =
            looped(Chip::Ft232h, true, MpsseSettings { reset, ..MpsseSettings::default() });
        let before = bus.pipes().wire().resets;
        bus.reset_module().unwrap();
        bus.exchange(&mut [0; 8]).unwrap();
        assert_eq!(bus.pipes().wire().resets - before, pulses, "{reset:?}");
    }
}

/// Pipes that the test keeps a hand on.
struct Shared(Rc<RefCell<Ftdi<SimWire>>>);

impl Pipes for Shared {
    type Error = FtdiError;

    fn control(&mut self, request: u8, value: u16) -> Result<(), FtdiError> {
        self.0.borrow_mut().control(request, value)
    }

    fn bulk_out(&mut self, bytes: &[u8]) -> Result<usize, FtdiError> {
        self.0.borrow_mut().bulk_out(bytes)
    }

    fn bulk_in(&mut self, bytes: &mut [u8]) -> Result<usize, FtdiError> {
        self.0.borrow_mut().bulk_in(bytes)
    }

    fn packet(&self) -> usize {
        self.0.borrow().packet()
    }
}

/// A simulated module on a chip.
fn module(chip: Chip) -> (Simulator, Rc<RefCell<Ftdi<SimWire>>>, Mpsse<Shared>) {
    let sim = Simulator::start(&bench::program(CONFIG), SimOptions::quick()).unwrap();
    // A module needs some time after power-up.
    sim.run_for(Duration::from_micros(100)).unwrap();
    let model = Rc::new(RefCell::new(Ftdi::new(chip, true, SimWire::new(&sim))));
    let settings = MpsseSettings { hz: 30_000_000, reset: Some(4), ..MpsseSettings::default() };
    let bus = Mpsse::new(Shared(model.clone()), chip, settings).unwrap();
    (sim, model, bus)
}

#[test]
fn the_module_behind_a_chip_does_what_the_reference_does() {
    if deku_sim::testing::verilator_for("SPI through an FTDI chip").is_none() {
        return;
    }
    let (sim, model, bus) = module(Chip::Ft2232h);
    let mut deku = Deku::connect(bus).unwrap_or_else(|e| panic!("{e}"));
    let config = bench::config(CONFIG);
    let mut random = Xorshift32::derived(7);
    random.skip(16);
    let stream = Stream::draw(&mut random, &config.capacity(), 20);
    let checked = stream.check(&sim, &mut deku, config.slices as usize, &FaultPlan::none());
    checked.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(deku.stats().unanswered + deku.stats().damaged, 0, "{:?}", deku.stats());
    assert_eq!(sim.stats().unwrap().spi_frames, 0, "frames came from the simulator's own bus");
    // Unplugged in the middle: the driver ends, and says why.
    model.borrow_mut().unplugged_after = Some(0);
    let mut results = Vec::new();
    let error = stream.stream_from(&mut deku, 0, &mut results).unwrap_err();
    assert_eq!(error, Error::Transport(MpsseError::Usb(FtdiError::Unplugged)));
    assert!(results.is_empty());
}

#[test]
fn the_reset_line_makes_the_module_forget() {
    if deku_sim::testing::verilator_for("reset through an FTDI chip").is_none() {
        return;
    }
    let (_sim, _, mut bus) = module(Chip::Ft232h);
    let config = bench::config(CONFIG);
    let mut random = Xorshift32::derived(9);
    random.skip(16);
    let stream = Stream::draw(&mut random, &config.capacity(), 1);
    let mut deku = Deku::connect(&mut bus).unwrap();
    deku.configure(&stream.case.network, &stream.case.training).unwrap();
    deku_tests::lockstep::load(&mut deku, &stream.case).unwrap();
    Deku::connect(&mut bus).unwrap().attach(&stream.case.network).unwrap();
    bus.reset_module().unwrap();
    let forgotten = Deku::connect(&mut bus).unwrap().attach(&stream.case.network);
    assert_eq!(forgotten.unwrap_err(), Error::OtherNetwork);
}

/// Digits that the smallest module has classes for; its model after two epochs.
fn trained(mut session: Box<dyn Session>, table: &Path, file: &Path) -> Vec<u8> {
    let data = Dataset::load(&format!("csv:{}", table.display()), None).unwrap();
    let network = NetworkArgs { columns: vec![64], ..NetworkArgs::default() };
    let epochs = RunArgs { epochs: Some(2), ..RunArgs::default() };
    let (mut model, samples) = deku_cli::setup::fresh(&network, &epochs, &data).unwrap();
    session.load(&model).unwrap();
    let goal = Goal { samples, evaluate_every: 0 };
    let output = Output { silent: true, ..Output::default() };
    let run =
        Run { session: &mut *session, model: &mut model, data: &data, output, recorder: None };
    let report = run.train(goal).unwrap_or_else(|e| panic!("{e}"));
    assert!(report.standing.total.updates.iter().sum::<u64>() > 0, "it learned nothing");
    session.store(&mut model).unwrap();
    model.save(file).unwrap();
    std::fs::read(file).unwrap()
}

#[test]
fn digits_learned_through_a_chip_are_those_of_the_reference() {
    if deku_sim::testing::verilator_for("digits through an FTDI chip").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (table, file) = (folder.path().join("digits.csv"), folder.path().join("model"));
    write_table(&table, 8, 200).unwrap();
    let software: Software = empty_reference().unwrap();
    let expected = trained(Box::new(Batched::software(software)), &table, &file);
    let (_sim, _, bus) = module(Chip::Ft232h);
    let hardware = Hardware::over(bus, bench::config(CONFIG), &BackendArgs::default()).unwrap();
    let got = trained(hardware.into_session(), &table, &file);
    assert!(got == expected, "another model than the reference's");
}

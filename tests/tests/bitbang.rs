//! The generated Verilog on a bus whose four lines the program moves itself.

use deku_driver::{BitBang, BitBangError, Deku, SpiTransport};
use deku_ref::Xorshift32;
use deku_sim::{FaultPlan, SimOptions, Simulator};
use deku_tests::bench;
use deku_tests::streamed::Stream;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_hal::spi::{Operation, SpiDevice};

const CONFIG: &str = "nano";
const EXAMPLES: usize = 20;
/// SCK of 10 MHz.
const HALF_NS: u32 = 50;

#[test]
fn the_module_learns_on_four_pins() {
    if deku_sim::testing::verilator_for("bit-banged SPI").is_none() {
        return;
    }
    let sim = Simulator::start(&bench::program(CONFIG), SimOptions::quick()).unwrap();
    let pins = sim.spi_pins();
    let delay = sim.delay();
    let bus = BitBang::new(pins.sck, pins.mosi, pins.miso, pins.cs, delay, HALF_NS).unwrap();
    let mut deku = Deku::connect(SpiTransport::new(bus)).unwrap_or_else(|e| panic!("{e}"));
    let config = bench::config(CONFIG);
    let mut random = Xorshift32::derived(5);
    random.skip(16);
    let stream = Stream::draw(&mut random, &config.capacity(), EXAMPLES);
    let slices = config.slices as usize;
    let checked = stream.check(&sim, &mut deku, slices, &FaultPlan::none());
    checked.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(deku.stats().unanswered, 0, "{:?}", deku.stats());
    assert_eq!(sim.stats().unwrap().spi_frames, 0, "frames came from the simulator's own bus");
}

/// A pin that remembers its level, and fails after some changes.
#[derive(Debug)]
struct Pin<'a>(&'a std::cell::Cell<bool>, u32);

impl ErrorType for Pin<'_> {
    type Error = embedded_hal::digital::ErrorKind;
}

impl OutputPin for Pin<'_> {
    fn set_low(&mut self) -> Result<(), Self::Error> {
        self.set_state(false.into())
    }

    fn set_high(&mut self) -> Result<(), Self::Error> {
        self.set_state(true.into())
    }

    fn set_state(&mut self, state: embedded_hal::digital::PinState) -> Result<(), Self::Error> {
        self.1 = self.1.checked_sub(1).ok_or(embedded_hal::digital::ErrorKind::Other)?;
        self.0.set(state == embedded_hal::digital::PinState::High);
        Ok(())
    }
}

/// Reads back what is sent.
struct Loop<'a>(&'a std::cell::Cell<bool>);

impl ErrorType for Loop<'_> {
    type Error = core::convert::Infallible;
}

impl InputPin for Loop<'_> {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        Ok(self.0.get())
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        Ok(!self.0.get())
    }
}

struct NoDelay;

impl embedded_hal::delay::DelayNs for NoDelay {
    fn delay_ns(&mut self, _ns: u32) {}
}

#[test]
fn every_operation_and_the_end_of_a_frame_whatever_happens() {
    let [sck, mosi, cs] = [const { std::cell::Cell::new(false) }; 3];
    // Moves of MOSI: those of the first transaction, and half of a byte.
    let pins = (Pin(&sck, 10_000), Pin(&mosi, 8 * 9 + 4), Pin(&cs, 100));
    let mut bus = BitBang::new(pins.0, pins.1, Loop(&mosi), pins.2, NoDelay, 0).unwrap();
    let (mut read, mut both, mut place) = ([9; 2], [9; 3], [0xA5, 0x3C]);
    let mut operations = [
        Operation::Read(&mut read),
        Operation::Write(&[1, 2]),
        Operation::Transfer(&mut both, &[0x81]),
        Operation::TransferInPlace(&mut place),
    ];
    bus.transaction(&mut operations).unwrap();
    assert_eq!((read, both, place), ([0; 2], [0x81, 0, 0], [0xA5, 0x3C]));
    let error = bus.write(&[0xFF]).unwrap_err();
    assert_eq!(error, BitBangError { pin: "MOSI", kind: embedded_hal::digital::ErrorKind::Other });
    assert!(cs.get() && !sck.get(), "the frame is not over");
}

//! Frames, pieces of frames and glitches of chip select to the Verilog of `nano` in Verilator. The
//! first two bytes choose how it begins, the rest is a [`Script`].
//!
//! It never hangs: after any of it the next frame gets a preamble and the identity can be read; as
//! long as nobody touched its configuration the driver can go on with it; after a reset always. And
//! a latent only changes by a frame that says so.

use std::sync::LazyLock;

use deku_cli::verify::WeightMemory;
use deku_driver::{Deku, Options, SpiTransport};
use deku_ref::wire::access::{emit_read, read_data};
use deku_ref::wire::latents::pack;
use deku_ref::wire::{Access, Preamble, Request, Space, HEADER_LEN};
use deku_ref::{regs, LayerConfig, Module as _, NetworkConfig, TrainConfig, Xorshift32};
use deku_sim::{Program, SckPhase, SimDelay, SimOptions, SimSpi, SimSpiPins, Simulator};
use embedded_hal::delay::DelayNs as _;
use embedded_hal::digital::OutputPin as _;
use embedded_hal::spi::SpiDevice as _;

use super::bytes::Bytes;
use super::script::{Script, Step};
use super::small;
use super::watch::{from_bit, Permitted, Sight};
use super::Seen;
use crate::bench;

const CONFIG: &str = "nano";
/// Longer than any example of a small network takes, in clock cycles.
const LONG: u64 = 40_000;
/// Looks in a row that find it idle, some cycles apart: between two examples it is idle, too.
const LOOKS: u32 = 4;
const APART: u64 = 80;
/// The register file is set to zeros after a reset.
const AFTER_RESET: u64 = 500;
/// What describes the network; without the sample format, which may be written at any time.
const SETTINGS: [(u16, u16); 3] =
    [(regs::CODE_BANK.index, 2), (regs::TEMPERATURE.index, 6), (regs::LAYER_SHAPE.index, 15)];

static PROGRAM: LazyLock<Program> = LazyLock::new(|| bench::program(CONFIG));

/// Verilator and the C++ compiler take a minute.
pub(super) fn prepare() {
    LazyLock::force(&PROGRAM);
}

pub(super) fn run(data: &[u8], seen: Seen<'_>) {
    let mut input = Bytes(data);
    let (choice, speed) = (input.u8(), input.u8());
    let mut module = Module::start(speed);
    if choice & 1 != 0 {
        small::load(&mut module.driver()).unwrap_or_else(|error| panic!("{error}"));
    }
    let settings = module.settings();
    let mut script = Script::new(input);
    let mut before = module.look();
    while let Some(step) = script.next(before.next) {
        let permitted = module.take(&step, seen);
        let after = module.look();
        permitted.check(&before, &after, &step);
        before = after;
    }
    let generators = module.registers(regs::RIVAL_STATE.index, 2);
    if module.settings() == settings && generators.iter().all(|state| *state != 0) {
        // It finishes what it has, and the driver goes on.
        drop(module.driver());
    }
    module.reset();
}

struct Module {
    sim: Simulator,
    spi: SimSpi,
    memory: WeightMemory,
    words: usize,
    half_ns: u32,
    /// It works on something that does not end: its registers describe nonsense.
    endless: bool,
}

impl Module {
    fn start(speed: u8) -> Self {
        let options = SimOptions {
            // Up to 0.8 x the system clock.
            sck_hz: 6_000_000 + u64::from(speed) * 125_000,
            sck_phase: SckPhase::Random,
            seed: speed.into(),
            initial: deku_sim::InitialState::Zeros,
            ..SimOptions::quick()
        };
        let half_ns = (500_000_000 / options.sck_hz) as u32;
        let sim = Simulator::start(&PROGRAM, options).unwrap_or_else(|e| panic!("{e}"));
        sim.run_cycles(AFTER_RESET).unwrap_or_else(|e| panic!("{e}"));
        let config = bench::config(CONFIG);
        let memory = WeightMemory::find(&sim, config.slices as usize);
        let memory = memory.unwrap_or_else(|e| panic!("{e}"));
        Self { spi: sim.spi(), sim, memory, words: config.words as usize, half_ns, endless: false }
    }

    /// The driver, which lets the module finish what it has.
    fn driver(&mut self) -> Deku<SpiTransport<SimSpi>> {
        let options = Options { attempts: 8, polls: 4_000, config_hash: None };
        let connected = Deku::connect_with(SpiTransport::new(self.sim.spi()), (), options);
        connected.unwrap_or_else(|error| panic!("it cannot be used any more: {error}"))
    }

    fn exchange(&mut self, frame: &mut [u8]) {
        self.spi.transfer_in_place(frame).unwrap_or_else(|e| panic!("{e}"));
    }

    /// The next preamble, which must be one.
    fn preamble(&mut self) -> Preamble {
        let mut frame = Request::Nop.emit();
        self.exchange(&mut frame);
        Preamble::parse(&frame).unwrap_or_else(|e| panic!("no preamble but {frame:02x?}: {e}"))
    }

    fn registers(&mut self, first: u16, count: u16) -> Vec<u32> {
        let access = Access::new(Space::Registers, first, count).expect("few units");
        let mut frame = vec![0; access.read_len()];
        emit_read(access, &mut frame);
        self.exchange(&mut frame);
        let data = read_data(access, &frame);
        let data = data.unwrap_or_else(|| panic!("registers cannot be read: {frame:02x?}"));
        data.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    fn settings(&mut self) -> Vec<u32> {
        SETTINGS.iter().flat_map(|(first, count)| self.registers(*first, *count)).collect()
    }

    /// Waits until nothing is in work any more; whether that is so.
    fn settle(&mut self) -> bool {
        let mut quiet = 0;
        while quiet < LOOKS && !self.endless {
            self.sim.run_cycles(APART).unwrap_or_else(|e| panic!("{e}"));
            match self.sim.run_until_idle(LONG).unwrap_or_else(|e| panic!("{e}")) {
                Some(0) => quiet += 1,
                Some(_) => quiet = 0,
                None => self.endless = true,
            }
        }
        !self.endless
    }

    /// What can be seen.
    fn look(&mut self) -> Sight {
        let settled = self.settle();
        let next = self.preamble().next_sequence;
        assert_eq!(self.registers(0, 1), [regs::MAGIC_VALUE]);
        let samples = self.registers(regs::SAMPLES.index, 1)[0];
        let latents = self.memory.read(self.words).unwrap_or_else(|e| panic!("{e}"));
        Sight { settled, next, samples, words: latents.iter().map(pack).collect() }
    }

    fn take(&mut self, step: &Step, seen: Seen<'_>) -> Permitted {
        let mut permitted = Permitted::default();
        match step {
            Step::Wait(bytes) => {
                self.sim.run_cycles(*bytes as u64).unwrap_or_else(|e| panic!("{e}"))
            }
            Step::Frame { bytes, bits, glitch: None } => {
                permitted.add(&bytes[..bits / 8]);
                let mut frame = bytes.clone();
                let sent = self.spi.cut_short(&mut frame, *bits as u64);
                sent.unwrap_or_else(|e| panic!("{e}"));
                frame.truncate(bits / 8);
                tell(bytes, &frame, seen);
            }
            Step::Frame { bytes, bits, glitch: Some(at) } => {
                let at = (*at).min(*bits);
                permitted.add(&bytes[..bits / 8]);
                let rest = from_bit(&bytes[..bits / 8], at);
                permitted.add(&bytes[..at / 8]);
                permitted.add(&rest);
                // A moment too short for the frame machine, but not for the bits of a byte.
                permitted.add(&[&bytes[..at / 8], &rest].concat());
                self.with_glitch(&bytes[..bits.div_ceil(8)], *bits, at);
                seen(3000 + at % 64);
            }
        }
        let errors = self.registers(regs::ERROR.index, 1)[0] as usize & 0xFF;
        (0..8).filter(|bit| errors >> bit & 1 != 0).for_each(|bit| seen(2000 + bit));
        seen(2100 + errors);
        permitted
    }

    /// A frame whose chip select rises for a moment, one to some fifty cycles of the clock long.
    fn with_glitch(&mut self, bytes: &[u8], bits: usize, at: usize) {
        let (pins, mut delay): (SimSpiPins, SimDelay) = (self.sim.spi_pins(), self.sim.delay());
        let SimSpiPins { mut cs, mut sck, mut mosi, .. } = pins;
        let sound = "moving a line";
        cs.set_low().expect(sound);
        delay.delay_ns(100);
        for bit in 0..bits {
            if bit == at {
                cs.set_high().expect(sound);
                delay.delay_ns(21 << (at % 6));
                cs.set_low().expect(sound);
            }
            let one = bytes[bit / 8] >> (7 - bit % 8) & 1 != 0;
            mosi.set_state(one.into()).expect(sound);
            delay.delay_ns(self.half_ns);
            sck.set_high().expect(sound);
            delay.delay_ns(self.half_ns);
            sck.set_low().expect(sound);
        }
        cs.set_high().expect(sound);
        delay.delay_ns(500);
    }

    /// The reset line helps always: a network can be loaded and comes back as it was written.
    fn reset(&mut self) {
        self.sim.reset(8).unwrap_or_else(|e| panic!("{e}"));
        self.sim.run_cycles(AFTER_RESET).unwrap_or_else(|e| panic!("{e}"));
        let mut deku = self.driver();
        let layer = LayerConfig { inputs: 2, columns: 33, shift: 0 };
        let network = NetworkConfig::new(&[layer], 2).expect("legal");
        let mut random = Xorshift32::derived(7);
        let latents: Vec<u8> = (0..66).map(|_| (random.next() % 192) as u8).collect();
        let mut back = vec![0; latents.len()];
        let loaded = deku
            .configure(&network, &TrainConfig::IMAGES)
            .and_then(|()| deku.load_weights(0, &latents))
            .and_then(|()| deku.read_weights(0, &mut back));
        loaded.unwrap_or_else(|error| panic!("not even after a reset: {error}"));
        assert_eq!(back, latents);
    }
}

/// What an answer looks like.
fn tell(frame: &[u8], answer: &[u8], seen: Seen<'_>) {
    let opcode = [0x00, 0x31, 0x52, 0x64, 0xAD];
    let kind = opcode.iter().position(|code| frame.first() == Some(code)).unwrap_or(opcode.len());
    let status = usize::from(answer.first().copied().unwrap_or(0) >> 1) & 31;
    seen(kind * 32 + status);
    let body = answer.get(HEADER_LEN..).unwrap_or_default();
    let last = usize::from(body.last().copied().unwrap_or(0));
    seen(512 + kind * 16 + (body.iter().filter(|b| **b != 0).count()).min(15));
    seen(1024 + last);
}

//! The generated module against the device model, frame by frame: registers, memories, records, damage.
//!
//! What is generated now is tested, not what is committed. Both sides get the same bytes; the answers must be
//! the same bytes, too, except where the guide leaves them open and where results depend on time.

use deku_ref::reference::OwnedDevice;
use deku_ref::regs::{self, f, Access as Kindness};
use deku_ref::sample::Format;
use deku_ref::settings::Settings;
use deku_ref::wire::access::{emit_read, emit_write, READ_DATA};
use deku_ref::wire::{record, result, Access, Preamble, Request, Space};
use deku_ref::{Entry, Example, LayerConfig, NetworkConfig, Phases, TrainConfig, Xorshift32, E2M1};
use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::generate;
use deku_sim::{Build, Program, SckPhase, SimOptions, SimSpi, SimUart, Simulator};
use embedded_hal::spi::SpiDevice;
use embedded_io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Generates and builds a configuration.
fn program(name: &str) -> Option<(ModuleConfig, Program)> {
    deku_sim::testing::verilator_for(&format!("frames of {name}"))?;
    let config = ModuleConfig::builtin(name).unwrap();
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("frames").join(name);
    let _ = std::fs::remove_dir_all(&out);
    generate::write(&out, &generate::all_files(std::slice::from_ref(&config))).unwrap();
    let hdl = out.join("hdl").join(name);
    let list = std::fs::read_to_string(hdl.join("files.f")).unwrap();
    let sources: Vec<PathBuf> = list.lines().map(|line| normal(&hdl.join(line))).collect();
    let program = Build::new("deku_top").sources(sources).run().unwrap_or_else(|e| panic!("{e}"));
    Some((config, program))
}

fn normal(path: &Path) -> PathBuf {
    path.canonicalize().unwrap()
}

/// The module and the model side by side.
struct Pair {
    sim: Simulator,
    spi: SimSpi,
    device: OwnedDevice,
    random: Xorshift32,
    config: ModuleConfig,
    frames: u32,
    /// If set, frames go over the UART.
    uart: Option<SimUart>,
}

impl Pair {
    fn new(config: &ModuleConfig, program: &Program, seed: u32, sck_hz: u64) -> Pair {
        let options = SimOptions {
            clk_hz: u64::from(config.clock_hz),
            sck_hz,
            sck_phase: SckPhase::Random,
            seed: u64::from(seed),
            cs_setup: Duration::from_nanos(84),
            gap: Duration::from_nanos(700),
            ..SimOptions::quick()
        };
        let sim = Simulator::start(program, options).unwrap();
        sim.run_cycles(1000).unwrap();
        let spi = sim.spi();
        let device = OwnedDevice::on_heap(&config.capabilities()).unwrap();
        let mut random = Xorshift32::derived(seed);
        random.skip(16);
        Pair { sim, spi, device, random, config: config.clone(), frames: 0, uart: None }
    }

    fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.random.next()) * n as u64) >> 32) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// One frame on both sides: (frame, module's answer, model's answer).
    fn exchange(&mut self, frame: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut model = frame.to_vec();
        let module = self.module(frame);
        self.device.exchange(&mut model);
        self.frames += 1;
        (module, model)
    }

    /// One frame to the module only.
    fn module(&mut self, frame: &[u8]) -> Vec<u8> {
        let Some(uart) = &mut self.uart else {
            let mut answer = frame.to_vec();
            self.spi.transfer_in_place(&mut answer).unwrap();
            return answer;
        };
        let mut packet = cobs::encode_vec(frame);
        packet.push(0);
        uart.write_all(&packet).unwrap();
        let mut answer = Vec::new();
        loop {
            let mut byte = [0];
            uart.read_exact(&mut byte).unwrap();
            if byte[0] == 0 {
                break;
            }
            answer.push(byte[0]);
        }
        let answer = cobs::decode_vec(&answer).unwrap();
        assert_eq!(answer.len(), frame.len(), "length of the answer");
        answer
    }

    /// Bytes on the UART without an answer.
    fn raw(&mut self, bytes: &[u8]) {
        self.uart.as_mut().unwrap().write_all(bytes).unwrap();
        self.sim.run_cycles(20_000).unwrap();
    }

    /// One frame whose answers must be the same from `from` on, and in the preamble.
    fn same(&mut self, what: &str, frame: &[u8], from: usize) {
        let (module, model) = self.exchange(frame);
        let head = 6.min(frame.len());
        let n = self.frames;
        assert_eq!(
            module[..head],
            model[..head],
            "frame {n}: {what}: preamble of the answer to {frame:02x?}"
        );
        if frame.len() > from {
            assert_eq!(module[from..], model[from..], "frame {n}: {what}: answer to {frame:02x?}");
        }
    }

    fn read(&mut self, space: Space, first: u16, units: u16) {
        let access = Access::new(space, first, units).unwrap();
        let mut frame = vec![0; access.read_len() + 2];
        let len = access.read_len();
        emit_read(access, &mut frame[..len]);
        if self.chance(40) {
            let at = self.below(6);
            frame[at] ^= 1 << self.below(8);
            let (module, model) = self.exchange(&frame);
            assert_eq!(module[..6], model[..6]);
            return;
        }
        self.same(&format!("READ {space:?} {first:#x} x {units}"), &frame, READ_DATA);
    }

    /// Writes, sometimes with damage; `fill` makes the units.
    fn write(
        &mut self,
        space: Space,
        first: u16,
        units: u16,
        mut fill: impl FnMut(&mut Self, usize, &mut [u8]),
    ) {
        let access = Access::new(space, first, units).unwrap();
        let len = access.write_len();
        let mut frame = vec![0; len + 1];
        let mut values = vec![vec![0; space.unit()]; usize::from(units)];
        for (n, unit) in values.iter_mut().enumerate() {
            fill(self, n, unit);
        }
        emit_write(access, &mut frame[..len], |n, unit| unit.copy_from_slice(&values[n]));
        if self.chance(12) {
            let at = self.below(len);
            frame[at] ^= 1 << self.below(8);
        }
        if self.chance(25) {
            frame.truncate(1 + self.below(len));
        }
        if self.chance(25) {
            return self.cut(&frame);
        }
        self.same(&format!("WRITE {space:?} {first:#x} x {units}"), &frame, 6);
    }

    /// A frame whose chip select rises after any bit.
    fn cut(&mut self, frame: &[u8]) {
        let bits = self.below(8 * frame.len());
        let mut module = frame.to_vec();
        self.spi.cut_short(&mut module, bits as u64).unwrap();
        let mut model = frame[..bits / 8].to_vec();
        self.device.exchange(&mut model);
        self.frames += 1;
        let whole = (bits / 8).min(6);
        assert_eq!(module[..whole], model[..whole], "frame {}: cut after {bits} bits", self.frames);
    }

    /// Waits until the module is idle: examples take it time, and so does clearing the counters.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let answer = self.module(&Request::Nop.emit());
            if !Preamble::parse(&answer).unwrap().status.busy {
                return;
            }
            self.sim.run_cycles(50).unwrap();
        }
        panic!("frame {}: the module does not become idle", self.frames);
    }

    fn nop(&mut self) {
        self.same("NOP", &Request::Nop.emit(), 6);
    }

    /// Sends a header that asks for nothing that exists.
    fn nonsense(&mut self) {
        let mut frame = match self.below(4) {
            0 => Request::Reset.emit(),
            1 => Request::Nop.emit(),
            _ => Request::Stream { acknowledge: 0 }.emit(),
        }
        .to_vec();
        if self.chance(3) {
            frame[0] = self.random.next_byte();
        } else {
            let at = 1 + self.below(4);
            frame[at] ^= 1 << self.below(8);
        }
        if !self.chance(4) {
            frame[5] = deku_ref::wire::crc::crc8(&frame[..5]);
        }
        // Keep clear of what is tested elsewhere.
        if matches!(frame[0], 0x31 | 0x52 | 0x64) {
            return;
        }
        let more = self.below(4);
        frame.extend(vec![0; more]);
        self.same("nonsense", &frame, 6);
    }

    /// Whether a register can be compared and written without describing another network.
    fn plain(&mut self) -> u16 {
        let all: Vec<u16> = [
            &regs::SCRATCH,
            &regs::ERROR,
            &regs::IRQ_ENABLE,
            &regs::IRQ_CAUSE,
            &regs::COMMAND,
            &regs::FORMAT,
            &regs::CODE_BANK,
            &regs::THETA,
            &regs::OVERLAY,
            &regs::OVERLAY_STEP,
            &regs::INPUTS,
            &regs::LAYER_SHAPE,
            &regs::LAYER_BASE,
            &regs::LAYER_TABLES,
            &regs::NETWORK,
            &regs::LOADED,
            &regs::RIVAL_STATE,
            &regs::ROUND_STATE,
            &regs::SAMPLES,
            &regs::STATUS,
            &regs::MAGIC,
        ]
        .iter()
        .map(|r| {
            let n = self.below(usize::from(r.count));
            r.at(n)
        })
        .collect();
        all[self.below(all.len())]
    }

    fn registers(&mut self) {
        match self.below(8) {
            0..=2 => {
                let (first, units) = (self.below(0x84) as u16, self.below(6) as u16);
                self.read(Space::Registers, first, units);
            }
            3..=5 => {
                let (first, units) = (self.plain(), 1 + self.below(2) as u16);
                self.write(Space::Registers, first, units, |p, n, unit| {
                    let index = first + n as u16;
                    let mut value = p.random.next() | 1;
                    if index == regs::TEMPERATURE.index {
                        value &= 7;
                    }
                    unit.copy_from_slice(&value.to_be_bytes());
                });
                self.settle();
            }
            6 => self.nonsense(),
            _ => self.nop(),
        }
    }

    fn memories(&mut self) {
        let latents = self.chance(2);
        let (space, size) = if latents {
            (Space::Latents, self.config.words)
        } else {
            (Space::Masks, self.config.mask_words)
        };
        let first = self.below(size as usize + 2) as u16;
        let units = self.below(4) as u16;
        if self.chance(3) {
            return self.read(space, first, units);
        }
        self.write(space, first, units, |p, _, unit| {
            unit.iter_mut().for_each(|b| *b = p.random.next_byte());
            if latents && !p.chance(8) {
                unit[..8].iter_mut().for_each(|b| *b &= !((*b & 0x55) << 1));
            }
        });
    }

    fn fill_memories(&mut self) {
        for space in [Space::Latents, Space::Masks] {
            let size =
                if space == Space::Latents { self.config.words } else { self.config.mask_words };
            for first in (0..size).step_by(8) {
                let units = 8.min(size - first) as u16;
                let access = Access::new(space, first as u16, units).unwrap();
                let mut frame = vec![0; access.write_len()];
                emit_write(access, &mut frame, |n, unit| {
                    unit.iter_mut()
                        .enumerate()
                        .for_each(|(k, b)| *b = (n * 37 + k * 11 + first as usize) as u8 & 0x55)
                });
                self.same("fill", &frame, 6);
            }
        }
    }

    fn compare_all(&mut self) {
        self.read_clean(Space::Registers, 0, 128);
        let (words, masks) = (self.config.words, self.config.mask_words);
        for first in (0..words).step_by(32) {
            self.read_clean(Space::Latents, first as u16, 32.min(words - first) as u16);
        }
        self.read_clean(Space::Masks, 0, masks as u16);
    }

    fn read_clean(&mut self, space: Space, first: u16, units: u16) {
        let access = Access::new(space, first, units).unwrap();
        let mut frame = vec![0; access.read_len()];
        emit_read(access, &mut frame);
        self.same(&format!("all of {space:?}"), &frame, READ_DATA);
    }

    fn put(&mut self, first: u16, values: &[u32]) {
        let access = Access::new(Space::Registers, first, values.len() as u16).unwrap();
        let mut frame = vec![0; access.write_len()];
        emit_write(access, &mut frame, |n, unit| unit.copy_from_slice(&values[n].to_be_bytes()));
        self.same("setting", &frame, 6);
    }

    fn put_format(&mut self, format: Format) {
        self.put(regs::FORMAT.index, &[format as u32]);
    }
}

/// A network that fits nano and can do everything.
fn network(config: &ModuleConfig) -> NetworkConfig {
    let layer = |inputs, columns, shift| LayerConfig { inputs, columns, shift };
    let network = NetworkConfig::new(&[layer(18 + 4, 40, 3), layer(40, 20, 2)], 4).unwrap();
    let network = network.with_label_rows(1).unwrap().with_phases(Phases::ALL).unwrap();
    network.placement(&config.capacity()).unwrap();
    network
}

fn configure(p: &mut Pair) -> NetworkConfig {
    let network = network(&p.config);
    let placement = network.placement(&p.config.capacity()).unwrap();
    let settings = Settings::new(&network, &placement, &TrainConfig::IMAGES);
    for run in settings.layers() {
        p.put(run.first, &run.values);
    }
    p.put(settings.network.first, &settings.network.values);
    p.put(settings.rule.first, &settings.rule.values);
    p.put(regs::RIVAL_STATE.index, &[0x1234_5677, 0x0BAD_CAFE]);
    p.put(regs::LOADED.index, &[2]);
    network
}

/// A record, and whether it is meant to be right.
fn record(p: &mut Pair, network: &NetworkConfig, format: Format, sequence: u8) -> Vec<u8> {
    let inputs = network.record_inputs();
    let list = |p: &mut Pair| -> Vec<Entry> {
        (0..inputs as u16)
            .filter_map(|i| {
                let code = if format == Format::PackedUnsigned {
                    1 + p.below(7)
                } else {
                    [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15][p.below(14)]
                };
                (p.below(3) == 0).then(|| Entry::new(i, E2M1::from_low_bits(code as u8)))
            })
            .collect()
    };
    let (a, b) = (list(p), list(p));
    let (shift, label) = (p.below(11) as u8, p.below(4) as u8);
    let truth = p.chance(2).then_some(label);
    let example = match p.below(7) {
        0 => Example::Infer { input: &a, truth },
        1 => Example::Labelled { input: &a, label, shift },
        2 => Example::Pair { positive: &a, negative: &b, shift },
        3 => Example::Positive { input: &a, shift },
        4 => Example::Negative { input: &a, shift },
        5 => Example::Overlay { input: &a, label, shift },
        _ => Example::OverlayInfer { input: &a, truth },
    };
    let mut bytes = vec![0; 256];
    let n = record::emit(&example, sequence, format, inputs, &mut bytes).unwrap();
    bytes.truncate(n);
    bytes
}

/// Streams some records, some of them wrong, and compares what became of them.
fn stream(p: &mut Pair, network: &NetworkConfig, acknowledged: &mut u8) {
    let format = Format::ALL[p.below(4)];
    p.put_format(format);
    let preamble = {
        let (module, model) = p.exchange(&Request::Nop.emit());
        assert_eq!(module, model, "frame {}: before a stream", p.frames);
        Preamble::parse(&model).unwrap()
    };
    let mut frame = Request::Stream { acknowledge: *acknowledged }.emit().to_vec();
    let mut sequence = preamble.next_sequence;
    // Never more than the ring of results holds.
    let records = 1 + p.below(p.config.results as usize);
    for _ in 0..records {
        let gap = p.below(4);
        frame.extend(vec![0; gap]);
        let mut bytes = record(p, network, format, sequence);
        match p.below(12) {
            0 => {
                let at = p.below(bytes.len());
                bytes[at] ^= 1 << p.below(8);
            }
            1 => {
                // Illegal content with a right CRC.
                let at = p.below(bytes.len() - 2);
                bytes[at] ^= 1 << p.below(8);
                deku_ref::wire::crc::seal(&mut bytes);
            }
            _ => {}
        }
        frame.extend(bytes);
        sequence = sequence.wrapping_add(1);
    }
    if p.chance(6) {
        let keep = 6 + p.below(frame.len() - 6);
        frame.truncate(keep);
    } else {
        let more = p.below(30);
        frame.extend(vec![0; more]);
    }
    // The model needs no time: let both be idle, then compare state and results.
    let (module, model) = p.exchange(&frame);
    assert_eq!(module[..6], model[..6], "frame {}: preamble of {frame:02x?}", p.frames);
    p.settle();
    let (module, model) = p.exchange(&Request::Nop.emit());
    assert_eq!(module, model, "frame {}: after {format} {frame:02x?}", p.frames);
    let mut pick = Request::Stream { acknowledge: *acknowledged }.emit().to_vec();
    pick.resize(8 + result::RESULT_LEN * (p.config.results as usize + 1), 0);
    let (module, model) = p.exchange(&pick);
    let results = |bytes: &[u8]| result::Results::new(&bytes[6..]).collect::<Vec<_>>();
    let (got, expected) = (results(&module), results(&model));
    assert_eq!(got, expected, "frame {}: results of {format} {frame:02x?}", p.frames);
    *acknowledged = Preamble::parse(&model).unwrap().next_sequence;
    if p.chance(3) {
        p.read(Space::Registers, regs::STATUS.index, 12);
    }
    if p.chance(4) {
        p.put(regs::ERROR.index, &[u32::MAX]);
        p.put(regs::IRQ_CAUSE.index, &[u32::MAX]);
    }
}

#[test]
fn registers_and_memories_of_nano() {
    let Some((config, program)) = program("nano") else { return };
    for (seed, sck_hz) in [(1, 38_000_000), (2, 38_300_000), (3, 10_000_000), (4, 1_000_000)] {
        let mut p = Pair::new(&config, &program, seed, sck_hz);
        p.read_clean(Space::Registers, 0, 128);
        p.fill_memories();
        // As docs/registers.md says of LOADED: without a network the first bits of the status depend on power-up.
        p.put(regs::NETWORK.index, &[4]);
        for _ in 0..400 {
            match p.below(5) {
                0..=2 => p.registers(),
                _ => p.memories(),
            }
        }
        p.compare_all();
    }
}

#[test]
fn records_of_nano() {
    let Some((config, program)) = program("nano") else { return };
    for (seed, sck_hz) in [(1, 38_000_000), (2, 38_399_000), (3, 5_000_000)] {
        let mut p = Pair::new(&config, &program, seed, sck_hz);
        p.fill_memories();
        let network = configure(&mut p);
        let mut acknowledged = 0;
        for _ in 0..150 {
            stream(&mut p, &network, &mut acknowledged);
            if p.chance(20) {
                p.same("RESET", &Request::Reset.emit(), 6);
                acknowledged = 0;
            }
        }
        p.compare_all();
    }
}

/// The queue fills up while nobody takes the results: records are refused, none is forgotten.
#[test]
fn a_full_queue_of_nano() {
    let Some((config, program)) = program("nano") else { return };
    for seed in 1..=3 {
        let mut p = Pair::new(&config, &program, seed, 31_250_000);
        p.fill_memories();
        let network = configure(&mut p);
        p.put(regs::IRQ_ENABLE.index, &[7]);
        let mut sequence = 0;
        for _ in 0..60 {
            let format = Format::ALL[p.below(4)];
            p.put_format(format);
            let mut frame = Request::Stream { acknowledge: 0 }.emit().to_vec();
            frame.extend(record(&mut p, &network, format, sequence));
            frame.extend([0; 2]);
            if p.chance(5) {
                // Cut off inside the record.
                let keep = 7 + p.below(frame.len() - 9);
                frame.truncate(keep);
            }
            p.exchange(&frame);
            p.sim.run_cycles(20_000).unwrap();
            let (module, model) = p.exchange(&Request::Nop.emit());
            assert_eq!(module, model, "frame {}: after {format} {frame:02x?}", p.frames);
            sequence = Preamble::parse(&model).unwrap().next_sequence;
        }
        // Take the results in steps until everything is done.
        let mut acknowledge = 0u8;
        while acknowledge != sequence {
            let mut pick = Request::Stream { acknowledge }.emit().to_vec();
            pick.resize(8 + result::RESULT_LEN * 8, 0);
            p.exchange(&pick);
            p.sim.run_cycles(100_000).unwrap();
            let (module, model) = p.exchange(&pick);
            let results = |bytes: &[u8]| result::Results::new(&bytes[6..]).collect::<Vec<_>>();
            assert_eq!(results(&module), results(&model), "results from {acknowledge}");
            assert!(!results(&model).is_empty());
            acknowledge = acknowledge.wrapping_add(results(&model).len() as u8);
        }
        p.exchange(&Request::Stream { acknowledge }.emit());
        p.settle();
        p.compare_all();
    }
}

/// Words of latents and masks where there are two slices, and sizes that are no powers of two.
#[test]
fn memories_of_ecp5_85() {
    let Some((config, program)) = program("ecp5-85") else { return };
    let mut p = Pair::new(&config, &program, 1, 48_000_000);
    for n in 0..60 {
        let (space, size) = if n % 2 == 0 {
            (Space::Latents, config.words)
        } else {
            (Space::Masks, config.mask_words)
        };
        let first = (p.below(size as usize - 4)) as u16;
        let access = Access::new(space, first, 4).unwrap();
        let mut frame = vec![0; access.write_len()];
        let salt = p.random.next_byte();
        emit_write(access, &mut frame, |n, unit| {
            unit.iter_mut()
                .enumerate()
                .for_each(|(k, b)| *b = (n * 37 + k * 11) as u8 & 0x55 ^ (salt & 0x15))
        });
        p.same("WRITE", &frame, 6);
        p.read_clean(space, first, 4);
        p.read(space, size as u16 - 2, 3);
    }
}

/// The same frames over the UART.
#[test]
fn uart_of_nano() {
    let Some((config, program)) = program("nano") else { return };
    let mut p = Pair::new(&config, &program, 5, 31_250_000);
    let baud = config.uart_baud;
    p.uart = Some(p.sim.uart());
    p.uart.as_mut().unwrap().set_baud(baud).unwrap();
    // Garbage before the first zero byte.
    p.raw(&[0x55, 0xAA, 0x31, 0x00]);
    p.read_clean(Space::Registers, 0, 128);
    p.fill_memories();
    let network = configure(&mut p);
    let mut acknowledged = 0;
    for n in 0..60 {
        match n % 3 {
            0 => stream(&mut p, &network, &mut acknowledged),
            1 => p.read_clean(Space::Latents, n, 9),
            _ => p.nop(),
        }
    }
    p.compare_all();
    // Both links, one after the other.
    p.uart = None;
    p.read_clean(Space::Registers, 0, 128);
}

#[test]
fn every_kind_of_access_is_known() {
    // The model decides by access and so does the generated file; a new kind must be looked at in both.
    for r in regs::MAP {
        match r.access {
            Kindness::Constant
            | Kindness::ReadWrite
            | Kindness::ReadWriteAnyTime
            | Kindness::Live
            | Kindness::WriteOneToClear
            | Kindness::Command => {}
        }
    }
    assert_eq!(f::VALUE.width, 32);
}

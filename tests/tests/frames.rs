//! The generated Verilog against the device model, frame by frame: legal and illegal ones get the
//! same answers, byte by byte.

mod frame_kinds;

use std::path::Path;

use deku_driver::Deku;
use deku_ref::regs;
use deku_ref::sample::Format;
use deku_ref::wire::{record, Request, HEADER_LEN};
use deku_ref::Xorshift32;
use deku_sim::Program;
use deku_tests::both::Both;
use deku_tests::case::{below, Case, OwnedExample};
use deku_tests::{bench, lockstep};
use frame_kinds as kinds;

const CONFIGS: [&str; 3] = ["nano", "up5k", "ecp5-85"];

fn seeded(seed: u32) -> Xorshift32 {
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    random
}

/// Runs `test` on every configuration with some seeds.
fn everywhere(
    what: &str,
    seeds: u32,
    test: fn(&mut Both, &str, &mut Xorshift32) -> Result<(), String>,
) {
    if deku_sim::testing::verilator_for(what).is_none() {
        return;
    }
    for name in CONFIGS {
        let program = bench::program(name);
        for seed in 1..=seeds {
            let run = |program: &Program, record: Option<&Path>| {
                test(&mut Both::start(program, name, seed, record), name, &mut seeded(seed))
            };
            if let Err(what) = run(&program, None) {
                let (hdl, label) = (bench::root().join("hdl"), format!("{name}-frames-{seed}"));
                let waveform = bench::waveform(&hdl, name, &label, |program, path| {
                    let _ = run(program, Some(path));
                });
                panic!("{name}, seed {seed}, {what}\n{waveform}");
            }
        }
    }
}

/// Every register with all zeros, all ones, single bits and random bits, also those that are not
/// there, read back one by one and all at once.
#[test]
fn every_register() {
    everywhere("frames: every register", 1, |both, _, random| {
        for index in 0..regs::REGISTER_COUNT + 4 {
            for value in values(index, random) {
                both.exchange(&kinds::write(0, index, 1, 0, |_, b| {
                    b.copy_from_slice(&value.to_be_bytes())
                }))?;
                both.exchange(&kinds::read(0, index, 1))?;
            }
            if index % 8 == 7 {
                both.exchange(&kinds::read(0, 0, regs::REGISTER_COUNT))?;
            }
        }
        Ok(())
    });
}

/// What to write to a register: nothing the guide calls undefined.
fn values(index: u16, random: &mut Xorshift32) -> Vec<u32> {
    let generator = [regs::RIVAL_STATE.index, regs::ROUND_STATE.index].contains(&index);
    let mut values = vec![u32::MAX, 0xA5A5_5A5A, random.next(), 1 << below(random, 32)];
    if !generator {
        values.push(0);
    }
    values
}

/// Register accesses that change nothing about the network.
const HARMLESS: [u16; 7] = [
    regs::SCRATCH.index,
    regs::ERROR.index,
    regs::IRQ_ENABLE.index,
    regs::IRQ_CAUSE.index,
    regs::FORMAT.index,
    regs::MAGIC.index,
    regs::SAMPLES.index,
];

/// Frames of all kinds to a module without a network: reads, writes, resets, noise, damage.
#[test]
fn frames_of_all_kinds() {
    everywhere("frames of all kinds", 2, |both, name, random| {
        let sizes = kinds::Sizes::of(&bench::config(name).capacity());
        for n in 0..1500 {
            let frame = kinds::any(random, &sizes);
            let bits = kinds::length(random, frame.len());
            both.cut_short(&frame, bits)?;
            if n % 50 == 0 {
                both.exchange(&kinds::read(0, 0, regs::REGISTER_COUNT))?;
            }
        }
        Ok(())
    });
}

/// Streams of legal and illegal records, with right and wrong acknowledges, between other frames.
#[test]
fn streams() {
    everywhere("frames: streams", 3, |both, name, random| {
        let case = Case::draw(random, &bench::config(name).capacity());
        let results = bench::config(name).capacity().results;
        load(both, &case, random, results)?;
        let acknowledge = both.preamble().next_sequence;
        let mut stream = Stream { both, case, format: Format::Raw, acknowledge, seen: [0; 9] };
        (0..250).try_for_each(|_| stream.step(random))?;
        println!("{name}: ERROR was seen as {:?}", stream.seen);
        // Sequence, sample and payload errors happen in every run; refusals and overruns in some.
        assert!([1, 5, 6].iter().all(|bit| stream.seen[*bit] > 0), "{:?}", stream.seen);
        Ok(())
    });
}

/// Loads a network and executes `count` examples, by the driver: what is sent of a result that
/// never was is not defined.
fn load(both: &mut Both, case: &Case, random: &mut Xorshift32, count: usize) -> Result<(), String> {
    let mut deku: Deku<&mut Both> = Deku::connect(both).map_err(|e| e.to_string())?;
    lockstep::load(&mut deku, case).map_err(|e| e.to_string())?;
    deku.set_format(Format::Raw).map_err(|e| e.to_string())?;
    let examples: Vec<_> = (0..count).map(|_| case.example(random)).collect();
    let examples = examples.iter().map(OwnedExample::get);
    deku.stream(examples, |_, _, _| {}).map_err(|e| e.to_string()).map(drop)
}

/// A module with a network.
struct Stream<'b> {
    both: &'b mut Both,
    case: Case,
    format: Format,
    acknowledge: u8,
    /// How often each bit of ERROR was seen; the last one counts clean looks.
    seen: [u32; 9],
}

impl Stream<'_> {
    fn step(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        match below(random, 12) {
            0 => self.both.exchange(&kinds::damaged(random, &Request::Nop.emit())).map(drop),
            1 => self.both.exchange(&kinds::read(0, 0, regs::REGISTER_COUNT)).map(drop),
            2 => self.harmless_write(random),
            3 => self.read_memory(random),
            4 if below(random, 8) == 0 => self.reset(),
            _ => self.records(random),
        }?;
        self.look(random)
    }

    /// A STREAM frame with some records; then an empty one that fetches the results.
    fn records(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        let before = self.both.preamble();
        let mut frame = Request::Stream { acknowledge: self.acknowledge }.emit().to_vec();
        let mut next = before.next_sequence;
        for _ in 0..1 + below(random, 2) {
            frame.resize(frame.len() + below(random, 3), 0);
            let (bytes, right) = self.record(random, next);
            frame.extend(bytes);
            next = next.wrapping_add(right.into());
        }
        let bits = kinds::length(random, frame.len());
        self.both.cut_short(&frame, bits)?;
        self.fetch(random)
    }

    /// An empty STREAM frame, its acknowledge right or not.
    fn fetch(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        let next = self.both.preamble().next_sequence;
        self.acknowledge = match below(random, 10) {
            // The ring stays as it is, or is full from the module's point of view.
            0 | 1 => self.acknowledge,
            2 => next.wrapping_sub(below(random, 140) as u8),
            _ => next,
        };
        let mut frame = Request::Stream { acknowledge: self.acknowledge }.emit().to_vec();
        // What waited for room in the ring is executed now, by the Verilog not in no time.
        self.both.exchange(&frame)?;
        frame.resize(HEADER_LEN + below(random, 80), 0);
        self.both.exchange(&frame).map(drop)
    }

    /// A record, and whether it is legal.
    fn record(&mut self, random: &mut Xorshift32, next: u8) -> (Vec<u8>, bool) {
        let inputs = self.case.network.record_inputs();
        let owned = self.case.example(random);
        let mut bytes = vec![0; 600];
        let len = record::emit(&owned.get(), next, self.format, inputs, &mut bytes);
        // Packed-u has no room for signs: the module gets something else then.
        let Ok(len) = len else { return (vec![0x80, next, 0, 0], false) };
        bytes.truncate(len);
        if below(random, 3) > 0 {
            return (bytes, true);
        }
        kinds::spoil_record(random, &mut bytes);
        (bytes, false)
    }

    fn harmless_write(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        let index = HARMLESS[below(random, HARMLESS.len())];
        let value = random.next();
        let frame = kinds::write(0, index, 1, 0, |_, b| b.copy_from_slice(&value.to_be_bytes()));
        self.both.exchange(&frame)?;
        if index == regs::FORMAT.index {
            self.format = Format::from_bits(value);
        }
        Ok(())
    }

    /// A word of latents or masks, or the goodness of candidate 0.
    fn read_memory(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        let space = 1 + below(random, 2) as u16;
        let frame = kinds::read(space, below(random, 32) as u16, 1 + below(random, 3) as u16);
        self.both.exchange(&frame).map(drop)
    }

    fn reset(&mut self) -> Result<(), String> {
        self.acknowledge = 0;
        self.both.exchange(&Request::Reset.emit()).map(drop)
    }

    /// Looks at ERROR, counts what is set, and clears it now and then.
    fn look(&mut self, random: &mut Xorshift32) -> Result<(), String> {
        let answer = self.both.exchange(&kinds::read(0, regs::ERROR.index, 1))?;
        let errors = answer[11];
        (0..8).for_each(|bit| self.seen[bit] += u32::from(errors >> bit & 1));
        self.seen[8] += u32::from(errors == 0);
        if below(random, 3) > 0 {
            return Ok(());
        }
        self.both.exchange(&kinds::write(0, regs::ERROR.index, 1, 0, |_, b| b.fill(0xFF))).map(drop)
    }
}

//! The device model, frame by frame.

use super::*;
use crate::example::Example;
use crate::regs::{self, f, Access as Rights};
use crate::sample::Format;
use crate::settings::Settings;
use crate::wire::access::{emit_read, emit_write, read_data, write_done, WRITE_FAILED};
use crate::wire::record;
use crate::wire::result::{Results, RESULT_LEN, TURNAROUND};
use crate::wire::{Access, ExampleResult, Preamble, Request, Space, HEADER_LEN};
use crate::{Capabilities, Capacity, Entry, LayerConfig, NetworkConfig, TrainConfig, E2M1};
use alloc::vec;
use alloc::vec::Vec;

const CAPACITY: Capacity = Capacity {
    words: 64,
    list_entries: 20,
    inputs: 2730,
    hidden_entries: 2048,
    mask_words: 16,
    code_words: 8,
    max_classes: 4,
    max_layers: 2,
    results: 4,
    slices: 1,
};

const INPUTS: usize = 10;
const INPUT: [Entry; 2] = [Entry::new(1, E2M1::MAX), Entry::new(7, E2M1::MAX)];

/// A device behind the frames a host would send.
struct Host(OwnedDevice);

impl Host {
    fn new() -> Self {
        Self(OwnedDevice::on_heap(&Capabilities::of_model(CAPACITY)).unwrap())
    }

    /// A device with a network of 10 inputs, 40 columns and 3 classes, loaded.
    fn loaded() -> Self {
        let mut host = Self::new();
        let layers = [LayerConfig { inputs: INPUTS, columns: 40, shift: 0 }];
        let network = NetworkConfig::new(&layers, 3).unwrap();
        let placement = network.placement(&CAPACITY).unwrap();
        let settings = Settings::new(&network, &placement, &TrainConfig::IMAGES);
        host.set(settings.layers()[0].first, &settings.layers()[0].values);
        host.set(settings.network.first, &settings.network.values);
        host.set(settings.rule.first, &settings.rule.values);
        host.write(Space::Masks, 0, &[[0xAA; 4], [0x55; 4], [0xF0; 4]]);
        host.write(Space::Latents, 0, &[[0x96; 32]; 2 * INPUTS]);
        host.set(regs::LOADED.index, &[1]);
        host
    }

    fn exchange(&mut self, frame: &[u8]) -> Vec<u8> {
        let mut frame = frame.to_vec();
        self.0.exchange(&mut frame);
        frame
    }

    fn preamble(&mut self) -> Preamble {
        Preamble::parse(&self.exchange(&Request::Nop.emit())).unwrap()
    }

    fn write_frame<const N: usize>(space: Space, first: u16, units: &[[u8; N]]) -> Vec<u8> {
        let access = Access::new(space, first, units.len() as u16).unwrap();
        let mut frame = vec![0; access.write_len()];
        emit_write(access, &mut frame, |n, bytes| bytes.copy_from_slice(&units[n]));
        frame
    }

    fn try_write<const N: usize>(&mut self, space: Space, first: u16, units: &[[u8; N]]) -> bool {
        let access = Access::new(space, first, units.len() as u16).unwrap();
        let answer = self.exchange(&Self::write_frame(space, first, units));
        write_done(access, &answer)
    }

    fn write<const N: usize>(&mut self, space: Space, first: u16, units: &[[u8; N]]) {
        assert!(self.try_write(space, first, units), "{space:?} {first:#x}");
    }

    fn try_set(&mut self, first: u16, value: u32) -> bool {
        self.try_write(Space::Registers, first, &[value.to_be_bytes()])
    }

    fn set(&mut self, first: u16, values: &[u32]) {
        let units: Vec<_> = values.iter().map(|v| v.to_be_bytes()).collect();
        self.write(Space::Registers, first, &units);
    }

    fn read(&mut self, space: Space, first: u16, units: u16) -> Option<Vec<u8>> {
        let access = Access::new(space, first, units).unwrap();
        let mut frame = vec![0; access.read_len()];
        emit_read(access, &mut frame);
        read_data(access, &self.exchange(&frame)).map(<[u8]>::to_vec)
    }

    fn get(&mut self, index: u16) -> u32 {
        let bytes = self.read(Space::Registers, index, 1).unwrap();
        u32::from_be_bytes(bytes.try_into().unwrap())
    }

    /// Bits of ERROR; clears them.
    fn errors(&mut self) -> u32 {
        let errors = self.get(regs::ERROR.index);
        self.set(regs::ERROR.index, &[errors]);
        errors
    }

    fn stream(&mut self, acknowledge: u8, records: &[u8], idle: usize) -> Vec<ExampleResult> {
        let mut frame = Request::Stream { acknowledge }.emit().to_vec();
        frame.extend(records);
        frame.extend(vec![0; idle]);
        let answer = self.exchange(&frame);
        Results::new(&answer[HEADER_LEN..]).collect()
    }
}

fn labelled(sequence: u8) -> Vec<u8> {
    record_of(&Example::Labelled { input: &INPUT, label: 1, shift: 4 }, sequence)
}

fn record_of(example: &Example<'_>, sequence: u8) -> Vec<u8> {
    let mut out = vec![0; 64];
    let n = record::emit(example, sequence, Format::Raw, INPUTS, &mut out).unwrap();
    out.truncate(n);
    out
}

fn reseal(record: &mut [u8]) {
    crate::wire::crc::seal(record);
}

#[test]
fn identity_and_scratch() {
    let mut host = Host::new();
    assert_eq!(host.get(regs::MAGIC.index), regs::MAGIC_VALUE);
    assert_eq!(host.get(regs::BYTE_ORDER.index), regs::BYTE_ORDER_VALUE);
    assert_eq!(host.get(regs::MAP_HASH.index), crate::map_hash::MAP_HASH);
    host.set(regs::SCRATCH.index, &[0xDEAD_BEEF]);
    assert_eq!(host.get(regs::SCRATCH.index), 0xDEAD_BEEF);
    let p = host.preamble();
    assert_eq!((p.next_sequence, p.free_entries), (0, 20));
    assert!(p.status.credit && !p.status.busy && !p.status.loaded && !p.status.error);
}

#[test]
fn every_register_has_its_rights() {
    for index in 0..regs::REGISTER_COUNT {
        let mut host = Host::new();
        let register = regs::MAP.iter().find(|r| (0..r.count).any(|n| r.at(n.into()) == index));
        let before = host.get(index);
        let written = host.try_set(index, 0x1234_5678);
        let rights = register.map(|r| r.access);
        let refused = matches!(rights, None | Some(Rights::Constant | Rights::Live));
        assert_eq!(written, !refused, "{index:#x}");
        let expected = if refused { f::ERR_REFUSED.put(1) } else { 0 };
        assert_eq!(host.get(regs::ERROR.index), expected);
        let Some(r) = register.filter(|_| !refused) else {
            assert_eq!(register.map_or(0, |_| before), before);
            continue;
        };
        let mask = r.fields.iter().fold(0, |m, f| m | f.put(u32::MAX));
        let kept = matches!(r.access, Rights::ReadWrite | Rights::ReadWriteAnyTime);
        assert_eq!(host.get(index), if kept { 0x1234_5678 & mask } else { 0 }, "{}", r.name);
    }
}

#[test]
fn headers_are_checked() {
    let mut host = Host::new();
    let mut frame = Host::write_frame(Space::Registers, regs::SCRATCH.index, &[[1; 4]]);
    frame[2] ^= 4;
    let answer = host.exchange(&frame);
    assert!(answer[6..].iter().all(|b| *b == 0));
    assert!(host.preamble().status.error);
    assert_eq!(f::HEADER_ERRORS.get(host.get(regs::LINK_ERRORS.index)), 1);
    assert_eq!(host.errors(), f::ERR_HEADER.put(1));

    let opcode = |bytes: [u8; 5]| {
        let mut frame = bytes.to_vec();
        frame.push(crate::wire::crc::crc8(&bytes));
        frame
    };
    host.exchange(&opcode([0x77, 0, 0, 0, 0]));
    assert_eq!(host.errors(), f::ERR_OPCODE.put(1));
    host.exchange(&opcode([0xAD, 0xDE, 0x4B, 0, 0]));
    assert_eq!(host.errors(), f::ERR_OPCODE.put(1));
    host.exchange(&frame[..5]);
    assert_eq!(host.errors(), 0, "a frame without a whole header");
}

#[test]
fn blocks_commit_alone() {
    let mut host = Host::new();
    let first = regs::IRQ_ENABLE.index - 6; // SCRATCH, and unassigned registers behind it
    assert_eq!(first, regs::SCRATCH.index);
    let mut frame = Host::write_frame(Space::Latents, 3, &[[1; 32], [2; 32], [3; 32]]);
    frame[6 + 34 + 5] ^= 1;
    let answer = host.exchange(&frame);
    assert_eq!(answer.last(), Some(&WRITE_FAILED));
    assert_eq!(host.errors(), f::ERR_PAYLOAD.put(1));
    assert_eq!(f::PAYLOAD_ERRORS.get(host.get(regs::LINK_ERRORS.index)), 1);
    let words = host.read(Space::Latents, 3, 3).unwrap();
    assert_eq!(words, [[1; 32], [0; 32], [0; 32]].concat());
    // Cut off within the second block: the first is committed, no error.
    let frame = Host::write_frame(Space::Latents, 3, &[[4; 32], [5; 32]]);
    host.exchange(&frame[..6 + 34 + 33]);
    assert_eq!(host.read(Space::Latents, 3, 2).unwrap(), [[4; 32], [0; 32]].concat());
    assert_eq!(host.errors(), 0);
    host.set(regs::COMMAND.index, &[1]);
    assert_eq!(host.get(regs::LINK_ERRORS.index), 0);
}

#[test]
fn refused_units() {
    let mut host = Host::loaded();
    let refused = f::ERR_REFUSED.put(1);
    assert!(!host.try_write(Space::Latents, 63, &[[0; 32], [0; 32]]));
    assert_eq!(host.errors(), refused);
    assert!(!host.try_write(Space::Goodness, 0, &[[0; 4]]));
    assert_eq!(host.errors(), refused);
    assert_eq!(host.read(Space::Latents, 60, 5), None);
    assert_eq!(host.errors(), refused);
    assert_eq!(host.read(Space::Masks, 16, 1), None);
    assert_eq!(host.read(Space::Goodness, 512, 1), None);
    assert_eq!(host.read(Space::Registers, 128, 1), None);
    assert_eq!(host.errors(), refused);
    assert!(!host.try_write(Space::Latents, 0, &[[0xC0; 32]]));
    assert_eq!(host.errors(), f::ERR_LATENT.put(1));
    assert_eq!(host.read(Space::Latents, 0, 1).unwrap(), [0x96; 32]);
}

#[test]
fn frames_may_end_anywhere() {
    let mut host = Host::loaded();
    let mut read = vec![0; 60];
    emit_read(Access::new(Space::Registers, 0, 12).unwrap(), &mut read[..58]);
    let write = Host::write_frame(Space::Latents, 0, &[[0x96; 32]; 2]);
    let mut stream = Request::Stream { acknowledge: 0 }.emit().to_vec();
    stream.extend([0, 0]);
    stream.extend(labelled(0));
    for frame in [read, write, stream] {
        let whole = host.exchange(&frame);
        for end in 0..frame.len() {
            let cut = host.exchange(&frame[..end]);
            assert_eq!(cut.len(), end);
            if frame[0] == 0x31 {
                assert_eq!(cut, whole[..end], "every byte depends on those before");
            }
        }
    }
    assert_eq!(host.preamble().next_sequence, 1, "only the whole record counts");
    // Sent again, the record had a wrong number.
    assert_eq!(host.errors(), f::ERR_SEQUENCE.put(1));
}

#[test]
fn every_refusal_of_a_record() {
    let raise = |f: &regs::Field| f.put(1);
    let change = |at: usize, byte: u8| {
        let mut record = labelled(0);
        record[at] = byte;
        reseal(&mut record);
        record
    };
    let mut damaged = labelled(0);
    damaged[5] ^= 1;
    let cases = [
        (damaged, raise(&f::ERR_PAYLOAD)),
        (change(0, 0x87), raise(&f::ERR_SAMPLE)),
        (vec![0x01], raise(&f::ERR_SAMPLE)),
        (change(0, 0x85), raise(&f::ERR_REFUSED)), // overlay without label rows
        (change(1, 1), raise(&f::ERR_SEQUENCE)),
        (change(2, 11), raise(&f::ERR_SAMPLE)),
        (change(2, 0x10), raise(&f::ERR_SAMPLE)),
        (change(3, 3), raise(&f::ERR_SAMPLE)),
        (change(3, 255), raise(&f::ERR_SAMPLE)),
        (labelled(0)[..8].to_vec(), 0), // cut off
    ];
    for (record, error) in cases {
        let mut host = Host::loaded();
        let following = [&record[..], &labelled(0)].concat();
        let records = if error == 0 { &record } else { &following };
        assert_eq!(host.stream(0, records, 0), []);
        assert_eq!(host.errors(), error, "{record:02x?}");
        let p = host.preamble();
        assert_eq!((p.next_sequence, p.free_entries), (0, 20), "the rest is ignored");
        assert_eq!(host.stream(0, &labelled(0), 12).len(), 1, "the device goes on");
    }
}

#[test]
fn overrun() {
    let mut host = Host::loaded();
    host.0.set_pace(1_000_000);
    let dense: Vec<_> = (0..10).map(|i| Entry::new(i, E2M1::MAX)).collect();
    let infer = Example::Infer { input: &dense, truth: None };
    host.stream(0, &record_of(&infer, 0), 0);
    let p = host.preamble();
    assert!(p.status.busy && !p.status.credit);
    assert_eq!((p.next_sequence, p.free_entries), (1, 7));
    host.stream(0, &record_of(&infer, 1), 0);
    assert_eq!(host.errors(), f::ERR_OVERRUN.put(1));
    let p = host.preamble();
    assert_eq!((p.next_sequence, p.free_entries), (1, 7));
    host.stream(0, &[labelled(1), labelled(2)].concat(), 0);
    assert_eq!(host.errors(), f::ERR_OVERRUN.put(1), "2 entries are left, 3 are needed");
    assert_eq!(host.preamble().next_sequence, 2);
}

#[test]
fn training_needs_loading_and_a_network() {
    let mut host = Host::loaded();
    let network = host.get(regs::NETWORK.index);
    host.set(regs::NETWORK.index, &[network]);
    assert!(!host.preamble().status.loaded);
    host.stream(0, &labelled(0), 12);
    assert_eq!(host.errors(), f::ERR_REFUSED.put(1));
    let infer = record_of(&Example::Infer { input: &INPUT, truth: None }, 0);
    assert_eq!(host.stream(0, &infer, 12).len(), 1);

    let mut host = Host::new();
    assert_eq!(host.stream(0, &infer, 12), []);
    assert_eq!(host.errors(), f::ERR_REFUSED.put(1));
}

#[test]
fn busy_devices_refuse() {
    let mut host = Host::loaded();
    host.0.set_pace(1_000_000);
    host.stream(0, &labelled(0), 0);
    assert_eq!(host.get(regs::STATUS.index), 3);
    assert_eq!(host.read(Space::Latents, 0, 1), None);
    assert!(!host.try_write(Space::Masks, 0, &[[0; 4]]));
    assert!(!host.try_set(regs::TEMPERATURE.index, 1));
    assert!(!host.try_set(regs::COMMAND.index, 1));
    assert_eq!(host.errors(), f::ERR_REFUSED.put(1));
    for any_time in [regs::SCRATCH, regs::FORMAT, regs::IRQ_ENABLE, regs::IRQ_CAUSE, regs::ERROR] {
        assert!(host.try_set(any_time.index, 0), "{}", any_time.name);
    }
    host.0.set_pace(0);
    assert_eq!(host.stream(0, &[], TURNAROUND + RESULT_LEN).len(), 1);
    assert!(host.read(Space::Latents, 0, 1).is_some());
}

#[test]
fn results_are_kept_until_acknowledged() {
    let mut host = Host::loaded();
    let records: Vec<u8> = (0..4).flat_map(labelled).collect();
    let numbers =
        |results: Vec<ExampleResult>| results.iter().map(|r| r.sequence).collect::<Vec<_>>();
    assert_eq!(numbers(host.stream(0, &records, 0)), [0, 1], "one record is about one result");
    assert_eq!(numbers(host.stream(0, &[], 60)), [0, 1, 2, 3]);
    assert_eq!(numbers(host.stream(2, &[], 60)), [2, 3]);
    // With two results not acknowledged, two more examples are executed; the rest waits.
    let records: Vec<u8> = (4..7).flat_map(labelled).collect();
    assert_eq!(numbers(host.stream(2, &records, 60)), [2, 3, 4, 5]);
    assert!(host.preamble().status.busy);
    assert_eq!(f::RESULT_SEQ.get(host.get(regs::SEQUENCE.index)), 6);
    // A wrong acknowledge destroys nothing.
    for wrong in [9, 0, 200] {
        host.stream(wrong, &[], 60);
        assert_eq!(numbers(host.stream(2, &[], 60)), [2, 3, 4, 5]);
    }
    assert_eq!(numbers(host.stream(6, &[], 60)), [6]);
    assert_eq!(host.get(regs::SAMPLES.index), 7);
    assert!(!host.preamble().status.busy);
}

#[test]
fn reset_drops_what_is_queued() {
    let mut host = Host::loaded();
    host.stream(0, &labelled(0), 12);
    host.0.set_pace(100_000);
    host.stream(1, &[labelled(1), labelled(2)].concat(), 12);
    host.exchange(&[0x77; 6]);
    let generators = [host.get(regs::RIVAL_STATE.index), host.get(regs::ROUND_STATE.index)];
    host.exchange(&Request::Reset.emit());
    let p = host.preamble();
    assert_eq!((p.next_sequence, p.free_entries), (0, 20));
    assert!(p.status.loaded && !p.status.busy && !p.status.error);
    assert_eq!(host.get(regs::SEQUENCE.index), 0);
    assert_eq!(host.get(regs::SAMPLES.index), 2, "the example in work was finished");
    let now = [host.get(regs::RIVAL_STATE.index), host.get(regs::ROUND_STATE.index)];
    assert_ne!(now[0], generators[0]);
    assert_eq!(host.stream(0, &[], 60), [], "its result was dropped");
}

#[test]
fn interrupts() {
    let mut host = Host::loaded();
    assert!(!host.0.irq());
    host.set(regs::IRQ_ENABLE.index, &[f::IRQ_RESULT.put(1)]);
    host.stream(0, &labelled(0), 12);
    assert!(host.0.irq() && host.preamble().status.interrupt);
    let causes = f::IRQ_RESULT.put(1) | f::IRQ_IDLE.put(1);
    assert_eq!(host.get(regs::IRQ_CAUSE.index), causes);
    host.set(regs::IRQ_CAUSE.index, &[f::IRQ_RESULT.put(1)]);
    assert!(!host.0.irq());
    assert_eq!(host.get(regs::IRQ_CAUSE.index), f::IRQ_IDLE.put(1));
    host.exchange(&[0x77; 6]);
    assert_eq!(host.get(regs::IRQ_CAUSE.index), f::IRQ_IDLE.put(1) | f::IRQ_ERROR.put(1));
}

#[test]
fn padding_columns_keep_what_was_written() {
    let mut host = Host::loaded();
    let before = host.read(Space::Latents, 0, 20).unwrap();
    let records: Vec<u8> = (0..4).flat_map(labelled).collect();
    host.stream(0, &records, 60);
    let after = host.read(Space::Latents, 0, 20).unwrap();
    assert!(before != after, "nothing was learned");
    for (before, after) in before.chunks(64).zip(after.chunks(64)) {
        // Word 1 of every row has 8 columns: the last 24 are padding.
        let (before, after) = (&before[32..], &after[32..]);
        for plane in [2..8, 10..16, 20..24, 24..32] {
            assert_eq!(before[plane.clone()], after[plane]);
        }
    }
}

#[test]
fn layers_may_lie_anywhere() {
    let mut near = Host::loaded();
    let mut far = Host::loaded();
    // The same network, rows 3 words apart from word 20 on, masks from word 5 on, 8 classes apart.
    let shape = f::COLUMNS.put(40) | f::STRIDE.put(3);
    far.set(regs::LAYER_SHAPE.at(0), &[shape, f::BASE.put(20), f::MASK_BASE.put(5)]);
    far.set(regs::NETWORK.index, &[f::LAYERS.put(1) | f::CLASSES.put(3) | f::CLASS_BITS.put(3)]);
    far.write(Space::Masks, 0, &[[0; 4]; 16]);
    far.write(Space::Masks, 5, &[[0xAA; 4], [0x55; 4], [0xF0; 4]]);
    for row in 0..INPUTS as u16 {
        far.write(Space::Latents, 20 + 3 * row, &[[0x96; 32]; 2]);
    }
    far.set(regs::LOADED.index, &[1]);
    // The second mask word of `near` starts at word 4, that of `far` at 13: both are 0.
    let records: Vec<u8> = (0..4).flat_map(labelled).collect();
    assert_eq!(near.stream(0, &records, 60), far.stream(0, &records, 60));
    for row in 0..INPUTS as u16 {
        let near = near.read(Space::Latents, 2 * row, 2);
        assert_eq!(near, far.read(Space::Latents, 20 + 3 * row, 2), "row {row}");
    }
    assert_eq!(near.get(regs::FLIPS.at(0)), far.get(regs::FLIPS.at(0)));
}

#[test]
fn borrowed_memories_are_enough() {
    let layers = [LayerConfig { inputs: INPUTS, columns: 40, shift: 0 }];
    let network = NetworkConfig::new(&layers, 3).unwrap();
    let mut owned = crate::OwnedMemory::new(&network);
    let memory = crate::Storage::memory(&mut owned);
    let (mut words, mut masks) = ([[0; 32]; 64], [0; 16]);
    let (mut list, mut results) = ([Entry::default(); 20], [ExampleResult::default(); 4]);
    let device = DeviceMemory {
        words: &mut words,
        masks: &mut masks,
        list: &mut list,
        results: &mut results,
    };
    let capabilities = Capabilities::of_model(CAPACITY);
    let mut device = ReferenceDevice::new(&capabilities, device, memory).unwrap();
    let mut owned = Host::loaded();
    let mut frames = Vec::new();
    let mut tapped = Host::new();
    let settings =
        Settings::new(&network, &network.placement(&CAPACITY).unwrap(), &TrainConfig::IMAGES);
    let mut frame = |first: u16, values: &[u32]| {
        let units: Vec<_> = values.iter().map(|v| v.to_be_bytes()).collect();
        frames.push(Host::write_frame(Space::Registers, first, &units));
    };
    frame(settings.layers()[0].first, &settings.layers()[0].values);
    frame(settings.network.first, &settings.network.values);
    frame(settings.rule.first, &settings.rule.values);
    frame(regs::LOADED.index, &[1]);
    frames.push(Host::write_frame(Space::Masks, 0, &[[0xAA; 4], [0x55; 4], [0xF0; 4]]));
    frames.push(Host::write_frame(Space::Latents, 0, &[[0x96; 32]; 2 * INPUTS]));
    for mut bytes in frames {
        let expected = tapped.exchange(&bytes);
        device.exchange(&mut bytes);
        assert_eq!(bytes, expected);
    }
    let mut stream = Request::Stream { acknowledge: 0 }.emit().to_vec();
    stream.extend((0..4).flat_map(labelled));
    stream.extend([0; 60]);
    let expected = owned.exchange(&stream);
    device.exchange(&mut stream);
    assert_eq!(stream[HEADER_LEN..], expected[HEADER_LEN..]);
    assert_eq!(device.network().unwrap().counters().samples, 4);
}

#[test]
fn memories_must_be_as_long_as_the_capabilities_say() {
    for results in [0, 3, 256] {
        let capabilities = Capabilities::of_model(Capacity { results, ..CAPACITY });
        assert!(OwnedDevice::on_heap(&capabilities).is_err(), "{results} results");
    }
}

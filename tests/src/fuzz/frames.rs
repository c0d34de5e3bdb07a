//! Frames to the device model. The first byte chooses how it begins, the rest is a [`Script`].
//!
//! Whatever it was sent, it answers, and a latent only changes by a frame that says so.

use deku_driver::{Deku, Options};
use deku_ref::reference::OwnedDevice;
use deku_ref::wire::access::{emit_read, read_data};
use deku_ref::wire::{Access, Preamble, Request, Space};
use deku_ref::{regs, Capabilities, Capacity};

use super::bytes::Bytes;
use super::script::{Script, Step};
use super::small;
use super::watch::{from_bit, Permitted, Sight, Word};
use super::Seen;

/// A module about as small as the network of [`small`].
pub(super) const CAPACITY: Capacity = Capacity {
    words: 48,
    list_entries: 64,
    inputs: 2730,
    hidden_entries: 32,
    mask_words: 16,
    code_words: 8,
    max_classes: 8,
    max_layers: 4,
    results: 4,
    slices: 1,
};
/// More than the longest example takes at the slowest pace, in bytes.
const LONG: usize = 100_000;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let mut input = Bytes(data);
    let choice = input.u8();
    let mut device = device();
    if choice & 1 != 0 {
        let mut deku = Deku::connect(&mut device).expect("nothing disturbs it");
        small::load(&mut deku).expect("it fits");
    }
    device.set_pace(u32::from(choice >> 4) * 5);
    let mut script = Script::new(input);
    let mut before = look(&mut device);
    while let Some(step) = script.next(preamble(&mut device).next_sequence) {
        let permitted = take(&mut device, &step);
        // What is still to be executed would change it later.
        device.pass(LONG);
        let after = look(&mut device);
        permitted.check(&before, &after, &step);
        before = after;
    }
    let options = Options { polls: 8, attempts: 8, config_hash: None };
    device.set_pace(0);
    let connected = Deku::<_>::connect_with(&mut device, (), options);
    connected.unwrap_or_else(|error| panic!("it cannot be used any more: {error}"));
}

pub(super) fn device() -> OwnedDevice {
    OwnedDevice::on_heap(&Capabilities::of_model(CAPACITY)).expect("legal")
}

fn take(device: &mut OwnedDevice, step: &Step) -> Permitted {
    let mut permitted = Permitted::default();
    match step {
        Step::Wait(bytes) => device.pass(*bytes),
        Step::Frame { bytes, bits, glitch } => {
            let seen = &bytes[..bits / 8];
            let at = glitch.map_or(seen.len(), |at| (at / 8).min(seen.len()));
            // After a glitch what follows is a frame of its own.
            let rest = from_bit(seen, 8 * at);
            for part in [&seen[..at], &rest] {
                permitted.add(part);
                let mut answer = part.to_vec();
                device.exchange(&mut answer);
                assert!(answer.len() < 6 || Preamble::parse(&answer).is_ok());
            }
        }
    }
    permitted
}

fn preamble(device: &mut OwnedDevice) -> Preamble {
    let mut frame = Request::Nop.emit();
    device.exchange(&mut frame);
    Preamble::parse(&frame).expect("a preamble")
}

/// Reads what can be seen; latents only while it is not busy, which it may be for want of an
/// acknowledge.
fn look(device: &mut OwnedDevice) -> Sight {
    let preamble = preamble(device);
    if preamble.status.busy {
        let acknowledge = result_sequence(device);
        let mut frame = Request::Stream { acknowledge }.emit();
        device.exchange(&mut frame);
        device.pass(LONG);
        return look(device);
    }
    let samples = registers(device, regs::SAMPLES.index);
    let units = read(device, Space::Latents, 0, CAPACITY.words as u16);
    let words = units.chunks_exact(32).map(|word| Word::try_from(word).expect("32 bytes"));
    Sight { settled: true, next: preamble.next_sequence, samples, words: words.collect() }
}

fn result_sequence(device: &mut OwnedDevice) -> u8 {
    (registers(device, regs::SEQUENCE.index) >> 8) as u8
}

fn registers(device: &mut OwnedDevice, index: u16) -> u32 {
    let unit = read(device, Space::Registers, index, 1);
    u32::from_be_bytes(unit.try_into().expect("four bytes"))
}

fn read(device: &mut OwnedDevice, space: Space, first: u16, units: u16) -> Vec<u8> {
    let access = Access::new(space, first, units).expect("few units");
    let mut frame = vec![0; access.read_len()];
    emit_read(access, &mut frame);
    device.exchange(&mut frame);
    read_data(access, &frame).expect("an answer").to_vec()
}

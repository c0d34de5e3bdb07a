//! What the device model must refuse, frame by frame.

use super::device::{load, read_latents, reference};
use super::link::{stream, Link};
use super::read::{byte, bytes, number, size};
use super::training;
use deku_ref::example::Example;
use deku_ref::reference::LARGEST;
use deku_ref::regs;
use deku_ref::sample::Format;
use deku_ref::wire::{crc, record, Access, Request, Space};
use deku_ref::OwnedNetwork;
use serde_json::{json, Value};

/// Names of the bits of ERROR that are set, in lower case.
fn errors<X: FnMut(&mut [u8])>(link: &mut Link<X>) -> String {
    let value = link.get(&regs::ERROR, 0);
    let set = regs::ERROR.fields.iter().filter(|f| f.get(value) != 0);
    set.map(|f| f.name.to_lowercase()).collect::<Vec<_>>().join(" ")
}

/// A record that must have no effect but a bit of ERROR, and a good one before and after it.
pub fn bad_record(case: &Value) -> Value {
    let mut link = reference();
    let (inputs, next) = (size(case, "inputs"), byte(case, "next_seq"));
    let network = network(case);
    let placement = network.config().placement(&LARGEST).expect("a network that fits");
    load(&mut link, &network, &placement);
    (0..next).for_each(|sequence| infer(&mut link, inputs, sequence));
    if case["loaded"] == false {
        link.set(regs::LOADED.index, &[0]);
    }
    link.set(regs::FORMAT.index, &[number(case, "format") as u32]);
    link.exchange(stream(next, &bytes(case, "bytes")));
    let next_seq = regs::f::NEXT_SEQ.get(link.get(&regs::SEQUENCE, 0));
    let found = json!({ "error": errors(&mut link), "next_seq": next_seq });
    assert_eq!(link.get(&regs::SAMPLES, 0), 0);
    assert_eq!(link.get(&regs::RIVAL_STATE, 0), network.rival_state());
    assert_eq!(read_latents(&mut link, &network, &placement, 0), network.latents(0));
    infer(&mut link, inputs, next);
    found
}

/// The network of a module that refuses records.
fn network(case: &Value) -> OwnedNetwork {
    training::network(&json!({
        "seed": "00000001",
        "classes": case["classes"],
        "copies": case["copies"],
        "temperature": 5,
        "masks": "columns",
        "share": 77,
        "layers": [{ "inputs": case["inputs"], "columns": 40, "scale": 1 }],
    }))
}

/// A record that must be executed: an empty input.
fn infer<X: FnMut(&mut [u8])>(link: &mut Link<X>, inputs: usize, sequence: u8) {
    let example = Example::Infer { input: &[], truth: None };
    link.set(regs::FORMAT.index, &[Format::Raw as u32]);
    let mut bytes = vec![0; record::len(&example, Format::Raw, inputs)];
    record::emit(&example, sequence, Format::Raw, inputs, &mut bytes).expect("a record");
    assert_eq!(link.example(sequence, &bytes).sequence, sequence);
}

/// A WRITE frame of one block that must not commit: 0x5A, a bit of ERROR, nothing stored.
fn refused_write(header: &[u8], block: &[u8], space: Space, unit: usize) -> (Vec<u8>, String) {
    let mut link = reference();
    let mut frame = [header, block].concat();
    frame.extend([0; 4]);
    let answer = link.exchange(frame);
    assert_eq!(answer.last(), Some(&0x5A), "the acknowledge");
    (link.read(space, unit, 1), errors(&mut link))
}

pub fn bad_write_block(case: &Value) -> Value {
    let scratch = regs::SCRATCH.index.into();
    let (header, block) = (bytes(case, "header"), bytes(case, "block"));
    let (stored, error) = refused_write(&header, &block, Space::Registers, scratch);
    assert_eq!((stored, &*error), (vec![0; 4], "payload"));
    json!({})
}

pub fn bad_latent_word(case: &Value) -> Value {
    let header = Request::Write(Access::new(Space::Latents, 5, 1).expect("one unit")).emit();
    let mut block = bytes(case, "bytes");
    block.extend([0; 2]);
    crc::seal_from(crc::crc16(&header[..5]), &mut block);
    let (stored, error) = refused_write(&header, &block, Space::Latents, 5);
    assert_eq!((stored, &*error), (vec![0; 32], "latent"));
    json!({})
}

/// A header alone: a bit of ERROR, a count, and the module goes on as before.
fn refused_header(case: &Value) -> (String, u32) {
    let mut link = reference();
    link.set(regs::SCRATCH.index, &[7]);
    link.exchange(bytes(case, "bytes"));
    assert_eq!(link.get(&regs::SCRATCH, 0), 7);
    (errors(&mut link), link.get(&regs::LINK_ERRORS, 0))
}

pub fn bad_header(case: &Value) -> Value {
    assert_eq!(refused_header(case), ("header".into(), 1));
    json!({})
}

pub fn bad_reset(case: &Value) -> Value {
    assert_eq!(refused_header(case), ("opcode".into(), 0));
    json!({})
}

//! The bytes on the link. Good vectors are emitted and, where the reference can, parsed.

use super::read::{byte, bytes, digits, entries, hex, list, number, size, text, unhex};
use deku_ref::example::Example;
use deku_ref::sample::{self, Format};
use deku_ref::wire::record::{self, HEAD_LEN};
use deku_ref::wire::{
    access, crc as crcs, latents, Access, ExampleResult, Kind, Preamble, RecordHead, Request,
    Space, Status, CRC_LEN, HEADER_LEN,
};
use deku_ref::Entry;
use serde_json::{json, Value};

pub fn crc(case: &Value) -> Value {
    let data = bytes(case, "data");
    json!({
        "crc8": format!("{:02x}", crcs::crc8(&data)),
        "crc16": format!("{:04x}", crcs::crc16(&data)),
    })
}

pub fn space(bits: u64) -> Space {
    [Space::Registers, Space::Latents, Space::Masks, Space::Goodness][bits as usize]
}

pub fn six(bytes: &[u8]) -> [u8; HEADER_LEN] {
    bytes.try_into().expect("six bytes")
}

/// Parses; what the request says must be in the header, and be emitted as the same bytes.
pub fn header(case: &Value) -> Value {
    let data = bytes(case, "bytes");
    let opcode = data[0];
    let found = |access: Access| {
        json!({
            "opcode": opcode,
            "address": access.first(),
            "space": access.space() as u8,
            "units": access.units(),
            "bytes": emit_access(opcode, access),
        })
    };
    match Request::parse(&six(&data)) {
        Ok(Request::Read(access) | Request::Write(access)) => found(access),
        Ok(Request::Nop) => json!({ "opcode": 0x00 }),
        Ok(Request::Stream { acknowledge }) => {
            assert_eq!(u64::from(acknowledge), number(case, "address") & 0xFF);
            json!({ "opcode": 0x64 })
        }
        Ok(Request::Reset) => json!({
            "opcode": 0xAD,
            "address": 0xDE4B,
            "length": 0x5E7A,
            "bytes": hex(Request::Reset.emit()),
        }),
        // Arbitrary numbers are no magic.
        Err(deku_ref::wire::RequestError::Magic) => {
            assert_ne!((number(case, "address"), number(case, "length")), (0xDE4B, 0x5E7A));
            json!({ "opcode": 0xAD })
        }
        Err(e) => json!({ "bytes": e.to_string() }),
    }
}

fn emit_access(opcode: u8, access: Access) -> String {
    let request = if opcode == 0x31 { Request::Read(access) } else { Request::Write(access) };
    hex(request.emit())
}

pub fn preamble(case: &Value) -> Value {
    let status = Status::parse(0x80 | byte(case, "flags")).expect("a status");
    let free_entries = number(case, "free") as u16;
    let preamble = Preamble { status, next_sequence: byte(case, "sequence"), free_entries };
    let data = preamble.emit();
    assert_eq!(Preamble::parse(&data), Ok(preamble));
    json!({ "bytes": hex(data) })
}

pub fn write_block(case: &Value) -> Value {
    let header = access::header_crc(&bytes(case, "header"));
    let mut block = bytes(case, "unit");
    block.extend([0; CRC_LEN]);
    crcs::seal_from(header, &mut block);
    let given = bytes(case, "block");
    let unit = access::block_unit(header, &given).map(hex);
    json!({ "block": hex(block), "unit": unit })
}

pub fn frame(case: &Value) -> Value {
    let data = match text(case, "frame") {
        "nop" => Request::Nop.emit().to_vec(),
        "reset" => Request::Reset.emit().to_vec(),
        "read" => {
            let access = access_of(case, size(case, "units"));
            let mut frame = vec![0xEE; access.read_len()];
            access::emit_read(access, &mut frame);
            frame
        }
        "write" => {
            let units: Vec<_> =
                list(case, "units").map(|u| unhex(u.as_str().expect("unit"))).collect();
            let access = access_of(case, units.len());
            let mut frame = vec![0xEE; access.write_len()];
            access::emit_write(access, &mut frame, |n, unit| unit.copy_from_slice(&units[n]));
            frame
        }
        "stream" => {
            let mut frame =
                Request::Stream { acknowledge: byte(case, "acknowledge") }.emit().to_vec();
            frame.extend(list(case, "records").flat_map(|r| unhex(r.as_str().expect("record"))));
            frame.resize(size(case, "total"), 0);
            frame
        }
        other => panic!("no frame {other}"),
    };
    json!({ "bytes": hex(data) })
}

fn access_of(case: &Value, units: usize) -> Access {
    let first = number(case, "address") as u16;
    Access::new(space(number(case, "space")), first, units as u16).expect("few units")
}

pub fn record(case: &Value) -> Value {
    let mut parsed = minus_zero(case);
    let x: Vec<_> = list(case, "x").map(|x| entries(x.as_str().expect("codes"))).collect();
    let example = example(case, &x);
    let (format, inputs) = (Format::from_bits(number(case, "format") as u32), size(case, "inputs"));
    let mut out = vec![0xEE; record::len(&example, format, inputs)];
    let n = record::emit(&example, byte(case, "sequence"), format, inputs, &mut out);
    out.truncate(n.expect("a legal example"));
    // Inference has no rate shift: the reference sends 0, which byte 2 and the CRC show.
    if example.kind().trains() || byte(case, "sh") == 0 {
        parsed["bytes"] = hex(&out).into();
    }
    parsed["credit"] = example.list_entries().into();
    parsed
}

/// The example of a case with these inputs.
pub fn example<'x>(case: &Value, x: &'x [Vec<Entry>]) -> Example<'x> {
    let (label, shift, input) = (byte(case, "label"), byte(case, "sh"), &x[0][..]);
    let truth = (label != 255).then_some(label);
    match Kind::ALL[size(case, "kind")] {
        Kind::Infer => Example::Infer { input, truth },
        Kind::Labelled => Example::Labelled { input, label, shift },
        Kind::Pair => Example::Pair { positive: input, negative: &x[1], shift },
        Kind::Positive => Example::Positive { input, shift },
        Kind::Negative => Example::Negative { input, shift },
        Kind::Overlay => Example::Overlay { input, label, shift },
        Kind::OverlayInfer => Example::OverlayInfer { input, truth },
    }
}

/// Parses a record only.
pub fn minus_zero(case: &Value) -> Value {
    let (format, inputs) = (Format::from_bits(number(case, "format") as u32), size(case, "inputs"));
    let data = bytes(case, "bytes");
    let head = RecordHead::parse(&data).expect("a record");
    assert!(head.shift_is_legal() && head.kind.accepts(head.label, size(case, "classes")));
    assert!(crcs::crc16_is_right(&data));
    let mut rest = &data[HEAD_LEN..];
    let mut lists = Vec::new();
    for _ in 0..head.kind.inputs() {
        let mut out = vec![Entry::default(); inputs];
        let decoded = sample::decode(format, inputs, rest, &mut out).expect("a legal sample");
        out.truncate(decoded.entries);
        lists.push(out);
        rest = &rest[decoded.bytes..];
    }
    let expected: Vec<_> = list(case, "x").map(|x| entries(x.as_str().expect("codes"))).collect();
    assert_eq!((&lists, rest.len()), (&expected, CRC_LEN), "{case}");
    json!({
        "kind": head.kind as u8,
        "sequence": head.sequence,
        "sh": head.shift,
        "label": head.label,
        "entries": lists.iter().map(Vec::len).sum::<usize>(),
    })
}

pub fn result(case: &Value) -> Value {
    let rival = byte(case, "rival");
    let result = ExampleResult {
        sequence: byte(case, "sequence"),
        updated: byte(case, "updated"),
        class: byte(case, "predicted"),
        rival: (rival != 255).then_some(rival),
        other: number(case, "other") as u32,
        truth: number(case, "truth") as u32,
    };
    assert_eq!(ExampleResult::parse(&bytes(case, "bytes")), Some(result));
    json!({ "bytes": hex(result.emit()) })
}

pub fn latent_word(case: &Value) -> Value {
    let word: [u8; latents::WORD_BYTES] = bytes(case, "bytes").try_into().expect("a word");
    let columns: [u8; latents::COLUMNS] = bytes(case, "latents").try_into().expect("a word");
    assert!(!latents::has_illegal_trit(&word));
    json!({ "bytes": hex(latents::pack(&columns)), "latents": hex(latents::unpack(&word)) })
}

pub fn mask_word(case: &Value) -> Value {
    let bits = digits(text(case, "bits")).into_iter().zip(0..);
    let word = bits.fold(0, |word, (bit, column)| word | u32::from(bit) << (31 - column));
    json!({ "bytes": hex(word.to_be_bytes()) })
}

/// Both directions, with the crate that the ends of a UART link use.
pub fn cobs(case: &Value) -> Value {
    let data = bytes(case, "data");
    let mut packet = vec![0; cobs::max_encoding_length(data.len())];
    let n = cobs::encode(&data, &mut packet);
    packet.truncate(n);
    packet.push(0);
    let known = list(case, "packets").any(|legal| *legal == hex(&packet));
    assert!(known, "an encoding of its own: {}", hex(&packet));
    for legal in list(case, "packets") {
        let packet = unhex(legal.as_str().expect("a packet"));
        let mut back = vec![0; packet.len()];
        let n = cobs::decode(&packet, &mut back).expect("a legal packet").frame_size();
        assert_eq!(back[..n], data, "decoded from {legal}");
    }
    json!({})
}

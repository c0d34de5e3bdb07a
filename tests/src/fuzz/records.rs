//! Samples, records, results and headers as bytes.
//!
//! What can be read can be written, and reading that gives the same.

use deku_ref::sample::{decode, encode, Format};
use deku_ref::wire::access::{block_unit, read_data, write_done};
use deku_ref::wire::crc::seal;
use deku_ref::wire::result::Results;
use deku_ref::wire::{record, Access, ExampleResult, Kind, Preamble, RecordHead, Request, Space};
use deku_ref::{Entry, Example, NetworkConfig};

use super::bytes::Bytes;
use super::small;
use super::Seen;

/// Entries there is room for.
const ROOM: usize = 400;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let mut input = Bytes(data);
    let choice = input.u8();
    match choice & 3 {
        0 => sample(choice, &mut input),
        1 => answers(input.0),
        2 => records(choice, &mut input),
        _ => header(input.array()),
    }
}

fn sample(choice: u8, input: &mut Bytes<'_>) {
    let format = Format::from_bits(u32::from(choice >> 2));
    let inputs = 1 + usize::from(input.u16()) % 2730;
    let room = if choice & 16 == 0 { ROOM } else { usize::from(input.u8()) };
    let mut entries = vec![Entry::default(); room];
    let Ok(decoded) = decode(format, inputs, input.0, &mut entries) else { return };
    let list = &entries[..decoded.entries];
    assert!(decoded.bytes <= input.0.len());
    assert_eq!(deku_ref::list::check(list, inputs), Ok(()));
    let mut bytes = vec![0xEE; format.len(list.len(), inputs)];
    assert_eq!(encode(format, list, inputs, &mut bytes), Ok(bytes.len()));
    assert!(bytes.len() <= decoded.bytes, "zeros take room, nothing else does");
    let mut again = vec![Entry::default(); list.len()];
    let twice = decode(format, inputs, &bytes, &mut again).expect("it was just written");
    assert_eq!((twice.bytes, &again[..]), (bytes.len(), list));
}

/// What a host reads: results, preambles, units, acknowledges.
fn answers(bytes: &[u8]) {
    let mut results = Results::new(bytes);
    let mut count = 0;
    for result in results.by_ref() {
        assert_eq!(ExampleResult::parse(&result.emit()), Some(result));
        count += 1;
    }
    assert!(results.damaged() + 12 * count <= bytes.len());
    if let Ok(preamble) = Preamble::parse(bytes) {
        assert_eq!(Preamble::parse(&preamble.emit()).ok(), Some(preamble));
    }
    let mut sealed = bytes.to_vec();
    seal(&mut sealed);
    assert!(Results::new(&sealed).count() <= sealed.len() / 12);
    let first = u16::from_be_bytes([bytes.len() as u8, 0]);
    for space in [Space::Registers, Space::Latents, Space::Masks, Space::Goodness] {
        let access = Access::new(space, first, first & 7).expect("few units");
        assert!(read_data(access, bytes).is_none_or(|data| data.len() == access.data_len()));
        let _ = (write_done(access, bytes), block_unit(first, bytes));
    }
}

/// What a module reads, and a host writes.
fn records(choice: u8, input: &mut Bytes<'_>) {
    let (format, network) = (Format::from_bits(u32::from(choice >> 2)), small::network());
    let inputs = network.record_inputs();
    let Some(head) = RecordHead::parse(input.0) else { return };
    assert_eq!(RecordHead::parse(&head.emit()), Some(head));
    input.take(record::HEAD_LEN);
    let (mut first, mut second) = ([Entry::default(); 16], [Entry::default(); 16]);
    let Ok(a) = decode(format, inputs, input.0, &mut first) else { return };
    input.take(a.bytes);
    let Ok(b) = decode(format, inputs, input.0, &mut second) else { return };
    let example = example(&head, &first[..a.entries], &second[..b.entries]);
    let legal = head.shift_is_legal() && head.kind.accepts(head.label, network.classes());
    assert_eq!(example.check_head(&network).is_ok(), legal_for_host(&example, &network), "{legal}");
    let mut bytes = [0; 256];
    let len = record::emit(&example, head.sequence, format, inputs, &mut bytes).expect("room");
    assert_eq!(len, record::len(&example, format, inputs));
    let again = RecordHead::parse(&bytes).expect("a record");
    assert_eq!((again.kind, again.sequence), (head.kind, head.sequence));
}

/// The host's check is the module's, but that a host never sends an illegal record.
fn legal_for_host(example: &Example<'_>, network: &NetworkConfig) -> bool {
    let kind = example.kind();
    let shift = !kind.trains() || example.shift() <= deku_ref::format::MAX_RATE_SHIFT;
    shift && kind.accepts(example.label(), network.classes())
}

fn example<'e>(head: &RecordHead, input: &'e [Entry], negative: &'e [Entry]) -> Example<'e> {
    let RecordHead { kind, shift, label, .. } = *head;
    match kind {
        Kind::Infer => Example::Infer { input, truth: Some(label) },
        Kind::Labelled => Example::Labelled { input, label, shift },
        Kind::Pair => Example::Pair { positive: input, negative, shift },
        Kind::Positive => Example::Positive { input, shift },
        Kind::Negative => Example::Negative { input, shift },
        Kind::Overlay => Example::Overlay { input, label, shift },
        Kind::OverlayInfer => Example::OverlayInfer { input, truth: Some(label) },
    }
}

fn header(mut bytes: [u8; 6]) {
    let _ = Request::parse(&bytes);
    bytes[5] = deku_ref::wire::crc::crc8(&bytes[..5]);
    if let Ok(request) = Request::parse(&bytes) {
        assert_eq!(Request::parse(&request.emit()), Ok(request));
    }
}

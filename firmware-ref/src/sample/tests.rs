use super::*;
use crate::format::E2M1;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;

/// The formats written as plainly as the guide says them: a string of bits.
fn bits_of(format: Format, codes: &[u8]) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut put = |value: u32, width: u32| {
        bits.extend((0..width).rev().map(|b| (value >> b & 1) as u8));
    };
    let width = if format == Format::PackedUnsigned { 3 } else { 4 };
    if format == Format::IndexList {
        put(codes.iter().filter(|c| **c & 7 != 0).count() as u32, 16);
    }
    for (index, &code) in codes.iter().enumerate() {
        let zero = code & 7 == 0;
        match format {
            Format::Raw => put(code.into(), 4),
            Format::IndexList if zero => {}
            Format::IndexList => put((index as u32) << 4 | u32::from(code), 16),
            _ if zero => put(0, 1),
            _ => {
                put(1, 1);
                put(code.into(), width);
            }
        }
    }
    bits.chunks(8)
        .map(|byte| byte.iter().enumerate().fold(0, |sum, (n, bit)| sum | bit << (7 - n)))
        .collect()
}

fn list_of(codes: &[u8]) -> Vec<Entry> {
    let entries = codes.iter().enumerate().filter(|(_, c)| **c & 7 != 0);
    entries.map(|(i, c)| Entry::new(i as u16, E2M1::from_low_bits(*c))).collect()
}

fn codes(negative: bool) -> impl Strategy<Value = Vec<u8>> {
    let code = if negative { 0..16u8 } else { 0..8u8 };
    // No negative zero: it does not survive a list.
    let code = code.prop_map(|c| if c == 8 { 0 } else { c });
    let sparse = prop_oneof![4 => Just(0), 1 => code];
    prop_oneof![
        proptest::collection::vec(sparse.clone(), 1..300),
        proptest::collection::vec(sparse, 780..800),
    ]
}

fn format() -> impl Strategy<Value = Format> {
    proptest::sample::select(Format::ALL.as_slice())
}

proptest! {
    #[test]
    fn encoder_and_decoder_agree_with_the_bit_string(
        (format, codes) in format().prop_flat_map(|f| (Just(f), codes(f != Format::PackedUnsigned)))
    ) {
        let (list, inputs) = (list_of(&codes), codes.len());
        let expected = bits_of(format, &codes);
        prop_assert_eq!(format.len(list.len(), inputs), expected.len());
        let mut bytes = vec![0xEE; expected.len() + 9];
        prop_assert_eq!(encode(format, &list, inputs, &mut bytes), Ok(expected.len()));
        prop_assert_eq!(&bytes[..expected.len()], &expected[..]);

        let mut out = vec![Entry::default(); list.len()];
        let decoded = Decoded { bytes: expected.len(), entries: list.len() };
        prop_assert_eq!(decode(format, inputs, &bytes, &mut out), Ok(decoded));
        prop_assert_eq!(&out, &list);
        for short in 0..expected.len() {
            let cut = decode(format, inputs, &bytes[..short], &mut out);
            prop_assert_eq!(cut, Err(DecodeError::Short));
        }
        if let Some(less) = list.len().checked_sub(1) {
            let full = decode(format, inputs, &bytes, &mut out[..less]);
            prop_assert_eq!(full, Err(DecodeError::Full));
        }
    }

    #[test]
    fn any_bytes_decode_to_a_legal_list_or_an_error(
        format in format(), bytes in proptest::collection::vec(any::<u8>(), 0..200),
        inputs in 1usize..300,
    ) {
        let mut out = vec![Entry::default(); 300];
        if let Ok(decoded) = decode(format, inputs, &bytes, &mut out) {
            prop_assert!(decoded.bytes <= bytes.len());
            prop_assert_eq!(list::check(&out[..decoded.entries], inputs), Ok(()));
        }
    }
}

#[test]
fn zeros_are_legal_and_never_enter() {
    let mut out = [Entry::default(); 4];
    let one = [Entry::new(1, E2M1::from_low_bits(3))];
    let cases: [(Format, &[u8]); 4] = [
        (Format::Raw, &[0x83, 0x00]),
        (Format::PackedUnsigned, &[0b1000_1011, 0]),
        (Format::PackedSigned, &[0b1100_0100, 0b1100_0000]),
        (Format::IndexList, &[0, 2, 0x00, 0x08, 0x00, 0x13]),
    ];
    for (format, bytes) in cases {
        let decoded = decode(format, 3, bytes, &mut out).unwrap();
        assert_eq!(decoded, Decoded { bytes: bytes.len(), entries: 1 }, "{format}");
        assert_eq!(out[..1], one, "{format}");
    }
}

#[test]
fn padding_is_ignored() {
    let mut out = [Entry::default(); 1];
    let empty = |format, bytes: &[u8], out: &mut [Entry]| decode(format, 3, bytes, out);
    assert_eq!(
        empty(Format::Raw, &[0, 0x07], &mut out),
        Ok(Decoded { bytes: 2, entries: 0 }),
        "the low half of the last byte belongs to no input"
    );
    let packed = empty(Format::PackedSigned, &[0b0001_1111], &mut out);
    assert_eq!(packed, Ok(Decoded { bytes: 1, entries: 0 }));
}

#[test]
fn bad_index_lists() {
    let mut out = [Entry::default(); 4];
    let mut list = |bytes: &[u8]| decode(Format::IndexList, 10, bytes, &mut out);
    let bad = |index| Err(DecodeError::Index { index });
    assert_eq!(list(&[0, 1, 0x00, 0xA1]), bad(10));
    assert_eq!(list(&[0, 2, 0x00, 0x31, 0x00, 0x31]), bad(3));
    assert_eq!(list(&[0, 2, 0x00, 0x31, 0x00, 0x21]), bad(2));
    // A zero code still takes its place in the order.
    assert_eq!(list(&[0, 2, 0x00, 0x30, 0x00, 0x31]), bad(3));
    // The first problem in the order of the bytes counts.
    assert_eq!(list(&[0xFF, 0xFF, 0x00, 0xA1]), bad(10));
    assert_eq!(list(&[0xFF, 0xFF, 0x00, 0x01]), Err(DecodeError::Short));
}

#[test]
fn encoder_errors() {
    let minus = [Entry::new(0, E2M1::MAX), Entry::new(4, E2M1::from_low_bits(9))];
    let mut out = [0; 3];
    assert_eq!(
        encode(Format::PackedUnsigned, &minus, 10, &mut out),
        Err(SampleError::Negative { position: 1, index: 4 })
    );
    assert_eq!(
        encode(Format::IndexList, &minus, 10, &mut out),
        Err(SampleError::Buffer { needed: 6, given: 3 })
    );
    assert_eq!(
        encode(Format::Raw, &minus, 4, &mut out),
        Err(SampleError::List(ListError::Range { position: 1, index: 4, inputs: 4 }))
    );
}

#[test]
fn smallest_format() {
    assert_eq!(Format::smallest(145, 784, false), Format::PackedUnsigned);
    assert_eq!(Format::smallest(145, 784, true), Format::PackedSigned);
    assert_eq!(Format::smallest(8, 512, false), Format::IndexList);
    assert_eq!(Format::smallest(784, 784, true), Format::Raw);
}

//! From list entries to bytes.

use super::{list, Entry, Format, SampleError};

/// Writes `list` in `format` to the start of `out` and returns the number of bytes.
///
/// `inputs` is register INPUTS, 1..=2730.
///
/// # Errors
/// [`SampleError`]; the contents of `out` are then undefined.
pub fn encode(
    format: Format,
    list: &[Entry],
    inputs: usize,
    out: &mut [u8],
) -> Result<usize, SampleError> {
    list::check(list, inputs)?;
    let (needed, given) = (format.len(list.len(), inputs), out.len());
    let out = out.get_mut(..needed).ok_or(SampleError::Buffer { needed, given })?;
    match format {
        Format::Raw => raw(list, out),
        Format::PackedUnsigned => {
            unsigned(list)?;
            packed::<3>(list, out);
        }
        Format::PackedSigned => packed::<4>(list, out),
        Format::IndexList => index_list(list, out),
    }
    Ok(needed)
}

fn unsigned(list: &[Entry]) -> Result<(), SampleError> {
    match list.iter().position(|e| e.code.bits() & 8 != 0) {
        None => Ok(()),
        Some(position) => Err(SampleError::Negative { position, index: list[position].index }),
    }
}

fn raw(list: &[Entry], out: &mut [u8]) {
    out.fill(0);
    for e in list {
        out[usize::from(e.index / 2)] |= e.code.bits() << (4 - 4 * (e.index % 2));
    }
}

/// A bit per input, followed by `BITS` bits of code where it is 1. The gaps between entries are
/// zeros that are there already, so the work is proportional to the entries.
fn packed<const BITS: usize>(list: &[Entry], out: &mut [u8]) {
    out.fill(0);
    // The 64 bits from 32-bit word `word` on.
    let (mut word, mut bits) = (0, 0u64);
    for (n, e) in list.iter().enumerate() {
        let at = usize::from(e.index) + BITS * n;
        if at / 32 != word {
            store(out, word, bits);
            bits = if at / 32 == word + 1 { bits << 32 } else { 0 };
            word = at / 32;
        }
        let field = u64::from(1 << BITS | e.code.bits());
        bits |= field << (63 - BITS - at % 32);
    }
    store(out, word, bits);
}

/// Stores 64 bits from 32-bit word `word` on, as far as there is room.
fn store(out: &mut [u8], word: usize, bits: u64) {
    let out = out.get_mut(4 * word..).unwrap_or_default();
    let bytes = bits.to_be_bytes();
    match out.first_chunk_mut() {
        Some(chunk) => *chunk = bytes,
        None => out.copy_from_slice(&bytes[..out.len()]),
    }
}

fn index_list(list: &[Entry], out: &mut [u8]) {
    let (count, entries) = out.split_at_mut(2);
    count.copy_from_slice(&(list.len() as u16).to_be_bytes());
    for (e, bytes) in list.iter().zip(entries.chunks_exact_mut(2)) {
        bytes.copy_from_slice(&(e.index << 4 | u16::from(e.code.bits())).to_be_bytes());
    }
}

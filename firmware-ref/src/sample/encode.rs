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

/// A bit per input, followed by `BITS` bits of code where it is 1: the gaps between entries are
/// the zeros already there, so the work is proportional to the entries.
fn packed<const BITS: usize>(list: &[Entry], out: &mut [u8]) {
    out.fill(0);
    for (n, e) in list.iter().enumerate() {
        let at = usize::from(e.index) + BITS * n;
        let field = u16::from(1 << BITS | e.code.bits());
        let [high, low] = (field << (15 - BITS - at % 8)).to_be_bytes();
        out[at / 8] |= high;
        if low != 0 {
            out[at / 8 + 1] |= low;
        }
    }
}

fn index_list(list: &[Entry], out: &mut [u8]) {
    let (count, entries) = out.split_at_mut(2);
    count.copy_from_slice(&(list.len() as u16).to_be_bytes());
    for (e, bytes) in list.iter().zip(entries.chunks_exact_mut(2)) {
        bytes.copy_from_slice(&(e.index << 4 | u16::from(e.code.bits())).to_be_bytes());
    }
}

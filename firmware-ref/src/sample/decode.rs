//! From bytes to list entries.

use super::{Entry, Format};
use crate::format::E2M1;
use core::fmt;

/// What a decoded input took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Bytes of the input, padding included.
    pub bytes: usize,
    /// Entries written.
    pub entries: usize,
}

/// Why bytes are no input. The first problem in the order of the bytes counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the input does.
    Short,
    /// An index is out of range or not above the one before.
    Index {
        /// The index found.
        index: u16,
    },
    /// There is no room for another entry.
    Full,
}

impl core::error::Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => out.write_str("the sample is cut short: send the record again"),
            Self::Index { index } => write!(
                out,
                "index {index} of the sample is out of range or not ascending: check INPUTS and \
                 the list"
            ),
            Self::Full => out.write_str("no room for the sample's entries: respect the credits"),
        }
    }
}

/// Reads one input in `format` from the start of `bytes`; its non-zero entries go to `out`.
///
/// `inputs` is register INPUTS. Padding bits are ignored.
///
/// # Errors
/// [`DecodeError`]; the contents of `out` are then undefined.
pub fn decode(
    format: Format,
    inputs: usize,
    bytes: &[u8],
    out: &mut [Entry],
) -> Result<Decoded, DecodeError> {
    let mut list = Sink { out, len: 0 };
    let bytes = match format {
        Format::Raw => raw(inputs, bytes, &mut list),
        Format::PackedUnsigned => packed::<3>(inputs, bytes, &mut list),
        Format::PackedSigned => packed::<4>(inputs, bytes, &mut list),
        Format::IndexList => index_list(inputs, bytes, &mut list),
    }?;
    Ok(Decoded { bytes, entries: list.len })
}

/// Where entries go: the only place that leaves out zeros and knows when there is no room.
struct Sink<'o> {
    out: &'o mut [Entry],
    len: usize,
}

impl Sink<'_> {
    #[inline]
    fn push(&mut self, index: usize, code: u8) -> Result<(), DecodeError> {
        let code = E2M1::from_low_bits(code);
        if code.is_zero() {
            return Ok(());
        }
        let place = self.out.get_mut(self.len).ok_or(DecodeError::Full)?;
        *place = Entry::new(index as u16, code);
        self.len += 1;
        Ok(())
    }
}

fn raw(inputs: usize, bytes: &[u8], list: &mut Sink<'_>) -> Result<usize, DecodeError> {
    let len = inputs.div_ceil(2);
    for (n, byte) in bytes.iter().take(len).enumerate() {
        if byte & 0x77 == 0 {
            continue;
        }
        list.push(2 * n, byte >> 4)?;
        if 2 * n + 1 < inputs {
            list.push(2 * n + 1, *byte)?;
        }
    }
    if bytes.len() < len {
        return Err(DecodeError::Short);
    }
    Ok(len)
}

/// Jumps over zero bits, a window of 57 bits at a time.
fn packed<const BITS: usize>(
    inputs: usize,
    bytes: &[u8],
    list: &mut Sink<'_>,
) -> Result<usize, DecodeError> {
    let end = 8 * bytes.len();
    let (mut at, mut input) = (0, 0);
    while input < inputs && at <= end {
        let window = window(bytes, at);
        let mut used = 0;
        loop {
            let zeros = ((window << used).leading_zeros() as usize).min(WINDOW - used);
            let zeros = zeros.min(inputs - input);
            used += zeros;
            input += zeros;
            if input == inputs || used + 1 + BITS > WINDOW {
                break;
            }
            let code = (window << (used + 1)) >> (64 - BITS);
            used += 1 + BITS;
            // Beyond the end the window is zero, so the 1 was inside; the code may not be.
            if at + used > end {
                return Err(DecodeError::Short);
            }
            list.push(input, code as u8)?;
            input += 1;
        }
        at += used;
    }
    if at > end {
        return Err(DecodeError::Short);
    }
    Ok(at.div_ceil(8))
}

/// Bits of a [`window`] that are always valid.
const WINDOW: usize = 57;

/// The bits from bit `at` on, the first one in the most significant bit, zeros beyond the end.
#[inline]
fn window(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at / 8..).unwrap_or_default();
    let eight = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        eight
    });
    u64::from_be_bytes(eight) << (at % 8)
}

fn index_list(inputs: usize, bytes: &[u8], list: &mut Sink<'_>) -> Result<usize, DecodeError> {
    let (count, entries) = bytes.split_first_chunk().ok_or(DecodeError::Short)?;
    let count = usize::from(u16::from_be_bytes(*count));
    let mut least = 0;
    let (mut chunks, mut found) = (entries.chunks_exact(2), 0);
    for pair in chunks.by_ref().take(count) {
        let entry = u16::from_be_bytes([pair[0], pair[1]]);
        let index = usize::from(entry >> 4);
        if index < least || index >= inputs {
            return Err(DecodeError::Index { index: index as u16 });
        }
        list.push(index, entry as u8)?;
        least = index + 1;
        found += 1;
    }
    if found < count {
        return Err(DecodeError::Short);
    }
    Ok(2 + 2 * count)
}

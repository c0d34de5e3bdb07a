//! Sample formats: how one input travels, as a bit-exact encoder and decoder.
//!
//! | [`Format`] | per input | bytes |
//! |---|---|---|
//! | raw | 4-bit code | ceil(inputs / 2) |
//! | packed-u | bit 0, or bit 1 and the 3-bit magnitude | ceil((inputs + 3 n) / 8) |
//! | packed-s | bit 0, or bit 1 and the 4-bit code | ceil((inputs + 4 n) / 8) |
//! | index list | per non-zero input: 12-bit index, 4-bit code, after a 16-bit count | 2 + 2 n |
//!
//! All most significant bit first, inputs ascending, padded with zero bits to a whole byte; `n`
//! is the number of non-zero inputs. The codes +0 and -0 are legal in every format and never
//! enter a list.
//!
//! ```
//! use deku_ref::sample::{decode, encode, Format};
//! use deku_ref::{Entry, E2M1};
//!
//! let list = [Entry::new(3, E2M1::MAX), Entry::new(9, E2M1::new(2).unwrap())];
//! let mut bytes = [0; 8];
//! let len = encode(Format::PackedUnsigned, &list, 10, &mut bytes)?;
//! assert_eq!(bytes[..len], [0b0001_1110, 0b0000_1010]);
//!
//! let mut entries = [Entry::default(); 10];
//! let decoded = decode(Format::PackedUnsigned, 10, &bytes, &mut entries).unwrap();
//! assert_eq!((decoded.bytes, &entries[..decoded.entries]), (len, &list[..]));
//! # Ok::<(), deku_ref::sample::SampleError>(())
//! ```

use core::fmt;

use crate::list::{self, Entry, ListError};

mod decode;
mod encode;

pub use decode::{decode, DecodeError, Decoded};
pub use encode::encode;

/// How inputs are sent: the value of register FORMAT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Every input's code.
    Raw = 0,
    /// A bit per input, and the magnitude of the non-zero ones. Only without negative inputs.
    #[default]
    PackedUnsigned = 1,
    /// A bit per input, and the code of the non-zero ones.
    PackedSigned = 2,
    /// The non-zero inputs only.
    IndexList = 3,
}

impl Format {
    /// Every format, in order of its number.
    pub const ALL: [Self; 4] =
        [Self::Raw, Self::PackedUnsigned, Self::PackedSigned, Self::IndexList];

    /// The format with this number (0..=3, higher bits are ignored).
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self::ALL[(bits & 3) as usize]
    }

    /// Bytes of an encoded input with `entries` non-zero of `inputs` inputs.
    #[must_use]
    pub const fn len(self, entries: usize, inputs: usize) -> usize {
        match self {
            Self::Raw => inputs.div_ceil(2),
            Self::PackedUnsigned => (inputs + 3 * entries).div_ceil(8),
            Self::PackedSigned => (inputs + 4 * entries).div_ceil(8),
            Self::IndexList => 2 + 2 * entries,
        }
    }

    /// The format with the fewest bytes for inputs of which `entries` of `inputs` are not zero
    /// on average, `signed` if some may be negative.
    #[must_use]
    pub fn smallest(entries: usize, inputs: usize, signed: bool) -> Self {
        let packed = if signed { Self::PackedSigned } else { Self::PackedUnsigned };
        let candidates = [packed, Self::IndexList, Self::Raw];
        candidates.into_iter().min_by_key(|f| f.len(entries, inputs)).unwrap_or(packed)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Raw => "raw",
            Self::PackedUnsigned => "packed-u",
            Self::PackedSigned => "packed-s",
            Self::IndexList => "index list",
        })
    }
}

/// An input that can not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the numbers of the sentence
#[non_exhaustive]
pub enum SampleError {
    /// The list is not legal.
    List(ListError),
    /// A negative input in the unsigned format.
    Negative { position: usize, index: u16 },
    /// The buffer is too short.
    Buffer { needed: usize, given: usize },
}

impl core::error::Error for SampleError {}

impl From<ListError> for SampleError {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

impl fmt::Display for SampleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::List(error) => error.fmt(out),
            Self::Negative { position, index } => write!(
                out,
                "entry {position} (input {index}) is negative, which sample format packed-u can \
                 not express: choose packed-s, raw or the index list"
            ),
            Self::Buffer { needed, given } => write!(
                out,
                "the sample takes {needed} bytes, {given} are left: use larger frames or a \
                 denser sample format"
            ),
        }
    }
}

#[cfg(test)]
mod tests;

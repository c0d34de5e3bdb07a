//! The list of the non-zero inputs of an example.

use core::fmt;

use crate::format::E2M1;

/// One non-zero input: its row and its code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Input row, from 0.
    pub index: u16,
    /// Code, never +0 or -0.
    pub code: E2M1,
}

impl Entry {
    /// An entry; `code` must not be zero (lists with zeros are refused when they are used).
    #[must_use]
    pub const fn new(index: u16, code: E2M1) -> Self {
        Self { index, code }
    }
}

/// A list that is not legal. Positions count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the numbers of the sentence
#[non_exhaustive]
pub enum ListError {
    /// An index beyond the inputs.
    Range { position: usize, index: u16, inputs: usize },
    /// An index that is not above the one before (duplicates included).
    Order { position: usize, index: u16, before: u16 },
    /// A code +0 or -0.
    Zero { position: usize, index: u16 },
}

impl core::error::Error for ListError {}

impl fmt::Display for ListError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Range { position, index, inputs } => write!(
                out,
                "entry {position} is for input {index}, but the network has inputs 0 to {}: \
                 check the topology or the sample",
                inputs - 1
            ),
            Self::Order { position, index, before } => write!(
                out,
                "entry {position} is for input {index}, after input {before}: sort the list by \
                 input and give every input once"
            ),
            Self::Zero { position, index } => write!(
                out,
                "entry {position} (input {index}) has the value 0: leave out inputs that are 0"
            ),
        }
    }
}

/// Checks that a list is strictly ascending, within `inputs` rows (1 or more) and without zeros.
///
/// # Errors
/// The first [`ListError`] of the list.
pub fn check(list: &[Entry], inputs: usize) -> Result<(), ListError> {
    // One pass without branches: this is on the path of every example.
    let (mut legal, mut next) = (true, 0);
    for e in list {
        legal &= u32::from(e.index) >= next && !e.code.is_zero();
        next = u32::from(e.index) + 1;
    }
    if legal && next as usize <= inputs {
        return Ok(());
    }
    Err(first_error(list, inputs))
}

#[cold]
fn first_error(list: &[Entry], inputs: usize) -> ListError {
    let mut before = None;
    for (position, e) in list.iter().enumerate() {
        let index = e.index;
        match before {
            Some(before) if index <= before => return ListError::Order { position, index, before },
            _ if usize::from(index) >= inputs => {
                return ListError::Range { position, index, inputs }
            }
            _ if e.code.is_zero() => return ListError::Zero { position, index },
            _ => before = Some(index),
        }
    }
    unreachable!("called for a list with an error only")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: &[u16]) -> Vec<Entry> {
        rows.iter().map(|&index| Entry::new(index, E2M1::MAX)).collect()
    }

    #[test]
    fn legal_lists() {
        assert_eq!(check(&[], 1), Ok(()));
        assert_eq!(check(&list(&[0, 3, 9]), 10), Ok(()));
    }

    #[test]
    fn every_error_is_found_where_it_is() {
        let (index, position) = (9, 2);
        assert_eq!(
            check(&list(&[0, 3, 9]), 9),
            Err(ListError::Range { position, index, inputs: 9 })
        );
        assert_eq!(
            check(&list(&[0, 9, 9]), 10),
            Err(ListError::Order { position, index, before: 9 })
        );
        assert_eq!(
            check(&list(&[0, 9, 3]), 10),
            Err(ListError::Order { position, index: 3, before: 9 })
        );
        for bits in [0, 8] {
            let mut zero = list(&[0, 3, 9]);
            zero[2].code = E2M1::from_low_bits(bits);
            assert_eq!(check(&zero, 10), Err(ListError::Zero { position, index }));
        }
    }
}

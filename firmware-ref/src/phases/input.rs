//! The list of inputs a layer sees.

use core::ops::Range;

use crate::format::E2M1;
use crate::list::Entry;

/// What goes into layer 0: the list of a record and, for label overlay, a label.
#[derive(Clone, Copy)]
pub(super) struct Input<'l> {
    pub list: &'l [Entry],
    pub label: Option<u8>,
}

impl<'l> Input<'l> {
    pub const fn plain(list: &'l [Entry]) -> Self {
        Self { list, label: None }
    }

    pub const fn labelled(list: &'l [Entry], label: u8) -> Self {
        Self { list, label: Some(label) }
    }
}

/// Where the label rows of layer 0 are.
#[derive(Clone, Copy)]
pub(super) struct LabelRows {
    pub first: usize,
    pub copies: usize,
}

impl LabelRows {
    fn of(self, label: u8) -> Range<usize> {
        let first = self.first + usize::from(label) * self.copies;
        first..first + self.copies
    }

    /// Writes the rows of a label, value 12 each, to `out`; returns them.
    pub fn write(self, label: u8, out: &mut [Entry]) -> &[Entry] {
        let out = &mut out[..self.copies];
        for (e, row) in out.iter_mut().zip(self.of(label)) {
            *e = Entry::new(row as u16, E2M1::MAX);
        }
        out
    }
}

/// Codes by twice their value.
const CODES: [E2M1; 13] = {
    let mut codes = [E2M1::ZERO; 13];
    let mut twice = 0;
    while twice < 13 {
        codes[twice] = E2M1::nearest(twice as u32);
        twice += 1;
    }
    codes
};

/// The list of the non-zero codes of a layer, as the next layer sees it.
pub(super) fn list_of_codes<'e>(codes: &[u8], out: &'e mut [Entry]) -> &'e [Entry] {
    let mut n = 0;
    for (j, &twice) in codes.iter().enumerate() {
        if twice > 0 {
            out[n] = Entry::new(j as u16, CODES[usize::from(twice)]);
            n += 1;
        }
    }
    &out[..n]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_a_list() {
        let mut out = [Entry::default(); 6];
        let list = list_of_codes(&[0, 12, 0, 1, 6, 0], &mut out);
        let rows: Vec<_> = list.iter().map(|e| (e.index, e.code.twice())).collect();
        assert_eq!(rows, [(1, 12), (3, 1), (4, 6)]);
    }

    #[test]
    fn label_rows_follow_the_inputs() {
        let labels = LabelRows { first: 784, copies: 2 };
        let mut out = [Entry::default(); 4];
        let rows: Vec<_> = labels.write(3, &mut out).iter().map(|e| e.index).collect();
        assert_eq!(rows, [790, 791]);
        assert_eq!(out[0].code.twice(), 12);
    }
}

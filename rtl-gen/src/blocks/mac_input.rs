//! Decoder of an input code, shared by the forward and the update path.

use crate::ast::{Module, Sig};
use deku_ref::format::E2M1;

/// Twice the magnitude of a 4-bit code, as a table.
pub fn magnitude(m: &mut Module, code: &Sig) -> Sig {
    let rows: Vec<(u64, u64)> =
        (0..8).map(|c| (c, u64::from(E2M1::from_low_bits(c as u8).magnitude()))).collect();
    m.table("magnitude", code.bits(2, 0), 4, &rows, 0, "twice the magnitude of the E2M1 code")
}

//! Counters that can be loaded, in one iCE40 logic cell per bit.
//!
//! A cell has a LUT of four inputs; in a carry chain two of them belong to the chain and one is the carry.
//! The second input of the chain is constant in a counter. Here it is the select of the load instead, so that
//! the whole `load ? value : q + 1` fits (the sum is wrong while loading, but then nobody looks at it).
//! Yosys finds this by itself when the sum is written so. Other fabrics lose nothing.

use crate::ast::{cat, lit, mux, Expr, Module, Sig};

/// `load ? value : q + 1`.
#[track_caller]
pub fn load_or_inc(q: &Sig, load: &Sig, value: Expr) -> Expr {
    mux(load, value, q + cat([load.repeat(q.width() - 1), lit(1, 1)]))
}

/// A counter that counts down or is loaded.
pub struct Down {
    chain: Sig,
    count: Sig,
}

impl Down {
    /// `q` counts while `count` is 1 and is loaded while it is 0.
    #[track_caller]
    pub fn new(m: &mut Module, q: &Sig, count: &Sig) -> Down {
        let name = q.name().trim_end_matches("_q");
        let w = q.width();
        let chain =
            m.net(&format!("{name}_chain"), q + count.repeat(w), "minus one while counting");
        Down { chain, count: count.clone() }
    }

    /// `count ? q - 1 : value`.
    #[track_caller]
    pub fn next(&self, value: Expr) -> Expr {
        mux(&self.count, self.chain.e(), value)
    }
}

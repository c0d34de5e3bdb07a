//! `deku_xorshift`: one of the two random generators.

use crate::ast::{cat, lit, mux, when, Module};

/// Marsaglia's xorshift32 with shifts 13, 17, 5; the output is the new state.
pub fn xorshift() -> Module {
    let mut m = Module::new(
        "deku_xorshift",
        "Random generator xorshift32 (Marsaglia, shifts 13, 17, 5). The output is the state after \
         the step. The state is written by the host in two halves and is never 0.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low: state becomes 1");
    let step = m.input("step_i", 1, "one step");
    let we = m.input("seed_we_i", 2, "write the high (1) or low (0) half of the state");
    let seed = m.input("seed_i", 16, "value of the written half");
    let state = m.output_reg("state_q_o", 32, "the state");

    let a = m.net("after_left13", state.e() ^ state.shl(13), "x ^ x << 13");
    let b = m.net("after_right17", a.e() ^ a.shr(17), "x ^ x >> 17");
    let next = m.net("after_left5", b.e() ^ b.shl(5), "x ^ x << 5: the new state");
    m.clocked(
        &clk,
        vec![when(!&rst_n, vec![state.set(lit(32, 1))])
            .or_when(
                we.any(),
                vec![state.set(cat([
                    mux(we.bit(1), seed.e(), state.bits(31, 16)),
                    mux(we.bit(0), seed.e(), state.bits(15, 0)),
                ]))],
            )
            .or_when(&step, vec![state.set(next.e())])],
    );
    m
}

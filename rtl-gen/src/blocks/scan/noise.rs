//! The noise of a candidate.

use super::super::xorshift::xorshift;
use super::reads::Reads;
use super::Io;
use crate::ast::{cat, lit, mux, Conn, Module, Sig};
use deku_ref::noise::GUMBEL;

/// How the host sets the generator and sees it.
pub struct Seed {
    /// Write the high (1) or low (0) half.
    pub we: Sig,
    /// Value of the written half.
    pub value: Sig,
    /// Output: the generator.
    pub state: Sig,
}

/// noise = (gumbel[u] << k) >> 4, u the top byte of the generator after one step.
pub fn noise(m: &mut Module, io: &Io, reads: &Reads, seed: &Seed, early_reads: bool) -> Sig {
    let state = m.wire("state", 32, "rival generator");
    m.instance(
        "u_generator",
        &xorshift(),
        vec![
            ("clk_i", Conn::from(&io.clk)),
            ("rst_ni", Conn::from(&io.rst_n)),
            ("step_i", Conn::from(&reads.issue & &reads.noisy)),
            ("seed_we_i", Conn::from(&seed.we)),
            ("seed_i", Conn::from(&seed.value)),
            ("state_q_o", Conn::from(&state)),
        ],
        "rival generator: one step per candidate of a noisy scan, none in a plain one",
    );
    m.assign(&seed.state, state.e());
    // Where latents fill all block memories, the one that is left over may be far away, and it is slow.
    let style = if early_reads { "logic" } else { "block" };
    let table = m
        .memory("gumbel_q", 8, 256, "16 * Gumbel noise of the middle of each 1/256, rounded")
        .style(style);
    let rows: Vec<u64> = GUMBEL.iter().map(|v| u64::from(*v as u8)).collect();
    m.memory_init(&table, &rows);
    let gumbel = m.reg("noise_q", 8, "16 * noise");
    m.clocked(&io.clk, vec![gumbel.set(table.at(state.bits(31, 24)))]);

    // The product (gumbel << k) >> 4 needs 8 + 12 - 4 + 1 bits; coarse steps first.
    let wide = m.net("noise_wide", gumbel.as_signed().sext(20), "with room for k = 12");
    let coarse = mux(io.exponent.bit(3), cat([wide.bits(11, 0), lit(8, 0)]), wide.as_unsigned());
    let coarse = m.net("noise_by_8", coarse, "shifted by 8 if k >= 8");
    let coarse = m.net(
        "noise_by_4",
        mux(io.exponent.bit(2), cat([coarse.bits(15, 0), lit(4, 0)]), coarse.e()),
        "and by 4",
    );
    let low = m.net(
        "noise_by_2",
        mux(io.exponent.bit(1), cat([coarse.bits(17, 0), lit(2, 0)]), coarse.e()),
        "and by 2",
    );
    let low = m.net(
        "noise_by_1",
        mux(io.exponent.bit(0), cat([low.bits(18, 0), lit(1, 0)]), low.e()),
        "and by 1",
    );
    let shifted = m.reg_signed("shifted_q", 16, "(16 * noise << k) >> 4, 0 in a plain scan");
    m.clocked(&io.clk, vec![shifted.set((low.bits(19, 4) & reads.noisy.repeat(16)).as_signed())]);
    m.unused("unused_noise", vec![low.bits(3, 0)], "bits shifted out");
    shifted
}

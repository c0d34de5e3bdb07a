//! `deku_commit`: blocks of a WRITE frame on their way to registers and memories.

use super::ram;
use crate::ast::{lit, when, Module};

/// Bytes of the staging memory: a block and its CRC.
const STAGED: u32 = 64;

/// The block.
pub fn commit() -> Module {
    let mut m = Module::new(
        "deku_commit",
        "Keeps the bytes of a block until its CRC is known to be right, then hands them on, one per clock cycle. \
         After reset it hands zeros to all \
         registers (deku_regs makes zeros of whatever arrives meanwhile).",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let stage = m.input("stage_i", 1, "keep rx_i");
    let pos = m.input("pos_i", 6, "its place in the block");
    let rx = m.input("rx_i", 8, "byte from the host, turned round bit by bit");
    let begins = m.input("block_begins_i", 1, "the next bit is the first of a block");
    let bit = m.input("block_bit_i", 1, "rx_i[7] is a bit of the block");
    let second = m.input("odd_i", 1, "it is the second of a pair of bits; the first is in rx_i[0]");
    let latents = m.input("latents_i", 1, "the block is a word of latents: 32 bytes, not 4");
    let go = m.input("commit_i", 1, "pulse: hand the block on");
    let swept = m.input("swept_i", 1, "the address is behind the last register");

    m.section("What is seen while the block arrives");
    let trit = m.reg("bad_trit_q", 1, "plane 0 holds a trit 11");
    let trit_bits = m.net(
        "bad_pair",
        &second & &latents & pos.bits(5, 3).is_zero() & rx.bit(0) & rx.bit(7),
        "two ones in a trit",
    );
    m.clocked(
        &clk,
        vec![when(&begins, vec![trit.set(lit(1, 0))])
            .or_when(&bit & &trit_bits, vec![trit.set(lit(1, 1))])],
    );
    let trit_o = m.output("bad_trit_o", 1, "a trit is 11");
    m.assign(&trit_o, &trit);

    m.section("Handing on");
    let sweep = m.reg("sweep_q", 1, "registers are being set to 0 after reset");
    let run = m.reg("run_q", 1, "a byte is fetched");
    let at = m.reg("at_q", 5, "that byte");
    let valid = m.reg("valid_q", 1, "a byte has been fetched");
    let byte_at = m.reg("byte_at_q", 5, "that byte");
    let is_last =
        |place: &crate::ast::Sig| place.bits(1, 0).all() & (!&latents | place.bits(4, 2).all());
    let step = m.reg("step_q", 1, "all bytes have been handed on");
    let restart = m.reg("restart_q", 1, "the next register of the sweep begins");
    let next = &rst_n & &sweep & !&swept & !&run & !&valid & !&step & !&restart;
    let begin = m.net("first", &go | &restart, "begin with byte 0");
    m.clocked(
        &clk,
        vec![
            when(!&rst_n, vec![sweep.set(lit(1, 1)), run.set(lit(1, 0)), valid.set(lit(1, 0))])
                .otherwise(vec![
                    when(&swept, vec![sweep.set(lit(1, 0))]),
                    when(&begin, vec![run.set(lit(1, 1))])
                        .or_when(is_last(&at), vec![run.set(lit(1, 0))]),
                    valid.set(&run),
                ]),
            restart.set(next),
            // One cycle late, because the engine writes a plane one cycle after it is told to.
            step.set(&valid & is_last(&byte_at)),
            when(&begin, vec![at.set(lit(5, 0))]).or_when(&run, vec![at.set(at.inc())]),
            byte_at.set(&at),
        ],
    );
    let byte = m.wire("unit_byte", 8, "byte of the block");
    ram::ram(
        &mut m,
        "u_stage",
        &clk,
        8,
        STAGED,
        ram::Port { we: stage.e(), waddr: pos.e(), wdata: rx.e(), raddr: at.zext(6), rdata: &byte },
        "the block and its CRC",
    );

    m.section("To the other blocks");
    let mut out = |name: &str, value: crate::ast::Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    out("sweep_o", sweep.e(), "registers are being set to 0 after reset");
    out("fetch_pos_o", at.bits(1, 0), "byte of the register that follows");
    out("run_o", run.e(), "it will be there in the next cycle");
    out("valid_o", valid.e(), "byte_o is valid");
    out("byte_o", byte.e(), "byte of the block");
    out("byte_pos_o", byte_at.bits(1, 0), "byte of the register or mask word");
    out("plane_o", byte_at.bits(4, 3), "plane of the word of latents");
    out("step_o", step.e(), "pulse: the unit is done");
    out("latent_push_o", &valid & &latents & byte_at.bit(0), "16 bits of a plane are complete");
    out(
        "latent_we_o",
        &valid & &latents & byte_at.bits(2, 0).all(),
        "the plane is complete: write it",
    );
    m
}

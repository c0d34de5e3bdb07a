//! `deku_results`: results that are kept until the host has them.

use super::ram;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use crate::config::ModuleConfig;
use deku_ref::wire::result::{MARK, RESULT_LEN};
use deku_ref::wire::CRC_LEN;

/// Bytes of a result without its CRC.
const BYTES: u64 = (RESULT_LEN - CRC_LEN) as u64;

/// The block.
pub fn results(c: &ModuleConfig) -> Module {
    let mut m = Module::new(
        "deku_results",
        "Keeps results as the bytes that go out, 16 places each, number n at place n modulo RESULTS. A result \
         is written one byte per clock cycle. Also decides when a RESET takes effect.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let valid =
        m.input("result_valid_i", 1, "engine, pulse: a result; the values stay for 32 cycles");
    let updated = m.input("result_updated_i", 4, "engine: layers that were updated");
    let class = m.input("result_class_i", 8, "engine: prediction");
    let rival = m.input("result_rival_i", 8, "engine: rival of layer 0, 255 if none was drawn");
    let sums =
        m.input("result_sums_i", 8, "engine: byte of the two summed goodnesses, high byte first");
    let engine_busy = m.input("engine_busy_i", 1, "engine: at work");
    let open = m.input("open_i", 1, "in a frame");
    let queued = m.input("queued_i", 1, "there are records without result");
    let number = m.input("number_i", 8, "result to send");
    let pos = m.input("pos_i", 4, "its byte");
    let acknowledge =
        m.input("acknowledge_i", 1, "pulse: number_i is the first result the host does not have");
    let reset = m.input("reset_i", 1, "pulse: drop results and records");

    m.section("Numbers");
    let next = m.reg("result_seq_q", 8, "number of the next result");
    let acked_n = m.reg(
        "acknowledged_n_q",
        8,
        "first result the host does not have, inverted: it is subtracted",
    );
    let pending = m.reg("reset_pending_q", 1, "a RESET waits for the end of the example in work");
    let settled = m.reg("reset_settled_q", 3, "it has waited long enough for an example to begin");
    let writing = m.reg("writing_q", 1, "a result is being written");
    let at = m.reg("at_q", 4, "byte of it");
    let worked = m.reg("worked_q", 1, "a result was produced since the module was idle");
    let last = m.reg("last_q", 1, "its last byte");
    let clear = m.reg("clear_q", 1, "the RESET takes effect");
    let busy = m.reg("busy_q", 1, "an example is queued or in work");
    m.clocked_comment(
        &clk,
        "One cycle late: many look at these. A RESET takes effect for two cycles.",
        vec![
            last.set(&writing & at.eq_const(BYTES - 2)),
            clear.set(&settled.bit(2) & !&engine_busy & !&writing & !&open),
            busy.set(&engine_busy | &queued | &pending),
        ],
    );
    let idle = m.net("idle", &worked & !&busy & !&writing, "the last queued example is done");
    m.clocked(
        &clk,
        vec![
            when(
                !&rst_n | &clear,
                vec![
                    next.set(lit(8, 0)),
                    acked_n.set(lit(8, 0xFF)),
                    pending.set(lit(1, 0)),
                    settled.set(lit(3, 0)),
                ],
            )
            .otherwise(vec![
                when(&last, vec![next.set(next.inc())]),
                when(&acknowledge, vec![acked_n.set(!&number)]),
                when(&reset, vec![pending.set(lit(1, 1))]),
                settled.set(cat([settled.bits(1, 0), pending.e()])),
            ]),
            when(!&rst_n, vec![writing.set(lit(1, 0)), worked.set(lit(1, 0))]).otherwise(vec![
                when(&valid, vec![writing.set(lit(1, 1)), worked.set(lit(1, 1))]).otherwise(vec![
                    when(&last, vec![writing.set(lit(1, 0))]),
                    when(&idle, vec![worked.set(lit(1, 0))]),
                ]),
            ]),
            when(&writing, vec![at.set(at.inc())]).otherwise(vec![at.set(lit(4, 0))]),
        ],
    );

    m.section("Results");
    let mark = cat([lit(4, u64::from(MARK >> 4)), updated.e()]);
    let head = mux(at.bit(1), mux(at.bit(0), rival.e(), class.e()), mux(at.bit(0), next.e(), mark));
    let in_sums =
        m.net("in_sums", &writing & (at.bit(3) | at.bit(2)), "a byte of a sum is written");
    let byte = m.net("out_byte", mux(&in_sums, sums.e(), head), "byte to write");
    let slots = c.results.trailing_zeros();
    let place = |number: &Sig, byte: &Sig| cat([number.bits(slots - 1, 0), byte.e()]);
    let data = m.output("data_o", 8, "byte pos_i of result number_i, one cycle later");
    ram::ram(
        &mut m,
        "u_results",
        &clk,
        8,
        16 * c.results,
        ram::Port {
            we: writing.e(),
            waddr: place(&next, &at),
            wdata: byte.e(),
            raddr: place(&number, &pos),
            rdata: &data,
        },
        "the last RESULTS results",
    );

    m.section("To the other blocks");
    let kept = m.net("kept", &next + &acked_n + lit(8, 1), "results the host does not have");
    m.unused("unused_kept", vec![kept.bits(slots - 1, 0)], "less than RESULTS");
    let available = m.reg("available_q", 1, "there is a result number_i");
    m.clocked(&clk, vec![available.set(number.ne_(&next))]);
    // After a result and a RESET the engine still sees for one cycle what was queued before.
    let room = !kept.bits(7, slots).any() & !&pending & !&writing & !&clear;
    let mut out = |name: &str, value: Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    out("shift_o", in_sums.e(), "engine: show the next byte of the sums");
    out("available_o", available.e(), "there is a result number_i, one cycle later");
    out("room_o", room, "engine: a sample may begin");
    out("result_seq_o", next.e(), "number of the next result");
    out("clear_o", clear.e(), "pulse: the RESET takes effect");
    out("busy_o", busy.e(), "an example is queued or in work");
    out("produced_o", last.e(), "pulse: a result was produced");
    out("idle_o", idle.e(), "pulse: the last queued example is done");
    m
}

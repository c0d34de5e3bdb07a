//! `deku_planes_out`: collects new latents for writing; in a forward pass the end of the drain.

use super::shape::EngineShape;
use crate::ast::{cat, mux, when, Expr, Module, Sig};

/// Stages of the trit and middle planes, and of the low plane, that hold columns of the drain.
const WIDE_STAGES: u32 = 7;
const LOW_STAGES: u32 = 3;
/// Columns of the drain that live here: the last ones of a word, the very last in the delay of the
/// low bits.
pub const SHARED_COLUMNS: u32 = WIDE_STAGES + LOW_STAGES + 1;
/// Columns behind which one cycle passes without a column: the stages between the parts take none.
pub const GAPS_AFTER: [u32; 2] =
    [super::shape::WORD_COLUMNS - LOW_STAGES - 2, super::shape::WORD_COLUMNS - 2];

/// The block.
pub fn planes_out(shape: &EngineShape) -> Module {
    let (acc_bits, relu_bits) = (shape.acc_bits, shape.relu_bits());
    let mut m = Module::new(
        "deku_planes_out",
        "Shift registers in which four new latents per cycle become planes, delayed so that the planes are complete in turn. \
         A forward pass makes no latents, and an update has no accumulators to drain; so these registers also are the end of the \
         drain of slice 0. A stage is 16 bits: 8 trit bits and 8 middle bits, or 16 low bits. Loading an accumulator costs \
         nothing, because the logic cell of a plain shift register has its look-up table to spare. The first stage of \
         both registers has a choice of inputs already and takes no accumulator; in the way of the drain these are two gaps of one cycle.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let phase = m.input("phase_i", 3, "update: cycle of the slot");
    let idle = m.input("idle_i", 1, "no update: the registers serve the drain or the host");
    let latents = m.input("latents_i", 32, "four new latents, first column in the high bits");
    let push = m.input("host_push_i", 1, "host: shift 16 bits into the low plane");
    let under = m.input("under_i", 4, "bits 5:0 of a latent saturate to 0");
    let over = m.input("over_i", 4, "bits 5:0 of a latent saturate to 63");
    let host = m.input("host_data_i", 16, "host: those bits");
    let load = m.input("drain_load_i", 1, "forward: take accumulators");
    let shift = m.input("drain_shift_i", 1, "forward: shift them");
    let acc = m.input(
        "drain_acc_i",
        SHARED_COLUMNS * acc_bits,
        "forward: those accumulators, first column in the low bits",
    );
    let wdata = m.output("wdata_o", 64, "plane to write, in phases 4 (2), 6 (0), 7 (1), 0 (3)");
    let drain = m.output("drain_o", relu_bits, "forward: next column, not negative");

    m.section("New latents, one part after the other");
    let part =
        |hi: u32, lo: u32| cat((0..4).map(|k| latents.bits(24 - 8 * k + hi, 24 - 8 * k + lo)));
    let clamped = |hi: u32, lo: u32| {
        let n = hi + 1 - lo;
        let of = |k: u32| {
            let bits = latents.bits(24 - 8 * k + hi, 24 - 8 * k + lo);
            (bits & (!under.bit(3 - k)).repeat(n)) | over.bit(3 - k).repeat(n)
        };
        cat((0..4).map(of))
    };
    let mid_1 = m.reg("mid_delay_q", 8, "bits 5:4, one cycle late");
    let low_1 = m.reg("low_delay_1_q", 16, "bits 3:0, one cycle late");
    let low_2 =
        m.reg("low_delay_2_q", 16, "bits 3:0, two cycles late; the last column of the drain");
    m.clocked(&clk, vec![mid_1.set(clamped(5, 4)), low_1.set(clamped(3, 0))]);

    m.section("Planes; the oldest columns on top");
    let trit = m.reg("trit_q", 64, "new bits 7:6, complete in phase 6");
    let mid = m.reg("mid_q", 64, "new bits 5:4, complete in phase 7");
    let low = m.reg("low_q", 64, "new bits 3:0, complete in phases 4 and 0");
    let relu = |column: u32| {
        let top = (column + 1) * acc_bits - 1;
        (acc.bits(top - 1, top + 1 - acc_bits) & !acc.bit(top).repeat(relu_bits)).zext(16)
    };
    let names: Vec<Sig> = (0..SHARED_COLUMNS)
        .map(|c| m.net(&format!("column_{c}"), relu(c), "accumulator after ReLU"))
        .collect();
    let high = |range: std::ops::Range<u32>| {
        cat(range.map(|c| names[c as usize].bits(15, 8)).collect::<Vec<Expr>>())
    };
    let bottom = |range: std::ops::Range<u32>| {
        cat(range.map(|c| names[c as usize].bits(7, 0)).collect::<Vec<Expr>>())
    };
    let whole = |range: std::ops::Range<u32>| {
        cat(range.map(|c| names[c as usize].e()).collect::<Vec<Expr>>())
    };
    let delayed_low = mux(&load, names[SHARED_COLUMNS as usize - 1].e(), low_1.e());
    m.clocked(
        &clk,
        vec![
            low_2.set(delayed_low),
            trit.set(cat([
                mux(&load, high(0..WIDE_STAGES), trit.bits(55, 0)),
                mux(&idle, low.bits(63, 56), part(7, 6)),
            ])),
            mid.set(cat([
                mux(&load, bottom(0..WIDE_STAGES), mid.bits(55, 0)),
                mux(&idle, low.bits(55, 48), mid_1.e()),
            ])),
            when(
                !&idle | &push | &load | &shift,
                vec![low.set(cat([
                    mux(&load, whole(WIDE_STAGES..WIDE_STAGES + LOW_STAGES), low.bits(47, 0)),
                    mux(&push, host.e(), low_2.e()),
                ]))],
            ),
        ],
    );
    m.assign(&drain, cat([trit.bits(relu_bits + 47, 56), mid.bits(63, 56)]));
    let send_trit = m.reg("send_trit_q", 1, "phase 6");
    let send_mid = m.reg("send_mid_q", 1, "phase 7");
    m.clocked(&clk, vec![send_trit.set(phase.eq_const(5)), send_mid.set(phase.eq_const(6))]);
    m.assign(&wdata, mux(&send_trit, trit.e(), mux(&send_mid, mid.e(), low.e())));
    m
}

//! `deku_scan`: looks through the goodness of all candidates, with or without noise.

mod compare;
mod noise;
mod reads;

use super::goodness::GOODNESS_BITS;
use super::shape::EngineShape;
use crate::ast::{cat, lit, mux, when, Module, Sig};
use compare::Compare;
use noise::Seed;

/// Width of a value that is compared: the sum of four goodnesses, or one with noise, signed.
pub const VALUE_BITS: u32 = 24;
/// Bits of it that differ: four sums of 20 bits and a sign.
const INNER_BITS: u32 = 23;
/// Result index that means "no candidate".
pub const NONE: u64 = 255;

struct Io {
    clk: Sig,
    rst_n: Sig,
    start: Sig,
    noise: Sig,
    layer: Sig,
    layers_last: Sig,
    two: Sig,
    last: Sig,
    truth: Sig,
    exponent: Sig,
}

/// The unit.
pub fn scan(shape: &EngineShape) -> Module {
    let ci = shape.class_bits();
    let mut m = Module::new(
        "deku_scan",
        "Argmax over the candidates. Plain scan: goodness summed over the layers; keeps the truth's sum \
         and the best of the others, and from both the prediction. Noisy scan: one layer, each candidate \
         with Gumbel noise of the given temperature from the rival generator, so that the winner is drawn with \
         probability softmax(G / tau). The lowest index wins ties.",
    );
    let io = Io {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        start: m.input("start_i", 1, "begin"),
        noise: m.input("noise_i", 1, "draw a rival in one layer instead of comparing sums"),
        layer: m.input("layer_i", 2, "that layer"),
        layers_last: m.input("last_layer_i", 2, "number of layers - 1"),
        two: m.input("two_i", 1, "there are two candidates"),
        last: m.input("last_class_i", ci, "otherwise: number of candidates - 1"),
        truth: m.input("truth_i", 8, "the true candidate, 255 if there is none"),
        exponent: m.input("temperature_i", 4, "k, tau = 2^k"),
    };
    let goodness = m.input("goodness_i", GOODNESS_BITS, "goodness read");
    let seed_we = m.input("seed_we_i", 2, "write the high (1) or low (0) half of the generator");
    let seed = m.input("seed_i", 16, "value of the written half");
    let state_o = m.output("state_o", 32, "rival generator");
    let addr = m.output("goodness_addr_o", ci + 2, "goodness to read: layer, candidate");
    let busy = m.output("busy_o", 1, "at work; the results are valid when it falls");
    let best_o = m.output("best_o", 8, "noisy scan: the rival");
    let class_o = m.output("class_o", 8, "plain scan: the prediction");
    let shift = m.input("shift_i", 1, "show the next byte of the sums");
    let sums_o = m.output(
        "sums_o",
        8,
        "plain scan: top byte of the best sum that is not the truth's; shifted on, the truth's sum follows",
    );

    let reads = reads::reads(&mut m, &io, shape);
    m.section("Noise: three cycles from the generator to the shifted noise");
    let stages = 4;
    let token = m.reg("token_q", stages, "a read is in stage 1 .. 4");
    let is_first = m.reg("first_q", 3, "it is the first layer of its candidate, stages 1 .. 3");
    let is_end = m.reg("final_q", stages, "it is the last layer of its candidate, stages 1 .. 4");
    // A comparison that takes two cycles looks at it in both.
    let late = stages + u32::from(!shape.quick_scan());
    let comment = format!("it is the truth once more, stages 1 .. {late}");
    let is_again = m.reg("again_pipe_q", late, &comment);
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![token.set(lit(stages, 0))])
                .otherwise(vec![token.set(cat([token.bits(stages - 2, 0), reads.issue.e()]))]),
            is_first.set(cat([is_first.bits(1, 0), &reads.noisy | reads.layer.is_zero()])),
            is_end.set(cat([is_end.bits(stages - 2, 0), reads.layer_end.e()])),
            is_again.set(cat([is_again.bits(late - 2, 0), reads.again.e()])),
        ],
    );
    let seed = Seed { we: seed_we, value: seed, state: state_o };
    let shifted = noise::noise(&mut m, &io, &reads, &seed, shape.early_reads);

    m.section("Goodness is read two cycles later, to meet the noise");
    let late_address = reads::two_cycles_later(&mut m, &io, &reads, shape);
    m.assign(&addr, late_address);
    let value = m.reg_signed("value_q", INNER_BITS, "candidate's value so far");
    let base = mux(is_first.bit(2), shifted.sext(INNER_BITS), value.e());
    m.clocked(
        &io.clk,
        vec![when(token.bit(2), vec![value.set(base + goodness.zext(INNER_BITS).as_signed())])],
    );

    let reads::Reads { noisy, start, run, .. } = reads;
    let parts = Compare {
        token,
        is_end,
        is_again,
        noisy,
        value,
        ci,
        best_o,
        class_o,
        shift,
        sums_o,
        start,
        run,
        busy,
    };
    compare::compare(&mut m, &io, &parts, shape.quick_scan());
    m
}

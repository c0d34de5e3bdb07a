//! `deku_scan`: looks through the goodness of all candidates, with or without noise.

use super::goodness::GOODNESS_BITS;
use super::shape::EngineShape;
use super::xorshift::xorshift;
use crate::ast::{cat, lit, mux, when, Conn, Module, Sig};
use deku_ref::noise::GUMBEL;

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

    m.section(
        "Which candidate and layer to read: one read in two cycles, the time a comparison takes",
    );
    let start = m.reg("start_q", 1, "begin; a register, because many look at it");
    let run = m.reg("run_q", 1, "drawing or reading");
    let beat = m.reg("beat_q", 1, "second cycle of a read");
    let noisy = m.reg("noisy_q", 1, "this is a noisy scan");
    let again = m.reg("again_q", 1, "a plain scan reads the truth once more, after all others");
    let read = m.reg("read_q", ci, "candidate whose noise is drawn");
    let layer = m.reg("layer_q", 2, "layer to read in a plain scan");
    let layer_end =
        m.net("layer_end", &noisy | layer.eq_(&io.layers_last), "last read of the candidate");
    let layer_ends = m.reg("layer_end_q", 1, "the same in the second cycle of the read");
    let end = m.reg("last_read_q", 1, "in that cycle: last read of all candidates");
    let stop = m.reg("stop_q", 1, "in that cycle: last read of all");
    let end_now = m.net(
        "last_read",
        &layer_end & mux(&io.two, read.bit(0), read.eq_(&io.last)),
        "last read of all candidates",
    );
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![run.set(lit(1, 0))])
                .or_when(&start, vec![run.set(lit(1, 1))])
                .or_when(&beat & &stop, vec![run.set(lit(1, 0))]),
            beat.set(&run & !&beat),
            layer_ends.set(layer_end.e()),
            end.set(end_now.e()),
            stop.set(mux(&again, layer_end.e(), &noisy & &end_now)),
            start.set(&io.start),
            when(&io.start, vec![noisy.set(io.noise.e())]),
            when(&start, vec![read.set(lit(ci, 0)), layer.set(lit(2, 0)), again.set(lit(1, 0))])
                .or_when(
                    &beat,
                    vec![
                        when(
                            &layer_ends,
                            vec![
                                read.set(mux(&end, io.truth.bits(ci - 1, 0), read.inc())),
                                layer.set(lit(2, 0)),
                            ],
                        )
                        .otherwise(vec![layer.set(layer.inc())]),
                        when(&end, vec![again.set(lit(1, 1))]),
                    ],
                ),
        ],
    );
    let issue = m.net("issue", &run & !&beat, "a read begins");

    m.section("Noise: three cycles from the generator to the shifted noise");
    let stages = 4;
    let token = m.reg("token_q", stages, "a read is in stage 1 .. 4");
    let is_first = m.reg("first_q", 3, "it is the first layer of its candidate, stages 1 .. 3");
    let is_end = m.reg("final_q", stages, "it is the last layer of its candidate, stages 1 .. 4");
    let is_again = m.reg("again_pipe_q", stages + 1, "it is the truth once more, stages 1 .. 5");
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![token.set(lit(stages, 0))])
                .otherwise(vec![token.set(cat([token.bits(stages - 2, 0), issue.e()]))]),
            is_first.set(cat([is_first.bits(1, 0), &noisy | layer.is_zero()])),
            is_end.set(cat([is_end.bits(stages - 2, 0), layer_end.e()])),
            is_again.set(cat([is_again.bits(stages - 1, 0), again.e()])),
        ],
    );
    let shifted =
        noise(&mut m, &io, (&issue, &noisy), (&seed_we, &seed, &state_o), shape.early_reads);

    m.section("Goodness is read two cycles later, to meet the noise");
    let delayed_c = m.reg("delayed_candidate_q", ci, "candidate of stages 1 and 2");
    let delayed_l = m.reg("delayed_layer_q", 2, "layer of stages 1 and 2");
    m.clocked(
        &io.clk,
        vec![delayed_c.set(read.e()), delayed_l.set(mux(&noisy, io.layer.e(), layer.e()))],
    );
    m.assign(&addr, cat([delayed_l.e(), delayed_c.e()]));
    let value = m.reg_signed("value_q", INNER_BITS, "candidate's value so far");
    let base = mux(is_first.bit(2), shifted.sext(INNER_BITS), value.e());
    m.clocked(
        &io.clk,
        vec![when(token.bit(2), vec![value.set(base + goodness.zext(INNER_BITS).as_signed())])],
    );

    compare(
        &mut m,
        &io,
        Compare {
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
        },
    );
    m
}

/// noise = (gumbel[u] << k) >> 4, u the top byte of the generator after one step.
fn noise(
    m: &mut Module,
    io: &Io,
    scan: (&Sig, &Sig),
    seed: (&Sig, &Sig, &Sig),
    early_reads: bool,
) -> Sig {
    let state = m.wire("state", 32, "rival generator");
    m.instance(
        "u_generator",
        &xorshift(),
        vec![
            ("clk_i", Conn::from(&io.clk)),
            ("rst_ni", Conn::from(&io.rst_n)),
            ("step_i", Conn::from(scan.0 & scan.1)),
            ("seed_we_i", Conn::from(seed.0)),
            ("seed_i", Conn::from(seed.1)),
            ("state_q_o", Conn::from(&state)),
        ],
        "rival generator: one step per candidate of a noisy scan, none in a plain one",
    );
    m.assign(seed.2, state.e());
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
    m.clocked(&io.clk, vec![shifted.set((low.bits(19, 4) & scan.1.repeat(16)).as_signed())]);
    m.unused("unused_noise", vec![low.bits(3, 0)], "bits shifted out");
    shifted
}

struct Compare {
    token: Sig,
    is_end: Sig,
    is_again: Sig,
    noisy: Sig,
    value: Sig,
    ci: u32,
    best_o: Sig,
    class_o: Sig,
    shift: Sig,
    sums_o: Sig,
    start: Sig,
    run: Sig,
    busy: Sig,
}

fn compare(m: &mut Module, io: &Io, c: Compare) {
    m.section(
        "Compare in one cycle, keep the better in the next; the truth of a plain scan is compared when it comes again",
    );
    let ci = c.ci;
    let index = m.reg("index_q", ci, "candidate whose value is compared");
    let best = m.reg("best_value_q", VALUE_BITS, "best value so far, then the bytes of both sums");
    let best_at = m.reg("best_q", 8, "its candidate, 255 at the beginning");
    let truth = m.reg("truth_value_q", VALUE_BITS, "the truth's sum, then what is left of it");
    let has_truth = m.reg("has_truth_q", 1, "the truth is a candidate");
    let wins = m.reg("truth_wins_q", 1, "the truth is a candidate and beats the others");
    let none = m.reg("none_q", 1, "nothing compared yet");
    let is_truth = m.reg("is_truth_q", 1, "candidate is the truth of a plain scan");
    let ready = m.reg("compared_q", 1, "the value was complete and is compared");
    let high_more =
        m.reg("high_more_q", 1, "the upper half of the value is larger, or it is the first value");
    let high_same = m.reg("high_same_q", 1, "the upper halves are the same");
    let low_more = m.reg("low_more_q", 1, "the lower half is larger");
    let more = m.net(
        "more",
        &high_more | &high_same & &low_more,
        "the value is better than the best so far",
    );
    let late = m.reg("late_q", 1, "the best was found after the truth");
    let last = c.is_end.width() - 1;
    // The lower index wins a tie.
    let tie = m.net(
        "tie_wins",
        c.is_again.bit(last) & &late,
        "drawing level is enough: the truth has the lower index",
    );
    let challenger =
        m.net("challenger", cat([c.value.e(), tie.e()]), "value, and a bit that decides a tie");
    let leader = m.net("leader", cat([best.bits(INNER_BITS - 1, 0), lit(1, 0)]), "the best so far");
    let (top, half) = (INNER_BITS, INNER_BITS / 2);
    let high = |of: &Sig| of.bits(top, half + 1).as_signed();
    let low = |of: &Sig| of.bits(half, 0);
    let again = c.is_again.bit(last + 1);
    let value24 = || c.value.sext(VALUE_BITS).as_unsigned();
    let first = vec![
        index.set(lit(ci, 0)),
        none.set(lit(1, 1)),
        best_at.set(lit(8, NONE)),
        best.set(lit(VALUE_BITS, 0)),
        truth.set(lit(VALUE_BITS, 0)),
        has_truth.set(lit(1, 0)),
        wins.set(lit(1, 0)),
    ];
    let better = vec![
        none.set(lit(1, 0)),
        best.set(value24()),
        best_at.set(index.zext(8)),
        late.set(has_truth.e()),
    ];
    let again_now =
        vec![wins.set(&more & &has_truth), when(&has_truth, vec![truth.set(value24())])];
    m.clocked(
        &io.clk,
        vec![
            ready.set(c.token.bit(last) & c.is_end.bit(last)),
            high_more.set(&none | high(&challenger).gt(high(&leader))),
            high_same.set(high(&challenger).eq_(high(&leader))),
            low_more.set(low(&challenger).gt(low(&leader))),
            is_truth.set(!&c.noisy & index.zext(8).eq_(&io.truth)),
            when(&c.start, first)
                .or_when(
                    &ready,
                    vec![
                        index.set(index.inc()),
                        when(again, again_now)
                            .or_when(&is_truth, vec![has_truth.set(lit(1, 1))])
                            .or_when(&more, better),
                    ],
                )
                // The result is taken before the next scan begins.
                .or_when(
                    &c.shift,
                    vec![
                        best.set(cat([best.bits(15, 0), truth.bits(23, 16)])),
                        truth.set(cat([truth.bits(15, 0), lit(8, 0)])),
                    ],
                ),
        ],
    );
    m.assign(&c.class_o, mux(&wins, io.truth.e(), best_at.e()));
    m.assign(&c.best_o, best_at.e());
    m.assign(&c.sums_o, best.bits(VALUE_BITS - 1, VALUE_BITS - 8));
    m.assign(&c.busy, &c.start | &c.run | c.token.any() | &ready);
}

//! `deku_update_lane`: exact stochastic-rounding update of one latent per cycle.

use crate::ast::{cat, lit, mux, when, Module, Sig};

/// L' = clamp(({L, rnd} + d * X) >> 10, 0, 191), X = x << (10 - sh).
pub fn update_lane() -> Module {
    let mut m = Module::new(
        "deku_update_lane",
        "Exact update of one latent per cycle: L' = clamp(({L, rnd} + d * X) >> 10, 0, 191), where X = \
         x << (10 - sh) is shared by all lanes. d is 0, 1, 2, 3, 4, 6, 8 or 12: X or 3 X, shifted by 0 to \
         3. A product that is subtracted is inverted, and its carry enters the sum. The three parts of the latent \
         arrive one cycle apart.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let code = m.input("code_i", 3, "magnitude code of d, cycle 0");
    let negative = m.input("negative_i", 1, "d * x is negative, cycle 0");
    let x1 = m.input("x1_i", 14, "X, cycle 0");
    let x3 = m.input("x3_i", 16, "3 X, cycle 0");
    let random = m.input("random_i", 10, "rounding bits, cycle 2");
    let low = m.input("low_i", 4, "latent bits 3:0, cycle 0");
    let mid = m.input("mid_i", 2, "latent bits 5:4, cycle 1");
    let trit = m.input("trit_i", 2, "latent bits 7:6, cycle 2");
    let new = m.output("latent_o", 8, "the new latent, cycle 3; bits 5:0 not yet saturated");
    let under = m.output("under_o", 1, "bits 5:0 saturate to 0, cycle 3");
    let over = m.output("over_o", 1, "bits 5:0 saturate to 63, cycle 3");
    let flip = m.output_reg("flip_q_o", 1, "its trit changed, cycle 4");

    m.section("Cycle 0: X or 3 X, inverted for a subtraction");
    let some = m.net("some", code.any(), "d is not 0");
    let three = m.net("three", code.bit(0) & (code.bit(1) | code.bit(2)), "d is 3, 6 or 12");
    let invert = m.net("invert", &negative & &some, "subtract");
    let multiple = m.reg("multiple_q", 16, "X or 3 X, inverted for a subtraction");
    let invert_1 = m.reg("invert_1_q", 1, "subtract, cycle 1");
    let by = m.table(
        "by",
        code.e(),
        2,
        &[(0, 0), (1, 0), (2, 1), (3, 0), (4, 2), (5, 1), (6, 3), (7, 2)],
        0,
        "shift",
    );
    let by_q = m.reg("by_q", 2, "shift, cycle 1");
    m.clocked(
        &clk,
        vec![
            when(!&some, vec![multiple.set(lit(16, 0))]).otherwise(vec![
                multiple.set(mux(&three, x3.e(), x1.zext(16)) ^ negative.repeat(16))
            ]),
            invert_1.set(invert.e()),
            by_q.set(by.e()),
        ],
    );
    m.section("Cycle 1: shift; the bits shifted in complete the inversion");
    let product = m.reg("product_q", 19, "d * X, inverted for a subtraction");
    let invert_2 = m.reg("invert_2_q", 1, "subtract, cycle 2");
    let s = |n: u32| invert_1.repeat(n);
    let shifted = mux(
        by_q.bit(1),
        mux(by_q.bit(0), cat([multiple.e(), s(3)]), cat([s(1), multiple.e(), s(2)])),
        mux(by_q.bit(0), cat([s(2), multiple.e(), s(1)]), cat([s(3), multiple.e()])),
    );
    m.clocked(&clk, vec![product.set(shifted), invert_2.set(invert_1.e())]);

    sum(
        &mut m,
        &clk,
        &product,
        &invert_2,
        Latent { random, low, mid, trit, new, flip, under, over },
    );
    m
}

struct Latent {
    random: Sig,
    low: Sig,
    mid: Sig,
    trit: Sig,
    new: Sig,
    flip: Sig,
    under: Sig,
    over: Sig,
}

fn sum(m: &mut Module, clk: &Sig, product: &Sig, invert: &Sig, l: Latent) {
    m.section("The parts of the latent wait for each other");
    let low_1 = m.reg("low_1_q", 4, "bits 3:0, cycle 1");
    let rest = m.reg("fraction_q", 6, "bits 5:0, cycle 2");
    m.clocked(clk, vec![low_1.set(l.low.e()), rest.set(cat([l.mid.e(), low_1.e()]))]);
    m.section("Cycle 2: sum");
    let sum = m.net(
        "sum",
        cat([lit(1, 0), l.trit.e(), rest.e(), l.random.e()]) + product + invert.zext(19),
        "sum, rounding bits below",
    );
    let high = m.reg("sum_q", 9, "sum without rounding bits, cycle 3");
    let down = m.reg("invert_3_q", 1, "subtract, cycle 3");
    let old = m.reg("old_trit_q", 2, "the trit before, cycle 3");
    m.clocked(clk, vec![high.set(sum.bits(18, 10)), down.set(invert.e()), old.set(l.trit.e())]);
    m.section("Cycle 3: saturation of the trit; the other bits have time for it later");
    m.assign(&l.under, &down & high.bit(8));
    m.assign(&l.over, !&down & (high.bit(8) | high.bits(7, 6).all()));
    let trit = mux(&l.over, lit(2, 2), high.bits(7, 6) & (!&l.under).repeat(2));
    let trit = m.net("new_trit", trit, "the new trit");
    m.assign(&l.new, cat([trit.e(), high.bits(5, 0)]));
    m.clocked(clk, vec![l.flip.set(trit.ne_(&old))]);
    m.unused("unused_sum", vec![sum.bits(9, 0)], "bits below the latent");
}

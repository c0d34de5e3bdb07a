//! `deku_update_lane`: exact stochastic-rounding update of one latent per cycle.

use crate::ast::{cat, lit, mux, Module, Sig};

/// Cycles from a factor at the input to the new latent at the output.
pub const LATENCY: u32 = 5;

/// L' = clamp(({L, rnd} + d * X) >> 10, 0, 191), X = x << (10 - sh).
pub fn update_lane() -> Module {
    let mut m = Module::new(
        "deku_update_lane",
        "Exact update of one latent per cycle: L' = clamp(({L, rnd} + d * X) >> 10, 0, 191), where X = \
         x << (10 - sh) is shared by all lanes. d is 0, 1, 2, 3, 4, 6, 8 or 12: X or 3 X, shifted by 0 to \
         3. A product that is subtracted is inverted, and its carry enters the sum. The sum is made in three \
         steps from the low bits up, and the three parts of the latent arrive one cycle apart, as they are needed.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let code = m.input("code_i", 3, "magnitude code of d, cycle 0");
    let negative = m.input("negative_i", 1, "d * x is negative, cycle 0");
    let x1 = m.input("x1_i", 14, "X, cycle 0");
    let x3 = m.input("x3_i", 16, "3 X, cycle 0");
    let random = m.input("random_i", 10, "rounding bits, cycle 2");
    let low = m.input("low_i", 4, "latent bits 3:0, cycle 2");
    let mid = m.input("mid_i", 2, "latent bits 5:4, cycle 3");
    let trit = m.input("trit_i", 2, "latent bits 7:6, cycle 4");
    let new = m.output_reg("latent_q_o", 8, "the new latent, cycle 5");
    let flip = m.output_reg("flip_q_o", 1, "its trit changed, cycle 5");

    m.section("Cycle 0: X or 3 X, inverted for a subtraction");
    let some = m.net("some", code.any(), "d is not 0");
    let three = m.net("three", code.bit(0) & (code.bit(1) | code.bit(2)), "d is 3, 6 or 12");
    let invert = m.net("invert", &negative & &some, "subtract");
    let multiple = m.reg("multiple_q", 16, "X or 3 X, inverted for a subtraction");
    let invert_1 = m.reg("invert_1_q", 1, "subtract, cycle 1");
    let by = m.table("by", code.e(), 2, &[(0, 0), (1, 0), (2, 1), (3, 0), (4, 2), (5, 1), (6, 3), (7, 2)], 0, "shift");
    let by_q = m.reg("by_q", 2, "shift, cycle 1");
    m.clocked(&clk, vec![
        multiple.set((mux(&three, x3.e(), x1.zext(16)) ^ invert.repeat(16)) & some.repeat(16)),
        invert_1.set(invert.e()),
        by_q.set(by.e()),
    ]);
    m.section("Cycle 1: shift; the bits shifted in complete the inversion");
    let product = m.reg("product_q", 19, "d * X, inverted for a subtraction");
    let invert_2 = m.reg("invert_2_q", 1, "subtract, cycle 2");
    let s = |n: u32| invert_1.repeat(n);
    let shifted = mux(by_q.bit(1),
        mux(by_q.bit(0), cat([multiple.e(), s(3)]), cat([s(1), multiple.e(), s(2)])),
        mux(by_q.bit(0), cat([s(2), multiple.e(), s(1)]), cat([s(3), multiple.e()])));
    m.clocked(&clk, vec![product.set(shifted), invert_2.set(invert_1.e())]);

    sum(&mut m, &clk, &product, &invert_2, Latent { random, low, mid, trit, new, flip });
    m
}

struct Latent { random: Sig, low: Sig, mid: Sig, trit: Sig, new: Sig, flip: Sig }

fn sum(m: &mut Module, clk: &Sig, product: &Sig, invert: &Sig, l: Latent) {
    m.section("Cycle 2: low four bits and the rounding bits");
    let sum_a = m.net("sum_a", cat([lit(1, 0), l.low.e(), l.random.e()]) + product.bits(13, 0).zext(15) + invert.zext(15), "bits 13:0 and carry");
    let a = m.reg("low_q", 4, "new bits 3:0, cycle 3");
    let carry_a = m.reg("carry_a_q", 1, "carry into bit 4, cycle 3");
    let high_a = m.reg("high_a_q", 5, "product bits 18:14, cycle 3");
    let invert_3 = m.reg("invert_3_q", 1, "subtract, cycle 3");
    m.clocked(clk, vec![
        a.set(sum_a.bits(13, 10)), carry_a.set(sum_a.bit(14)),
        high_a.set(product.bits(18, 14)), invert_3.set(invert.e()),
    ]);
    m.unused("unused_sum", vec![sum_a.bits(9, 0)], "bits below the latent");
    m.section("Cycle 3: bits 5:4");
    let sum_b = m.net("sum_b", l.mid.zext(3) + high_a.bits(1, 0).zext(3) + carry_a.zext(3), "bits 5:4 and carry");
    let b = m.reg("fraction_q", 6, "new bits 5:0, cycle 4");
    let carry_b = m.reg("carry_b_q", 1, "carry into bit 6, cycle 4");
    let high_b = m.reg("high_b_q", 3, "product bits 18:16, cycle 4");
    let invert_4 = m.reg("invert_4_q", 1, "subtract, cycle 4");
    m.clocked(clk, vec![
        b.set(cat([sum_b.bits(1, 0), a.e()])), carry_b.set(sum_b.bit(2)),
        high_b.set(high_a.bits(4, 2)), invert_4.set(invert_3.e()),
    ]);
    m.section("Cycle 4: the trit, and saturation");
    let sum_c = m.net("sum_c", l.trit.zext(3) + &high_b + carry_b.zext(3), "bits 7:6 and what lies above");
    let under = m.net("under", &invert_4 & sum_c.bit(2), "below 0");
    let over = m.net("over", !&invert_4 & (sum_c.bit(2) | sum_c.bits(1, 0).all()), "above 191");
    let trit = mux(&over, lit(2, 2), sum_c.bits(1, 0) & (!&under).repeat(2));
    let trit = m.net("new_trit", trit, "the new trit");
    m.clocked(clk, vec![
        l.new.set(cat([trit.e(), (&b & (!&under).repeat(6)) | over.repeat(6)])),
        l.flip.set(trit.ne_(&l.trit)),
    ]);
}

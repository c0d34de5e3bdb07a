//! `deku_mac_lanes`: 32 accumulators that add, subtract or skip one broadcast input.

use super::shape::{EngineShape, WORD_COLUMNS};
use crate::ast::{cat, lit, mux, when, Conn, Expr, Interface, Module, Sig};

/// Width of an accumulator in a MAC primitive.
const PRIMITIVE_BITS: u32 = 16;

/// The pair of accumulators that a fabric may build from a MAC primitive.
pub fn mac_pair_interface() -> Interface {
    Interface::primitive("deku_mac_pair")
        .input("clk_i", 1)
        .input("x_i", 4)
        .input("hold_i", 2)
        .input("sub_i", 2)
        .input("clear_i", 1)
        .output("acc_o", 2 * PRIMITIVE_BITS)
}

struct Shared {
    clk: Sig,
    x: Sig,
    minus: Option<Sig>,
    valid: Sig,
    negative: Sig,
    clear: Sig,
    bits: u32,
}

/// 32 lanes, of which the first `2 * pairs` are built from MAC primitives.
pub fn mac_lanes(shape: &EngineShape) -> Module {
    let (pairs, bits) = (shape.mac_pairs, shape.acc_bits);
    let mut m = Module::new(
        "deku_mac_lanes",
        "One slice of the forward pass: 32 ternary accumulators. Every cycle one input x is \
         broadcast, and lane j adds w[j] * x, w = -1, 0 or +1. A lane that has nothing to add is \
         held by its clock enable; x and -x are made once, so a lane costs little more than its adder.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let word =
        m.input("trits_i", 64, "trits of 32 columns, column 0 in bits 63:62; 0, 1, 2 = -1, 0, +1");
    let valid = m.input("valid_i", 1, "trits and x belong to a row");
    let x_mag = m.input("x_mag_i", 4, "magnitude of x: 0, 1, 2, 3, 4, 6, 8 or 12");
    let x_neg = m.input("x_neg_i", 1, "x is negative");
    let clear = m.input("clear_i", 1, "set all accumulators to 0 (after the rows before)");
    let acc = m.output("acc_o", WORD_COLUMNS * bits, "accumulators, lane 0 in the low bits");
    let clear_out =
        m.output("cleared_o", 1, "the accumulators are cleared at the end of this cycle");

    let x_q = (pairs > 0).then(|| m.reg("x_q", 4, "magnitude of x, one cycle later"));
    let clear_q = m.reg("clear_q", 1, "clear, one cycle later");
    m.clocked(&clk, x_q.iter().map(|q| q.set(x_mag.e())).chain([clear_q.set(clear.e())]).collect());
    m.assign(&clear_out, clear_q.e());
    // The sign of -x is wrong for x = 0, so such a row is not added.
    let adds = m.net("adds", &valid & x_mag.any(), "there is something to add or subtract");
    let minus =
        (pairs < WORD_COLUMNS / 2).then(|| m.net("minus_x", lit(4, 0) - &x_mag, "-x, low bits"));
    let s = Shared { clk, x: x_mag, minus, valid: adds, negative: x_neg, clear, bits };

    let mut lanes: Vec<Expr> = Vec::new();
    for pair in 0..pairs {
        let x_q = x_q.as_ref().expect("made for primitives");
        lanes.push(primitive_pair(&mut m, &s, &word, (x_q, &clear_q), pair));
    }
    for lane in 2 * pairs..WORD_COLUMNS {
        lanes.push(logic_lane(&mut m, &s, &word, &clear_q, lane));
    }
    lanes.reverse();
    m.assign(&acc, cat(lanes));
    m
}

/// The trit of a column: (has a weight, weight is negative).
fn trit(word: &Sig, lane: u32) -> (Expr, Expr) {
    (!word.bit(62 - 2 * lane), !word.bit(63 - 2 * lane))
}

fn primitive_pair(m: &mut Module, s: &Shared, word: &Sig, now: (&Sig, &Sig), pair: u32) -> Expr {
    m.section(&format!("Lanes {} and {}", 2 * pair, 2 * pair + 1));
    let hold = m.reg(&format!("hold_{pair}_q"), 2, "nothing to add");
    let sub = m.reg(&format!("sub_{pair}_q"), 2, "subtract");
    let acc = m.wire(&format!("acc_{pair}"), 2 * PRIMITIVE_BITS, "the two accumulators");
    let (some0, neg0) = trit(word, 2 * pair);
    let (some1, neg1) = trit(word, 2 * pair + 1);
    m.clocked(
        &s.clk,
        vec![
            hold.set(!(cat([some1, some0]) & s.valid.repeat(2) | s.clear.repeat(2))),
            sub.set(cat([neg1 ^ &s.negative, neg0 ^ &s.negative])),
        ],
    );
    m.instance(
        &format!("u_pair_{pair}"),
        &mac_pair_interface(),
        vec![
            ("clk_i", Conn::from(&s.clk)),
            ("x_i", Conn::from(now.0)),
            ("hold_i", Conn::from(&hold)),
            ("sub_i", Conn::from(&sub)),
            ("clear_i", Conn::from(now.1)),
            ("acc_o", Conn::from(&acc)),
        ],
        "two accumulators in one MAC primitive",
    );
    if s.bits == PRIMITIVE_BITS {
        return acc.e();
    }
    let top = |n: u32| acc.bits((n + 1) * PRIMITIVE_BITS - 1, n * PRIMITIVE_BITS + s.bits);
    m.unused(&format!("unused_{pair}"), vec![top(1), top(0)], "sums are smaller");
    let low = |n: u32| acc.bits(n * PRIMITIVE_BITS + s.bits - 1, n * PRIMITIVE_BITS);
    cat([low(1), low(0)])
}

fn logic_lane(m: &mut Module, s: &Shared, word: &Sig, clear_q: &Sig, lane: u32) -> Expr {
    m.section(&format!("Lane {lane}"));
    let enable = m.reg(&format!("enable_{lane}_q"), 1, "something to add, or clear");
    let carry = m.reg(&format!("minus_{lane}_q"), 1, "subtract: the high bits of -x");
    let value = m.reg(&format!("value_{lane}_q"), 4, "x or -x, low bits");
    let acc = m.reg(&format!("acc_{lane}_q"), s.bits, "accumulator");
    let (some, negative) = trit(word, lane);
    let subtract = negative ^ &s.negative;
    m.clocked(
        &s.clk,
        vec![
            enable.set(some & &s.valid | &s.clear),
            carry.set(subtract.clone()),
            value.set(mux(subtract, s.minus.as_ref().expect("made for lanes of logic"), s.x.e())),
            when(
                &enable,
                vec![when(clear_q, vec![acc.set(lit(s.bits, 0))]).otherwise(vec![
                    acc.set(acc.e() + cat([carry.repeat(s.bits - 4), value.e()]))
                ])],
            ),
        ],
    );
    acc.e()
}

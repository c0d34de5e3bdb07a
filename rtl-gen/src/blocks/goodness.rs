//! `deku_goodness`: adds the squared codes of the columns that each class owns.

use super::activation::HALF_CODE_BITS;
use super::shape::{EngineShape, HALF_COLUMNS};
use crate::ast::{cat, lit, mux, when, Conn, Expr, Module, Sig};
use deku_ref::format::E2M1;

/// Width of a goodness in its memory; theta has 20 bits.
pub const GOODNESS_BITS: u32 = 20;
const SUM_BITS: u32 = 12;

/// Square of a code, or 0 for a column that is not owned.
pub fn square() -> Module {
    let mut m = Module::new("deku_square", "Square of a magnitude code in units of twice its value, 0 unless the column is owned.");
    let code = m.input("code_i", 3, "E2M1 magnitude code");
    let own = m.input("own_i", 1, "the class owns the column");
    let out = m.output("square_o", 8, "0, 1, 4, 9, 16, 36, 64 or 144");
    let rows: Vec<(u64, u64)> = (0..8).map(|c| (c, u64::from(E2M1::from_low_bits(c as u8).square()))).collect();
    let value = m.table("value", code.e(), 8, &rows, 0, "the square");
    m.assign(&out, value.e() & own.repeat(8));
    m
}

/// Sum of 16 masked squares, three cycles.
pub fn masked_sum() -> Module {
    let mut m = Module::new("deku_masked_sum", "Sum of the squares of 16 codes, masked; a tree of adders, three cycles.");
    let clk = m.input("clk_i", 1, "system clock");
    let codes = m.input("codes_i", HALF_CODE_BITS, "16 codes, first column in the low bits");
    let mask = m.input("mask_i", HALF_COLUMNS, "columns owned, first column in the highest bit");
    let sum = m.output_reg("sum_q_o", SUM_BITS, "the sum, at most 16 * 144");
    let square = square();
    let squares: Vec<Sig> = (0..HALF_COLUMNS).map(|c| {
        let out = m.wire(&format!("square_{c}"), 8, "masked square of the column");
        m.instance(&format!("u_square_{c}"), &square, vec![
            ("code_i", Conn::from(codes.bits(3 * c + 2, 3 * c))),
            ("own_i", Conn::from(mask.bit(HALF_COLUMNS - 1 - c))),
            ("square_o", Conn::from(&out)),
        ], "square of one column");
        out
    }).collect();
    let pairs: Vec<Sig> = (0..8).map(|i| m.reg(&format!("pair_{i}_q"), 9, "two columns")).collect();
    let eights: Vec<Sig> = (0..2).map(|i| m.reg(&format!("eight_{i}_q"), 11, "eight columns")).collect();
    let mut stmts: Vec<_> = pairs.iter().enumerate()
        .map(|(i, p)| p.set(squares[2 * i].zext(9) + squares[2 * i + 1].zext(9))).collect();
    for (i, e) in eights.iter().enumerate() {
        let p: Vec<Expr> = pairs[4 * i..4 * i + 4].iter().map(|p| p.zext(11)).collect();
        stmts.push(e.set((p[0].clone() + &p[1]) + (p[2].clone() + &p[3])));
    }
    stmts.push(sum.set(eights[0].zext(SUM_BITS) + eights[1].zext(SUM_BITS)));
    m.clocked(&clk, stmts);
    m
}

/// The controller: all classes of one word, two half words each, overlapped with the next word's rows.
pub fn goodness(shape: &EngineShape) -> Module {
    let (cb, mb, ci) = (shape.code_bits(), shape.mask_bits(), shape.class_bits());
    let mut m = Module::new(
        "deku_goodness",
        "Goodness of every class: sum of squared codes over the columns the class owns. When a word \
         of codes is complete, one half word of one class is read per cycle; the running sums live in the \
         goodness memory. Inputs with one candidate (pair, single, overlay) own every column.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let layer_start = m.input("layer_start_i", 1, "a layer begins");
    let start = m.input("start_i", 1, "the codes of a word are in the activation memory");
    let layer = m.input("layer_i", 2, "layer in work");
    let whole = m.input("whole_i", 1, "one candidate that owns every column");
    let candidate = m.input("candidate_i", ci, "that candidate");
    let last_class = m.input("last_class_i", ci, "number of classes - 1");
    let row_step = m.input("mask_step_i", mb + 1, "mask words from one word of a slice to its next");
    let mask_base = m.input("mask_base_i", mb, "first mask word of the layer");
    let code_base = m.input("code_base_i", cb - 1, "first word of the layer in the activation memory");
    let codes = m.input("codes_i", shape.slices * HALF_CODE_BITS, "codes read, slice 0 in the low bits");
    let masks = m.input("masks_i", shape.slices * HALF_COLUMNS, "mask read, slice 0 in the low bits");
    let sum_in = m.input("goodness_i", GOODNESS_BITS, "goodness read");
    let busy = m.output("busy_o", 1, "sums are on their way");
    let code_addr = m.output("code_addr_o", cb, "half word of codes to read");
    let mask_addr = m.output("mask_addr_o", mb + 1, "half word of masks to read");
    let addr = m.output("goodness_addr_o", ci + 2, "goodness to read, one cycle later to write: layer, candidate");
    let we = m.output("goodness_we_o", 1, "write the new sum");
    let out = m.output("goodness_o", GOODNESS_BITS, "the new sum");

    m.section("Which word, class and half to read");
    let run = m.reg("run_q", 1, "reading");
    let half = m.reg("half_q", 1, "half word");
    let class = m.reg("class_q", ci, "class");
    let word = m.reg("code_word_q", cb - 1, "word in the activation memory");
    let row = m.reg("mask_row_q", mb, "mask word of class 0");
    let at = m.reg("mask_at_q", mb, "mask word");
    let first = m.reg("first_q", 1, "first word of the layer: sums begin at 0");
    let last = m.net("last", &half & (&whole | class.eq_(&last_class)), "last read of the word");
    m.clocked(&clk, vec![
        when(!&rst_n, vec![run.set(lit(1, 0))])
            .or_when(&start, vec![run.set(lit(1, 1))])
            .or_when(&last, vec![run.set(lit(1, 0))]),
        when(&start, vec![half.set(lit(1, 0)), class.set(lit(ci, 0)), at.set(row.e())])
            .or_when(&run, vec![
                half.set(!&half),
                when(&half, vec![class.set(class.inc()), at.set(at.inc())]),
            ]),
        when(&layer_start, vec![word.set(code_base.e()), row.set(mask_base.e()), first.set(lit(1, 1))])
            .or_when(&run & &last, vec![
                word.set(word.inc()),
                row.set(row.e() + row_step.bits(mb - 1, 0)),
                first.set(lit(1, 0)),
            ]),
    ]);
    m.unused("unused_step", vec![row_step.bit(mb)], "a step as large as the memory is never taken");
    m.assign(&code_addr, cat([word.e(), half.e()]));
    m.assign(&mask_addr, cat([at.e(), half.e()]));

    m.section("Sum of the slices");
    let masked_sum = masked_sum();
    let mut total: Option<Expr> = None;
    let width = SUM_BITS + 1 + shape.slice_bits();
    for k in 0..shape.slices {
        let part = m.wire(&format!("sum_{k}"), SUM_BITS, "sum of the slice's half word");
        let lo = k * HALF_COLUMNS;
        m.instance(&format!("u_sum_{k}"), &masked_sum, vec![
            ("clk_i", Conn::from(&clk)),
            ("codes_i", Conn::from(codes.bits((k + 1) * HALF_CODE_BITS - 1, k * HALF_CODE_BITS))),
            ("mask_i", Conn::from(masks.bits(lo + HALF_COLUMNS - 1, lo) | whole.repeat(HALF_COLUMNS))),
            ("sum_q_o", Conn::from(&part)),
        ], "16 columns");
        total = Some(match total { None => part.zext(width), Some(t) => t + part.zext(width) });
    }
    let total = m.net("half_sum", total.expect("at least one slice"), "sum of the half word over the slices");
    accumulate(&mut m, &Accumulate { clk, rst_n, run, half, first, whole, candidate, layer, start, sum_in, total, addr, we, out, busy, width, ci });
    m
}

struct Accumulate {
    clk: Sig, rst_n: Sig, run: Sig, half: Sig, first: Sig, whole: Sig, candidate: Sig, layer: Sig, start: Sig,
    sum_in: Sig, total: Sig, addr: Sig, we: Sig, out: Sig, busy: Sig, width: u32, ci: u32,
}

/// Two half words make a word's sum, which is added to the class's goodness.
fn accumulate(m: &mut Module, a: &Accumulate) {
    m.section("Running sums: read, add, write back");
    let token = m.reg("token_q", 5, "a read is in stage 1 (memory) .. 5 (write)");
    let upper = m.reg("upper_q", 5, "it is the upper half word");
    let fresh = m.reg("fresh_q", 5, "it belongs to the first word of the layer");
    let lower = m.reg("lower_sum_q", a.width, "sum of the lower half word");
    let word_sum = m.reg("word_sum_q", a.width, "sum of the word");
    let done = m.reg("done_class_q", a.ci, "class whose sum is written next");
    m.clocked(&a.clk, vec![
        when(!&a.rst_n, vec![token.set(lit(5, 0))]).otherwise(vec![token.set(cat([token.bits(3, 0), a.run.e()]))]),
        upper.set(cat([upper.bits(3, 0), a.half.e()])),
        fresh.set(cat([fresh.bits(3, 0), a.first.e()])),
        when(!upper.bit(3), vec![lower.set(a.total.e())]),
        word_sum.set(&a.total + &lower),
        when(&a.start, vec![done.set(mux(&a.whole, a.candidate.e(), lit(a.ci, 0)))])
            .or_when(token.bit(4) & upper.bit(4), vec![done.set(done.inc())]),
    ]);
    m.assign(&a.addr, cat([a.layer.e(), done.e()]));
    m.assign(&a.we, token.bit(4) & upper.bit(4));
    m.assign(&a.out, (&a.sum_in & !fresh.bit(4).repeat(GOODNESS_BITS)) + word_sum.zext(GOODNESS_BITS));
    m.assign(&a.busy, a.run.e() | token.any());
}

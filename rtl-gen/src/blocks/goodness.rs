//! `deku_goodness`: adds the squared codes of the columns that each class owns.

use super::shape::{EngineShape, HALF_COLUMNS};
use super::wiring::fit;
use crate::ast::{cat, lit, mux, when, Conn, Expr, Module, Sig};
use deku_ref::format::E2M1;

/// Width of a goodness in its memory; theta has 20 bits.
pub const GOODNESS_BITS: u32 = 20;
const SUM_BITS: u32 = 12;

/// Square of a code, or 0 for a column that is not owned.
pub fn square() -> Module {
    let mut m = Module::new(
        "deku_square",
        "Square of a magnitude code in units of twice its value, 0 unless the column is owned.",
    );
    let code = m.input("code_i", 3, "E2M1 magnitude code");
    let own = m.input("own_i", 1, "the class owns the column");
    let out = m.output("square_o", 8, "0, 1, 4, 9, 16, 36, 64 or 144");
    let rows: Vec<(u64, u64)> =
        (0..8).map(|c| (c, u64::from(E2M1::from_low_bits(c as u8).square()))).collect();
    let value = m.table("value", code.e(), 8, &rows, 0, "the square");
    m.assign(&out, value.e() & own.repeat(8));
    m
}

/// Sum of two masked squares by look-up.
pub fn square_pair() -> Module {
    let mut m = Module::new("deku_square_pair", "Sum of the squares of two columns, masked: a table in a block memory, which is cheaper than logic \
        where logic is scarce.");
    let clk = m.input("clk_i", 1, "system clock");
    let codes = m.input("codes_i", 6, "two E2M1 magnitude codes, first column in the low bits");
    let own = m.input("own_i", 2, "the class owns the column, first column in the low bit");
    let sum = m.output_reg(
        "sum_q_o",
        9,
        "sum of the squares in units of twice the value, one cycle later",
    );
    let table = m.memory("table_q", 9, 256, "sums; address: owned, codes").style("block");
    let half = |own: u64, code: u64| {
        if own & 1 == 1 {
            u64::from(E2M1::from_low_bits((code & 7) as u8).square())
        } else {
            0
        }
    };
    let rows: Vec<u64> = (0..256).map(|a: u64| half(a >> 6, a) + half(a >> 7, a >> 3)).collect();
    m.memory_init(&table, &rows);
    m.clocked(&clk, vec![sum.set(table.at(cat([own.e(), codes.e()])))]);
    m
}

/// Cycles from codes and masks at the input of `masked_sum` to their sum.
fn sum_latency(columns: u32) -> u32 {
    columns.trailing_zeros() - 1
}

/// Sum of the masked squares of a part of a word.
pub fn masked_sum(shape: &EngineShape) -> Module {
    let n = shape.part_columns();
    let mut m = Module::new(
        "deku_masked_sum",
        "Sum of the squares of the codes of a part of a word, masked; a pipelined tree of adders.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let codes = m.input("codes_i", shape.part_code_bits(), "codes, first column in the low bits");
    let mask = m.input("mask_i", n, "columns owned, first column in the highest bit");
    let sum = m.output_reg("sum_q_o", SUM_BITS, "the sum, at most 16 * 144");
    let mut stmts = Vec::new();
    let pairs: Vec<Sig> = if n == 8 {
        let pair = square_pair();
        (0..4)
            .map(|i| {
                let out = m.wire(&format!("pair_{i}"), 9, "two columns");
                let (first, second) = (n - 1 - 2 * i, n - 2 - 2 * i);
                m.instance(
                    &format!("u_pair_{i}"),
                    &pair,
                    vec![
                        ("clk_i", Conn::from(&clk)),
                        ("codes_i", Conn::from(codes.bits(6 * i + 5, 6 * i))),
                        ("own_i", Conn::from(cat([mask.bit(second), mask.bit(first)]))),
                        ("sum_q_o", Conn::from(&out)),
                    ],
                    "squares of two columns",
                );
                out
            })
            .collect()
    } else {
        let square = square();
        let squares: Vec<Sig> = (0..n)
            .map(|c| {
                let out = m.wire(&format!("square_{c}"), 8, "masked square of the column");
                m.instance(
                    &format!("u_square_{c}"),
                    &square,
                    vec![
                        ("code_i", Conn::from(codes.bits(3 * c + 2, 3 * c))),
                        ("own_i", Conn::from(mask.bit(n - 1 - c))),
                        ("square_o", Conn::from(&out)),
                    ],
                    "square of one column",
                );
                out
            })
            .collect();
        (0..n as usize / 2)
            .map(|i| {
                let pair = m.reg(&format!("pair_{i}_q"), 9, "two columns");
                stmts.push(pair.set(squares[2 * i].zext(9) + squares[2 * i + 1].zext(9)));
                pair
            })
            .collect()
    };
    let four = |i: usize| {
        (pairs[i].zext(10) + pairs[i + 1].zext(10), pairs[i + 2].zext(10) + pairs[i + 3].zext(10))
    };
    if n == 8 {
        let (a, b) = four(0);
        let (a, b) = (m.net("four_0", a, "four columns"), m.net("four_1", b, "the other four"));
        stmts.push(sum.set(a.zext(SUM_BITS) + b.zext(SUM_BITS)));
    } else {
        let eights: Vec<Sig> = (0..2usize)
            .map(|i| {
                let (a, b) = four(4 * i);
                let (a, b) = (
                    m.net(&format!("four_{}", 2 * i), a, "four columns"),
                    m.net(&format!("four_{}", 2 * i + 1), b, "the next four"),
                );
                let eight = m.reg(&format!("eight_{i}_q"), 11, "eight columns");
                stmts.push(eight.set(a.zext(11) + b.zext(11)));
                eight
            })
            .collect();
        stmts.push(sum.set(eights[0].zext(SUM_BITS) + eights[1].zext(SUM_BITS)));
    }
    m.clocked(&clk, stmts);
    m
}

/// The controller: all classes of one word, part by part, overlapped with the next word's rows.
pub fn goodness(shape: &EngineShape) -> Module {
    let (mb, ci, pb, n) =
        (shape.mask_bits(), shape.class_bits(), shape.part_bits(), shape.part_columns());
    let cw = shape.code_word_bits();
    let mut m = Module::new(
        "deku_goodness",
        "Goodness of every class: sum of squared codes over the columns the class owns. When a word \
         of codes is complete, one part of the word is read for one class per cycle; the running sums live in the \
         goodness memory. Inputs with one candidate (pair, single, overlay) own every column. An update looks up its \
         codes and masks at the same word and row, so it is stepped from here as well.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let walk_start = m.input("walk_start_i", 1, "a layer begins, forward or update");
    let start = m.input("start_i", 1, "forward: the codes of a word are in the activation memory");
    let next_word = m.input("next_word_i", 1, "update: go to the next word");
    let update = m.input("update_i", 1, "an update");
    let update_class =
        m.input("update_class_i", ci, "update: class whose mask is read in the next cycle");
    let layer = m.input("layer_i", 2, "layer in work");
    let whole = m.input("whole_i", 1, "one candidate that owns every column");
    let candidate = m.input("candidate_i", ci, "that candidate");
    let last_class = m.input("last_class_i", ci, "number of classes - 1");
    let row_step = m.input("mask_step_i", mb + 1, "mask words from one word to the next");
    let mask_base = m.input("mask_base_i", mb, "first mask word of the layer");
    let code_base = m.input("code_base_i", cw, "first word of the layer in the activation memory");
    let codes = m.input(
        "codes_i",
        shape.slices * shape.part_code_bits(),
        "codes read, slice 0 in the low bits",
    );
    let masks = m.input(
        "masks_i",
        shape.slices * HALF_COLUMNS,
        "half mask word read, slice 0 in the low bits",
    );
    let sum_in = m.input("goodness_i", GOODNESS_BITS, "goodness read");
    let theta = m.input(
        "theta_i",
        GOODNESS_BITS,
        "threshold of the single phase, given out while no sum is on its way",
    );
    let slice_last = if shape.slices == 1 {
        None
    } else {
        Some(m.input("slice_last_i", 1, "update: the next word is in slice 0 again"))
    };
    let busy = m.output("busy_o", 1, "sums are on their way");
    let code_word = m.output_reg("code_word_q_o", cw, "word of codes to read");
    let part_o = m.output("part_o", pb, "forward: part of the word to read");
    let mask_addr = m.output("mask_addr_o", mb, "mask word to read (of slice 0 in a forward pass)");
    let slice_addrs: Vec<Sig> = (1..shape.slices)
        .map(|k| m.output(&format!("mask_addr_{k}_o"), mb, "forward: mask word of the slice"))
        .collect();
    let addr = m.output(
        "goodness_addr_o",
        ci + 2,
        "goodness to read, one cycle later to write: layer, candidate",
    );
    let we = m.output("goodness_we_o", 1, "write the new sum");
    let out = m.output("goodness_o", GOODNESS_BITS, "the new sum");

    m.section("Which word, class and part to read");
    let run = m.reg("run_q", 1, "reading");
    let part = m.reg("part_q", pb, "part of the word");
    let class = m.reg("class_q", ci, "class whose mask is read");
    let row = m.reg("mask_row_q", mb, "mask word of class 0");
    let first = m.reg("first_q", 1, "first word of the layer: sums begin at 0");
    let part_end = m.net("part_end", part.all(), "last part of the word");
    let at_last = m.reg("at_last_class_q", 1, "one cycle late: no further class");
    m.clocked(&clk, vec![at_last.set(&whole | class.eq_(&last_class))]);
    let last = m.net("last", &run & &part_end & &at_last, "last read of the word");
    let step = m.net("step", &last | &next_word, "go to the next word");
    let mut row_step_now = row_step.bits(mb - 1, 0);
    // An update still needs the last codes of the word before in the first two cycles.
    let late = m.reg("next_word_late_q", 2, "update: next word, two cycles late");
    m.clocked(&clk, vec![late.set(cat([late.bit(0), next_word.e()]))]);
    let mut code_step = &last | late.bit(1);
    if let Some(end) = &slice_last {
        // A forward pass goes through the words of all slices at once.
        row_step_now = mux(
            &update,
            row_step_now,
            cat([row_step.bits(mb - 1 - shape.slice_bits(), 0), lit(shape.slice_bits(), 0)]),
        );
        let end_q = m.reg("slice_last_q", 2, "the same of slice_last_i");
        m.clocked(&clk, vec![end_q.set(cat([end_q.bit(0), end.e()]))]);
        code_step = &last | late.bit(1) & end_q.bit(1);
    }
    m.clocked(
        &clk,
        vec![
            when(!&rst_n, vec![run.set(lit(1, 0))])
                .or_when(&start, vec![run.set(lit(1, 1))])
                .or_when(&last, vec![run.set(lit(1, 0))]),
            when(&start, vec![part.set(lit(pb, 0))]).or_when(&run, vec![part.set(part.inc())]),
            when(&update, vec![class.set(update_class.e())])
                .or_when(&start, vec![class.set(lit(ci, 0))])
                .or_when(&run & &part_end, vec![class.set(class.inc())]),
            when(&walk_start, vec![code_word.set(code_base.e())])
                .or_when(code_step, vec![code_word.set(code_word.inc())]),
            when(&walk_start, vec![row.set(mask_base.e())])
                .or_when(&step, vec![row.set(&row + row_step_now)]),
            when(&walk_start, vec![first.set(lit(1, 1))])
                .or_when(&step, vec![first.set(lit(1, 0))]),
        ],
    );
    m.unused("unused_step", vec![row_step.bit(mb)], "a step as large as the memory is never taken");
    m.assign(&part_o, part.e());
    m.assign(&mask_addr, &row + fit(&class, mb));
    if !slice_addrs.is_empty() {
        let walk = SliceWalk { clk: &clk, walk_start: &walk_start, step: &step, class: &class };
        slice_rows(&mut m, &walk, &mask_base, &row_step, &slice_addrs);
    }

    m.section("Sum of the slices");
    let read_part = m.reg("read_part_q", pb, "part read");
    m.clocked(&clk, vec![read_part.set(part.e())]);
    let masked_sum = masked_sum(shape);
    let mut sums: Vec<Expr> = Vec::new();
    let width = SUM_BITS + 1 + shape.slice_bits();
    for k in 0..shape.slices {
        let sum = m.wire(&format!("sum_{k}"), SUM_BITS, "sum of the slice's part");
        let (lo, cb) = (k * HALF_COLUMNS, shape.part_code_bits());
        let half = masks.bits(lo + HALF_COLUMNS - 1, lo);
        let mask = if n == HALF_COLUMNS {
            half
        } else {
            mux(
                read_part.bit(0),
                masks.bits(lo + n - 1, lo),
                masks.bits(lo + HALF_COLUMNS - 1, lo + n),
            )
        };
        m.instance(
            &format!("u_sum_{k}"),
            &masked_sum,
            vec![
                ("clk_i", Conn::from(&clk)),
                ("codes_i", Conn::from(codes.bits((k + 1) * cb - 1, k * cb))),
                ("mask_i", Conn::from(mask | whole.repeat(n))),
                ("sum_q_o", Conn::from(&sum)),
            ],
            "the columns of one part",
        );
        sums.push(sum.zext(width));
    }
    let total = m.net("part_sum", balanced(sums), "sum of the part over the slices");
    if n == HALF_COLUMNS {
        m.unused("unused_part", vec![read_part.e()], "a part is a half mask word");
    } else {
        m.unused(
            "unused_part",
            vec![read_part.bits(pb - 1, 1)],
            "the half is chosen by the address",
        );
    }
    accumulate(
        &mut m,
        &Accumulate {
            clk,
            rst_n,
            run,
            part,
            part_end,
            first,
            whole,
            candidate,
            layer,
            start,
            sum_in,
            theta,
            total,
            addr,
            we,
            out,
            busy,
            width,
            ci,
            latency: sum_latency(n),
        },
    );
    m
}

/// A sum in which no operand passes more adders than it must.
fn balanced(mut terms: Vec<Expr>) -> Expr {
    while terms.len() > 1 {
        let mut pairs = terms.into_iter();
        let mut sums = Vec::new();
        while let Some(first) = pairs.next() {
            sums.push(match pairs.next() {
                Some(second) => first + second,
                None => first,
            });
        }
        terms = sums;
    }
    terms.pop().expect("at least one slice")
}

struct SliceWalk<'a> {
    clk: &'a Sig,
    walk_start: &'a Sig,
    step: &'a Sig,
    class: &'a Sig,
}

/// In a forward pass the slices read the masks of words that follow each other. A row of its own
/// for each slice: the address of a memory far away has no time for a sum of steps.
fn slice_rows(m: &mut Module, w: &SliceWalk, base: &Sig, step: &Sig, addrs: &[Sig]) {
    let bits = base.width();
    let slices = addrs.len() as u32 + 1;
    let log = slices.ilog2();
    let times = |factor: u32| {
        let factor = factor.ilog2();
        match factor {
            0 => step.bits(bits - 1, 0),
            n => cat([step.bits(bits - 1 - n, 0), lit(n, 0)]),
        }
    };
    let mut sets = Vec::new();
    for (k, addr) in (1..).zip(addrs) {
        let first =
            m.reg(&format!("first_mask_{k}_q"), bits, "mask words from slice 0 to this one");
        let row = m.reg(&format!("mask_row_{k}_q"), bits, "mask word of class 0 in the slice");
        let distance = (0..log).filter(|bit| k >> bit & 1 == 1).map(|bit| times(1 << bit));
        sets.push(first.set(balanced(distance.collect())));
        sets.push(
            when(w.walk_start, vec![row.set(base + first.e())])
                .or_when(w.step, vec![row.set(&row + times(slices))]),
        );
        m.assign(addr, &row + fit(w.class, bits));
    }
    m.clocked(w.clk, sets);
}

struct Accumulate {
    clk: Sig,
    rst_n: Sig,
    run: Sig,
    part: Sig,
    part_end: Sig,
    first: Sig,
    whole: Sig,
    candidate: Sig,
    layer: Sig,
    start: Sig,
    sum_in: Sig,
    theta: Sig,
    total: Sig,
    addr: Sig,
    we: Sig,
    out: Sig,
    busy: Sig,
    width: u32,
    ci: u32,
    latency: u32,
}

/// The parts make a word's sum, which is added to the class's goodness.
fn accumulate(m: &mut Module, a: &Accumulate) {
    m.section("Running sums: read, add, write back");
    let n = a.latency + 2; // memory, tree of adders, sum of the word
    let token = m.reg("token_q", n, "a read is in stage 1 (memory) and so on; the last one writes");
    let begin = m.reg("begin_q", n - 1, "it is the first part of its word");
    let end = m.reg("end_q", n, "it is the last part of its word");
    let word_sum = m.reg("word_sum_q", a.width, "sum of the parts of a word so far");
    let done = m.reg("done_class_q", a.ci, "class whose sum is written next");
    let fresh = m.reg("fresh_q", 1, "the sum written next belongs to the first word of the layer");
    let so_far = &word_sum & !begin.bit(n - 2).repeat(a.width);
    let write = m.net("write", token.bit(n - 1) & end.bit(n - 1), "the sum of a word is complete");
    m.clocked(
        &a.clk,
        vec![
            when(!&a.rst_n, vec![token.set(lit(n, 0))])
                .otherwise(vec![token.set(cat([token.bits(n - 2, 0), a.run.e()]))]),
            begin.set(cat([begin.bits(n - 3, 0), a.part.is_zero()])),
            end.set(cat([end.bits(n - 2, 0), a.part_end.e()])),
            // 0 when nothing is on its way, so that the threshold can pass through the adder.
            when(token.bit(n - 2), vec![word_sum.set(so_far + &a.total)])
                .otherwise(vec![word_sum.set(lit(a.width, 0))]),
            when(
                &a.start,
                vec![
                    done.set(mux(&a.whole, a.candidate.e(), lit(a.ci, 0))),
                    fresh.set(a.first.e()),
                ],
            )
            .or_when(&write, vec![done.set(done.inc())]),
        ],
    );
    m.assign(&a.addr, cat([a.layer.e(), done.e()]));
    m.assign(&a.we, write.e());
    let earlier = m.net(
        "earlier",
        mux(token.bit(n - 1), &a.sum_in & !fresh.repeat(GOODNESS_BITS), a.theta.e()),
        "sum of the words before; the threshold while no sum is on its way",
    );
    m.assign(&a.out, &earlier + word_sum.zext(GOODNESS_BITS));
    m.assign(&a.busy, a.run.e() | token.any());
}

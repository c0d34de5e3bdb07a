//! `deku_activation`: from 32 accumulators to 32 E2M1 codes, one column per cycle.

use super::planes_out::{GAPS_AFTER, SHARED_COLUMNS};
use super::shape::{EngineShape, WORD_COLUMNS};
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use deku_ref::format::E2M1;

struct Io {
    clk: Sig,
    rst_n: Sig,
    acc: Sig,
    rest: Option<Sig>,
    load: Sig,
    start: Sig,
    shift: Sig,
    columns: Sig,
}

/// Columns in the drain of a slice; slice 0 leaves the last ones to [`planes_out`](super::planes_out).
pub fn own_columns(slice: u32) -> u32 {
    if slice == 0 {
        WORD_COLUMNS - SHARED_COLUMNS
    } else {
        WORD_COLUMNS
    }
}

/// The unit of slice `slice`.
pub fn activation(shape: &EngineShape, slice: u32) -> Module {
    let own = own_columns(slice);
    let name = if shape.slices == 1 {
        "deku_activation".into()
    } else {
        format!("deku_activation_{slice}")
    };
    let mut m = Module::new(
        &name,
        "FP4 activation unit of one slice. Takes 32 accumulators at once (ReLU on the way in), then \
         encodes one column per cycle: code = E2M1 nearest to a / 2^S, ties up, saturating. As many codes as \
         an entry of the activation memory holds are written together. Columns beyond the layer's width give code 0.",
    );
    let io = Io {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        acc: m.input("acc_i", own * shape.acc_bits, "accumulators, column 0 in the low bits"),
        rest: (own < WORD_COLUMNS).then(|| {
            m.input(
                "rest_i",
                shape.relu_bits(),
                "next column of the rest of the drain, not negative",
            )
        }),
        load: m.input("load_i", 1, "take the accumulators; at least 34 cycles apart"),
        start: m.input("start_i", 1, "a layer begins: word 0, no maximum yet"),
        shift: m.input("shift_i", 4, "scale S of the layer"),
        columns: m.input("columns_i", 12, "columns of the layer"),
    };
    let we = m.output("code_we_o", 1, "a part of a word of codes is complete");
    let part = m.output("code_part_o", shape.part_bits(), "which part of the word");
    let word_o = m.output("code_word_o", 7, "word inside the layer and slice");
    let codes_o = m.output(
        "codes_o",
        shape.part_code_bits(),
        "codes of the part, first column in the low bits",
    );
    let max_o = m.output(
        "max_o",
        shape.relu_bits(),
        "largest accumulator of the layer so far, 0 if none was positive",
    );
    let any_o = m.output("any_o", 1, "some code of the layer was not 0");
    let draining_o =
        io.rest.as_ref().map(|_| m.output("draining_o", 1, "columns are in the drain"));
    let busy_o = m.output("busy_o", 1, "columns are on their way");

    m.section("Drain: 32 accumulators in, one column per cycle out");
    let drain = m.reg(
        "drain_q",
        own * shape.relu_bits(),
        "accumulators after ReLU, next column in the low bits",
    );
    let active = m.reg("active_q", 1, "columns are in the drain");
    // The rest of the drain, of slice 0, has one stage without a column.
    let gap = io
        .rest
        .as_ref()
        .map(|_| m.reg("gap_q", 1, "the stage without a column is in the low bits"));
    let has_column = gap.as_ref().map_or(active.e(), |g| &active & !g);
    let shifting = m.net("shifting", has_column, "the low bits of the drain hold a column");
    let column = m.reg(
        "column_q",
        12,
        "the next column inside the layer and slice, one ahead of the drain: word, column inside the word",
    );
    let last = m.net(
        "last",
        &shifting & column.bits(4, 0).is_zero(),
        "the drain holds the last column of the word",
    );
    let stays =
        m.net("stays", &io.load | &active & !&last, "the drain holds columns in the next cycle");
    let at = |n: u32| column.bits(4, 0).eq_const(u64::from(n));
    let at_gap = GAPS_AFTER.iter().fold(lit(1, 0), |any, n| any | at(n + 1));
    // Nothing is loaded while the drain moves: this needs no way through `stays`.
    let shifts = gap
        .as_ref()
        .map_or(stays.e(), |gap| &io.load | &active & (gap | !(at(0) | at_gap.clone())));
    let shifts = m.net("shifts", shifts, "the low bits hold the next column in the next cycle");
    let relu: Vec<Expr> = (0..own)
        .rev()
        .map(|c| {
            let top = (c + 1) * shape.acc_bits - 1;
            let next = if c + 1 < own {
                drain.bits((c + 2) * shape.relu_bits() - 1, (c + 1) * shape.relu_bits())
            } else {
                io.rest.as_ref().map_or(lit(shape.relu_bits(), 0), |r| r.e())
            };
            mux(
                &io.load,
                io.acc.bits(top - 1, top + 1 - shape.acc_bits)
                    & !io.acc.bit(top).repeat(shape.relu_bits()),
                next,
            )
        })
        .collect();
    m.clocked(&io.clk, vec![drain.set(cat(relu))]);
    if let Some(gap) = &gap {
        m.clocked(&io.clk, vec![gap.set(&shifting & at_gap)]);
    }
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![active.set(lit(1, 0))]).otherwise(vec![active.set(&stays)]),
            when(&io.start, vec![column.set(lit(12, 0))])
                .or_when(&shifts, vec![column.set(column.inc())]),
        ],
    );

    let inside = m.reg("inside_q", 1, "the next column belongs to the layer, it is not padding");
    let is_inside = if shape.slice_bits() == 0 {
        // Columns come one by one, so that there is no need for a carry chain.
        &io.start | &inside & column.ne_(&io.columns)
    } else {
        number(shape, slice, &column).lt(&io.columns)
    };
    m.clocked(&io.clk, vec![inside.set(is_inside)]);
    let value = m.net(
        "value",
        drain.bits(shape.relu_bits() - 1, 0),
        "accumulator of this column, not negative",
    );
    let real = m.net("in_layer", &shifting & &inside, "a column of the layer, not padding");
    let (max, any) = (
        m.reg("max_q", shape.relu_bits(), "largest accumulator so far"),
        m.reg("any_q", 1, "some code was not 0"),
    );
    let below = m.net(
        "max_less_value",
        max.zext(shape.relu_bits() + 1) - value.zext(shape.relu_bits() + 1),
        "negative: a larger one; a subtraction, because its carry chain is fast",
    );
    m.unused(
        "unused_difference",
        vec![below.bits(shape.relu_bits() - 1, 0)],
        "only the sign is of interest",
    );
    m.clocked(
        &io.clk,
        vec![when(&io.start, vec![max.set(lit(shape.relu_bits(), 0))])
            .or_when(&real & below.bit(shape.relu_bits()), vec![max.set(value.e())])],
    );

    let code = encoder(&mut m, (&io.clk, &io.shift), shape, &value, &real);
    m.section("Codes of a part are collected");
    let stage = m.reg("stage_q", shape.part_code_bits(), "codes collected so far");
    let token = m.reg("token_q", 3, "a column is in stage 1, 2, 3");
    let done = m.reg("done_q", 12, "columns of the layer and slice that have left stage 3");
    let inside = 5 - shape.part_bits();
    m.clocked(
        &io.clk,
        vec![
            when(
                token.bit(1),
                vec![stage.set(cat([code.e(), stage.bits(shape.part_code_bits() - 1, 3)]))],
            ),
            when(!&io.rst_n, vec![token.set(lit(3, 0))])
                .otherwise(vec![token.set(cat([token.bits(1, 0), shifting.e()]))]),
            when(&io.start, vec![done.set(lit(12, 0))])
                .or_when(token.bit(2), vec![done.set(done.inc())]),
            when(&io.start, vec![any.set(lit(1, 0))])
                .or_when(token.bit(1) & code.any(), vec![any.set(lit(1, 1))]),
        ],
    );
    m.assign(&we, token.bit(2) & done.bits(inside - 1, 0).all());
    m.assign(&part, done.bits(4, inside));
    m.assign(&word_o, done.bits(11, 5));
    m.assign(&codes_o, stage.e());
    m.assign(&max_o, max.e());
    m.assign(&any_o, any.e());
    if let Some(out) = &draining_o {
        m.assign(out, active.e());
    }
    m.assign(&busy_o, active.e() | token.any());
    m
}

/// Number of a column inside the layer, if there are several slices.
fn number(shape: &EngineShape, slice: u32, column: &Sig) -> Expr {
    let bits = shape.slice_bits();
    cat([column.bits(11 - bits, 5), lit(bits, u64::from(slice)), column.bits(4, 0)])
}

/// Name of [`alone`].
pub const ALONE: &str = "deku_encoder";

/// What becomes of one column, without the drain that brings them one by one: ReLU and encoder. No module is made of it;
/// it is there to be measured beside activation units of others, which also take one accumulator per cycle.
pub fn alone(shape: &EngineShape) -> Module {
    let mut m = Module::new(
        ALONE,
        "One accumulator in each cycle becomes an E2M1 code: ReLU, then encoder.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let acc = m.input("acc_i", shape.acc_bits, "accumulator, signed");
    let shift = m.input("shift_i", 4, "scale S of the layer");
    let real = m.input("real_i", 1, "the column is not padding");
    let code_o = m.output("code_o", 3, "its code, two cycles later");
    let relu =
        acc.bits(shape.relu_bits() - 1, 0) & !acc.bit(shape.relu_bits()).repeat(shape.relu_bits());
    let value = m.net("value", relu, "accumulator after ReLU");
    let code = encoder(&mut m, (&clk, &shift), shape, &value, &real);
    m.assign(&code_o, code.e());
    m
}

/// code = E2M1((2 a) >> S), in two steps of the shift and one look-up. Needs the clock and S.
fn encoder(m: &mut Module, io: (&Sig, &Sig), shape: &EngineShape, value: &Sig, real: &Sig) -> Sig {
    let (clk, shift) = io;
    m.section("Encoder: v = (2 a) >> S, then the nearest code; two pipeline stages");
    let twice = m.net("twice", cat([value.e(), lit(1, 0)]), "2 a");
    let (mut window, mut above) = (twice.bits(7, 0), twice.bits(shape.acc_bits - 1, 8).any());
    for step in 1..4u64 {
        let low = 4 * step as u32;
        let top = (low + 7).min(shape.acc_bits - 1);
        let chosen = shift.bits(3, 2).eq_const(step);
        window = mux(chosen.clone(), twice.bits(top, low).zext(8), window);
        let rest = if top + 1 < shape.acc_bits {
            twice.bits(shape.acc_bits - 1, top + 1).any()
        } else {
            lit(1, 0)
        };
        above = mux(chosen, rest, above);
    }
    let coarse = m.reg("coarse_q", 8, "2 a shifted by 0, 4, 8 or 12");
    let coarse_above = m.reg("coarse_above_q", 1, "some bit above the window is set");
    let real_1 = m.reg("real_1_q", 1, "the column in stage 1 is not padding");
    m.clocked(clk, vec![coarse.set(window), coarse_above.set(above), real_1.set(real.e())]);

    let (mut fine, mut over) = (coarse.bits(4, 0), coarse.bits(7, 5).any());
    for step in 1..4u32 {
        let chosen = shift.bits(1, 0).eq_const(u64::from(step));
        fine = mux(chosen.clone(), coarse.bits(4 + step, step), fine);
        let rest = if step < 3 { coarse.bits(7, 5 + step).any() } else { lit(1, 0) };
        over = mux(chosen, rest, over);
    }
    let v = m.reg("v_q", 5, "v = (2 a) >> S, low bits");
    let above_q = m.reg("above_q", 1, "v is 32 or more");
    let real_2 = m.reg("real_2_q", 1, "the column in stage 2 is not padding");
    m.clocked(clk, vec![v.set(fine), above_q.set(over | &coarse_above), real_2.set(real_1.e())]);

    let rows: Vec<(u64, u64)> =
        (0..32).map(|v| (v, u64::from(E2M1::nearest_half(v as u32).bits()))).collect();
    let nearest =
        m.table("nearest", v.e(), 3, &rows, 7, "E2M1 magnitude code nearest to v / 2, ties up");
    m.net(
        "code",
        mux(&above_q, lit(3, 7), nearest.e()) & real_2.repeat(3),
        "code of the column in stage 2",
    )
}

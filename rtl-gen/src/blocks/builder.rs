//! `deku_builder`: makes the list of a hidden layer from the codes of the layer below.

use super::activation::HALF_CODE_BITS;
use super::ram;
use super::shape::{EngineShape, HALF_COLUMNS};
use crate::ast::{cat, lit, mux, when, Module, Sig};

/// The block, with the memory of the hidden list.
pub fn builder(s: &EngineShape) -> Module {
    let (b, cb, kb) = (s.base_bits(), s.code_bits(), s.slice_bits());
    let mut m = Module::new(
        "deku_builder",
        "Makes the list of a hidden layer: reads the codes of the layer below, half a word at a time, and \
         writes an entry (row address, code) for every code that is not 0. One code per cycle.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let start = m.input("start_i", 1, "begin");
    let code_base = m.input("code_base_i", cb - 1, "first word of the layer below in the activation memory");
    let words = m.input("words_i", 8, "words of a slice in the layer below");
    let base = m.input("base_i", b, "address of row 0");
    let stride = m.input("stride_i", 8, "words of a slice in a row");
    let codes = m.input("codes_i", s.slices * HALF_CODE_BITS, "codes read, slice 0 in the low bits");
    let raddr = m.input("list_addr_i", s.hidden_bits(), "entry to read");
    let code_addr = m.output("code_addr_o", cb, "half word of codes to read");
    let rdata = m.output("list_data_o", b + 4, "entry read: row address, code");
    let count_o = m.output("count_o", 12, "entries written");
    let busy = m.output("busy_o", 1, "at work");

    let run = m.reg("run_q", 1, "at work");
    let word = m.reg("word_q", 8, "word of the layer below");
    let half = m.reg("half_q", 1, "half word");
    let step = m.reg("step_q", 5, "0 address, 1 .. 16 one code each");
    let row = m.reg("row_q", b, "address of the code's row");
    let count = m.reg("count_q", 12, "entries written");
    let slice = if kb > 0 { Some(m.reg("slice_q", kb, "slice of the word")) } else { None };
    m.assign(&busy, run.e());
    m.assign(&count_o, count.e());
    let at = m.net("code_word", &code_base + fit(&word, cb - 1), "word in the activation memory");
    m.assign(&code_addr, cat([at.e(), half.e()]));
    if cb - 1 < 8 {
        m.unused("unused_word", vec![word.bits(7, cb - 1)], "the activation memory has fewer words");
    }
    let read = match &slice {
        None => codes.e(),
        Some(q) => (1..s.slices).fold(codes.bits(HALF_CODE_BITS - 1, 0), |low, k| {
            mux(q.eq_const(u64::from(k)), codes.bits((k + 1) * HALF_CODE_BITS - 1, k * HALF_CODE_BITS), low)
        }),
    };
    let read = m.net("half_codes", read, "codes of the half word");
    let emit = m.net("emitting", &run & step.any(), "a code is looked at");
    let code = (1..HALF_COLUMNS).fold(read.bits(2, 0), |e, k| {
        mux(step.bits(3, 0).eq_const(u64::from((k + 1) % HALF_COLUMNS)), read.bits(3 * k + 2, 3 * k), e)
    });
    let code = m.net("code", code, "that code");
    let write = m.net("write", &emit & code.any(), "it is not 0");
    let half_end = m.net("half_end", step.bit(4), "last code of the half word");
    let slices_end = slice.as_ref().map_or(lit(1, 1), |q| q.eq_const(u64::from(s.slices - 1)));
    let word_end = m.net("word_end", &half_end & &half & slices_end, "last code of the word in all slices");
    let mut on_half = vec![half.set(!&half)];
    if let Some(q) = &slice {
        on_half.push(when(&half, vec![q.set(mux(q.eq_const(u64::from(s.slices - 1)), lit(kb, 0), q.inc()))]));
    }
    on_half.push(when(&word_end, vec![word.set(word.inc())]));
    let next = m.net("next_word", word.inc(), "the next word");
    let end = m.net("layer_end", &word_end & next.eq_(&words), "last code of the layer");
    let mut on_start = vec![word.set(lit(8, 0)), half.set(lit(1, 0)), row.set(base.e()), count.set(lit(12, 0)), step.set(lit(5, 0))];
    if let Some(q) = &slice {
        on_start.push(q.set(lit(kb, 0)));
    }
    m.clocked(&clk, vec![
        when(!&rst_n, vec![run.set(lit(1, 0))])
            .or_when(&start, vec![run.set(lit(1, 1))])
            .or_when(&run & &end, vec![run.set(lit(1, 0))]),
        when(&start, on_start).or_when(&run, vec![
            step.set(mux(&half_end, lit(5, 0), step.inc())),
            when(&half_end, on_half),
            when(&emit, vec![row.set(&row + fit(&stride, b))]),
            when(&write, vec![count.set(count.inc())]),
        ]),
    ]);
    if b < 8 {
        m.unused("unused_stride", vec![stride.bits(7, b)], "a row is never wider than the memory");
    }
    let data = m.wire("entry", b + 4, "entry read");
    ram::ram(&mut m, "u_list", &clk, b + 4, s.hidden_entries, ram::Port {
        we: write.e(), waddr: count.bits(s.hidden_bits() - 1, 0), wdata: cat([row.e(), lit(1, 0), code.e()]),
        raddr: raddr.e(), rdata: &data,
    }, "list of the hidden layer");
    m.assign(&rdata, data.e());
    m
}

fn fit(e: &Sig, width: u32) -> crate::ast::Expr {
    if e.width() >= width { e.bits(width - 1, 0) } else { e.zext(width) }
}

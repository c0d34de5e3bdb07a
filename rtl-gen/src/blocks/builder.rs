//! `deku_builder`: makes the list of a hidden layer from the codes of the layer below.

use super::ram;
use super::shape::EngineShape;
use super::wiring::fit;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};

/// The block, with the memory of the hidden list.
pub fn builder(s: &EngineShape) -> Module {
    let (b, cw, pb, kb) = (s.base_bits(), s.code_word_bits(), s.part_bits(), s.slice_bits());
    let mut m = Module::new(
        "deku_builder",
        "Makes the list of a hidden layer: goes through the columns of the layer below, one per cycle, and \
         writes an entry (row address, code) for every code that is not 0. The codes are read a part of a word at a time.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let start = m.input("start_i", 1, "begin");
    let code_base =
        m.input("code_base_i", cw, "first word of the layer below in the activation memory");
    let words = m.input("words_i", 8, "words of a slice in the layer below");
    let base = m.input("base_i", b, "address of row 0");
    let stride = m.input("stride_i", 8, "words of a slice in a row");
    let codes =
        m.input("codes_i", s.slices * s.part_code_bits(), "codes read, slice 0 in the low bits");
    let raddr = m.input("list_addr_i", s.hidden_bits(), "entry to read");
    let code_word = m.output("code_word_o", cw, "word of codes to read");
    let part = m.output("part_o", pb, "part of the word to read");
    let rdata = m.output("list_data_o", b + 4, "entry read: row address, code");
    let count_o = m.output("count_o", s.hidden_bits() + 1, "entries written");
    let busy = m.output("busy_o", 1, "at work");

    m.section("Column whose code is read");
    let run = m.reg("run_q", 1, "reading");
    let bits = 13 + kb;
    let column = m.reg("column_q", bits, "column: word, slice, column inside the word of a slice");
    let word = m.net("word", column.bits(bits - 1, 5 + kb), "word of every slice");
    let end = m.net("last_word", word.eq_(&words), "behind the last word");
    m.clocked(
        &clk,
        vec![
            when(!&rst_n, vec![run.set(lit(1, 0))])
                .or_when(&start, vec![run.set(lit(1, 1))])
                .or_when(&end, vec![run.set(lit(1, 0))]),
            when(&start, vec![column.set(lit(bits, 0))])
                .or_when(&run, vec![column.set(column.inc())]),
        ],
    );
    let (address, part_now) = (&code_base + fit(&word, cw), column.bits(4, 5 - pb));
    let mut reading = &run & !&end;
    let mut at = column;
    let mut busy_now = run.e();
    if !s.spread_out() {
        m.assign(&code_word, address);
        m.assign(&part, part_now);
    } else {
        let address_q = m.reg("address_q", cw, "word of codes to read, a cycle later");
        let part_q = m.reg("part_q", pb, "part of that word");
        let reading_q = m.reg("reading_q", 1, "there is a column");
        let at_q = m.reg("at_q", 5 + kb, "its slice, and the column inside the word");
        m.clocked(
            &clk,
            vec![
                when(!&rst_n, vec![reading_q.set(lit(1, 0))])
                    .otherwise(vec![reading_q.set(reading)]),
                address_q.set(address),
                part_q.set(part_now),
                at_q.set(at.bits(4 + kb, 0)),
            ],
        );
        m.assign(&code_word, address_q.e());
        m.assign(&part, part_q.e());
        busy_now = busy_now | &reading_q;
        m.unused("unused_part", vec![at_q.bits(4, 5 - pb)], "the part is in part_q");
        (reading, at) = (reading_q.e(), at_q);
    }
    if cw < 8 {
        m.unused("unused_word", vec![word.bits(7, cw)], "the activation memory has fewer words");
    }

    m.section("One cycle later: its code");
    let token = m.reg("token_q", 1, "there is a code");
    let inside = m.reg("inside_q", 5 - pb, "column inside the part");
    m.clocked(
        &clk,
        vec![
            when(!&rst_n, vec![token.set(lit(1, 0))]).otherwise(vec![token.set(reading)]),
            inside.set(at.bits(4 - pb, 0)),
        ],
    );
    let pc = s.part_code_bits();
    let read = if kb == 0 {
        codes.e()
    } else {
        let slice = m.reg("slice_q", kb, "slice of the word");
        m.clocked(&clk, vec![slice.set(at.bits(4 + kb, 5))]);
        (1..s.slices).fold(codes.bits(pc - 1, 0), |low, k| {
            mux(slice.eq_const(u64::from(k)), codes.bits((k + 1) * pc - 1, k * pc), low)
        })
    };
    let read = m.net("part_codes", read, "codes of the part");
    let code = m.reg("code_q", 3, "that code, another cycle later");
    let there = m.reg("code_there_q", 1, "it is one");
    m.clocked(&clk, vec![code.set(pick(&read, &inside, 0, 5 - pb)), there.set(&token)]);
    let write = m.net("write", &there & code.any(), "it is not 0");
    let row = m.reg("row_q", b, "address of the code's row");
    let count = m.reg("count_q", s.hidden_bits() + 1, "entries written");
    m.clocked(
        &clk,
        vec![
            when(&start, vec![row.set(base.e())])
                .or_when(&there, vec![row.set(&row + fit(&stride, b))]),
            when(&start, vec![count.set(lit(s.hidden_bits() + 1, 0))])
                .or_when(&write, vec![count.set(count.inc())]),
        ],
    );
    m.assign(&busy, busy_now | &token | &there);
    m.assign(&count_o, count.e());
    if b < 8 {
        m.unused("unused_stride", vec![stride.bits(7, b)], "a row is never wider than the memory");
    }
    let data = m.wire("entry", b + 4, "entry read");
    ram::ram(
        &mut m,
        "u_list",
        &clk,
        b + 4,
        s.hidden_entries,
        ram::Port {
            we: write.e(),
            waddr: count.bits(s.hidden_bits() - 1, 0),
            wdata: cat([row.e(), lit(1, 0), code.e()]),
            raddr: raddr.e(),
            rdata: &data,
        },
        "list of the hidden layer",
    );
    m.assign(&rdata, data.e());
    m
}

/// The code of column `index` among `2^bits` columns from column `first` on.
fn pick(codes: &Sig, index: &Sig, first: u32, bits: u32) -> Expr {
    if bits == 0 {
        return codes.bits(3 * first + 2, 3 * first);
    }
    let half = 1 << (bits - 1);
    mux(
        index.bit(bits - 1),
        pick(codes, index, first + half, bits - 1),
        pick(codes, index, first, bits - 1),
    )
}

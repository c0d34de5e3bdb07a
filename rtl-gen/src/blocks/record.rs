//! `deku_record`: records of a STREAM frame, bit by bit, into the list memory.

use super::counter::{load_or_inc, Down};
use super::ram;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use crate::config::ModuleConfig;
use deku_ref::format::MAX_RATE_SHIFT;
use deku_ref::sample::Format;
use deku_ref::wire::{record::MARK, Kind};

/// Width of an input's number and of a number of inputs.
const INPUT_BITS: u32 = 12;
/// Bits of a record's first word above those that are also the low bits of a code.
const HEAD_BITS: u32 = 12;

struct In {
    clk: Sig,
    rst_n: Sig,
    on: Sig,
    rx: Sig,
    left: Sig,
    bit_en: Sig,
    done: Sig,
    bad: Sig,
    clear: Sig,
    tail: Sig,
    read_addr: Sig,
    format: Sig,
    inputs_n: Sig,
    step: Sig,
    classes: Sig,
    loaded: Sig,
}

fn inputs(m: &mut Module, ra: u32) -> In {
    In {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        on: m.input("records_i", 1, "records are arriving"),
        rx: m.input("rx_i", 8, "byte from the host, turned round bit by bit"),
        left: m.input("left_i", 3, "bits of rx_i from that on, modulo 8"),
        bit_en: m.input("bit_en_i", 1, "rx_i[7] is a new bit"),
        done: m.input("done_i", 1, "all bits of rx_i have been seen"),
        bad: m.input("bad_i", 1, "the CRC that ends here is wrong"),
        clear: m.input("clear_i", 1, "RESET takes effect: drop the records, begin at 0"),
        tail: m.input("queue_tail_i", ra + 1, "engine: first list entry in use"),
        read_addr: m.input("list_addr_i", ra, "engine: list entry to read"),
        format: m.input("format_i", 2, "FORMAT"),
        inputs_n: m.input("inputs_n_i", INPUT_BITS, "INPUTS, inverted"),
        step: m.input(
            "row_step_i",
            16,
            "what was asked for: words from one row to the next, word address of the first row, or 0",
        ),
        classes: m.input("classes_i", 9, "number of classes"),
        loaded: m.input("loaded_i", 1, "training is allowed"),
    }
}

struct Q {
    seq: Sig,
    shift: Sig,
    label: Sig,
    count: Sig,
    data: Sig,
    crc: Sig,
    second: Sig,
    half: Sig,
    kind: Sig,
    head_n: Sig,
    write: Sig,
    over: Sig,
    next_seq: Sig,
    phase: Sig,
    flag: Sig,
    last: Sig,
    code: Sig,
    input: Sig,
    ahead: Sig,
    behind: Sig,
    beyond: Sig,
    rest: Sig,
    none: Sig,
    late: Sig,
    full: Sig,
    idle: Sig,
    row: Sig,
    row_shift: Sig,
    row_clear: Sig,
    no_entry: Sig,
    head_we: Sig,
    end_we: Sig,
    last_word: Sig,
}

fn registers(m: &mut Module, ra: u32, b: u32) -> Q {
    m.section("State");
    let mut wait = |name: &str, what: &str| {
        m.reg(&format!("{name}_q"), 1, &format!("the next byte is {what}"))
    };
    Q {
        seq: wait("sequence", "a sequence number"),
        shift: wait("shift", "a rate shift"),
        label: wait("label", "a label"),
        count: wait("count", "one of a number of entries (index list)"),
        data: wait("data", "one of an input"),
        crc: wait("crc", "one of the record's CRC"),
        half: m.reg("half_q", 1, "it is the second of two"),
        second: m.reg("second_q", 1, "the second input of the record, or what follows it"),
        kind: m.reg("kind_q", 3, "kind of the record"),
        head_n: m.reg("head_n_q", ra + 1, "list entry where the next record begins, inverted: it is subtracted more often than added"),
        write: m.reg("write_q", ra + 1, "list entry to write"),
        over: m.reg("over_q", 1, "there is no room for the record's header"),
        next_seq: m.reg("next_seq_q", 8, "sequence number the next record must have"),
        phase: m.reg("phase_q", 4, "bit within the input or entry"),
        flag: m.reg("flag_q", 1, "packed: the bit says whether a code follows"),
        last: m.reg("last_q", 1, "the bit is the last of an input or entry"),
        code: m.reg("code_q", 4, "last four bits"),
        input: m.reg("input_q", INPUT_BITS, "number of the input that arrives, from 1 on; in an index list the bits of an index"),
        ahead: m.reg("ahead_q", 1, "the index is above the one before (the label above the classes), whatever bits follow"),
        behind: m.reg("behind_q", 1, "it is below"),
        beyond: m.reg("beyond_q", 1, "all inputs are there; index list: one cycle ago input_q was not below INPUTS"),
        rest: m.reg("rest_q", 16, "index list: entries still to come"),
        none: m.reg("none_q", 1, "one cycle ago all inputs were there; index list: rest_q was 0"),
        late: m.reg("late_q", 1, "done_i one cycle ago"),
        full: m.reg("full_q", 1, "no entry was free one cycle ago"),
        idle: m.reg("idle_q", 1, "one cycle ago it was between records"),
        row: m.reg("row_q", b, "row address of the input; in the head of a record the bits of its first word"),
        row_shift: m.reg("row_shift_q", 1, "row_q moves up"),
        row_clear: m.reg("row_clear_q", 1, "row_q begins again"),
        no_entry: m.reg("no_entry_q", 1, "no entry is complete; inverted because it goes into a carry chain"),
        head_we: m.reg("head_we_q", 1, "the first word of a record is complete"),
        end_we: m.reg("end_we_q", 1, "the end of an input is known"),
        last_word: m.reg("last_word_q", 1, "it is the third word of the record"),
    }
}

/// The block.
pub fn record(c: &ModuleConfig) -> Module {
    let s = c.shape();
    let (ra, b, kb) = (s.list_bits(), s.base_bits().max(HEAD_BITS), s.slice_bits());
    let mut m = Module::new(
        "deku_record",
        "Takes records apart, one bit per clock cycle, and builds the lists of their non-zero inputs in the list memory. \
         A record becomes visible to the engine (queued_o) when its CRC was right. What is wrong \
         with a record is found in the order of its bytes; the first fault ends the frame.\n\n\
Row addresses need no multiplier: in the formats \
         that send every input the stride is added for each, in an index list they grow by Horner's rule with \
         the bits of the index. They and the list memory are one cycle behind the bits.",
    );
    let i = inputs(&mut m, ra);
    let q = registers(&mut m, ra, b);
    let f = flow(&mut m, &i, &q);
    let d = data(&mut m, &i, &q, &f);
    row(&mut m, &i, &q, &f, &d, kb);
    list(&mut m, c, &i, &q, &f);
    steps(&mut m, &i, &q, &f, &d);
    outputs(&mut m, &i, &q, &f, &d);
    m
}

/// Nets of the order of bytes.
struct Flow {
    idle: Sig,
    begin: Sig,
    bad_kind: Sig,
    refused: Sig,
    pair: Sig,
    list: Sig,
    raw: Sig,
    signed: Sig,
    seq_ok: Sig,
    rate_ok: Sig,
    label_ok: Sig,
    label_end: Sig,
    no_room: Sig,
}

fn flow(m: &mut Module, i: &In, q: &Q) -> Flow {
    m.section("Head of a record");
    let states = &q.seq | &q.shift | &q.label | &q.count | &q.data | &q.crc;
    m.clocked(&i.clk, vec![q.idle.set(!states)]);
    let idle = m.net("idle", &q.idle & !&q.seq, "between records");
    assert_eq!(MARK, 0x80);
    assert_eq!(Kind::ALL.len(), 7);
    let kind = i.rx.bits(2, 0);
    let known = i.rx.bits(7, 3).eq_const(u64::from(MARK >> 3)) & !kind.all();
    let bad_kind =
        m.net("bad_kind", i.rx.any() & !known.clone(), "neither a record nor an idle byte");
    let trains = |kind: &Expr| {
        kind.ne_(lit(3, Kind::Infer as u64)) & kind.ne_(lit(3, Kind::OverlayInfer as u64))
    };
    let refused = m.net(
        "not_loaded",
        known.clone() & trains(&kind) & !&i.loaded,
        "training before everything was loaded",
    );
    let begin = m.net("accept", &idle & &i.done & known & !&refused, "a record begins");
    let pair = m.net("pair", q.kind.eq_const(Kind::Pair as u64), "the record has two inputs");
    // FORMAT does not change while records arrive.
    let format = |m: &mut Module, name: &str, f: Format, comment: &str| {
        let q = m.reg(name, 1, comment);
        m.clocked(&i.clk, vec![q.set(i.format.eq_const(f as u64))]);
        q
    };
    let list = format(m, "index_list_q", Format::IndexList, "inputs come as a list");
    let raw = format(m, "raw_q", Format::Raw, "every input has a code");
    let signed = format(m, "with_sign_q", Format::PackedSigned, "codes have a sign");
    let seq_ok = m.net("sequence_ok", i.rx.eq_(&q.next_seq), "it is the record that was expected");
    let legal: Vec<_> = (0..=u64::from(MAX_RATE_SHIFT)).map(|n| (n, 1)).collect();
    let rate_low =
        m.table("rate_low", i.rx.bits(3, 0), 1, &legal, 0, "the low half of a rate shift is legal");
    let rate_ok = m.net("rate_ok", &rate_low & !i.rx.bits(7, 4).any(), "the rate shift is legal");
    let no_class = [Kind::Pair, Kind::Positive, Kind::Negative].map(|k| q.kind.eq_const(k as u64));
    let no_class = no_class.into_iter().reduce(|a, b| a | b).expect("three");
    let none_ok = i.rx.all() & !trains(&q.kind.e());
    // All this is known long before the label's last bit, which is in none of it.
    let any_ok = m.reg("any_label_q", 1, "the label need not be below CLASSES");
    m.clocked(&i.clk, vec![any_ok.set(no_class | none_ok | i.classes.bit(8))]);
    let label_ok = &any_ok | &q.behind;
    let label_ok = m.net("label_ok", label_ok, "the label is a class, or none, or not looked at");
    let label_end = m.net("label_end", &q.label & &i.done, "the head is complete");
    let full = (&q.write ^ &i.tail).eq_(cat([lit(1, 1), lit(q.write.width() - 1, 0)]));
    m.clocked_comment(
        &i.clk,
        "An entry takes several bits, so that this is known in time.",
        vec![q.full.set(full)],
    );
    let no_room = m.net("no_room", &q.over | &pair & &q.full, "the record's header does not fit");
    Flow {
        idle,
        begin,
        bad_kind,
        refused,
        pair,
        list,
        raw,
        signed,
        seq_ok,
        rate_ok,
        label_ok,
        label_end,
        no_room,
    }
}

/// Nets of the inputs.
struct Data {
    group_end: Sig,
    input_end: Sig,
    first_of_two: Sig,
    bad_index: Sig,
    in_index: Sig,
    after_index: Sig,
    record_end: Sig,
    entry_end: Sig,
    new_input: Sig,
    rest_keep: Sig,
    rest: Down,
}

fn data(m: &mut Module, i: &In, q: &Q, f: &Flow) -> Data {
    m.section("Inputs, bit by bit");
    let bit = || i.rx.bit(7);
    let last_chain = m.net(
        "last_chain",
        q.input.zext(INPUT_BITS + 1) + i.inputs_n.zext(INPUT_BITS + 1) + lit(INPUT_BITS + 1, 1),
        "input_q - INPUTS, and the borrow",
    );
    m.unused(
        "unused_last",
        vec![last_chain.bits(INPUT_BITS - 1, 0)],
        "only the borrow is looked at",
    );
    let last_input = m.net(
        "last_input",
        last_chain.bit(INPUT_BITS),
        "no input follows; index list: there is no such input",
    );
    let active =
        m.net("active", &q.data & &i.bit_en & (&f.list | !&q.beyond), "the bit is not padding");
    let ends = m.net("ends", mux(&q.flag, !bit(), &q.last), "the bit, if one counts, is such");
    let group_end = m.net("group_end", &active & &ends, "last bit of an input");
    let before_last = mux(
        &f.list,
        q.phase.bits(3, 1).all() & !q.phase.bit(0),
        q.phase.bit(1) & mux(&f.signed, q.phase.bit(0), !q.phase.bit(0)),
    );
    let packed = !&f.list & !&f.raw;
    let moves = m.net("moves", !&q.data | &active, "there is a bit, or there are no inputs");
    let begins = m.net("begins", !&q.data | &ends, "an input or entry begins, if it moves");
    m.clocked(
        &i.clk,
        vec![when(
            &moves,
            vec![
                q.flag.set(packed & &begins),
                q.last.set(before_last & !&begins),
                q.phase.set(q.phase.inc() & (!&begins).repeat(4)),
            ],
        )],
    );
    let wide = m.net("wide_code", &f.list | &f.raw | &f.signed, "a code has four bits, not three");
    let not_zero = (&q.code.bit(2) & &wide) | q.code.bits(1, 0).any() | bit();
    let entry_end = m.net("entry_end", &group_end & &f.list, "index list: last bit of an entry");
    let list_bit = m.net("list_bit", &q.data & &i.bit_en & &f.list, "a bit of an index list");
    let in_index = m.net("in_index", &list_bit & !q.phase.bits(3, 2).all(), "a bit of an index");
    let after = m.net("after_index", &list_bit & q.phase.eq_const(12), "the index is complete");
    let wrong = &list_bit & q.phase.eq_const(13) & (&q.beyond | !&q.ahead);
    let bad_index = m.net("bad_index", wrong, "it is too large or not above the one before");
    let keep = m.net("rest_keep", !(&q.count & &i.bit_en), "the number of entries is complete");
    let rest = Down::new(m, &q.rest, &keep);
    let whole = &q.late & &q.data & &q.none;
    let input_end = m.net("input_end", whole, "the input is complete");
    let first_of_two = m.net("first_of_two", &f.pair & !&q.second, "another one follows");
    let record_end = m.net("record_end", &q.crc & &q.half & &i.done, "the record is complete");
    let new_input = m.net("new_input", &f.label_end | &input_end, "an input begins");
    let first_end = &q.crc & !&q.half & &i.done;
    m.clocked(
        &i.clk,
        vec![
            q.late.set(&i.done),
            // An index ends the count of what follows long before the entry ends.
            q.none.set(mux(&f.list, !q.rest.any(), q.beyond.e())),
            when(!&q.data | &input_end, vec![q.beyond.set(lit(1, 0))])
                .or_when(&f.list | &group_end, vec![q.beyond.set(&last_input)]),
            q.no_entry.set(!(&group_end & !&q.flag & not_zero)),
            q.head_we.set(&f.label_end & &f.label_ok & !&f.no_room),
            q.end_we.set(&input_end | first_end),
            q.last_word.set(&q.second | &q.crc),
        ],
    );
    Data {
        group_end,
        input_end,
        first_of_two,
        bad_index,
        in_index,
        after_index: after,
        record_end,
        entry_end,
        new_input,
        rest_keep: keep,
        rest,
    }
}

/// The row address. It is one cycle behind, because what is to be added comes from a register.
fn row(m: &mut Module, i: &In, q: &Q, f: &Flow, d: &Data, kb: u32) {
    m.section("Row addresses");
    let b = q.row.width();
    let add_stride = mux(&f.list, &d.in_index & i.rx.bit(7), d.group_end.e());
    let add_base = &d.after_index | &d.new_input & !&f.list;
    let pick = m.output_reg(
        "row_step_o",
        2,
        "wanted, one cycle later: 1 the stride, 2 the base, 0 nothing",
    );
    m.clocked(&i.clk, vec![pick.set(cat([add_base, add_stride]))]);

    // The first word of a record is its kind, its rate shift, a bit that does not count, and its label. Its
    // last four bits are code_q, the others go through row_q on their way.
    let upper = m.net(
        "upper_bits",
        i.left.is_zero() | i.left.bit(2) & i.left.bits(1, 0).any(),
        "bits 7 to 4",
    );
    let half = mux(&q.label, upper.e(), &q.shift & !&upper);
    let head = m.net("head_bit", &i.bit_en & (&f.idle | half), "a bit of that word");
    let added = m.reg("head_one_q", 1, "such a bit is 1");
    m.clocked(
        &i.clk,
        vec![
            q.row_shift.set(&d.in_index | &head | &q.shift & &i.done),
            q.row_clear.set(&d.new_input | &d.entry_end),
            added.set(&head & i.rx.bit(7)),
        ],
    );
    let from = mux(
        &q.row_shift,
        cat([q.row.bits(b - 2, 0), lit(1, 0)]),
        &q.row & (!&q.row_clear).repeat(b),
    );
    let mut unused = Vec::new();
    if b + kb < 16 {
        unused.push(i.step.bits(15, b + kb));
    }
    if kb > 0 {
        unused.push(i.step.bits(kb - 1, 0));
    }
    if !unused.is_empty() {
        m.unused("unused_step", unused, "rows begin at multiples of the slices, inside the memory");
    }
    let step = i.step.bits(b + kb - 1, kb) | added.zext(b);
    m.clocked(&i.clk, vec![q.row.set(from + step)]);
}

fn list(m: &mut Module, c: &ModuleConfig, i: &In, q: &Q, f: &Flow) {
    m.section("List memory");
    let ra = q.write.width() - 1;
    let entry_bits = c.shape().entry_bits();
    let wide = m.net("wide", &q.head_we | &f.list | &f.raw | &f.signed, "all of code_q counts");
    let word = cat([q.row.e(), q.code.bit(3) & wide, q.code.bits(2, 0)]);
    let data = mux(&q.end_we, q.write.zext(entry_bits), word.zext(entry_bits));
    // head + word is the inverse of head_n - word. As in counter.rs the select goes into the chain, too.
    let place = mux(&q.head_we, lit(2, 0), mux(&q.last_word, lit(2, 2), lit(2, 1)));
    let place =
        m.net("place_n", !place, "word of the record's header, inverted: minus 1, minus it");
    let others = q.no_entry.repeat(ra - 2);
    let below = m.net(
        "head_n_place",
        q.head_n.bits(ra - 1, 0) + cat([others, place.bits(1, 0)]) + lit(ra, 1),
        "head_n_q minus place",
    );
    let addr = mux(&q.no_entry, !&below, q.write.bits(ra - 1, 0));
    let we = !&q.no_entry & !&q.full | &q.head_we | &q.end_we;
    let rdata = m.output("list_data_o", entry_bits, "engine: list entry read one cycle before");
    ram::ram(
        m,
        "u_list",
        &i.clk,
        entry_bits,
        c.list_entries,
        ram::Port { we, waddr: addr, wdata: data, raddr: i.read_addr.e(), rdata: &rdata },
        "queued records",
    );
}

fn steps(m: &mut Module, i: &In, q: &Q, f: &Flow, d: &Data) {
    m.section("From byte to byte");
    m.clocked(
        &i.clk,
        vec![
            when(
                !&i.on,
                vec![
                    q.seq.set(lit(1, 0)),
                    q.shift.set(lit(1, 0)),
                    q.label.set(lit(1, 0)),
                    q.count.set(lit(1, 0)),
                    q.data.set(lit(1, 0)),
                    q.crc.set(lit(1, 0)),
                ],
            )
            .or_when(
                &d.input_end,
                vec![
                    q.count.set(&f.list & &d.first_of_two),
                    q.data.set(!&f.list & &d.first_of_two),
                    q.crc.set(!&d.first_of_two),
                ],
            )
            .or_when(
                &i.done,
                vec![
                    q.seq.set(&f.begin),
                    q.shift.set(&q.seq),
                    q.label.set(&q.shift),
                    q.count.set(&q.label & &f.list | &q.count & !&q.half),
                    q.data.set(&q.label & !&f.list | &q.count & &q.half | &q.data),
                    q.crc.set(&q.crc & !&q.half),
                    q.half.set((&q.count | &q.crc) & !&q.half),
                ],
            ),
            when(&f.idle & &i.done, vec![q.kind.set(i.rx.bits(2, 0))]),
            when(&q.seq, vec![q.second.set(lit(1, 0))])
                .or_when(&d.input_end, vec![q.second.set(&f.pair)]),
        ],
    );

    m.section("Within an input");
    // The bits of an index are compared with those of the one before, the bits of a label with CLASSES.
    let class = |n: u32| i.classes.bit((n + 7) % 8);
    let left = |n: u32| i.left.bit(n);
    let four = |a: u32| {
        mux(left(1), mux(left(0), class(a + 3), class(a + 2)), mux(left(0), class(a + 1), class(a)))
    };
    let class = m.reg("class_bit_q", 1, "bit of CLASSES that belongs to the bit of the label");
    let next = mux(left(2), four(3), four(7));
    m.clocked(&i.clk, vec![class.set(mux(&i.bit_en, next, i.classes.bit(7)))]);
    let other = mux(&q.label, class.e(), q.input.bit(INPUT_BITS - 1));
    // In all other bits, either is decided already, or it does not matter: there is no need to know that these
    // are of an index or a label. Phase 13 looks at it.
    let counts = &i.bit_en & !(q.phase.bits(3, 2).all() & !q.phase.bit(0));
    let compare = counts & (i.rx.bit(7) ^ other);
    let label_begin = &q.shift & &i.done;
    // Index and comparison have been looked at, the next index has not begun; only an index list comes here.
    let between = q.phase.bits(3, 1).all();
    m.clocked(
        &i.clk,
        vec![
            when(&i.bit_en, vec![q.code.set(cat([q.code.bits(2, 0), i.rx.bit(7)]))]),
            when(&d.new_input, vec![q.input.set(lit(INPUT_BITS, 1))]).or_when(
                &d.in_index | &d.group_end & !&f.list,
                vec![q.input.set(load_or_inc(
                    &q.input,
                    &d.in_index,
                    cat([q.input.bits(INPUT_BITS - 2, 0), i.rx.bit(7)]),
                ))],
            ),
            // The first index of a list is above the one before, there being none.
            when(&d.new_input, vec![q.ahead.set(lit(1, 1)), q.behind.set(lit(1, 0))])
                .or_when(
                    between | label_begin,
                    vec![q.ahead.set(lit(1, 0)), q.behind.set(lit(1, 0))],
                )
                .or_when(
                    compare & !&q.ahead & !&q.behind,
                    vec![q.ahead.set(i.rx.bit(7)), q.behind.set(!i.rx.bit(7))],
                ),
            when(
                !&d.rest_keep | &d.after_index,
                vec![q.rest.set(d.rest.next(cat([q.rest.bits(14, 0), i.rx.bit(7)])))],
            ),
        ],
    );

    m.section("Where the record lies");
    let reserve = &q.late & &q.seq | (&q.seq | &q.shift | &f.pair & &q.label) & &i.done;
    let reserve = m.net("reserve", reserve, "an entry for the header");
    let good = m.net("good", &d.record_end & !&i.bad, "the record is taken");
    m.clocked(
        &i.clk,
        vec![
            when(
                !&i.rst_n,
                vec![
                    q.head_n.set(lit(q.head_n.width(), (1 << q.head_n.width()) - 1)),
                    q.next_seq.set(lit(8, 0)),
                ],
            )
            .or_when(&i.clear, vec![q.head_n.set(!&i.tail), q.next_seq.set(lit(8, 0))])
            .or_when(&good, vec![q.head_n.set(!&q.write), q.next_seq.set(q.next_seq.inc())]),
            when(
                &reserve | !&q.no_entry | &f.idle,
                vec![q.write.set(load_or_inc(&q.write, &f.idle, !&q.head_n))],
            ),
            when(&f.idle, vec![q.over.set(lit(1, 0))])
                .or_when(&reserve & &q.full, vec![q.over.set(lit(1, 1))]),
        ],
    );
}

fn outputs(m: &mut Module, i: &In, q: &Q, f: &Flow, d: &Data) {
    m.section("Faults");
    let at = |state: &Sig, wrong: Expr| state & &i.done & wrong;
    let sample = at(&f.idle, f.bad_kind.e())
        | at(&q.shift, !&f.rate_ok)
        | at(&q.label, !&f.label_ok)
        | d.bad_index.e();
    let overrun = &f.label_end & &f.label_ok & &f.no_room | !&q.no_entry & &q.full;
    let errors = [
        ("refused", at(&f.idle, f.refused.e()), "pulse: training before everything was loaded"),
        ("sequence", at(&q.seq, !&f.seq_ok), "pulse: another record was expected"),
        ("sample", sample, "pulse: kind, rate shift, label or index is illegal"),
        ("overrun", overrun, "pulse: the list memory is full"),
        ("payload", &d.record_end & &i.bad, "pulse: the record's CRC is wrong"),
    ];
    let mut all = lit(1, 0);
    for (name, value, comment) in errors {
        let fault = m.reg(&format!("{name}_fault_q"), 1, comment);
        m.clocked(&i.clk, vec![fault.set(&i.on & value)]);
        let o = m.output(&format!("err_{name}_o"), 1, comment);
        m.assign(&o, &fault);
        all = all | &fault;
    }
    let failed = m.output("failed_o", 1, "pulse: ignore the records of this frame");
    m.assign(&failed, all);

    m.section("To the other blocks");
    let ra = q.write.width() - 1;
    let used = m.net("free_used", &i.tail + &q.head_n + lit(ra + 1, 1), "minus the entries in use");
    let free = m.reg("free_q", ra + 1, "free entries");
    m.clocked(&i.clk, vec![free.set(cat([!used.bit(ra), used.bits(ra - 1, 0)]))]);
    let free_o = m.output("free_o", 16, "free list entries");
    m.assign(&free_o, free.zext(16));
    let wide = (ra + 1).max(INPUT_BITS);
    let credit = m.output("credit_o", 1, "there is room for a record without zeros");
    let inputs_n = if wide > INPUT_BITS {
        cat([lit(1, 0), lit(wide - INPUT_BITS, (1 << (wide - INPUT_BITS)) - 1), i.inputs_n.e()])
    } else {
        i.inputs_n.zext(wide + 1)
    };
    let spare = m.net("spare", free.zext(wide + 1) + inputs_n, "free - INPUTS - 1, and the borrow");
    m.unused("unused_spare", vec![spare.bit(0)], "2 or 3: enough");
    let enough = m.reg("enough_q", 1, "there are 3 + INPUTS free entries");
    m.clocked(&i.clk, vec![enough.set(spare.bit(wide) & spare.bits(wide - 1, 1).any())]);
    m.assign(&credit, &enough);
    let queued = m.output("queued_o", 1, "there are records without result, one cycle late");
    m.assign(&queued, !free.bit(ra));
    let next = m.output("next_seq_o", 8, "sequence number the next record must have");
    m.assign(&next, &q.next_seq);
    let check = m.output("check_o", 1, "the record's CRC is arriving");
    m.assign(&check, &q.crc);
    let preset = m.output("preset_o", 1, "the byte that ends now ends a record, or is none");
    m.assign(&preset, &f.idle & !i.rx.bit(7) | &d.record_end);
}

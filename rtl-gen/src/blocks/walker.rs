//! `deku_walker`: walks over the words and rows of a layer, forward or for an update.

use super::shape::EngineShape;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};

/// Width of the shortest distance between two words of a forward pass, cycles.
pub const PERIOD_BITS: u32 = 9;

struct Io {
    clk: Sig,
    rst_n: Sig,
    start: Sig,
    update: Sig,
    hidden: Sig,
    first: Sig,
    end: Sig,
    label_rows: Sig,
    label_base: Sig,
    stride: Sig,
    period: Sig,
    any: Sig,
    list: Sig,
    hidden_list: Sig,
    host_addr: Sig,
    host_plane: Sig,
    host_we: Sig,
}

struct Walk {
    forward: Sig,
    updating: Sig,
    phase: Sig,
    row_slot: Sig,
    before: Sig,
    word: Sig,
    ptr: Sig,
    second: Sig,
    labels: Sig,
    label_at: Sig,
    wait: Sig,
}

fn inputs(m: &mut Module, s: &EngineShape) -> Io {
    let b = s.base_bits();
    Io {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        start: m.input("start_i", 1, "begin"),
        update: m.input("update_i", 1, "update instead of forward"),
        hidden: m.input("hidden_i", 1, "rows come from the hidden list"),
        first: m.input("first_i", s.list_bits(), "first entry of the list"),
        end: m.input("end_i", s.list_bits(), "entry behind the last of the list"),
        label_rows: m.input("label_rows_i", 8, "label rows after the list"),
        label_base: m.input("label_base_i", b, "address of the first of them"),
        stride: m.input("stride_i", 8, "words of a slice in a row"),
        period: m.input(
            "period_i",
            PERIOD_BITS,
            "shortest distance of two words in a forward pass - 1, cycles",
        ),
        any: m.input("any_i", 1, "update: the word has a factor that is not 0"),
        list: m.input("list_data_i", s.entry_bits(), "list entry: base, code"),
        hidden_list: m.input("hidden_data_i", b + 4, "hidden list entry: base, code"),
        host_addr: m.input("host_addr_i", b, "address for the host while nothing is walked"),
        host_plane: m.input("host_plane_i", 2, "plane for the host"),
        host_we: m.input("host_we_i", 1, "write for the host, in the next cycle"),
    }
}

/// The block.
pub fn walker(s: &EngineShape) -> Module {
    let (b, kb) = (s.base_bits(), s.slice_bits());
    let mut m = Module::new(
        "deku_walker",
        "Walks over a layer: words outside, rows (entries of a list, then label rows) inside. Forward: one row per cycle, after the last \
         row of a word a transfer of the accumulators. Update: a slot of 8 cycles per row with 4 reads and 4 writes; between \
         words two slots in which it is found out whether there are factors; words without any are skipped. Owns the address of the weight memory.",
    );
    let io = inputs(&mut m, s);
    let list_addr = m.output("list_addr_o", s.list_bits(), "entry to read");
    let addr = m.output_reg("addr_q_o", b, "weight memory: word");
    let plane = m.output_reg("plane_q_o", 2, "weight memory: plane");
    let we = m.output_reg("we_q_o", 1, "weight memory: write");
    let valid_o = m.output("valid_o", 1, "forward: the word read belongs to a row");
    let transfer_o = m.output("transfer_o", 1, "forward: transfer the accumulators instead");
    let x_mag = m.output_reg("x_mag_q_o", 4, "forward: magnitude of the row's input");
    let x_neg = m.output_reg("x_neg_q_o", 1, "forward: it is negative");
    let code_o = m.output("code_o", 4, "update: code of the next row's input");
    let phase_o = m.output("phase_o", 3, "update: cycle of the slot");
    let row_o = m.output("row_slot_o", 1, "update: this slot updates a row");
    let before_o = m.output("row_before_o", 1, "update: the slot before did");
    let idle_o = m.output("idle_o", 1, "no update");
    let look_o = m.output("look_up_o", 1, "update: first slot of a word");
    let next_word = m.output("next_word_o", 1, "update: the next slot belongs to the next word");
    let slices = (kb > 0).then(|| Slices {
        host: m.input("host_slice_i", kb, "slice for the host"),
        word: m.output("word_slice_o", kb, "update: slice of the word in work"),
        access: m.output_reg(
            "slice_q_o",
            kb,
            "update, host: slice of the access to the weight memory",
        ),
    });
    let forward_o = m.output("forward_o", 1, "walking forward");
    let busy = m.output("busy_o", 1, "walking");

    m.section("State");
    let wb = 8 + kb;
    let w = Walk {
        forward: m.reg("forward_q", 1, "walking forward"),
        updating: m.reg("updating_q", 1, "walking for an update"),
        phase: m.reg("phase_q", 3, "cycle of the slot"),
        row_slot: m.reg("row_slot_q", 1, "this slot updates a row"),
        before: m.reg("row_before_q", 1, "the slot before did"),
        word: m.reg("word_q", wb, "word of the row (forward: of every slice at once)"),
        ptr: m.reg("entry_q", s.list_bits(), "entry to read"),
        second: m.reg("second_q", 1, "second slot of a word's look-up of factors"),
        labels: m.reg("labels_q", 8, "label rows left in this word"),
        label_at: m.reg("label_at_q", b, "address of the next label row"),
        wait: m.reg("wait_q", PERIOD_BITS, "cycles before the next transfer is allowed"),
    };
    m.assign(&list_addr, w.ptr.e());
    for (out, q) in [
        (&phase_o, &w.phase),
        (&row_o, &w.row_slot),
        (&before_o, &w.before),
        (&forward_o, &w.forward),
    ] {
        m.assign(out, q.e());
    }
    if let Some(slices) = &slices {
        m.assign(&slices.word, w.word.bits(kb - 1, 0));
    }

    m.section("What happens in this cycle");
    let has_row = m.net("has_row", w.ptr.ne_(&io.end), "a list row is left");
    let has_label = m.net("has_label", w.labels.any(), "a label row is left");
    let transfer = m.net(
        "transfer",
        &w.forward & !&has_row & !&has_label & w.wait.is_zero(),
        "forward: the word is complete",
    );
    let words = if kb == 0 {
        io.stride.e()
    } else {
        mux(&w.updating, cat([io.stride.bits(7, 0), lit(kb, 0)]), io.stride.zext(wb))
    };
    let words = m.net("words", words, "words to walk over");
    let all = m.net("all_words", w.word.eq_(&words), "update: every word is done, last writes");
    let after = m.net("word_after", w.word.inc(), "the next word");
    let slot_end = m.net("slot_end", &w.updating & w.phase.all(), "last cycle of a slot");
    let more = m.net("more", &has_row | &has_label, "the word has another row");
    let begin =
        m.net("begin_word", &w.second & &io.any & &more, "the rows of the loaded word follow");
    let take =
        m.net("take", &slot_end & (&begin | &w.row_slot & &more), "the next slot updates a row");
    let skip = m.net(
        "next_word",
        &slot_end & !&take & (&w.row_slot | &w.second),
        "the next slot loads the next word's factors",
    );
    m.assign(&next_word, skip.e());
    m.assign(&idle_o, !&w.updating);
    m.assign(&look_o, !&w.row_slot & !&w.second);

    m.section("Pipeline of a forward row: entry, address, memory, lanes");
    let valid = m.reg("valid_q", 3, "a row is in stage 1, 2, 3");
    let transfers = m.reg("transfer_q", 3, "a transfer is in stage 1, 2, 3");
    let is_label = m.reg("label_q", 1, "the row in stage 1 is a label row");
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![valid.set(lit(3, 0)), transfers.set(lit(3, 0))]).otherwise(vec![
                valid.set(cat([valid.bits(1, 0), &w.forward & &more])),
                transfers.set(cat([transfers.bits(1, 0), transfer.e()])),
            ]),
            is_label.set(!&has_row),
        ],
    );
    m.assign(&valid_o, valid.bit(2));
    m.assign(&transfer_o, transfers.bit(2));
    m.assign(&busy, w.forward.e() | &w.updating | valid.any() | transfers.any());

    let label_row =
        m.net("label_row", mux(&w.updating, !&has_row, is_label.e()), "the entry is a label row");
    let slot_end_now = slot_end.e();
    counters(
        &mut m,
        &io,
        &w,
        &Now {
            transfer,
            take,
            skip,
            slot_end,
            all,
            has_row,
            after,
            more: more.e(),
            label_step: label_step(&w, &label_row, &valid),
            reload1: transfers.bit(0),
        },
    );
    let entry = m.net(
        "entry",
        mux(
            &label_row,
            cat([w.label_at.e(), lit(4, 7)]),
            mux(&io.hidden, io.hidden_list.e(), io.list.bits(b + 3, 0)),
        ),
        "base and code of the row",
    );
    if s.entry_bits() > b + 4 {
        m.unused(
            "unused_entry",
            vec![io.list.bits(s.entry_bits() - 1, b + 4)],
            "entries are at least 16 bits wide",
        );
    }
    m.assign(&code_o, entry.bits(3, 0));
    let offset = if kb == 0 {
        w.word.e()
    } else {
        mux(&w.updating, w.word.bits(wb - 1, kb), w.word.bits(7, 0))
    };
    let offset = m.net("offset", offset, "word inside the row of a slice");
    let at = m.net("row_addr", entry.bits(b + 3, 4) + fit(&offset, b), "address of the row's word");
    if b < 8 {
        m.unused("unused_offset", vec![offset.bits(7, b)], "a row is never wider than the memory");
    }
    address(&mut m, &io, &w, Port { at, take_end: slot_end_now, addr, plane, we, slices });
    input_code(&mut m, &io, &entry, &x_mag, &x_neg);
    m
}

fn fit(e: &Sig, width: u32) -> Expr {
    if e.width() >= width {
        e.bits(width - 1, 0)
    } else {
        e.zext(width)
    }
}

/// A label row was used: forward in stage 1, update when the slot begins.
fn label_step(w: &Walk, label_row: &Sig, valid: &Sig) -> Expr {
    label_row.e() & (!&w.updating & valid.bit(0))
}

struct Now {
    transfer: Sig,
    take: Sig,
    skip: Sig,
    slot_end: Sig,
    all: Sig,
    has_row: Sig,
    after: Sig,
    more: Expr,
    label_step: Expr,
    reload1: Expr,
}

fn counters(m: &mut Module, io: &Io, w: &Walk, n: &Now) {
    m.section("Counters");
    let last = m.net(
        "last_transfer",
        &n.transfer & n.after.eq_(io.stride.zext(w.word.width())),
        "forward: that was the last word",
    );
    let used = m.net("used", &w.forward & &n.more | &n.take, "a row is used up");
    let reload = m.net("reload", &io.start | &n.transfer | &n.skip, "rows of the next word");
    m.clocked_comment(
        &io.clk,
        "Which word and slot.",
        vec![
            when(!&io.rst_n, vec![w.forward.set(lit(1, 0)), w.updating.set(lit(1, 0))])
                .or_when(&io.start, vec![w.forward.set(!&io.update), w.updating.set(io.update.e())])
                .or_when(&last, vec![w.forward.set(lit(1, 0))])
                .or_when(&n.slot_end & &n.all & !&w.row_slot, vec![w.updating.set(lit(1, 0))]),
            when(&io.start, vec![w.word.set(lit(w.word.width(), 0))])
                .or_when(&n.transfer | &n.skip, vec![w.word.set(n.after.e())]),
            when(
                &io.start | !&io.rst_n,
                vec![
                    w.phase.set(lit(3, 0)),
                    w.second.set(lit(1, 0)),
                    w.row_slot.set(lit(1, 0)),
                    w.before.set(lit(1, 0)),
                ],
            )
            .or_when(
                &w.updating,
                vec![
                    w.phase.set(w.phase.inc()),
                    when(
                        &n.slot_end,
                        vec![
                            w.before.set(w.row_slot.e()),
                            w.row_slot.set(n.take.e()),
                            w.second.set(!&w.row_slot & !&w.second),
                        ],
                    ),
                ],
            ),
            when(&io.start, vec![w.wait.set(lit(PERIOD_BITS, 0))])
                .or_when(&n.transfer, vec![w.wait.set(io.period.e())])
                .or_when(w.wait.any(), vec![w.wait.set(w.wait.dec())]),
        ],
    );
    let label_used = m.net(
        "label_used",
        &n.label_step | &n.take & !&n.has_row,
        "the label row's address is used up",
    );
    m.clocked_comment(
        &io.clk,
        "Which row.",
        vec![
            when(&reload, vec![w.ptr.set(io.first.e()), w.labels.set(io.label_rows.e())]).or_when(
                &used,
                vec![when(&n.has_row, vec![w.ptr.set(w.ptr.inc())])
                    .otherwise(vec![w.labels.set(w.labels.dec())])],
            ),
            when(&io.start | &n.reload1 | &n.skip, vec![w.label_at.set(io.label_base.e())])
                .or_when(
                    &label_used,
                    vec![w.label_at.set(w.label_at.e() + fit_stride(io, w.label_at.width()))],
                ),
        ],
    );
}

fn fit_stride(io: &Io, width: u32) -> Expr {
    fit(&io.stride, width)
}

/// Which slice an update or the host works on, where there are several.
struct Slices {
    host: Sig,
    word: Sig,
    access: Sig,
}

struct Port {
    at: Sig,
    take_end: Expr,
    addr: Sig,
    plane: Sig,
    we: Sig,
    slices: Option<Slices>,
}

fn address(m: &mut Module, io: &Io, w: &Walk, p: Port) {
    m.section("Address of the weight memory");
    let b = p.addr.width();
    let row = m.reg("row_addr_q", b, "update: word of this slot's row");
    let old = m.reg("old_addr_q", b, "update: word of the slot before");
    let ph = |n: u64| w.phase.eq_const(n);
    let writes =
        m.net("write_phase", ph(3) | ph(5) | ph(6) | ph(7), "phases that write the row before");
    // Reads: plane 2, 1, 0, 3 in phases 0, 1, 2, 4; writes: 2, 0, 1, 3 in phases 3, 5, 6, 7.
    let plane = m.table(
        "phase_plane",
        w.phase.e(),
        2,
        &[(0, 2), (1, 1), (2, 0), (3, 2), (4, 3), (5, 0), (6, 1), (7, 3)],
        0,
        "plane of each phase",
    );
    if let Some(slices) = &p.slices {
        let kb = slices.word.width();
        let row_slice = m.reg("row_slice_q", kb, "update: slice of this slot's row");
        let old_slice = m.reg("old_slice_q", kb, "update: slice of the slot before");
        m.clocked(
            &io.clk,
            vec![
                when(
                    p.take_end.clone(),
                    vec![row_slice.set(w.word.bits(kb - 1, 0)), old_slice.set(row_slice.e())],
                ),
                slices.access.set(mux(
                    &w.updating,
                    mux(&writes, old_slice.e(), row_slice.e()),
                    slices.host.e(),
                )),
            ],
        );
    }
    m.clocked(
        &io.clk,
        vec![
            when(p.take_end, vec![row.set(p.at.e()), old.set(row.e())]),
            when(
                &w.updating,
                vec![p.addr.set(mux(&writes, old.e(), row.e())), p.plane.set(plane.e())],
            )
            .or_when(&w.forward, vec![p.addr.set(p.at.e()), p.plane.set(lit(2, 0))])
            .otherwise(vec![p.addr.set(io.host_addr.e()), p.plane.set(io.host_plane.e())]),
            p.we.set(mux(&w.updating, &writes & &w.before, !&w.forward & &io.host_we & &io.rst_n)),
        ],
    );
}

/// The code of a forward row, two cycles behind its entry, when its word arrives.
fn input_code(m: &mut Module, io: &Io, entry: &Sig, x_mag: &Sig, x_neg: &Sig) {
    m.section("Input of a forward row");
    let code = m.reg("code_2_q", 4, "code of the row in stage 2");
    let magnitude = super::mac_input::magnitude(m, &code);
    m.clocked(
        &io.clk,
        vec![code.set(entry.bits(3, 0)), x_mag.set(magnitude.e()), x_neg.set(code.bit(3))],
    );
}

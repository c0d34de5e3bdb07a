//! `deku_walker`: walks over the words and rows of a layer, forward or for an update.

use super::shape::EngineShape;
use super::wiring::fit;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};

struct Io {
    clk: Sig,
    rst_n: Sig,
    start: Sig,
    starts: Sig,
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
    has_row: Sig,
    more: Sig,
}

fn inputs(m: &mut Module, s: &EngineShape) -> Io {
    let b = s.base_bits();
    Io {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        start: m.input("start_i", 1, "begin"),
        starts: m.input("starts_i", 1, "begin in the next cycle"),
        update: m.input("update_i", 1, "update instead of forward"),
        hidden: m.input("hidden_i", 1, "rows come from the hidden list"),
        first: m.input("first_i", s.list_bits(), "first entry of the list"),
        end: m.input("end_i", s.list_bits(), "entry behind the last of the list"),
        label_rows: m.input("label_rows_i", 8, "label rows after the list"),
        label_base: m.input("label_base_i", b, "address of the first of them"),
        stride: m.input("stride_i", 8, "words of a slice in a row"),
        period: m.input(
            "period_i",
            s.period_bits(),
            "minus the cycles to wait between two words of a forward pass",
        ),
        any: m.input("any_i", 1, "update: the word has a factor that is not 0"),
        list: m.input("list_data_i", s.entry_bits(), "list entry: base, code"),
        hidden_list: m.input("hidden_data_i", b + 4, "hidden list entry: base, code"),
        host_addr: m.input("host_addr_i", b, "address for the host while nothing is walked"),
        host_plane: m.input("host_plane_i", 2, "plane for the host"),
        host_we: m.input("host_we_i", 1, "write for the host, in the next cycle"),
    }
}

/// From an entry's address to its word of weights: list memory, row, address, weight memory.
const STAGES: u32 = 4;

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
    let early = s.early_reads.then(|| {
        let addr = m.output("early_addr_o", b, "weight memory: word to read, a cycle earlier");
        (addr, m.output("early_plane_o", 2, "weight memory: its plane"))
    });
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

    let list = list_ends(&mut m, &io);
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
        labels: m.reg("labels_q", 8, "number of the label row in this word, from 1 on"),
        label_at: m.reg("label_at_q", b, "address of the next label row"),
        wait: m.reg(
            "wait_q",
            s.period_bits(),
            "minus the cycles before the next transfer is allowed",
        ),
        has_row: m.reg("has_row_q", 1, "a list row is left"),
        more: m.reg("more_q", 1, "a row is left, of the list or a label row"),
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
    let transfers = m.reg("transfer_q", STAGES, "a transfer is in stage 1, 2, 3, 4");
    // The rows before it and their accumulators are still on their way.
    let holds = transfers.bits(4 - s.parts(), 0).any();
    let transfer = m.net(
        "transfer",
        &w.forward & !&w.more & !w.wait.bit(w.wait.width() - 1) & !holds,
        "forward: the word is complete",
    );
    let words = if kb == 0 {
        io.stride.e()
    } else {
        mux(&w.updating, cat([io.stride.bits(7, 0), lit(kb, 0)]), io.stride.zext(wb))
    };
    let words = m.net("words", words, "words to walk over");
    let after = m.net("word_after", w.word.inc(), "the next word");
    let ends = word_ends(&mut m, &io, &w, &words, &after);
    let slot = slot_ends(&mut m, &io, &w);
    m.assign(&next_word, slot.skip.e());
    m.assign(&idle_o, !&w.updating);
    m.assign(&look_o, !&w.row_slot & !&w.second);

    m.section("Pipeline of a forward row: list memory, entry, address, weight memory");
    let valid = m.reg("valid_q", STAGES, "a row is in stage 1, 2, 3, 4");
    let is_label = m.reg("label_q", 1, "the row in stage 1 is a label row");
    let push = |q: &Sig, new: Expr| q.set(cat([q.bits(STAGES - 2, 0), new]));
    m.clocked(
        &io.clk,
        vec![
            when(!&io.rst_n, vec![valid.set(lit(STAGES, 0)), transfers.set(lit(STAGES, 0))])
                .otherwise(vec![
                    push(&valid, &w.forward & &w.more),
                    push(&transfers, transfer.e()),
                ]),
            is_label.set(!&w.has_row),
        ],
    );
    m.assign(&valid_o, valid.bit(STAGES - 1));
    m.assign(&transfer_o, transfers.bit(STAGES - 1));
    m.assign(&busy, io.start.e() | &w.forward | &w.updating | valid.any() | transfers.any());

    let label_row =
        m.net("label_row", mux(&w.updating, !&w.has_row, is_label.e()), "the entry is a label row");
    let now = Now {
        label_step: label_step(&w, &label_row, &valid),
        counts_from: transfers.bit(4 - s.parts()),
        held: (s.parts() < 4).then(|| transfers.bits(4 - s.parts(), 1).any()),
        transferred: transfers.bit(0),
        transfer,
        after,
    };
    counters(&mut m, &io, &w, (&now, &ends, &slot));
    rows(&mut m, &io, &w, &list, (&now, &slot));
    let entry = m.net(
        "entry",
        mux(
            &label_row,
            cat([w.label_at.e(), lit(4, 7)]),
            mux(&io.hidden, io.hidden_list.e(), io.list.bits(b + 3, 0)),
        ),
        "base and code of the row in stage 1",
    );
    let entry_q = m.reg("row_q", b + 4, "the same of the row in stage 2");
    if !s.early_reads {
        m.clocked(&io.clk, vec![entry_q.set(entry.e())]);
    }
    if s.entry_bits() > b + 4 {
        m.unused(
            "unused_entry",
            vec![io.list.bits(s.entry_bits() - 1, b + 4)],
            "entries are at least 16 bits wide",
        );
    }
    m.assign(&code_o, entry_q.bits(3, 0));
    let offset = if kb == 0 {
        w.word.e()
    } else {
        mux(&w.updating, w.word.bits(wb - 1, kb), w.word.bits(7, 0))
    };
    let offset = m.net("offset", offset, "word inside the row of a slice");
    let base = if s.early_reads { &entry } else { &entry_q };
    let sum = base.bits(b + 3, 4) + fit(&offset, b);
    let row = m.net("row_addr", sum, "address of the row's word");
    if b < 8 {
        m.unused("unused_offset", vec![offset.bits(7, b)], "a row is never wider than the memory");
    }
    // For blocks all over the chip the sum is made a stage before: it would be too late for an
    // address that leaves early. The word does not change between these two stages of a row.
    let at = if s.early_reads {
        m.clocked(&io.clk, vec![entry_q.set(cat([row.e(), entry.bits(3, 0)]))]);
        entry_q.bits(b + 3, 4)
    } else {
        row.e()
    };
    let entry = entry_q;
    let rows = m.net(
        "rows_addressed",
        &w.forward | transfers.bit(0),
        "forward: the row in stage 2 is addressed, also the last one",
    );
    address(
        &mut m,
        &io,
        &w,
        Port { rows, at, sum: row, take_end: slot.end.e(), addr, plane, we, early, slices },
    );
    input_code(&mut m, &io, &entry, &x_mag, &x_neg);
    m
}

/// A label row was used: forward in stage 1, update when the slot begins.
fn label_step(w: &Walk, label_row: &Sig, valid: &Sig) -> Expr {
    label_row.e() & (!&w.updating & valid.bit(0))
}

/// What the walk is over; settled in the second cycle before the start.
struct List {
    first: Sig,
    last: Sig,
    some: Sig,
    label_rows: Sig,
    some_labels: Sig,
    some_rows: Sig,
}

fn list_ends(m: &mut Module, io: &Io) -> List {
    m.section("What to walk over; it does not change in the three cycles before the start");
    let bits = io.first.width();
    let first = m.reg("first_q", bits, "first entry of the list");
    let end = m.reg("end_q", bits, "entry behind the last of the list");
    let last = m.reg("last_q", bits, "last entry of the list");
    let some = m.reg("some_q", 1, "the list is not empty");
    let label_rows = m.reg("label_rows_q", 8, "label rows after the list");
    let some_labels = m.reg("some_labels_q", 1, "there are label rows");
    let some_rows = m.reg("some_rows_q", 1, "there are rows, in the list or label rows");
    let some_now = m.net("some_now", first.ne_(&end), "the list is not empty");
    m.clocked(
        &io.clk,
        vec![
            some_rows.set(&some | &some_labels),
            first.set(io.first.e()),
            end.set(io.end.e()),
            last.set(end.dec()),
            some.set(&some_now),
            label_rows.set(io.label_rows.e()),
            some_labels.set(label_rows.any()),
        ],
    );
    List { first, last, some, label_rows, some_labels, some_rows }
}

/// Whether the word in work is the last one; words follow each other slowly, so a cycle late.
struct WordEnds {
    all: Sig,
    last: Sig,
}

fn word_ends(m: &mut Module, io: &Io, w: &Walk, words: &Sig, after: &Sig) -> WordEnds {
    let all = m.reg("all_words_q", 1, "update: every word is done, last writes");
    let last = m.reg("last_word_q", 1, "forward: the last word");
    m.clocked(
        &io.clk,
        vec![all.set(w.word.eq_(words)), last.set(after.eq_(io.stride.zext(after.width())))],
    );
    WordEnds { all, last }
}

/// What happens in the last cycle of a slot, decided in the cycle before.
struct SlotEnd {
    end: Sig,
    take: Sig,
    skip: Sig,
    restart: Sig,
}

fn slot_ends(m: &mut Module, io: &Io, w: &Walk) -> SlotEnd {
    let end = m.reg("slot_end_q", 1, "last cycle of a slot");
    let take = m.reg("take_q", 1, "in it: the next slot updates a row");
    let skip = m.reg("next_word_q", 1, "in it: the next slot loads the next word's factors");
    let round = m.output_reg("round_q_o", 1, "update of a row, phase 1: a rounding word is used");
    let ends = m.reg("slot_ends_q", 1, "last cycle but one of a slot");
    let goes_on = m.reg(
        "goes_on_q",
        1,
        "one cycle late: a row follows, the next of the word or the first of a word that has factors",
    );
    let leaves = m.reg("leaves_q", 1, "one cycle late: the factors of the next word follow");
    let goes = m.net("goes_on", &w.more & (&w.row_slot | &w.second & &io.any), "a row follows");
    let restart = m.reg("restart_q", 1, "the walk or a word of an update begins");
    m.clocked(
        &io.clk,
        vec![
            ends.set(&w.updating & w.phase.eq_const(5)),
            goes_on.set(&goes),
            leaves.set(!&goes & (&w.row_slot | &w.second)),
            restart.set(&io.starts | &ends & &leaves),
            end.set(&ends),
            take.set(&ends & &goes_on),
            round.set(&w.updating & &w.row_slot & w.phase.is_zero()),
            skip.set(&ends & &leaves),
        ],
    );
    SlotEnd { end, take, skip, restart }
}

struct Now {
    transfer: Sig,
    after: Sig,
    label_step: Expr,
    counts_from: Expr,
    held: Option<Expr>,
    transferred: Expr,
}

fn counters(m: &mut Module, io: &Io, w: &Walk, (n, ends, slot): (&Now, &WordEnds, &SlotEnd)) {
    m.section("Counters");
    let wait_bits = w.wait.width();
    m.clocked_comment(
        &io.clk,
        "Which word and slot.",
        vec![
            when(!&io.rst_n, vec![w.forward.set(lit(1, 0))])
                .or_when(&io.start, vec![w.forward.set(!&io.update)])
                .or_when(&n.transfer & &ends.last, vec![w.forward.set(lit(1, 0))]),
            when(!&io.rst_n, vec![w.updating.set(lit(1, 0))])
                .or_when(&io.start, vec![w.updating.set(io.update.e())])
                .or_when(&slot.end & &ends.all & !&w.row_slot, vec![w.updating.set(lit(1, 0))]),
            // The rows before a transfer are still on their way when it is decided.
            when(&io.start, vec![w.word.set(lit(w.word.width(), 0))])
                .or_when(n.transferred.clone() | &slot.skip, vec![w.word.set(n.after.e())]),
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
                        &slot.end,
                        vec![
                            w.before.set(w.row_slot.e()),
                            w.row_slot.set(slot.take.e()),
                            w.second.set(!&w.row_slot & !&w.second),
                        ],
                    ),
                ],
            ),
            // A walk begins with a few cycles in which last_word_q settles.
            when(&io.start, vec![w.wait.set(lit(wait_bits, (1 << wait_bits) - 4))])
                .or_when(n.counts_from.clone(), vec![w.wait.set(io.period.e())])
                .or_when(w.wait.bit(wait_bits - 1), vec![w.wait.set(w.wait.inc())]),
        ],
    );
}

fn rows(m: &mut Module, io: &Io, w: &Walk, list: &List, (n, slot): (&Now, &SlotEnd)) {
    // Behind the last row the flags stay 0, and whatever the counters do has no meaning.
    let advance =
        m.net("advance", &slot.restart | &w.forward | &slot.take, "the next row, or reload");
    // A short list must not come back again while its accumulators wait.
    let allowed = !w.wait.bit(w.wait.width() - 1);
    let ready = match &n.held {
        Some(held) => allowed & !held.clone(),
        None => allowed,
    };
    let parked = m.net(
        "parked",
        &slot.restart | !&w.more,
        "no row is left: the counters wait at the first row of the next word",
    );
    let further = m.net("further", w.ptr.ne_(&list.last), "another list row follows");
    let label_used = m.net(
        "label_used",
        n.label_step.clone() | &slot.take & !&w.has_row,
        "the label row's address is used up",
    );
    m.clocked_comment(
        &io.clk,
        "Which row.",
        vec![
            when(
                &advance,
                vec![
                    w.ptr.set(mux(&parked, list.first.e(), w.ptr.inc())),
                    when(&parked | &w.has_row, vec![w.labels.set(lit(8, 1))])
                        .otherwise(vec![w.labels.set(w.labels.inc())]),
                    // Rows come back with the transfer: as soon as it is allowed.
                    when(
                        &slot.restart,
                        vec![w.has_row.set(list.some.e()), w.more.set(list.some_rows.e())],
                    )
                    .or_when(
                        &w.more,
                        vec![
                            w.has_row.set(&w.has_row & &further),
                            w.more.set(mux(
                                &w.has_row,
                                &further | &list.some_labels,
                                w.labels.ne_(&list.label_rows),
                            )),
                        ],
                    )
                    .otherwise(vec![
                        w.has_row.set(&list.some & ready.clone()),
                        w.more.set(&list.some_rows & ready),
                    ]),
                ],
            ),
            when(&slot.restart | n.transferred.clone(), vec![w.label_at.set(io.label_base.e())])
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
    at: Expr,
    sum: Sig,
    rows: Sig,
    take_end: Expr,
    addr: Sig,
    plane: Sig,
    we: Sig,
    early: Option<(Sig, Sig)>,
    slices: Option<Slices>,
}

/// Plane of each phase of a slot. Reads: 2, 1, 0, 3 in phases 0, 1, 2, 4; writes: 2, 0, 1, 3 in
/// phases 3, 5, 6, 7.
const PLANES: [u64; 8] = [2, 1, 0, 2, 3, 0, 1, 3];

fn address(m: &mut Module, io: &Io, w: &Walk, p: Port) {
    m.section("Address of the weight memory");
    let b = p.addr.width();
    let row = m.reg("row_addr_q", b, "update: word of this slot's row");
    let old = m.reg("old_addr_q", b, "update: word of the slot before");
    let ph = |n: u64| w.phase.eq_const(n);
    let writes =
        m.net("write_phase", ph(3) | ph(5) | ph(6) | ph(7), "phases that write the row before");
    let planes: Vec<(u64, u64)> = (0..).zip(PLANES).collect();
    let plane = m.table("phase_plane", w.phase.e(), 2, &planes, 0, "plane of each phase");
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
    if let Some(early) = &p.early {
        early_address(m, io, w, &p, early);
    }
    m.clocked(
        &io.clk,
        vec![
            when(p.take_end, vec![row.set(p.at.clone()), old.set(row.e())]),
            when(
                &w.updating,
                vec![p.addr.set(mux(&writes, old.e(), row.e())), p.plane.set(plane.e())],
            )
            .or_when(&p.rows, vec![p.addr.set(p.at.clone()), p.plane.set(lit(2, 0))])
            .otherwise(vec![p.addr.set(io.host_addr.e()), p.plane.set(io.host_plane.e())]),
            p.we.set(mux(&w.updating, &writes & &w.before, !&w.forward & &io.host_we & &io.rst_n)),
        ],
    );
}

/// The address that leaves a cycle earlier: registers, so that all of the cycle is left for its way.
/// They turn from host to walk and back a cycle late, when nothing is read that has a meaning.
fn early_address(m: &mut Module, io: &Io, w: &Walk, p: &Port, (addr, plane): &(Sig, Sig)) {
    let walks = m.reg("early_walk_q", 1, "the walk has the early address, not the host");
    let at = m.reg("early_addr_q", p.addr.width(), "the walk's early address");
    let plane_q = m.reg("early_plane_q", 2, "its plane");
    let next: Vec<(u64, u64)> =
        (0..8).map(|phase| (phase, PLANES[(phase as usize + 1) % 8])).collect();
    let next = m.table("next_plane", w.phase.e(), 2, &next, 0, "plane of the phase after this one");
    m.clocked(
        &io.clk,
        vec![
            walks.set(&w.updating | &p.rows),
            // What comes out of phases that write means nothing, so that the row before is left out.
            when(!&w.updating, vec![at.set(p.sum.e())])
                .or_when(p.take_end.clone(), vec![at.set(p.at.clone())]),
            plane_q.set(mux(&w.updating, next.e(), lit(2, 0))),
        ],
    );
    m.assign(addr, mux(&walks, at.e(), io.host_addr.e()));
    m.assign(plane, mux(&walks, plane_q.e(), io.host_plane.e()));
}

/// The code of a forward row, two cycles behind its entry, when its word arrives.
fn input_code(m: &mut Module, io: &Io, entry: &Sig, x_mag: &Sig, x_neg: &Sig) {
    m.section("Input of a forward row");
    let code = m.reg("code_3_q", 4, "code of the row in stage 3");
    let magnitude = super::mac_input::magnitude(m, &code);
    m.clocked(
        &io.clk,
        vec![code.set(entry.bits(3, 0)), x_mag.set(magnitude.e()), x_neg.set(code.bit(3))],
    );
}

//! `deku_sequencer`: the order of things, from a queued sample to its result.

use super::scan::NONE;
use super::shape::{table_half, EngineShape, TABLE_BITS};
use deku_ref::regs;

use crate::ast::{cat, lit, mux, switch, when, Expr, Module, Sig, Stmt};

macro_rules! states {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        /// State numbers with their meaning.
        const STATES: &[(&str, u64, &str)] = &[$((stringify!($name), $value, $text)),*];
        $(#[allow(non_upper_case_globals)] const $name: u64 = $value;)*
    };
}

states! {
    StIdle = 0, "wait for a sample; its first word is being read";
    StHead1 = 1, "first word: kind, rate shift, label";
    StHead2 = 2, "second word: end of the first list";
    StHead3 = 3, "third word: end of the sample";
    StPass = 6, "a candidate's way through the stack begins";
    StLoad = 7, "read the parameters of a layer";
    StBuild = 8, "make the list of a hidden layer";
    StBuildWait = 9, "the list is being made";
    StPlace = 10, "where the codes of this layer live";
    StWalk = 11, "start the walk over the layer";
    StWalkWait = 12, "walk, drain and sum";
    StPassEnd = 13, "the candidate is through";
    StDraw = 14, "draw the rival of a layer";
    StDrawWait = 15, "the rival is being drawn";
    StScan = 16, "predict";
    StScanWait = 17, "the prediction is being made";
    StSeek = 18, "find the label rows of a candidate";
    StRedo = 19, "overlay: forward again for the rival of a layer";
    StPart = 20, "begin one side of a layer's update";
    StPartEnd = 21, "that side is done";
    StLayerEnd = 22, "go on with the next layer's update";
    StResult = 23, "hand over the result, free the list";
}

/// What a walk is for.
const CANDIDATES: u64 = 0;
const REDO_TRUTH: u64 = 1;
const REDO_RIVAL: u64 = 2;
const UPDATE: u64 = 3;

struct In {
    clk: Sig,
    rst_n: Sig,
    queued: Sig,
    list: Sig,
    room: Sig,
    host: Sig,
    table: Sig,
    dirty: Sig,
    layers: Sig,
    classes: Sig,
    copies: Sig,
    walk_busy: Sig,
    build_busy: Sig,
    scan_busy: Sig,
    count_busy: Sig,
    best: Sig,
}

struct Q {
    /// Names of the states, in the order of `STATES`.
    names: Vec<Sig>,
    state: Sig,
    mode: Sig,
    ptr: Sig,
    tail: Sig,
    kind: Sig,
    sh: Sig,
    truth: Sig,
    end_a: Sig,
    end_b: Sig,
    layer: Sig,
    candidate: Sig,
    rivals: Sig,
    updated: Sig,
    bank: Sig,
    rival_bank: Sig,
    redo: Sig,
    label_row: Sig,
    seek: Sig,
    part: Sig,
    step: Sig,
    loaded: Sig,
    loaded_layer: Sig,
    code_at: Sig,
    columns: Sig,
    stride: Sig,
    base: Sig,
    shift: Sig,
    mask_base: Sig,
    code_base: Sig,
    below_base: Sig,
    below_words: Sig,
}

impl Q {
    /// The named constant of a state.
    fn named(&self, state: u64) -> &Sig {
        let at =
            STATES.iter().position(|(_, value, _)| *value == state).expect("a state of the table");
        &self.names[at]
    }
    /// In that state.
    fn is(&self, state: u64) -> Expr {
        self.state.eq_(self.named(state))
    }
}

fn inputs(m: &mut Module) -> In {
    In {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        queued: m.input("queued_i", 1, "there are samples to do, one cycle late"),
        list: m.input("list_data_i", 16, "list memory, low bits of the entry read"),
        room: m.input("result_room_i", 1, "a result can be taken"),
        host: m.input("host_active_i", 1, "the host uses the memories"),
        table: m.input("table_data_i", 16, "table, half register read one cycle before"),
        dirty: m.input("table_dirty_i", 1, "the layer table was written"),
        layers: m.input("layers_i", 3, "layers of the stack"),
        classes: m.input("classes_i", 9, "classes"),
        copies: m.input("copies_i", 8, "rows per label"),
        walk_busy: m.input("walk_busy_i", 1, "walker, activation or goodness at work"),
        build_busy: m.input("build_busy_i", 1, "builder at work"),
        scan_busy: m.input("scan_busy_i", 1, "scan at work"),
        count_busy: m.input("counters_busy_i", 1, "counters at work"),
        best: m.input("rival_i", 8, "rival drawn"),
    }
}

fn registers(m: &mut Module, s: &EngineShape) -> Q {
    let (b, r, cw) = (s.base_bits(), s.list_bits(), s.code_word_bits());
    m.section("States");
    let names =
        STATES.iter().map(|(name, value, text)| m.constant(name, 5, *value, text)).collect();
    m.section("Registers");
    Q {
        names,
        state: m.reg("state_q", 5, "what is being done"),
        mode: m.reg(
            "mode_q",
            2,
            "what a walk is for: 0 candidates, 1 truth again, 2 rival again, 3 update",
        ),
        ptr: m.reg("ptr_q", r + 1, "header word to read, then the begin of the first list"),
        tail: m.reg("tail_q", r + 1, "first list entry in use"),
        kind: m.reg("kind_q", 3, "kind of the record"),
        sh: m.reg("rate_shift_q", 4, "rate shift"),
        truth: m.reg("truth_q", 8, "the true candidate; with masks or label rows the label"),
        end_a: m.reg("end_a_q", r, "end of the first list, begin of the second"),
        end_b: m.reg("end_b_q", r + 1, "end of the sample"),
        layer: m.reg("layer_q", 2, "layer in work"),
        candidate: m.reg("candidate_q", s.class_bits(), "candidate in work"),
        rivals: m.reg("rivals_q", 32, "rivals drawn, layer 0 in the low byte"),
        updated: m.reg("updated_q", 4, "layers whose rival is not the truth"),
        bank: m.reg("bank_q", cw, "bank of the activation memory in work"),
        rival_bank: m.reg(
            "rival_bank_q",
            cw,
            "bank of the second input, or of the rival of a layer",
        ),
        redo: m.reg("redo_q", 2, "layer whose rival goes through the stack again"),
        label_row: m.reg("label_row_q", b, "first label row of the candidate"),
        seek: m.reg("seek_q", 8, "label whose row is reached"),
        part: m.reg("part_q", 1, "second side of an update"),
        step: m.reg("step_q", 3, "step inside a state that takes several cycles"),
        loaded: m.reg("loaded_q", 1, "the parameters of a layer are valid"),
        loaded_layer: m.reg("loaded_layer_q", 2, "that layer"),
        code_at: m.reg("code_at_q", cw, "first word of a layer's codes"),
        columns: m.reg("columns_q", 12, "columns of the layer"),
        stride: m.reg("stride_q", 8, "words of a slice in a row"),
        base: m.reg("base_q", b, "address of row 0"),
        shift: m.reg("shift_q", 4, "scale S"),
        mask_base: m.reg("mask_base_q", s.mask_bits(), "first mask word"),
        code_base: m.reg("code_base_q", cw, "first word of the codes inside a bank"),
        below_base: m.reg("below_base_q", cw, "the same of the layer below"),
        below_words: m.reg("below_words_q", 8, "words of the layer below"),
    }
}

/// Facts that follow from the record's kind.
struct Kind {
    masks: Sig,
    pair: Sig,
    single: Sig,
    overlay: Sig,
    training: Sig,
    sided: Sig,
}

fn kind(m: &mut Module, q: &Q) -> Kind {
    m.section("What the record's kind means");
    let is = |n: u64| q.kind.eq_const(n);
    Kind {
        masks: m.net("masks", is(0) | is(1), "classes own columns"),
        pair: m.net("pair", is(2), "two inputs"),
        single: m.net("single", is(3) | is(4), "one input against the threshold"),
        overlay: m.net("overlay", is(5) | is(6), "label rows"),
        training: m.net("training", !(is(0) | is(6)), "an update may follow"),
        sided: m.net("two_sided", is(2) | is(5), "an update has a positive and a negative side"),
    }
}

/// The block.
pub fn sequencer(s: &EngineShape) -> Module {
    let mut m = Module::new(
        "deku_sequencer",
        "Takes one sample after the other from the list memory and does what its kind asks for: forward passes of all candidates, \
         draw of a rival per layer, prediction, updates (layer by layer, with the codes from before any of them), result. In a label overlay \
         the codes of the truth and of each layer's rival are computed again before the first update.",
    );
    let mut i = inputs(&mut m);
    let q = registers(&mut m, s);
    // Between a request and the next question there are two cycles at least.
    let late = m.reg("counters_busy_q", 1, "counters at work, one cycle late");
    m.clocked(&i.clk, vec![late.set(&i.count_busy)]);
    i.count_busy = late;
    let k = kind(&mut m, &q);
    let st = |n: u64| q.is(n);

    let d = decisions(&mut m, s, &i, &q, &k);
    let code_at = m.net(
        "code_sum",
        &q.bank + mux(q.is(StBuild), q.below_base.e(), q.code_base.e()),
        "first word of the codes to work on",
    );

    let mut arms = heads(&i, &q, &k, &d);
    arms.extend(passes(s, &i, &q, &k, &d, &code_at));
    arms.extend(scans(s, &i, &q, &k, &d));
    arms.extend(updates(s, &i, &q, &k, &d));
    m.clocked_comment(
        &i.clk,
        "The order of things.",
        vec![when(
            !&i.rst_n,
            vec![
                go(&q, StIdle),
                q.tail.set(lit(q.tail.width(), 0)),
                q.ptr.set(lit(q.ptr.width(), 0)),
            ],
        )
        .otherwise(vec![switch(
            &q.state,
            arms.into_iter().map(|(state, body)| (q.named(state), body)).collect::<Vec<_>>(),
            vec![go(&q, StIdle)],
        )])],
    );
    parameters(&mut m, s, &i, &q, &d);
    let working = m.reg("working_q", 1, "a sample was in work one cycle ago");
    m.clocked(&i.clk, vec![working.set(!st(StIdle))]);
    outputs(&mut m, s, &i, &q, &k, &d, (&st, &working));
    m
}

/// What the states ask. All but the last are registers, one cycle late: what they depend on
/// settles a state earlier.
struct Decisions {
    start: Sig,
    pending: Sig,
    last_layer: Sig,
    last_candidate: Sig,
    rival: Sig,
    last_pass: Sig,
    at_last: Sig,
    at_pass_end: Sig,
    redo_last: Sig,
    reached: Sig,
    missing: Sig,
    differs: Sig,
    none_updated: Sig,
    to_do: Sig,
    whole: Sig,
    minus: Sig,
    mode_update: Sig,
    overlay_walk: Sig,
}

fn decisions(m: &mut Module, s: &EngineShape, i: &In, q: &Q, k: &Kind) -> Decisions {
    m.section(
        "Decisions, most of them one cycle late: what they depend on settles a state earlier",
    );
    let mut late = |name: &str, value: Expr, comment: &str| {
        let reg = m.reg(name, value.width(), comment);
        m.clocked(&i.clk, vec![reg.set(value)]);
        reg
    };
    let ci = s.class_bits();
    let last_layer =
        late("last_layer_q", i.layers.bits(1, 0) - lit(2, 1), "last layer of the stack");
    let last_candidate = late("last_class_q", i.classes.bits(ci - 1, 0) - lit(ci, 1), "last class");
    let idle = q.is(StIdle);
    let pass_layer = mux(q.mode.eq_const(REDO_RIVAL), q.redo.e(), last_layer.e());
    let rival = late("rival_q", rival_of(q), "rival of the layer in work");
    let d = Decisions {
        start: late("start_q", &i.rst_n & q.is(StWalk) & !&i.count_busy, "a walk begins"),
        pending: late("pending_q", idle & &i.queued & &i.room & !&i.host, "a sample can begin"),
        rival: rival.clone(),
        last_pass: late(
            "last_pass_q",
            mux(&k.overlay, q.candidate.eq_(&last_candidate), !&k.pair | q.candidate.any()),
            "no further candidate",
        ),
        at_last: late("at_last_q", q.layer.eq_(&last_layer), "the layer is the last one"),
        at_pass_end: late("at_pass_end_q", q.layer.eq_(pass_layer), "last layer of the pass"),
        redo_last: late("redo_last_q", q.redo.eq_(&last_layer), "the last rival goes through"),
        differs: late(
            "differs_q",
            i.best.ne_(&q.truth),
            "the rival drawn is not the truth; the scan is seen to end a cycle late as well",
        ),
        none_updated: late("none_updated_q", !q.updated.any(), "no layer is to be updated"),
        to_do: late("to_do_q", q.updated.bit_at(&q.layer), "the layer is to be updated"),
        whole: late("whole_q", !&k.masks, "the candidate owns every column"),
        minus: late("minus_q", q.part.e() | q.kind.eq_const(4), "without masks: d = -y"),
        reached: late(
            "reached_q",
            q.seek.eq_(mux(
                q.mode.eq_const(REDO_TRUTH) | q.mode.eq_const(UPDATE) & !&q.part,
                q.truth.e(),
                rival.e(),
            )),
            "seeking has come to its label",
        ),
        missing: late(
            "missing_q",
            !(&q.loaded & q.loaded_layer.eq_(&q.layer)),
            "the parameters are those of another layer",
        ),
        overlay_walk: late(
            "overlay_walk_q",
            &k.overlay & q.mode.eq_const(CANDIDATES),
            "a candidate is a label row",
        ),
        mode_update: m.net("for_update", q.mode.eq_const(UPDATE), "the walk is an update"),
        last_layer,
        last_candidate,
    };
    m.unused("unused_layers", vec![i.layers.bit(2)], "4 layers are 0 in two bits");
    if ci < 8 {
        m.unused(
            "unused_classes",
            vec![i.classes.bits(8, ci)],
            "at most the configured number of classes",
        );
    }
    d
}

/// Rival of the layer in work.
fn rival_of(q: &Q) -> Expr {
    let at = |n: u32| mux(q.mode.eq_const(UPDATE), q.layer.bit(n), q.redo.bit(n));
    let of = |n: u32| q.rivals.bits(8 * n + 7, 8 * n);
    mux(at(1), mux(at(0), of(3), of(2)), mux(at(0), of(1), of(0)))
}

fn go(q: &Q, state: u64) -> Stmt {
    q.state.set(q.named(state))
}

type Arm = (u64, Vec<Stmt>);

/// The true candidate of a record, from its first word: kind in bits 15:13, label in the low byte. Of
/// a pair the first input is, of a single input the one of its sign.
fn truth_of(word: &Sig) -> Expr {
    let is = |n: u64| word.bits(15, 13).eq_const(n);
    mux(is(2), lit(8, 0), mux(is(3) | is(4), cat([lit(7, 0), word.bit(15)]), word.bits(7, 0)))
}

fn heads(i: &In, q: &Q, k: &Kind, d: &Decisions) -> Vec<Arm> {
    let r = q.ptr.width() - 1;
    let advance = || q.ptr.set(q.ptr.inc());
    vec![
        (StIdle, vec![when(&d.pending, vec![advance(), go(q, StHead1)])]),
        (
            StHead1,
            vec![
                q.kind.set(i.list.bits(15, 13)),
                q.sh.set(i.list.bits(12, 9)),
                q.truth.set(truth_of(&i.list)),
                advance(),
                go(q, StHead2),
            ],
        ),
        (StHead2, vec![q.end_a.set(i.list.bits(r - 1, 0)), advance(), go(q, StHead3)]),
        (
            StHead3,
            vec![
                q.end_b.set(i.list.bits(r, 0)),
                // A pair has one more word in front of its entries.
                when(&k.pair, vec![advance()]),
                q.mode.set(lit(2, CANDIDATES)),
                q.candidate.set(lit(q.candidate.width(), 0)),
                q.bank.set(lit(q.bank.width(), 0)),
                q.updated.set(lit(4, 0)),
                go(q, StPass),
            ],
        ),
    ]
}

fn passes(s: &EngineShape, i: &In, q: &Q, k: &Kind, d: &Decisions, code_at: &Sig) -> Vec<Arm> {
    let not_first = || q.layer.any();
    vec![
        (StPass, vec![q.layer.set(lit(2, 0)), q.step.set(lit(3, 0)), go(q, StLoad)]),
        (
            StLoad,
            vec![
                // Step 0 is there to find out whether anything has to be read.
                q.step.set(q.step.inc()),
                when(
                    q.step.any() & !&d.missing | q.step.eq_const(6),
                    vec![
                        q.step.set(lit(3, 0)),
                        when(&d.mode_update & !&d.to_do, vec![go(q, StLayerEnd)])
                            .or_when(&d.mode_update, vec![go(q, StPart)])
                            .or_when(not_first(), vec![go(q, StBuild)])
                            .otherwise(vec![go(q, StPlace)]),
                    ],
                ),
            ],
        ),
        (StBuild, vec![q.code_at.set(code_at.e()), go(q, StBuildWait)]),
        (StBuildWait, vec![when(!&i.build_busy, vec![go(q, StPlace)])]),
        (StPlace, vec![q.code_at.set(code_at.e()), go(q, StWalk)]),
        (StWalk, vec![when(!&i.count_busy, vec![go(q, StWalkWait)])]),
        (
            StWalkWait,
            vec![when(
                !&i.walk_busy,
                vec![when(&d.mode_update, vec![go(q, StPartEnd)])
                    .or_when(&d.at_pass_end, vec![go(q, StPassEnd)])
                    .otherwise(vec![q.layer.set(q.layer.inc()), go(q, StLoad)])],
            )],
        ),
        (
            StPassEnd,
            vec![switch(
                &q.mode,
                vec![
                    (
                        CANDIDATES,
                        vec![
                            q.layer.set(lit(2, 0)),
                            // None is drawn yet; the last sample's are counted by now.
                            q.rivals.set(lit(8, NONE).repeat(4)),
                            when(
                                !&d.last_pass,
                                vec![
                                    q.candidate.set(q.candidate.inc()),
                                    when(&k.pair, vec![q.bank.set(bank_words(s, i))]),
                                    go(q, StPass),
                                ],
                            )
                            .or_when(&k.training, vec![go(q, StDraw)])
                            .otherwise(vec![go(q, StScan)]),
                        ],
                    ),
                    (
                        REDO_TRUTH,
                        vec![
                            q.mode.set(lit(2, REDO_RIVAL)),
                            q.redo.set(lit(2, 0)),
                            q.layer.set(lit(2, 0)),
                            go(q, StRedo),
                        ],
                    ),
                ],
                vec![
                    q.rival_bank.set(&q.rival_bank + bank_words(s, i)),
                    q.redo.set(q.redo.inc()),
                    when(
                        &d.redo_last,
                        vec![
                            begin_updates(q),
                            go(q, StLoad),
                            q.rival_bank.set(bank_words(s, i)),
                            q.layer.set(lit(2, 0)),
                            q.part.set(lit(1, 0)),
                        ],
                    )
                    .otherwise(vec![go(q, StRedo)]),
                ],
            )],
        ),
        (
            StRedo,
            vec![
                // The layer's codes are only needed if it will be updated.
                when(q.updated.bit_at(&q.redo), vec![q.bank.set(q.rival_bank.e()), go(q, StSeek)])
                    .otherwise(vec![go(q, StPassEnd)]),
            ],
        ),
    ]
}

/// Size of a bank in words of a slice, if the table shows it.
fn bank_words(s: &EngineShape, i: &In) -> Expr {
    i.table.bits(s.code_word_bits() - 1 + s.slice_bits(), s.slice_bits())
}

fn begin_updates(q: &Q) -> Stmt {
    q.mode.set(lit(2, UPDATE))
}

fn scans(s: &EngineShape, i: &In, q: &Q, k: &Kind, d: &Decisions) -> Vec<Arm> {
    let drawn = |lo: u32| q.rivals.set_bits(lo + 7, lo, i.best.e());
    vec![
        (StDraw, vec![go(q, StDrawWait)]),
        (
            StDrawWait,
            vec![when(
                !&i.scan_busy,
                vec![
                    switch(
                        &q.layer,
                        vec![
                            (0u64, vec![drawn(0)]),
                            (1u64, vec![drawn(8)]),
                            (2u64, vec![drawn(16)]),
                        ],
                        vec![drawn(24)],
                    ),
                    q.updated.set_bit_at(&q.layer, &d.differs),
                    q.layer.set(q.layer.inc()),
                    when(&d.at_last, vec![go(q, StScan)]).otherwise(vec![go(q, StDraw)]),
                ],
            )],
        ),
        (StScan, vec![go(q, StScanWait)]),
        (
            StScanWait,
            vec![when(
                !&i.scan_busy,
                vec![
                    q.layer.set(lit(2, 0)),
                    q.part.set(lit(1, 0)),
                    q.step.set(lit(3, 0)),
                    q.bank.set(lit(q.bank.width(), 0)),
                    q.rival_bank.set(bank_words(s, i)),
                    when(&d.none_updated, vec![go(q, StResult)])
                        .or_when(&k.overlay, vec![q.mode.set(lit(2, REDO_TRUTH)), go(q, StSeek)])
                        .otherwise(vec![begin_updates(q), go(q, StLoad)]),
                ],
            )],
        ),
    ]
}

fn updates(s: &EngineShape, i: &In, q: &Q, k: &Kind, d: &Decisions) -> Vec<Arm> {
    let cw = s.code_word_bits();
    vec![
        // Label rows: from the first label (the table shows its row in step 1) on, two cycles per label.
        (
            StSeek,
            vec![
                q.step.set(cat([lit(1, 0), q.step.any(), !q.step.bit(0)])),
                when(q.step.is_zero(), vec![q.seek.set(lit(8, 0))]).or_when(
                    q.step.eq_const(2),
                    vec![
                        q.seek.set(q.seek.inc()),
                        when(
                            &d.reached,
                            vec![
                                q.step.set(lit(3, 0)),
                                when(
                                    &d.mode_update,
                                    vec![when(q.layer.any(), vec![go(q, StBuild)])
                                        .otherwise(vec![go(q, StPlace)])],
                                )
                                .otherwise(vec![go(q, StPass)]),
                            ],
                        ),
                    ],
                ),
            ],
        ),
        (
            StPart,
            vec![
                q.bank.set(q.rival_bank.e() & q.part.repeat(cw)),
                when(&k.overlay, vec![go(q, StSeek)])
                    .or_when(q.layer.any(), vec![go(q, StBuild)])
                    .otherwise(vec![go(q, StPlace)]),
            ],
        ),
        (
            StPartEnd,
            vec![when(&k.sided & !&q.part, vec![q.part.set(lit(1, 1)), go(q, StPart)])
                .otherwise(vec![q.part.set(lit(1, 0)), go(q, StLayerEnd)])],
        ),
        // Two cycles: the table has to show the size of a bank.
        (
            StLayerEnd,
            vec![when(q.step.is_zero(), vec![q.step.set(lit(3, 1))]).otherwise(vec![
                q.layer.set(q.layer.inc()),
                q.step.set(lit(3, 0)),
                // In an overlay every layer's rival has a bank of its own.
                when(&k.overlay, vec![q.rival_bank.set(&q.rival_bank + bank_words(s, i))]),
                when(&d.at_last, vec![go(q, StResult)]).otherwise(vec![go(q, StLoad)]),
            ])],
        ),
        (StResult, vec![q.tail.set(q.end_b.e()), q.ptr.set(q.end_b.e()), go(q, StIdle)]),
    ]
}

/// Parameters of a layer, read in seven steps; label rows of a candidate.
fn parameters(m: &mut Module, s: &EngineShape, i: &In, q: &Q, d: &Decisions) {
    let (b, kb, cw) = (s.base_bits(), s.slice_bits(), s.code_word_bits());
    let loading = m.net("loading", q.is(StLoad) & &d.missing, "parameters are being read");
    let half = |hi: u32, lo: u32| i.table.bits(hi, lo);
    m.clocked_comment(
        &i.clk,
        "Parameters of the layer; a half register arrives one step after its address.",
        vec![
            when(!&i.rst_n | &i.dirty, vec![q.loaded.set(lit(1, 0))]).or_when(
                &loading & q.step.eq_const(6),
                vec![q.loaded.set(lit(1, 1)), q.loaded_layer.set(q.layer.e())],
            ),
            when(
                &loading,
                vec![switch(
                    &q.step,
                    vec![
                        (
                            1u64,
                            vec![
                                q.below_base.set(q.code_base.e()),
                                q.below_words.set(q.stride.e()),
                                q.stride.set(half(7, kb).zext(8)),
                            ],
                        ),
                        (2u64, vec![q.columns.set(half(11, 0))]),
                        (3u64, vec![q.shift.set(half(3, 0))]),
                        (4u64, vec![q.base.set(half(b - 1 + kb, kb))]),
                        (5u64, vec![q.code_base.set(half(cw - 1 + kb, kb))]),
                        (6u64, vec![q.mask_base.set(half(s.mask_bits() - 1, 0))]),
                    ],
                    vec![],
                )],
            ),
        ],
    );
    let widest = (b + kb).max(cw + kb).max(s.mask_bits()).max(12);
    if widest < 16 {
        m.unused(
            "unused_table",
            vec![i.table.bits(15, widest)],
            "the memories are smaller than the map allows",
        );
    }
    let first = m.net(
        "first_label",
        q.is(StHead3) | q.is(StSeek) & !q.step.bit(1),
        "begin with label 0: the table shows its first row",
    );
    let moves = m.net(
        "label_moves",
        q.is(StHead3)
            // Step 1, or step 3: the label was not reached.
            | q.is(StSeek) & q.step.bit(0)
            | q.is(StPassEnd) & q.mode.eq_const(CANDIDATES),
        "begin, or one label further",
    );
    let rows = i.table.bits(b - 1 + kb, kb);
    m.clocked_comment(
        &i.clk,
        "Label rows of the candidate.",
        vec![when(
            &moves,
            vec![q.label_row.set(mux(&first, rows.clone(), &q.label_row + rows.clone()))],
        )],
    );
}

/// What the table is asked for: in StLoad the parameters of a layer, otherwise what the next state needs.
fn table_address(k: &Kind, q: &Q, d: &Decisions) -> Expr {
    let half = |register, low| lit(TABLE_BITS, table_half(register, low));
    let seek = || q.is(StSeek);
    let head = q.state.le(q.named(StHead3));
    // Only a label overlay seeks.
    let steps = seek() | q.is(StWalkWait) & &d.overlay_walk;
    let other = mux(
        head | seek() & q.step.is_zero(),
        half(&regs::OVERLAY, false),
        mux(
            steps,
            half(&regs::OVERLAY_STEP, true),
            mux(&k.single, half(&regs::THETA, true), half(&regs::CODE_BANK, true)),
        ),
    );
    mux(q.is(StLoad), cat([lit(1, 0), q.layer.e(), q.step.e()]), other)
}

/// n > limit in a few look-up tables, for a limit of the form 2^k - 2 or 2^k - 3.
fn above(n: &Sig, limit: u32) -> Expr {
    let k = (limit + 1).next_power_of_two().trailing_zeros();
    let low = n.bits(k - 1, 0);
    let beyond =
        (limit + 1..1 << k).fold(lit(1, 0), |any, v| any | low.clone().eq_const(u64::from(v)));
    n.bits(n.width() - 1, k).any() | beyond
}

fn outputs(
    m: &mut Module,
    s: &EngineShape,
    i: &In,
    q: &Q,
    k: &Kind,
    d: &Decisions,
    (st, working): (&dyn Fn(u64) -> Expr, &Sig),
) {
    m.section("To the other blocks");
    let list_bits = s.list_bits();
    let mut out = |name: &str, value: Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    let head = q.state.le(q.named(StHead3));
    out("reading_head_o", head, "the list memory is read at head_addr_o");
    out("head_addr_o", q.ptr.bits(list_bits - 1, 0), "header word to read");
    out("queue_tail_o", q.tail.e(), "first list entry in use");
    out("busy_o", working | &i.count_busy, "a sample is in work, or was one cycle ago");
    out("table_addr_o", table_address(k, q, d), "half register of the table to read");
    out("layer_o", q.layer.e(), "layer in work");
    out("last_layer_o", d.last_layer.e(), "last layer of the stack");
    out("columns_o", q.columns.e(), "columns of the layer");
    out("stride_o", q.stride.e(), "words of a slice in a row");
    out("base_o", q.base.e(), "address of row 0");
    out("shift_o", q.shift.e(), "scale S of the layer");
    out("mask_base_o", q.mask_base.e(), "first mask word of the layer");
    out("code_at_o", q.code_at.e(), "first word of the codes in work");
    out("below_words_o", q.below_words.e(), "words of the layer below");
    out("build_start_o", st(StBuild), "make the list of a hidden layer");
    let go_walk = st(StWalk) & !&i.count_busy;
    out("walk_starts_o", go_walk, "walk over the layer, from the next cycle on");
    out("walk_start_o", d.start.e(), "walk over the layer");
    out("layer_start_o", &d.start & !&d.mode_update, "forward: the layer begins");
    out("flips_clear_o", &d.start & &d.mode_update & !&q.part, "update: count flips from 0");
    out("for_update_o", d.mode_update.e(), "the walk is an update");
    out("hidden_o", q.layer.any(), "rows come from the hidden list");
    let second = &k.pair & mux(&d.mode_update, q.part.e(), q.candidate.bit(0));
    out(
        "first_o",
        mux(
            q.layer.any(),
            lit(list_bits, 0),
            mux(second.clone(), q.end_a.e(), q.ptr.bits(list_bits - 1, 0)),
        ),
        "first entry of the list",
    );
    out(
        "end_o",
        mux(second, q.end_b.bits(list_bits - 1, 0), q.end_a.e()),
        "entry behind the last of the list",
    );
    out(
        "label_rows_o",
        i.copies.e() & (&k.overlay & !q.layer.any()).repeat(8),
        "label rows after the list",
    );
    out("label_row_o", q.label_row.e(), "first of them");
    // parts * classes + stages + 1 cycles and no fewer than 33; while a transfer is in the first stages + 1 -
    // parts stages the walker does not count, and -parts * classes - parts is a mere inversion.
    let (pb, hold) = (s.period_bits(), u64::from(s.row_stages() + 1 - s.parts()));
    let slow = &k.masks & above(&i.classes, 26 / s.parts());
    let top = pb - s.part_bits();
    let classes = if top <= 9 { i.classes.bits(top - 1, 0) } else { i.classes.zext(top) };
    let parts = cat([!classes, lit(s.part_bits(), 0)]);
    out(
        "period_o",
        mux(slow, parts, lit(pb, (1 << pb) - 33 + hold)),
        "minus the wait between two words: drain, or the reads of every class and their tail",
    );
    out("whole_o", d.whole.e(), "the candidate owns every column");
    out("sums_o", q.mode.eq_const(CANDIDATES), "goodness of the candidate is kept");
    out("candidate_o", q.candidate.e(), "candidate in work");
    out("last_class_o", d.last_candidate.e(), "last class");
    out("rate_shift_o", q.sh.e(), "rate shift");
    out("minus_o", d.minus.e(), "without masks: d = -y");
    out("truth_o", q.truth.e(), "the true candidate");
    out("rival_o", d.rival.e(), "rival of the layer in work");
    out("scan_start_o", st(StDraw) | st(StScan), "look through the candidates");
    out("scan_noise_o", st(StDraw), "draw");
    out("scan_two_o", &k.pair | &k.single, "two candidates, whatever the number of classes");
    let forward_end = st(StWalkWait) & !&i.walk_busy;
    out(
        "count_forward_o",
        forward_end.clone() & q.mode.eq_const(CANDIDATES),
        "count a forward pass",
    );
    out(
        "theta_we_o",
        forward_end & &k.single & q.mode.eq_const(CANDIDATES),
        "the threshold becomes candidate 1",
    );
    out("count_update_o", st(StPartEnd) & !(&k.sided & !&q.part), "count an update");
    let result = m.net("result", st(StResult), "the sample is finished");
    let mut out = |name: &str, value: Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    out("result_valid_o", result.e(), "the result is complete");
    out("count_sample_o", &result & &k.training, "count a training example");
    out("updated_o", q.updated.e(), "layers that were updated");
    out("rivals_o", q.rivals.e(), "rivals drawn, layer 0 in the low byte");
    out("result_rival_o", q.rivals.bits(7, 0), "rival of layer 0, 255 if none was drawn");
}

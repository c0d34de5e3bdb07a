//! `deku_engine`: everything between the list memory and the result.

use super::activation::{activation, own_columns};
use super::builder::builder;
use super::counters::counters;
use super::goodness::{goodness, masked_sum, square, square_pair, GOODNESS_BITS};
use super::mac_lanes::{mac_lanes, mac_pair_interface};
use super::planes_out::planes_out;
use super::ram;
use super::scan::scan;
use super::sequencer::sequencer;
use super::shape::{EngineShape, HALF_COLUMNS, WORD_COLUMNS};
use super::update::update;
use super::update_lane::update_lane;
use super::walker::walker;
use super::wiring::{fit, Wiring};
use super::xorshift::xorshift;
use crate::ast::{cat, lit, mux, Expr, Interface, Module, Sig};

/// The weight memory of one slice.
pub fn weight_ram_interface(s: &EngineShape) -> Interface {
    let name = if s.early_reads { "deku_weight_ram_2p" } else { "deku_weight_ram" };
    let ram = Interface::primitive(name).param("DEPTH").param("ADDR_BITS").input("clk_i", 1);
    let ram = match s.early_reads {
        true => ram.input("early_plane_i", 2).input("early_addr_i", s.base_bits()),
        false => ram,
    };
    ram.input("plane_i", 2)
        .input("addr_i", s.base_bits())
        .input("we_i", 1)
        .input("wdata_i", 64)
        .output("rdata_o", 64)
}

/// All modules of the engine, leaves first, the engine last.
pub fn engine_modules(s: &EngineShape) -> Vec<Module> {
    let square = if s.part_columns() == 8 { square_pair() } else { square() };
    let mut all = vec![xorshift(), square, masked_sum(s), update_lane(), mac_lanes(s)];
    all.extend((0..s.slices).map(|k| activation(s, k)));
    all.extend([
        goodness(s),
        scan(s),
        counters(),
        builder(s),
        planes_out(s),
        update(s),
        walker(s),
        sequencer(s),
        engine(s),
    ]);
    all
}

/// Hand-written modules the engine uses.
pub fn engine_primitives(s: &EngineShape) -> Vec<Interface> {
    let mut all = vec![weight_ram_interface(s)];
    if s.mac_pairs > 0 {
        all.push(mac_pair_interface());
    }
    all
}

struct Io {
    clk: Sig,
    rst_n: Sig,
    list_data: Sig,
    queued: Sig,
    room: Sig,
    result_shift: Sig,
    layers: Sig,
    class_bits: Sig,
    classes: Sig,
    temperature: Sig,
    theta_high: Sig,
    copies: Sig,
    table: Sig,
    dirty: Sig,
    addr: Sig,
    sub: Sig,
    active: Sig,
    latent_we: Sig,
    push: Sig,
    pop: Sig,
    mask_we: Sig,
    wdata: Sig,
    seed_we: Sig,
    counter_addr: Sig,
    counter_clear: Sig,
}

fn inputs(m: &mut Module, s: &EngineShape) -> Io {
    Io {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        list_data: m.input(
            "list_data_i",
            s.entry_bits(),
            "list memory: entry read one cycle before",
        ),
        queued: m.input("queued_i", 1, "there are samples to do, one cycle late"),
        room: m.input("result_room_i", 1, "a result can be taken"),
        result_shift: m.input("result_shift_i", 1, "show the next byte of the sums"),
        layers: m.input("layers_i", 3, "layers of the stack"),
        class_bits: m.input("class_bits_i", 4, "log2 of the spacing of mask words"),
        classes: m.input("classes_i", 9, "classes"),
        temperature: m.input("temperature_i", 4, "k of the temperature 2^k"),
        theta_high: m.input("theta_high_i", 4, "high bits of the threshold of the single phase"),
        copies: m.input("copies_i", 8, "rows per label"),
        table: m.input("table_data_i", 16, "table: half register read one cycle before"),
        dirty: m.input("table_dirty_i", 1, "the layer table was written"),
        addr: m.input("host_addr_i", 16, "unit of the host's access"),
        sub: m.input("host_sub_i", 2, "plane of a latent word, or half of a mask word"),
        active: m.input("host_active_i", 1, "the memories belong to the host"),
        latent_we: m.input("latent_we_i", 1, "write a plane of a latent word"),
        push: m.input(
            "latent_push_i",
            1,
            "shift bus_wdata_i into the plane to write, high bits first",
        ),
        pop: m.input("latent_pop_i", 1, "shift the plane read: the next 16 bits"),
        mask_we: m.input("mask_we_i", 1, "write half a mask word"),
        wdata: m.input("bus_wdata_i", 16, "value for masks and generators"),
        seed_we: m.input(
            "seed_we_i",
            4,
            "write rival high, rival low, rounding high, rounding low",
        ),
        counter_addr: m.input("counter_addr_i", 6, "half register to read, from register 0x40 on"),
        counter_clear: m.input("counter_clear_i", 1, "set the counters to 0"),
    }
}

/// The engine.
pub fn engine(s: &EngineShape) -> Module {
    let mut m = Module::new(
        "deku_engine",
        "The learning engine: takes samples from the list memory, trains or infers, hands over results. Owns latents, masks, \
         activations, goodness, both random generators and the counters.",
    );
    let io = inputs(&mut m, s);
    let mut w = Wiring::default();
    declare(&mut m, &mut w, s);
    let (build_busy, scan_busy) = control(&mut m, &w, s, &io);
    let load = slices(&mut m, &w, s, &io);
    let step = memories(&mut m, &w, s, &io, &build_busy);
    sums(&mut m, &w, s, &io, (&step, &scan_busy));
    updates(&mut m, &w, s, &io, &load);
    outputs(&mut m, &w);
    m
}

fn declare(m: &mut Module, w: &mut Wiring, s: &EngineShape) {
    m.section("Sequencer");
    w.declare(m, "seq", &sequencer(s));
    m.section("Walker");
    w.declare(m, "walk", &walker(s));
    m.section("Builder of hidden lists");
    w.declare(m, "build", &builder(s));
    for k in 0..s.slices {
        m.section(&format!("Slice {k}"));
        w.declare(m, &format!("weights_{k}"), &weight_ram_interface(s));
        w.declare(m, &format!("lanes_{k}"), &mac_lanes(s));
        w.declare(m, &format!("act_{k}"), &activation(s, k));
        w.declare(m, &format!("codes_{k}"), &ram::interface(s.part_code_bits(), s.code_entries()));
        w.declare(m, &format!("masks_{k}"), &ram::interface(HALF_COLUMNS, 2 * s.mask_words));
    }
    m.section("Goodness, scan, update, counters");
    w.declare(m, "good", &goodness(s));
    w.declare(m, "goodness", &ram::interface(GOODNESS_BITS, 4 * s.max_classes));
    w.declare(m, "scan", &scan(s));
    w.declare(m, "update", &update(s));
    w.declare(m, "rounding", &xorshift());
    w.declare(m, "counters", &counters());
}

fn clocked(io: &Io) -> Vec<(&'static str, Expr)> {
    vec![("clk_i", io.clk.e()), ("rst_ni", io.rst_n.e())]
}

fn with(io: &Io, more: Vec<(&'static str, Expr)>) -> Vec<(&'static str, Expr)> {
    let mut all = clocked(io);
    all.extend(more);
    all
}

fn any_of(w: &Wiring, s: &EngineShape, block: &str, port: &str) -> Expr {
    (1..s.slices)
        .fold(w.w(&format!("{block}_0.{port}")), |e, k| e | w.w(&format!("{block}_{k}.{port}")))
}

fn all_slices(w: &Wiring, s: &EngineShape, block: &str) -> Expr {
    cat((0..s.slices).rev().map(|k| w.w(&format!("{block}_{k}.rdata"))).collect::<Vec<_>>())
}

/// Gives back whether the builder and the scan are at work, each until a cycle later.
fn control(m: &mut Module, w: &Wiring, s: &EngineShape, io: &Io) -> (Sig, Sig) {
    m.section("Order of things");
    let forward_busy = w.w("walk.busy")
        | any_of(w, s, "lanes", "cleared")
        | any_of(w, s, "act", "busy")
        | w.w("good.busy");
    let late = m.reg(
        "walk_busy_q",
        1,
        "walker, activation or goodness at work, one cycle late but for the start",
    );
    let build_busy = m.reg("build_busy_q", 1, "builder at work, likewise");
    let scan_busy = m.reg("scan_busy_q", 1, "scan at work, likewise");
    m.clocked(
        &io.clk,
        vec![
            late.set(forward_busy | w.w("seq.walk_start") | w.w("seq.walk_starts")),
            build_busy.set(w.w("build.busy") | w.w("seq.build_start")),
            scan_busy.set(w.w("scan.busy") | w.w("seq.scan_start")),
        ],
    );
    w.place(
        m,
        "seq",
        &[],
        with(
            io,
            vec![
                ("queued_i", io.queued.e()),
                ("list_data_i", io.list_data.bits(15, 0)),
                ("result_room_i", io.room.e()),
                ("host_active_i", io.active.e()),
                ("table_data_i", io.table.e()),
                ("table_dirty_i", io.dirty.e()),
                ("layers_i", io.layers.e()),
                ("classes_i", io.classes.e()),
                ("copies_i", io.copies.e()),
                ("walk_busy_i", late.e()),
                ("build_busy_i", build_busy.e()),
                ("scan_busy_i", scan_busy.e()),
                ("counters_busy_i", w.w("counters.busy")),
                ("rival_i", w.w("scan.best")),
            ],
        ),
        "from a queued sample to its result",
    );

    let (b, kb) = (s.base_bits(), s.slice_bits());
    let mut inputs = with(
        io,
        vec![
            ("start_i", w.w("seq.walk_start")),
            ("starts_i", w.w("seq.walk_starts")),
            ("update_i", w.w("seq.for_update")),
            ("hidden_i", w.w("seq.hidden")),
            ("first_i", w.w("seq.first")),
            (
                "end_i",
                mux(w.w("seq.hidden"), fit(w.sig("build.count"), s.list_bits()), w.w("seq.end")),
            ),
            ("label_rows_i", w.w("seq.label_rows")),
            ("label_base_i", w.w("seq.label_row")),
            ("stride_i", w.w("seq.stride")),
            ("period_i", w.w("seq.period")),
            ("any_i", w.w("update.any")),
            ("list_data_i", io.list_data.e()),
            ("hidden_data_i", w.w("build.list_data")),
            ("host_addr_i", io.addr.bits(b - 1 + kb, kb)),
            ("host_plane_i", io.sub.e()),
            ("host_we_i", io.latent_we.e()),
        ],
    );
    if kb > 0 {
        inputs.push(("host_slice_i", io.addr.bits(kb - 1, 0)));
    }
    w.place(m, "walk", &[], inputs, "words and rows of a layer");

    let entry = w.sig("walk.list_addr");
    w.place(
        m,
        "build",
        &[],
        with(
            io,
            vec![
                ("start_i", w.w("seq.build_start")),
                ("code_base_i", w.w("seq.code_at")),
                ("words_i", w.w("seq.below_words")),
                ("base_i", w.w("seq.base")),
                ("stride_i", w.w("seq.stride")),
                ("codes_i", all_slices(w, s, "codes")),
                ("list_addr_i", fit(entry, s.hidden_bits())),
            ],
        ),
        "list of a hidden layer",
    );
    if b + kb < 16 {
        m.unused(
            "unused_host_addr",
            vec![io.addr.bits(15, b + kb)],
            "the memory is smaller than the address space",
        );
    }
    (build_busy, scan_busy)
}

/// Gives back the signal that the accumulators are taken.
fn slices(m: &mut Module, w: &Wiring, s: &EngineShape, io: &Io) -> Sig {
    m.section("Forward pass");
    let reset = m.reg("reset_q", 1, "reset, one cycle later");
    let load = m.wire("load", 1, "forward: the accumulators are taken, and cleared");
    let load_q =
        m.reg("load_q", 1, "the same as a register of its own: it drives hundreds of cells");
    m.clocked(&io.clk, vec![reset.set(!&io.rst_n), load_q.set(w.w("walk.transfer"))]);
    m.assign(&load, load_q.e());
    for k in 0..s.slices {
        let name = |block: &str| format!("{block}_{k}");
        let mine = if s.slices == 1 { lit(1, 1) } else { w.w("walk.slice").eq_const(u64::from(k)) };
        let mut weights = vec![
            ("clk_i", io.clk.e()),
            ("plane_i", w.w("walk.plane")),
            ("addr_i", w.w("walk.addr")),
            ("we_i", w.w("walk.we") & mine),
            ("wdata_i", w.w("update.wdata")),
        ];
        if s.early_reads {
            weights.push(("early_plane_i", w.w("walk.early_plane")));
            weights.push(("early_addr_i", w.w("walk.early_addr")));
        }
        w.place(
            m,
            &name("weights"),
            &[("DEPTH", u64::from(s.words / s.slices)), ("ADDR_BITS", u64::from(s.base_bits()))],
            weights,
            "latents of the slice",
        );
        w.place(
            m,
            &name("lanes"),
            &[],
            vec![
                ("clk_i", io.clk.e()),
                ("trits_i", w.w(&format!("weights_{k}.rdata"))),
                ("valid_i", w.w("walk.valid")),
                ("x_mag_i", w.w("walk.x_mag")),
                ("x_neg_i", w.w("walk.x_neg")),
                ("clear_i", w.w("walk.transfer") | &reset),
            ],
            "accumulators of the slice",
        );
        let mut inputs = with(
            io,
            vec![
                (
                    "acc_i",
                    w.sig(&format!("lanes_{k}.acc")).bits(own_columns(k) * s.acc_bits - 1, 0),
                ),
                ("load_i", load.e()),
                ("start_i", w.w("seq.layer_start")),
                ("shift_i", w.w("seq.shift")),
                ("columns_i", w.w("seq.columns")),
            ],
        );
        if k == 0 {
            inputs.push(("rest_i", w.w("update.drain")));
        }
        w.place(m, &name("act"), &[], inputs, "codes of the slice");
    }
    load
}

/// Gives back the distance of mask words.
fn memories(m: &mut Module, w: &Wiring, s: &EngineShape, io: &Io, build_busy: &Sig) -> Sig {
    let (cw, mb) = (s.code_word_bits(), s.mask_bits());
    let step = m.net(
        "mask_step",
        lit(mb + 1, 1).shl_by(&io.class_bits),
        "mask words from one word to the next",
    );
    m.section("Memories of codes and masks: forward, update and builder take turns");
    let phase = w.sig("walk.phase");
    // An update works on the first four columns of a word in phase 3. Codes are addressed one cycle
    // ahead, the last ones after the end of the slot; masks of the truth three and of the rival two cycles ahead, again for every eight columns.
    let upper = !(phase.bit(2) ^ phase.bit(1));
    let code_part = if s.part_bits() == 1 { upper } else { cat([upper, !phase.bit(1)]) };
    let mask_half = phase.bit(2);
    // The address goes to the memories of all slices: where they are far apart, a register selects it. It falls
    // a cycle after the builder's last read, when the sequencer learns of the end too.
    let building = if s.spread_out() { build_busy.e() } else { w.w("build.busy") };
    let code_word = mux(building.clone(), w.w("build.code_word"), w.w("good.code_word"));
    let code_part =
        mux(building, w.w("build.part"), mux(w.w("seq.for_update"), code_part, w.w("good.part")));
    let code_addr = m.net("code_addr", cat([code_word, code_part]), "part of codes to read");
    for k in 0..s.slices {
        let act = |port: &str| format!("act_{k}.{port}");
        let word = w.w("seq.code_at") + fit(w.sig(&act("code_word")), cw);
        w.place(
            m,
            &format!("codes_{k}"),
            &ram_params(s.part_code_bits(), s.code_entries()),
            vec![
                ("clk_i", io.clk.e()),
                ("we_i", w.w(&act("code_we"))),
                ("waddr_i", cat([word, w.w(&act("code_part"))])),
                ("wdata_i", w.w(&act("codes"))),
                ("raddr_i", code_addr.e()),
            ],
            "activation memory of the slice",
        );
        if cw < 7 {
            m.unused(
                &format!("unused_code_word_{k}"),
                vec![w.sig(&act("code_word")).bits(6, cw)],
                "fewer words than a layer may have",
            );
        }
        // An update reads the masks of slice 0.
        let row = match k {
            0 => w.w("good.mask_addr"),
            _ => w.w(&format!("good.mask_addr_{k}")),
        };
        let half = mux(
            w.w("seq.for_update"),
            mask_half.clone(),
            w.sig("good.part").bit(s.part_bits() - 1),
        );
        let mask_addr =
            mux(&io.active, cat([io.addr.bits(mb - 1, 0), io.sub.bit(0)]), cat([row, half]));
        w.place(
            m,
            &format!("masks_{k}"),
            &ram_params(HALF_COLUMNS, 2 * s.mask_words),
            vec![
                ("clk_i", io.clk.e()),
                ("we_i", io.mask_we.e()),
                ("waddr_i", cat([io.addr.bits(mb - 1, 0), io.sub.bit(0)])),
                ("wdata_i", io.wdata.e()),
                ("raddr_i", mask_addr),
            ],
            "class masks",
        );
    }
    step
}

fn ram_params(width: u32, depth: u32) -> [(&'static str, u64); 3] {
    [
        ("WIDTH", u64::from(width)),
        ("DEPTH", u64::from(depth)),
        ("ADDR_BITS", u64::from(crate::ast::index_width(u64::from(depth)))),
    ]
}

fn sums(m: &mut Module, w: &Wiring, s: &EngineShape, io: &Io, (step, scan_busy): (&Sig, &Sig)) {
    m.section("Goodness and scan");
    let ci = s.class_bits();
    let class = m.net(
        "update_class",
        mux(w.sig("walk.phase").bit(0) | w.w("walk.idle"), w.w("seq.truth"), w.w("seq.rival")),
        "for the next cycle: truth in even phases, rival in odd ones",
    );
    if ci < 8 {
        m.unused(
            "unused_class",
            vec![class.bits(7, ci)],
            "classes are less than the largest configuration has",
        );
    }
    let mut inputs = with(
        io,
        vec![
            ("walk_start_i", w.w("seq.walk_start")),
            ("start_i", w.w("act_0.code_we") & w.sig("act_0.code_part").all()),
            ("next_word_i", w.w("walk.next_word")),
            ("update_i", w.w("seq.for_update")),
            ("update_class_i", class.bits(ci - 1, 0)),
            ("layer_i", w.w("seq.layer")),
            ("whole_i", w.w("seq.whole")),
            ("candidate_i", w.w("seq.candidate")),
            ("last_class_i", w.w("seq.last_class")),
            ("mask_step_i", step.e()),
            ("mask_base_i", w.w("seq.mask_base")),
            ("code_base_i", w.w("seq.code_at")),
            ("codes_i", all_slices(w, s, "codes")),
            ("masks_i", all_slices(w, s, "masks")),
            ("goodness_i", w.w("goodness.rdata")),
            ("theta_i", cat([io.theta_high.e(), io.table.e()])),
        ],
    );
    if s.slices > 1 {
        inputs.push(("slice_last_i", w.sig("walk.word_slice").all()));
    }
    w.place(m, "good", &[], inputs, "goodness of the classes");
    let theta = w.w("seq.theta_we");
    let host_at = cat([io.addr.bits(9, 8), io.addr.bits(ci - 1, 0)]);
    w.place(
        m,
        "goodness",
        &ram_params(GOODNESS_BITS, 4 * s.max_classes),
        vec![
            ("clk_i", io.clk.e()),
            ("we_i", w.w("good.goodness_we") & w.w("seq.sums") | theta.clone()),
            ("waddr_i", mux(theta, cat([w.w("seq.layer"), lit(ci, 1)]), w.w("good.goodness_addr"))),
            ("wdata_i", w.w("good.goodness")),
            (
                "raddr_i",
                mux(
                    &io.active,
                    host_at,
                    mux(scan_busy, w.w("scan.goodness_addr"), w.w("good.goodness_addr")),
                ),
            ),
        ],
        "goodness memory: layer, candidate",
    );
    w.place(
        m,
        "scan",
        &[],
        with(
            io,
            vec![
                ("start_i", w.w("seq.scan_start")),
                ("noise_i", w.w("seq.scan_noise")),
                ("layer_i", w.w("seq.layer")),
                ("last_layer_i", w.w("seq.last_layer")),
                ("shift_i", io.result_shift.e()),
                ("two_i", w.w("seq.scan_two")),
                ("last_class_i", w.w("seq.last_class")),
                ("truth_i", w.w("seq.truth")),
                ("temperature_i", io.temperature.e()),
                ("goodness_i", w.w("goodness.rdata")),
                ("seed_we_i", io.seed_we.bits(3, 2)),
                ("seed_i", io.wdata.e()),
            ],
        ),
        "prediction and rival",
    );
}

fn updates(m: &mut Module, w: &Wiring, s: &EngineShape, io: &Io, load: &Sig) {
    m.section("Update");
    // Latents are read one cycle after their address. Codes of a word are in use until phase 2 of the
    // slot behind it, two cycles longer than their address.
    let kb = s.slice_bits();
    let late = |m: &mut Module, name: &str, of: &str, cycles: u32, comment: &str| {
        let q = m.reg(name, cycles * kb, comment);
        let next =
            if cycles == 1 { w.w(of) } else { cat([q.bits((cycles - 1) * kb - 1, 0), w.w(of)]) };
        m.clocked(&io.clk, vec![q.set(next)]);
        q.bits(cycles * kb - 1, (cycles - 1) * kb)
    };
    let pick = |m: &mut Module, block: &str, of: &str, cycles: u32| {
        if s.slices == 1 {
            return w.w(&format!("{block}_0.rdata"));
        }
        let slice = late(m, &format!("{block}_slice_q"), of, cycles, "slice of what is read");
        (1..s.slices).fold(w.w(&format!("{block}_0.rdata")), |e, k| {
            mux(slice.clone().eq_const(u64::from(k)), w.w(&format!("{block}_{k}.rdata")), e)
        })
    };
    let (latents, codes) =
        (pick(m, "weights", "walk.slice", 1), pick(m, "codes", "walk.word_slice", 3));
    w.place(
        m,
        "update",
        &[],
        vec![
            ("clk_i", io.clk.e()),
            ("phase_i", w.w("walk.phase")),
            ("row_slot_i", w.w("walk.row_slot")),
            ("row_before_i", w.w("walk.row_before")),
            ("look_up_i", w.w("walk.look_up")),
            ("idle_i", w.w("walk.idle")),
            ("host_push_i", io.push.e()),
            ("host_pop_i", io.pop.e()),
            ("host_data_i", io.wdata.e()),
            ("code_i", w.w("walk.code")),
            ("rate_shift_i", w.w("seq.rate_shift")),
            ("random_i", w.w("rounding.state")),
            ("rdata_i", latents),
            ("codes_i", codes),
            ("mask_i", w.w("masks_0.rdata")),
            ("whole_i", w.w("seq.whole")),
            ("minus_i", w.w("seq.minus")),
            ("flips_clear_i", w.w("seq.flips_clear")),
            ("drain_load_i", load.e()),
            ("drain_shift_i", w.w("act_0.draining")),
            (
                "drain_acc_i",
                w.sig("lanes_0.acc")
                    .bits(WORD_COLUMNS * s.acc_bits - 1, own_columns(0) * s.acc_bits),
            ),
        ],
        "four columns per cycle",
    );
    w.place(
        m,
        "rounding",
        &[],
        with(
            io,
            vec![
                ("step_i", w.w("walk.round")),
                ("seed_we_i", io.seed_we.bits(1, 0)),
                ("seed_i", io.wdata.e()),
            ],
        ),
        "rounding generator: one step per row and word",
    );

    let (max, dead) = readings(m, io, w, s);
    w.place(
        m,
        "counters",
        &[],
        with(
            io,
            vec![
                ("clear_i", io.counter_clear.e()),
                ("forward_i", w.w("seq.count_forward")),
                ("update_i", w.w("seq.count_update")),
                ("sample_i", w.w("seq.count_sample")),
                ("layer_i", w.w("seq.layer")),
                ("max_i", max.zext(16)),
                ("dead_i", dead),
                ("flips_i", w.w("update.flips")),
                ("rivals_i", w.w("seq.rivals")),
                ("addr_i", io.counter_addr.e()),
            ],
        ),
        "counters and readings",
    );
}

/// Largest accumulator of a layer and whether all its codes are 0.
///
/// Slices lie far from each other: their maxima are compared pair by pair, a level per cycle. Both
/// settle before the layer is counted, because the codes leave the activation units later.
fn readings(m: &mut Module, io: &Io, w: &Wiring, s: &EngineShape) -> (Expr, Expr) {
    let dead = !any_of(w, s, "act", "any");
    let mut level: Vec<Sig> =
        (0..s.slices).map(|k| w.sig(&format!("act_{k}.max")).clone()).collect();
    if s.slices == 1 {
        return (level[0].e(), dead);
    }
    let dead_q = m.reg("dead_q", 1, "all codes of the layer are 0");
    let mut sets = vec![dead_q.set(dead)];
    while level.len() > 1 {
        let width = level.len() / 2;
        level = (0..width)
            .map(|k| {
                let (a, b) = (&level[2 * k], &level[2 * k + 1]);
                let name = format!("max_{}_of_{width}_q", k + 1);
                let larger = m.reg(&name, a.width(), "larger one of two maxima");
                sets.push(larger.set(mux(b.gt(a), b.e(), a.e())));
                larger
            })
            .collect();
    }
    m.clocked(&io.clk, sets);
    (level[0].e(), dead_q.e())
}

fn outputs(m: &mut Module, w: &Wiring) {
    m.section("To the outside");
    let updating = w.w("seq.for_update") & w.w("walk.busy");
    let activity =
        mux(w.w("walk.forward"), lit(2, 1), mux(updating, lit(2, 2), w.w("seq.busy").repeat(2)));
    let list = [
        (
            "list_addr_o",
            mux(w.w("seq.reading_head"), w.w("seq.head_addr"), w.w("walk.list_addr")),
            "list memory: entry to read",
        ),
        ("queue_tail_o", w.w("seq.queue_tail"), "first list entry in use"),
        ("result_valid_o", w.w("seq.result_valid"), "a result is complete"),
        ("result_updated_o", w.w("seq.updated"), "layers that were updated"),
        ("result_class_o", w.w("scan.class"), "prediction"),
        ("result_rival_o", w.w("seq.result_rival"), "rival of layer 0, 255 if none was drawn"),
        (
            "result_sums_o",
            w.w("scan.sums"),
            "byte of the best summed goodness that is not the truth's, then of the truth's",
        ),
        ("busy_o", w.w("seq.busy"), "a sample is in work, or the counters are"),
        ("activity_o", activity, "0 idle, 1 forward, 2 update, 3 overhead"),
        ("table_addr_o", w.w("seq.table_addr"), "table: half register to read"),
        ("rival_state_o", w.w("scan.state"), "rival generator"),
        ("round_state_o", w.w("rounding.state"), "rounding generator"),
        ("counter_data_o", w.w("counters.data"), "half register read one cycle before"),
        ("latent_rdata_o", w.w("update.host_data"), "top 16 bits of the plane read"),
        ("mask_rdata_o", w.w("masks_0.rdata"), "half mask word read"),
        ("goodness_rdata_o", w.w("goodness.rdata").zext(24), "goodness read"),
    ];
    for (name, value, comment) in list {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    }
}

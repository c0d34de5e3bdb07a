//! `deku_update`: the datapath of a weight update, four columns per cycle.

use super::counters::FLIP_BITS;
use super::planes_out::{planes_out, SHARED_COLUMNS};
use super::shape::{EngineShape, HALF_COLUMNS};
use super::update_lane::update_lane;
use crate::ast::{cat, lit, mux, when, Conn, Expr, Module, Sig};
use deku_ref::format::E2M1;

/// Columns updated per cycle.
pub const LANES: u32 = 4;

struct Io {
    clk: Sig,
    phase: Sig,
    row: Sig,
    before: Sig,
    look: Sig,
    idle: Sig,
    push: Sig,
    pop: Sig,
    host: Sig,
    code: Sig,
    sh: Sig,
    random: Sig,
    rdata: Sig,
    codes: Sig,
    mask: Sig,
    whole: Sig,
    minus: Sig,
    clear: Sig,
    drain_load: Sig,
    drain_shift: Sig,
    drain_acc: Sig,
}

/// The datapath.
pub fn update(shape: &EngineShape) -> Module {
    let mut m = Module::new(
        "deku_update",
        "Weight update of one word (32 columns of one input row) in a slot of 8 cycles: 4 reads and 4 \
         writes fill the single port of the weight memory, 4 lanes work through the columns. The planes of a word arrive \
         low bits first (2, 1, 0, 3 in phases 0, 1, 2, 4), one cycle apart, just as the lanes' adders need them, \
         and leave in the phases that reads leave free (2, 0, 1, 3 in phases 3, 5, 6, 7 of the next slot), so that each plane needs one \
         shift register on the way in and one on the way out. The factors d = (A[truth] - A[rival]) * y are read \
         from their memories again for every row; a slot without a row only finds out whether a word has factors.",
    );
    let io = Io {
        clk: m.input("clk_i", 1, "system clock"),
        phase: m.input("phase_i", 3, "cycle of the slot"),
        row: m.input("row_slot_i", 1, "this slot updates a row"),
        before: m.input("row_before_i", 1, "the slot before did"),
        look: m.input(
            "look_up_i",
            1,
            "first slot of a word: until phase 2 the factors are those of the word before",
        ),
        idle: m.input("idle_i", 1, "no update: the registers serve the host"),
        push: m.input("host_push_i", 1, "host: shift 16 bits into the plane to write"),
        pop: m.input("host_pop_i", 1, "host: shift 16 bits out of the plane read"),
        host: m.input("host_data_i", 16, "host: those bits"),
        code: m.input("code_i", 4, "code of the next row's input, in phase 7"),
        sh: m.input("rate_shift_i", 4, "rate shift sh, 0..10"),
        random: m.input("random_i", 32, "rounding generator, stepped in phase 1"),
        rdata: m.input("rdata_i", 64, "plane read, one cycle after its address"),
        codes: m.input(
            "codes_i",
            shape.part_code_bits(),
            "codes of a part of the word; the first part begins in phase 3",
        ),
        mask: m.input(
            "mask_i",
            HALF_COLUMNS,
            "half a mask word, A[truth] in odd phases, A[rival] in even ones",
        ),
        whole: m.input("whole_i", 1, "every column is updated, no masks"),
        minus: m.input("minus_i", 1, "then: d = -y instead of +y"),
        clear: m.input("flips_clear_i", 1, "count flips from 0"),
        drain_load: m.input(
            "drain_load_i",
            1,
            "forward: take the accumulators of the last columns",
        ),
        drain_shift: m.input("drain_shift_i", 1, "forward: shift them out, one column per cycle"),
        drain_acc: m.input(
            "drain_acc_i",
            SHARED_COLUMNS * shape.acc_bits,
            "those accumulators, first column in the low bits",
        ),
    };
    let wdata = m.output("wdata_o", 64, "plane to write, in phases 4 (2), 6 (0), 7 (1), 0 (3)");
    let drain =
        m.output("drain_o", shape.relu_bits(), "forward: next column of the end of the drain");
    let any = m.output(
        "any_o",
        1,
        "some factor of the word is not 0, complete in phase 4 of the second slot",
    );
    let host_out = m.output("host_data_o", 16, "host: top of the plane read");
    let flips = m.output("flips_o", FLIP_BITS, "ternary weights changed so far");

    let factor = factors(&mut m, &io, shape.part_columns(), &any);
    let x = input_multiples(&mut m, &io);
    let planes = planes_in(&mut m, &io);
    m.assign(&host_out, planes.low.bits(63, 48));
    let results = lanes(&mut m, &io, &factor, &x, &planes);
    m.section("Planes on the way out");
    m.instance(
        "u_planes_out",
        &planes_out(shape),
        vec![
            ("clk_i", Conn::from(&io.clk)),
            ("phase_i", Conn::from(&io.phase)),
            ("idle_i", Conn::from(&io.idle)),
            (
                "latents_i",
                Conn::from(cat(results.latent.iter().map(|l| l.e()).collect::<Vec<_>>())),
            ),
            ("under_i", Conn::from(all(&results.under))),
            ("over_i", Conn::from(all(&results.over))),
            ("host_push_i", Conn::from(&io.push)),
            ("host_data_i", Conn::from(&io.host)),
            ("drain_load_i", Conn::from(&io.drain_load)),
            ("drain_shift_i", Conn::from(&io.drain_shift)),
            ("drain_acc_i", Conn::from(&io.drain_acc)),
            ("wdata_o", Conn::from(&wdata)),
            ("drain_o", Conn::from(&drain)),
        ],
        "collects new latents; in a forward pass it is the end of the drain",
    );
    count_flips(&mut m, &io, &results, &flips);
    m
}

/// One bit of every lane, lane 0 on top.
fn all(bits: &[Sig]) -> Expr {
    cat(bits.iter().map(|b| b.e()).collect::<Vec<_>>())
}

/// Two-bit phase tests read better by name.
fn at(io: &Io, phase: u64) -> Expr {
    io.phase.eq_const(phase)
}

/// Factors of the four columns at work.
struct Factors {
    code: Vec<Expr>,
    negative: Vec<Expr>,
}

fn factors(m: &mut Module, io: &Io, part_columns: u32, any: &Sig) -> Factors {
    m.section("Factors: eight columns at a time, the first of them in an odd phase");
    let truth = m.reg("truth_q", 8, "A[truth] of the next eight columns");
    let own = m.reg("own_q", 8, "columns in exactly one of A[truth] and A[rival], first on top");
    let minus = m.reg("minus_q", 8, "columns in A[rival], first on top");
    let half = HALF_COLUMNS / 2;
    let (first, second) = (io.mask.bits(HALF_COLUMNS - 1, half), io.mask.bits(half - 1, 0));
    let rival = m.net(
        "rival",
        mux(io.phase.bit(1), first.clone(), second.clone()),
        "A[rival] in even phases",
    );
    m.clocked(
        &io.clk,
        vec![
            truth.set(mux(io.phase.bit(1), second, first)),
            when(!io.phase.bit(0), vec![own.set(&truth ^ &rival), minus.set(rival.e())]),
        ],
    );
    let mut f = Factors { code: vec![], negative: vec![] };
    let mut nonzero: Vec<Expr> = Vec::new();
    for k in 0..LANES {
        let column = |g: u32| io.codes.bits(3 * (LANES * g + k) + 2, 3 * (LANES * g + k));
        // The first four columns of a part come in an odd phase.
        let pair = |g: u32| mux(io.phase.bit(0), column(g), column(g + 1));
        let code = if part_columns == 8 {
            pair(0)
        } else {
            mux(io.phase.bit(1) ^ io.phase.bit(0), pair(2), pair(0))
        };
        let of = |q: &Sig| mux(io.phase.bit(0), q.bit(7 - k), q.bit(3 - k));
        let code = m.net(
            &format!("code_{k}"),
            code & (of(&own) | &io.whole).repeat(3),
            "magnitude of the factor",
        );
        let negative = m.net(
            &format!("minus_{k}"),
            mux(&io.whole, io.minus.e(), of(&minus)),
            "the factor is negative",
        );
        nonzero.push(code.any());
        f.code.push(code.e());
        f.negative.push(negative.e());
    }
    m.section("Is there a factor in the word?");
    let any_q = m.reg("any_q", 1, "some factor so far is not 0");
    let now = m.reg("any_now_q", 1, "one of the four a cycle before was not 0");
    m.clocked(
        &io.clk,
        vec![
            now.set(cat(nonzero).any()),
            when(&io.look & at(io, 3), vec![any_q.set(lit(1, 0))])
                .otherwise(vec![any_q.set(&any_q | &now)]),
        ],
    );
    m.assign(any, any_q.e());
    f
}

struct Multiples {
    x1: Sig,
    x3: Sig,
    negative: Sig,
}

fn input_multiples(m: &mut Module, io: &Io) -> Multiples {
    m.section("X = x << (10 - sh) and 3 X, for the row of this slot");
    let code = m.reg("next_code_q", 4, "code of the next row's input, from phase 0 on");
    let x1 = m.reg("x1_q", 14, "X, from phase 3 to phase 2 of the next slot");
    let negative = m.reg("negative_q", 1, "x is negative");
    let table = m.memory("shifted_q", 14, 128, "|x| << (10 - sh); address: sh, magnitude code");
    let rows: Vec<u64> = (0..128u64)
        .map(|at| {
            let x = u64::from(E2M1::from_low_bits((at & 7) as u8).magnitude());
            10u64.checked_sub(at >> 3).map_or(0, |by| x << by)
        })
        .collect();
    m.memory_init(&table, &rows);
    m.clocked(
        &io.clk,
        vec![
            when(at(io, 7), vec![code.set(io.code.e())]),
            when(
                at(io, 2),
                vec![
                    x1.set(table.at(cat([io.sh.e(), code.bits(2, 0)]))),
                    negative.set(code.bit(3)),
                ],
            ),
        ],
    );
    let x3 = m.net("x3", x1.zext(16) + cat([lit(1, 0), x1.e(), lit(1, 0)]), "3 X");
    Multiples { x1, x3, negative }
}

struct Planes {
    low: Sig,
    mid: Sig,
    trit: Sig,
    random: Sig,
}

fn planes_in(m: &mut Module, io: &Io) -> Planes {
    m.section("Planes on the way in; the next four columns on top");
    let low = m.reg("low_q", 64, "bits 3:0 of 16 columns");
    let mid = m.reg("mid_q", 64, "bits 5:4 of 32 columns");
    let trit = m.reg("trit_q", 64, "bits 7:6 of 32 columns");
    let random = m.reg("random_q", 32, "rounding word, rotated right by the column");
    m.clocked(
        &io.clk,
        vec![
            low.set(mux(
                mux(&io.idle, !&io.pop, at(io, 2) | at(io, 6)),
                io.rdata.e(),
                cat([low.bits(47, 0), lit(16, 0)]),
            )),
            mid.set(mux(at(io, 3), io.rdata.e(), cat([mid.bits(55, 0), lit(8, 0)]))),
            trit.set(mux(at(io, 4), io.rdata.e(), cat([trit.bits(55, 0), lit(8, 0)]))),
            random.set(mux(at(io, 4), io.random.e(), cat([random.bits(3, 0), random.bits(31, 4)]))),
        ],
    );
    Planes { low, mid, trit, random }
}

struct Results {
    latent: Vec<Sig>,
    flip: Vec<Sig>,
    under: Vec<Sig>,
    over: Vec<Sig>,
}

fn lanes(m: &mut Module, io: &Io, factor: &Factors, x: &Multiples, planes: &Planes) -> Results {
    m.section("Lanes");
    let lane = update_lane();
    let mut results = Results { latent: vec![], flip: vec![], under: vec![], over: vec![] };
    for k in 0..LANES {
        let latent = m.wire(&format!("latent_{k}"), 8, "new latent");
        let flip = m.wire(&format!("flip_{k}"), 1, "its trit changed");
        let under = m.wire(&format!("under_{k}"), 1, "its bits 5:0 saturate to 0");
        let over = m.wire(&format!("over_{k}"), 1, "its bits 5:0 saturate to 63");
        let rotated = if k == 0 { planes.random.bits(9, 0) } else { planes.random.bits(9 + k, k) };
        let (low, pair) = (63 - 4 * k, 63 - 2 * k);
        m.instance(
            &format!("u_lane_{k}"),
            &lane,
            vec![
                ("clk_i", Conn::from(&io.clk)),
                ("code_i", Conn::from(factor.code[k as usize].clone())),
                ("negative_i", Conn::from(factor.negative[k as usize].clone() ^ &x.negative)),
                ("x1_i", Conn::from(&x.x1)),
                ("x3_i", Conn::from(&x.x3)),
                ("random_i", Conn::from(rotated)),
                ("low_i", Conn::from(planes.low.bits(low, low - 3))),
                ("mid_i", Conn::from(planes.mid.bits(pair, pair - 1))),
                ("trit_i", Conn::from(planes.trit.bits(pair, pair - 1))),
                ("latent_o", Conn::from(&latent)),
                ("under_o", Conn::from(&under)),
                ("over_o", Conn::from(&over)),
                ("flip_q_o", Conn::from(&flip)),
            ],
            "every fourth column",
        );
        results.latent.push(latent);
        results.flip.push(flip);
        results.under.push(under);
        results.over.push(over);
    }
    results
}

fn count_flips(m: &mut Module, io: &Io, r: &Results, flips: &Sig) {
    m.section("Flips");
    let total = m.reg("flips_q", FLIP_BITS, "ternary weights changed");
    let some = m.reg("flip_count_q", 3, "changed in one cycle");
    let valid = mux(at(io, 7), io.row.e(), io.before.e());
    let count = r.flip.iter().skip(1).fold(r.flip[0].zext(3), |sum, f| sum + f.zext(3));
    m.clocked(
        &io.clk,
        vec![
            when(!valid, vec![some.set(lit(3, 0))]).otherwise(vec![some.set(count)]),
            when(&io.clear, vec![total.set(lit(FLIP_BITS, 0))])
                .otherwise(vec![total.set(&total + some.zext(FLIP_BITS))]),
        ],
    );
    m.assign(flips, total.e());
}

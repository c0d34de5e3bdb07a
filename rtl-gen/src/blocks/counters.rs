//! `deku_counters`: the 32-bit counters and per-layer readings, kept in one small memory.

use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use deku_ref::regs;

/// Register index of the first register that the engine answers for.
pub const FIRST_REGISTER: u16 = 0x40;
/// Width of the number of flips in one update: 819,200 latents at most.
pub const FLIP_BITS: u32 = 20;

/// Address of the low half of register element `n`.
fn low_half(register: &regs::Register, n: u16) -> u64 {
    u64::from(2 * (register.at(usize::from(n)) - FIRST_REGISTER) + 1)
}

/// Request inputs of the block, one at a time, while it is not busy.
struct Requests {
    forward: Sig,
    update: Sig,
    sample: Sig,
    layer: Sig,
    max: Sig,
    dead: Sig,
    flips: Sig,
    rivals: Sig,
}

/// The block.
pub fn counters() -> Module {
    let mut m = Module::new(
        "deku_counters",
        "Counters and readings, in a memory of 16-bit halves (even addresses hold the high half). A \
         request is worked off in the background, one half per two cycles; meanwhile the host must not \
         read, which the busy flag tells it. After reset and on request everything is set to 0.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let clear = m.input("clear_i", 1, "set everything to 0, RIVALS to none");
    let r = Requests {
        forward: m.input("forward_i", 1, "a counted forward pass of a layer ended: MAX_ACC, DEAD"),
        update: m.input("update_i", 1, "a layer was updated: UPDATES, FLIPS"),
        sample: m.input("sample_i", 1, "a training example ended: SAMPLES, RIVALS"),
        layer: m.input("layer_i", 2, "the layer"),
        max: m.input("max_i", 16, "its largest accumulator"),
        dead: m.input("dead_i", 1, "all its codes were 0"),
        flips: m.input("flips_i", FLIP_BITS, "ternary weights it changed"),
        rivals: m.input("rivals_i", 32, "rivals, layer 0 in the low byte"),
    };
    let addr = m.input("addr_i", 6, "half register to read, high half first");
    let data = m.output("data_o", 16, "its value, one cycle later; only valid while not busy");
    let busy = m.output("busy_o", 1, "a request is being worked off");

    m.section("Requests wait; a job works off one: two registers, low half before high half");
    let sweep = m.reg("sweep_q", 1, "setting everything to 0");
    let at = m.reg("sweep_at_q", 6, "half register to set to 0");
    let forward = m.reg("forward_q", 1, "a forward pass waits");
    let update = m.reg("update_q", 1, "an update waits");
    let sample = m.reg("sample_q", 1, "a training example waits");
    let run = m.reg("run_q", 1, "a job is in work");
    let passes = m.reg("passes_q", 1, "it is a forward pass: MAX_ACC, then DEAD");
    let updates =
        m.reg("updates_q", 1, "it is an update: UPDATES, then FLIPS; else SAMPLES, then RIVALS");
    let step = m.reg("step_q", 3, "second register, high half, write");
    let (second, high, writing) = (step.bit(2), step.bit(1), step.bit(0));
    let waiting = m.net("waiting", &forward | &update | &sample, "a request waits");
    let begin = m.net("begins", &waiting & !&run & !&sweep, "its job begins");
    m.assign(&busy, &waiting | &run | &sweep);
    let layer_q = m.reg("layer_q", 2, "layer of the request: the sequencer goes on meanwhile");
    m.clocked(
        &clk,
        vec![
            when(!&waiting & !&run, vec![layer_q.set(r.layer.e())]),
            when(!&rst_n | &clear, vec![sweep.set(lit(1, 1)), at.set(lit(6, 0))]).or_when(
                &sweep,
                vec![at.set(at.inc()), when(at.all(), vec![sweep.set(lit(1, 0))])],
            ),
            when(
                !&rst_n,
                vec![forward.set(lit(1, 0)), update.set(lit(1, 0)), sample.set(lit(1, 0))],
            )
            .otherwise(vec![
                forward.set(&r.forward | &forward & !&begin),
                update.set(&r.update | &update & !(&begin & !&forward)),
                sample.set(&r.sample | &sample & !(&begin & !&forward & !&update)),
            ]),
            when(!&rst_n, vec![run.set(lit(1, 0))])
                .or_when(
                    &begin,
                    vec![
                        run.set(lit(1, 1)),
                        passes.set(forward.e()),
                        updates.set(&update & !&forward),
                    ],
                )
                .or_when(step.all(), vec![run.set(lit(1, 0))]),
            when(!&run, vec![step.set(lit(3, 0))]).otherwise(vec![step.set(step.inc())]),
        ],
    );

    for reg in [&regs::UPDATES, &regs::FLIPS, &regs::DEAD, &regs::MAX_ACC] {
        assert_eq!(
            (reg.index - FIRST_REGISTER) % 4,
            0,
            "{} must start at a multiple of 4",
            reg.name
        );
    }
    m.section("Read a half, add, write it back");
    let group = |reg: &regs::Register| cat([lit(3, low_half(reg, 0) >> 3), layer_q.e()]);
    let single = |reg: &regs::Register| lit(5, low_half(reg, 0) >> 1);
    let of = |first: Expr, then: Expr| mux(second.clone(), then, first);
    let register = m.net(
        "register",
        mux(
            &passes,
            of(group(&regs::MAX_ACC), group(&regs::DEAD)),
            mux(
                &updates,
                of(group(&regs::UPDATES), group(&regs::FLIPS)),
                of(single(&regs::SAMPLES), single(&regs::RIVALS)),
            ),
        ),
        "the register in work",
    );
    let target =
        m.net("target", mux(&sweep, at.e(), cat([register.e(), !high.clone()])), "half to write");
    let replaces = m.net(
        "replaces",
        mux(second.clone(), !&passes & !&updates, passes.e()),
        "the register is written, not added to: a half that is always 0 is read instead",
    );
    let read = m.wire("read", 16, "value read");
    let amount = m.reg("amount_q", 16, "what is added");
    let one = (!high.clone()).zext(16);
    let dead = (&r.dead & !high.clone()).zext(16);
    let max = r.max.e() & (!high.clone()).repeat(16);
    let flips = mux(high.clone(), r.flips.bits(FLIP_BITS - 1, 16).zext(16), r.flips.bits(15, 0));
    let rivals = mux(high.clone(), r.rivals.bits(31, 16), r.rivals.bits(15, 0));
    let amount_now =
        mux(&passes, of(max, dead), mux(&updates, of(one.clone(), flips), of(one, rivals)));
    let carry = m.reg("carry_q", 1, "carry from the low half");
    let sum = m.net(
        "sum",
        read.zext(17) + amount.zext(17) + carry.zext(17),
        "old value plus what is counted",
    );
    m.clocked(
        &clk,
        vec![
            amount.set(amount_now),
            when(!&run, vec![carry.set(lit(1, 0))])
                .or_when(writing.clone(), vec![carry.set(sum.bit(16) & !high)]),
        ],
    );
    let none = m.net(
        "sweeps_rivals",
        at.bits(5, 1).eq_const(low_half(&regs::RIVALS, 0) >> 1),
        "RIVALS starts as none",
    );
    let value = mux(&sweep, none.repeat(16), sum.bits(15, 0));
    let write = m.net("write", &sweep | &run & writing, "write in this cycle");

    super::ram::ram(
        &mut m,
        "u_memory",
        &clk,
        16,
        64,
        super::ram::Port {
            we: write.e(),
            waddr: target.e(),
            wdata: value,
            raddr: mux(&run, target.e() | replaces.repeat(6), addr.e()),
            rdata: &read,
        },
        "counters and readings",
    );
    m.assign(&data, read.e());
    m
}

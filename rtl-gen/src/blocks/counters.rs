//! `deku_counters`: the 32-bit counters and per-layer readings, kept in one small memory.

use crate::ast::{cat, lit, mux, switch, when, Conn, Module, Sig};
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

    m.section("Requests, one cycle later");
    let mut late = |name: &str, of: &Sig, comment: &str| {
        let q = m.reg(name, 1, comment);
        m.clocked(&clk, vec![q.set(of)]);
        q
    };
    let asked_forward = late("asked_forward_q", &r.forward, "a forward pass ended");
    let asked_update = late("asked_update_q", &r.update, "an update ended");
    let asked_sample = late("asked_sample_q", &r.sample, "a training example ended");

    m.section("One job after the other: a job adds or writes one register");
    let sweep = m.reg("sweep_q", 1, "setting everything to 0");
    let forward = m.reg("forward_q", 1, "MAX_ACC is to be written");
    let dead = m.reg("dead_q", 1, "DEAD is to be counted");
    let update = m.reg("update_q", 1, "UPDATES is to be counted");
    let flips = m.reg("flips_q", 1, "FLIPS is to be added to");
    let sample = m.reg("sample_q", 1, "SAMPLES is to be counted");
    let rivals = m.reg("rivals_q", 1, "RIVALS is to be written");
    let step = m.reg("step_q", 2, "0 read low, 1 write low, 2 read high, 3 write high");
    let at = m.reg("sweep_at_q", 6, "half register to set to 0");
    let carry = m.reg("carry_q", 1, "carry from the low half");
    let job = m.net(
        "job",
        sweep.e() | &forward | &dead | &update | &flips | &sample | &rivals,
        "something to do",
    );
    let working = m.net(
        "working",
        &job | &asked_forward | &asked_update | &asked_sample,
        "something to do or to begin",
    );
    m.assign(&busy, working.e());

    let layer_q = m.reg("layer_q", 2, "layer of the request: the sequencer goes on meanwhile");
    m.clocked(&clk, vec![when(!&working, vec![layer_q.set(r.layer.e())])]);
    let layer = |reg: &regs::Register| cat([lit(3, low_half(reg, 0) >> 3), layer_q.e()]);
    for reg in [&regs::UPDATES, &regs::FLIPS, &regs::DEAD, &regs::MAX_ACC] {
        assert_eq!(
            (reg.index - FIRST_REGISTER) % 4,
            0,
            "{} must start at a multiple of 4",
            reg.name
        );
    }
    let low = mux(
        &forward,
        layer(&regs::MAX_ACC),
        mux(
            &dead,
            layer(&regs::DEAD),
            mux(
                &update,
                layer(&regs::UPDATES),
                mux(
                    &flips,
                    layer(&regs::FLIPS),
                    mux(
                        &sample,
                        lit(5, low_half(&regs::SAMPLES, 0) >> 1),
                        lit(5, low_half(&regs::RIVALS, 0) >> 1),
                    ),
                ),
            ),
        ),
    );
    let low = m.net("job_register", low, "the job's register");
    let target =
        m.net("target", mux(&sweep, at.e(), cat([low.e(), !step.bit(1)])), "half to write");

    let read = m.wire("read", 16, "value read");
    let high = step.bit(1);
    let writes = m.net(
        "writes",
        &forward | &rivals & !(&dead | &update | &flips | &sample),
        "the register is written, not added to: a half that is always 0 is read instead",
    );
    let amount = m.reg("amount_q", 16, "what is added");
    let amount_now = mux(
        &forward,
        r.max.e() & (!high.clone()).repeat(16),
        mux(
            &writes,
            mux(high.clone(), r.rivals.bits(31, 16), r.rivals.bits(15, 0)),
            mux(
                &flips & !(&dead | &update),
                mux(
                    high.clone(),
                    r.flips.bits(FLIP_BITS - 1, 16).zext(16),
                    r.flips.bits(15, 0),
                ),
                (!high).zext(16),
            ),
        ),
    );
    m.clocked(&clk, vec![amount.set(amount_now)]);
    let sum = m.net(
        "sum",
        read.zext(17) + amount.zext(17) + carry.zext(17),
        "old value plus what is counted",
    );
    let none = m.net(
        "sweeps_rivals",
        at.bits(5, 1).eq_const(low_half(&regs::RIVALS, 0) >> 1),
        "RIVALS starts as none",
    );
    let value = mux(&sweep, none.repeat(16), sum.bits(15, 0));
    let write = m.net("write", &sweep | &job & step.bit(0), "write in this cycle");

    let done = m.net("done", step.all(), "last step of a job");
    m.clocked(
        &clk,
        vec![
            when(!&rst_n | &clear, vec![sweep.set(lit(1, 1)), at.set(lit(6, 0))]).or_when(
                &sweep,
                vec![at.set(at.inc()), when(at.all(), vec![sweep.set(lit(1, 0))])],
            ),
            when(
                !&rst_n,
                vec![
                    forward.set(lit(1, 0)),
                    dead.set(lit(1, 0)),
                    update.set(lit(1, 0)),
                    flips.set(lit(1, 0)),
                    sample.set(lit(1, 0)),
                    rivals.set(lit(1, 0)),
                ],
            )
            .otherwise(vec![when(
                &asked_forward,
                vec![forward.set(lit(1, 1)), dead.set(r.dead.e())],
            )
            .or_when(&asked_update, vec![update.set(lit(1, 1)), flips.set(lit(1, 1))])
            .or_when(&asked_sample, vec![sample.set(lit(1, 1)), rivals.set(lit(1, 1))])
            .or_when(
                &done & !&sweep,
                vec![when(&forward, vec![forward.set(lit(1, 0))])
                    .or_when(&dead, vec![dead.set(lit(1, 0))])
                    .or_when(&update, vec![update.set(lit(1, 0))])
                    .or_when(&flips, vec![flips.set(lit(1, 0))])
                    .or_when(&sample, vec![sample.set(lit(1, 0))])
                    .otherwise(vec![rivals.set(lit(1, 0))])],
            )]),
            when(!&job | &sweep, vec![step.set(lit(2, 0))]).otherwise(vec![step.set(step.inc())]),
            switch(
                &step,
                vec![(0u64, vec![carry.set(lit(1, 0))]), (1u64, vec![carry.set(sum.bit(16))])],
                vec![],
            ),
        ],
    );

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
            raddr: mux(&job, target.e() | writes.repeat(6), addr.e()),
            rdata: &read,
        },
        "counters and readings",
    );
    m.assign(&data, read.e());
    let _ = Conn::Open;
    m
}

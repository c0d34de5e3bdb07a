//! `deku_regs`: the register file, generated from the map in `firmware-ref/src/regs.rs`.

use super::ram;
use super::shape::TABLE_BITS;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use crate::config::ModuleConfig;
use deku_ref::regs::{self, f, Access, Field, Register};

/// First register that is kept in the register memory and can be written.
pub const FIRST_STORED: u16 = regs::SCRATCH.index;
/// Registers from here on are answered by the engine.
const FIRST_ENGINE: u16 = super::counters::FIRST_REGISTER;
/// Width of a register index.
const INDEX_BITS: u32 = regs::REGISTER_COUNT.trailing_zeros();
/// Errors in the order of the bits of ERROR.
pub const ERRORS: [(&str, &Field); 8] = [
    ("header", &f::ERR_HEADER),
    ("payload", &f::ERR_PAYLOAD),
    ("opcode", &f::ERR_OPCODE),
    ("refused", &f::ERR_REFUSED),
    ("latent", &f::ERR_LATENT),
    ("sequence", &f::ERR_SEQUENCE),
    ("sample", &f::ERR_SAMPLE),
    ("overrun", &f::ERR_OVERRUN),
];

/// Fields that other blocks see: register, field, name of the output.
const FIELDS: [(&Register, &Field, &str); 11] = [
    (&regs::NETWORK, &f::LAYERS, "layers"),
    (&regs::NETWORK, &f::CLASS_BITS, "class_bits"),
    (&regs::NETWORK, &f::CLASSES, "classes"),
    (&regs::FORMAT, &f::SAMPLE_FORMAT, "format"),
    (&regs::TEMPERATURE, &f::TEMPERATURE_K, "temperature"),
    (&regs::THETA, &THETA_HIGH, "theta_high"),
    (&regs::OVERLAY, &f::COPIES, "copies"),
    (&regs::INPUTS, &f::INPUTS, "inputs_n"),
    (&regs::LAYER_SHAPE, &f::STRIDE, "stride"),
    (&regs::LAYER_BASE, &f::BASE, "base"),
    (&regs::IRQ_ENABLE, &IRQ_ALL, "irq_enable"),
];
/// Those of them that only this block looks at.
const INNER: [&str; 3] = ["stride", "base", "irq_enable"];
/// Those that show before a network is configured; the others, like the copy of the layer table,
/// mean nothing until then, and a reset would cost an input of every enable.
const RESET: [&str; 2] = ["inputs_n", "irq_enable"];
/// The engine takes the other bits from its table.
const THETA_HIGH: Field =
    Field { name: "THETA_HIGH", lsb: 16, width: 4, doc: "high bits of the threshold" };
const IRQ_ALL: Field = Field { name: "ALL", lsb: 0, width: 3, doc: "all causes" };

fn writable(access: Access) -> bool {
    !matches!(access, Access::Constant | Access::Live)
}

/// Bits of a register that belong to a field.
fn mask(r: &Register) -> u32 {
    r.fields.iter().fold(0, |all, f| all | f.put(f.mask()))
}

/// Contents of the register memory: bytes of registers 0 to 63, then a mask for each of those bytes.
fn contents(c: &ModuleConfig) -> Vec<u64> {
    let mut words = [0u32; 2 * FIRST_ENGINE as usize];
    let identity = c.capabilities().emit();
    words[..identity.len()].copy_from_slice(&identity);
    for r in regs::MAP.iter().filter(|r| writable(r.access) && r.index < FIRST_ENGINE) {
        (0..usize::from(r.count))
            .for_each(|n| words[usize::from(FIRST_ENGINE + r.at(n))] = mask(r));
    }
    words.iter().flat_map(|w| w.to_be_bytes()).map(u64::from).collect()
}

/// Condition that `index` is one of a set, from its bits: an OR of comparisons of aligned runs.
fn one_of(index: &Sig, set: &dyn Fn(u16) -> bool) -> Expr {
    runs(0, INDEX_BITS, set)
        .into_iter()
        .map(|(first, bits)| {
            if bits == INDEX_BITS {
                lit(1, 1)
            } else {
                index.bits(INDEX_BITS - 1, bits).eq_const(u64::from(first >> bits))
            }
        })
        .reduce(|a, b| a | b)
        .unwrap_or_else(|| lit(1, 0))
}

/// The set as aligned runs of `1 << bits` indices.
fn runs(first: u16, bits: u32, set: &dyn Fn(u16) -> bool) -> Vec<(u16, u32)> {
    let all = first..first + (1 << bits);
    if all.clone().all(set) {
        return vec![(first, bits)];
    }
    if bits == 0 || !all.clone().any(set) {
        return Vec::new();
    }
    let mut found = runs(first, bits - 1, set);
    found.extend(runs(first + (1 << (bits - 1)), bits - 1, set));
    found
}

fn access_of(index: u16) -> Option<Access> {
    regs::MAP.iter().find(|r| (0..usize::from(r.count)).any(|n| r.at(n) == index)).map(|r| r.access)
}

struct In {
    clk: Sig,
    rst_n: Sig,
    index: Sig,
    read: Sig,
    pos: Sig,
    run: Sig,
    fetch: Sig,
    valid: Sig,
    byte: Sig,
    byte_pos: Sig,
    registers: Sig,
    masks: Sig,
    sweep: Sig,
    busy: Sig,
    next_seq: Sig,
    result_seq: Sig,
    clear: Sig,
    result: Sig,
    idle: Sig,
    rival: Sig,
    round: Sig,
    counter: Sig,
    table_addr: Sig,
    row_step: Sig,
    errors: Vec<Sig>,
}

fn inputs(m: &mut Module) -> In {
    In {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        index: m.input("index_i", INDEX_BITS, "register"),
        read: m.input("read_i", 1, "a register is read"),
        pos: m.input("pos_i", 2, "its byte to read"),
        run: m.input("run_i", 1, "a byte to write follows in the next cycle"),
        fetch: m.input("fetch_pos_i", 2, "the byte of the register it will be"),
        valid: m.input("valid_i", 1, "write a byte"),
        byte: m.input("byte_i", 8, "value"),
        byte_pos: m.input("byte_pos_i", 2, "byte of the register"),
        registers: m.input("registers_i", 1, "the byte is for a register"),
        masks: m.input("masks_i", 1, "the byte is for a mask word"),
        sweep: m.input("sweep_i", 1, "write zeros"),
        busy: m.input("busy_i", 1, "an example is queued or in work"),
        next_seq: m.input("next_seq_i", 8, "sequence number of the next record"),
        result_seq: m.input("result_seq_i", 8, "sequence number of the next result"),
        clear: m.input("clear_i", 1, "RESET takes effect: clear ERROR"),
        result: m.input("result_i", 1, "pulse: a result was produced"),
        idle: m.input("idle_i", 1, "pulse: the last queued example is done"),
        rival: m.input("rival_state_i", 32, "engine: rival generator"),
        round: m.input("round_state_i", 32, "engine: rounding generator"),
        counter: m.input("counter_data_i", 16, "engine: half of the counter at the address"),
        table_addr: m.input("table_addr_i", TABLE_BITS, "engine: half register to read"),
        row_step: m.input(
            "row_step_i",
            2,
            "record: 1 the stride of layer 0, 2 its base, 0 nothing",
        ),
        errors: ERRORS
            .map(|(name, _)| {
                m.input(
                    &format!("err_{name}_i"),
                    1,
                    &format!("pulse: ERROR.{}", name.to_uppercase()),
                )
            })
            .into(),
    }
}

/// Registers that are looked for by their index.
const SELECTED: [&Register; 8] = [
    &regs::STATUS,
    &regs::ERROR,
    &regs::IRQ_CAUSE,
    &regs::COMMAND,
    &regs::SEQUENCE,
    &regs::LOADED,
    &regs::RIVAL_STATE,
    &regs::ROUND_STATE,
];

/// Which register it is: its group of four is found one cycle late, so that one LUT does the rest.
struct Select {
    index: Sig,
    groups: Vec<(u16, Sig)>,
}

impl Select {
    fn new(m: &mut Module, i: &In) -> Self {
        m.section("Which register: it stays for several cycles before anything happens to it");
        let wanted = FIELDS.iter().map(|f| f.0).chain(SELECTED);
        let mut numbers: Vec<u16> = wanted.map(|r| r.index >> 2).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut groups = Vec::new();
        for n in numbers {
            let comment = format!("registers 0x{:02X} to 0x{:02X}", n << 2, (n << 2) + 3);
            let q = m.reg(&format!("group_{n:02x}_q"), 1, &comment);
            m.clocked(&i.clk, vec![q.set(i.index.bits(INDEX_BITS - 1, 2).eq_const(n.into()))]);
            groups.push((n, q));
        }
        Self { index: i.index.clone(), groups }
    }

    /// Condition that it is this one.
    fn is(&self, r: &Register) -> Expr {
        let group = self.groups.iter().find(|g| g.0 == r.index >> 2).expect("selected");
        &group.1 & self.index.bits(1, 0).eq_const(u64::from(r.index & 3))
    }
}

/// A write of half a register.
struct Bus {
    select: Select,
    value: Sig,
    high: Sig,
    low: Sig,
    half: Expr,
    next: [Sig; 2],
}

impl Bus {
    /// Strobe of a half of a register.
    fn write(&self, r: &Register, low: bool) -> Expr {
        self.select.is(r) & if low { &self.low } else { &self.high }
    }
    /// The same, one cycle earlier.
    fn soon(&self, r: &Register, low: bool) -> Expr {
        self.select.is(r) & &self.next[usize::from(low)]
    }
    /// Bits `hi..=lo` of a register, from the half they are in.
    fn bits(&self, hi: u32, lo: u32) -> Expr {
        self.value.bits(hi % 16, lo % 16)
    }
}

/// The block.
pub fn regs_block(c: &ModuleConfig) -> Module {
    let mut m = Module::new(
        "deku_regs",
        "The register file. Every register lies in the register memory, from where it is read back; those that other \
         blocks look at are also kept in flip-flops, and those that change by themselves replace what is read from the \
         memory. The upper half of the memory holds a mask for every byte: bits outside of the fields are \
         not stored. Writes come byte by byte and take effect in halves of 16 bits, high half first.\n\n\
         The counters of LINK_ERRORS lie in the memory, too, and are counted there.",
    );
    let mut i = inputs(&mut m);
    hold_errors(&mut m, &mut i);
    let bus = bus(&mut m, &i);
    let fields = fields(&mut m, &i, &bus);
    let live = events(&mut m, &i, &bus, &fields);
    let stored = memory(&mut m, c, &i, &live.clear);
    access(&mut m, &i);
    layer_table(&mut m, &i, &bus, &fields);
    read(&mut m, &i, &bus.select, &stored, &live);
    m
}

fn bus(m: &mut Module, i: &In) -> Bus {
    let select = Select::new(m, i);
    m.section("Writing: bytes make halves of 16 bits");
    let high = m.reg("high_byte_q", 8, "first byte of the half");
    m.clocked(&i.clk, vec![high.set(&i.byte)]);
    let value = m.output("bus_wdata_o", 16, "16 bits to write");
    m.assign(&value, cat([high.e(), i.byte.e()]));
    let value = m.net("bus", cat([high.e(), i.byte.e()]), "the same");
    let half = m.net("half", &i.run & i.fetch.bit(0), "they are complete in the next cycle");
    let masks = m.reg("mask_we_q", 1, "write half a mask word");
    let mask_we = m.output("mask_we_o", 1, "write half a mask word");
    m.assign(&mask_we, &masks);
    let write = m.net("half_write", &half & &i.registers & !&i.sweep, "half a register");
    let next_low = m.net("next_low", &write & i.fetch.bit(1), "it is the low half");
    let next_high = m.net("next_high", &write & !i.fetch.bit(1), "it is the high half");
    let low = m.reg("strobe_low_q", 1, "the low half of a register is written");
    let high = m.reg("strobe_high_q", 1, "the high half of a register is written");
    m.clocked(&i.clk, vec![masks.set(&half & &i.masks), low.set(&next_low), high.set(&next_high)]);
    Bus { select, value, high, low, half: i.byte_pos.bit(1), next: [next_high, next_low] }
}

/// Errors are looked at one cycle late: what finds them has many conditions.
fn hold_errors(m: &mut Module, i: &mut In) {
    m.section("Errors as they come");
    let found = m.reg("found_q", 8, "errors of the cycle before");
    m.clocked(&i.clk, vec![found.set(cat(i.errors.iter().rev().map(Sig::e)))]);
    for (n, (error, (name, _))) in i.errors.iter_mut().zip(ERRORS).enumerate() {
        *error = m.net(&format!("found_{name}"), found.bit(n as u32), "of them, one");
    }
}

/// The register memory; returns what is read from it.
fn memory(m: &mut Module, c: &ModuleConfig, i: &In, clear: &Sig) -> Sig {
    m.section("LINK_ERRORS is counted in the register memory");
    let active = m.reg("link_active_q", 1, "counting or clearing");
    let clearing = m.reg("link_clear_q", 1, "clearing, not counting");
    let payload = m.reg("link_payload_q", 1, "counting PAYLOAD, not HEADER");
    let step = m.reg("link_step_q", 2, "0, 2: read the low byte, 1, 3: the high byte");
    let valid = m.reg("link_valid_q", 1, "a byte has been read");
    let at = m.reg("link_at_q", 2, "that byte of the register");
    let then = m.reg("link_then_q", 2, "step in which it was read");
    let full = m.reg("link_full_q", 1, "the high byte is FF");
    let carry = m.reg("link_carry_q", 1, "the low byte was FF");
    let all = m.wire("memory_all", 1, "the byte read is FF");
    assert_eq!((f::HEADER_ERRORS.lsb, f::PAYLOAD_ERRORS.lsb), (0, 16));
    let next = m.net(
        "link_next",
        cat([mux(&clearing, step.bit(1), !&payload), !step.bit(0)]),
        "byte of LINK_ERRORS to read",
    );
    let header_error = &i.errors[f::ERR_HEADER.lsb as usize];
    let payload_error = &i.errors[f::ERR_PAYLOAD.lsb as usize];
    let begin = m.net("link_begin", header_error | payload_error | clear, "something to do");
    m.clocked(
        &i.clk,
        vec![
            when(!&i.rst_n, vec![active.set(lit(1, 0))])
                .or_when(
                    &begin,
                    vec![active.set(lit(1, 1)), clearing.set(clear), payload.set(payload_error)],
                )
                .or_when(step.all(), vec![active.set(lit(1, 0))]),
            when(&active, vec![step.set(step.inc())]).otherwise(vec![step.set(lit(2, 0))]),
            valid.set(&active),
            at.set(&next),
            then.set(&step),
            when(then.is_zero(), vec![carry.set(&all)]),
            when(then.eq_const(1), vec![full.set(&all)]),
        ],
    );
    // Both bytes have been read, and come once more.
    let low = &valid & then.eq_const(2) & !(&full & &carry);
    let high = &valid & then.eq_const(3) & &carry & !&full;
    let link_we = m.net("link_we", low | high | &valid & &clearing, "write a byte of LINK_ERRORS");

    m.section("Register memory");
    // Where latents fill all block memories, the one that is left over may be far away, and a byte
    // comes from it and goes back within a cycle. There are tables to spare then.
    let style = if c.fabric.early_reads() { "distributed" } else { "block" };
    let memory_q = m
        .memory("memory_q", 8, 512, "registers 0 to 63, a mask for each of their bytes")
        .style(style)
        .attribute("no_rw_check", "1");
    m.memory_init(&memory_q, &contents(c));
    let read = m.reg("memory_read_q", 8, "byte of a register, or mask of the byte that is written");
    let link = m.net("link", &active | &valid, "the memory is used to count or clear");
    let place = lit(6, regs::LINK_ERRORS.index.into());
    // After reset, all is written with the mask of MAGIC or its neighbours, which is 0.
    let mask_of = cat([i.index.bits(5, 3) & (!&i.sweep).repeat(3), i.index.bits(2, 0)]);
    let raddr = cat([
        mux(&link, clearing.e(), i.run.e()),
        mux(&link, place.clone(), mask_of),
        mux(&link, next.e(), mux(&i.run, i.fetch.e(), i.pos.e())),
    ]);
    let waddr =
        cat([lit(1, 0), mux(&link, place, i.index.bits(5, 0)), mux(&link, at.e(), i.byte_pos.e())]);
    // A byte is masked, or one is added to the byte read; as in counter.rs both fit into one cell.
    let masks = m.net("link_masks", !&valid | &clearing, "mask a byte, do not count");
    let sum = m.net(
        "memory_plus_1",
        read.zext(9) + cat([lit(1, 0), masks.repeat(8)]) + lit(9, 1),
        "byte read, plus 1 while counting",
    );
    m.assign(&all, read.all());
    m.unused("unused_carry", vec![sum.bit(8)], "a full byte is not counted on");
    let wdata = mux(&masks, &i.byte & &read, sum.bits(7, 0));
    // Of what can be written these do not come from the memory; there they stay 0.
    let elsewhere = |n: u16| {
        let other = |a| matches!(a, Access::WriteOneToClear | Access::Command);
        n == regs::LOADED.index || (n < FIRST_ENGINE && access_of(n).is_some_and(other))
    };
    let kept = m.reg("stored_q", 1, "the register is one that is kept in the memory");
    let here = &i.registers & !i.index.bit(INDEX_BITS - 1) & !one_of(&i.index, &elsewhere);
    m.clocked(&i.clk, vec![kept.set(here)]);
    // The identity lies here, too: what registers happen to hold at power-up must not change it.
    let store = (&i.valid & &kept | &link_we) & &i.rst_n;
    let store = m.net("store", store, "a byte is written");
    m.clocked(
        &i.clk,
        vec![when(&store, vec![memory_q.write(waddr, wdata)]), read.set(memory_q.at(raddr))],
    );
    read
}

/// Flip-flops for the fields that other blocks see.
fn fields(m: &mut Module, i: &In, bus: &Bus) -> Vec<Sig> {
    m.section("Fields that other blocks see");
    let mut all = Vec::new();
    for (r, field, name) in FIELDS {
        let q = m.reg(&format!("{name}_q"), field.width, &format!("{}: {}", r.name, field.doc));
        // Kept inverted where it is subtracted: a carry chain cannot invert.
        let value = |e: Expr| if name.ends_with("_n") { !e } else { e };
        let (lsb, top) = (field.lsb, field.lsb + field.width - 1);
        let mut stmts = Vec::new();
        let mut part = |low: bool, top: u32, bottom: u32| {
            let (hi, lo) = (top - lsb, bottom - lsb);
            let write = vec![q.set_bits(hi, lo, value(bus.bits(top, bottom)))];
            let zero = vec![q.set_bits(hi, lo, value(lit(hi - lo + 1, 0)))];
            stmts.push(match RESET.contains(&name) {
                true => when(!&i.rst_n, zero).or_when(bus.write(r, low), write),
                false => when(bus.write(r, low), write),
            });
        };
        if top >= 16 {
            part(false, top, lsb.max(16));
        }
        if lsb < 16 {
            part(true, top.min(15), lsb);
        }
        m.clocked(&i.clk, stmts);
        if !INNER.contains(&name) {
            let o =
                m.output(&format!("{name}_o"), field.width, &format!("{}: {}", r.name, field.doc));
            m.assign(&o, &q);
        }
        all.push(q);
    }
    all
}

/// The flip-flops of a field.
fn field<'a>(fields: &'a [Sig], name: &str) -> &'a Sig {
    &fields[FIELDS.iter().position(|f| f.2 == name).expect("a field")]
}

/// Registers that change by themselves.
struct Live {
    errors: Sig,
    causes: Sig,
    loaded: Sig,
    is_loaded: Sig,
    clear: Sig,
}

fn events(m: &mut Module, i: &In, bus: &Bus, fields: &[Sig]) -> Live {
    let field = |name: &str| field(fields, name);
    m.section("Errors and interrupt");
    let errors = m.reg("error_q", 8, "ERROR");
    let causes = m.reg("cause_q", 3, "IRQ_CAUSE");
    let new = m.net("new_errors", cat(i.errors.iter().rev().map(Sig::e)), "errors of this cycle");
    for (n, (name, field)) in ERRORS.iter().enumerate() {
        assert_eq!((field.lsb, field.width), (n as u32, 1), "{name}");
    }
    let events = cat([i.idle.e(), new.any(), i.result.e()]);
    assert_eq!([f::IRQ_RESULT.lsb, f::IRQ_ERROR.lsb, f::IRQ_IDLE.lsb], [0, 1, 2]);
    let kept = |m: &mut Module, name: &str, r: &Register, width: u32| {
        let w = bus.write(r, true);
        m.net(
            name,
            !(bus.value.bits(width - 1, 0) & w.repeat(width)),
            "bits that are not cleared by the host",
        )
    };
    let kept_errors = kept(m, "kept_errors", &regs::ERROR, 8);
    let kept_causes = kept(m, "kept_causes", &regs::IRQ_CAUSE, 3);
    let command = bus.write(&regs::COMMAND, true) & bus.value.bit(f::CLEAR_COUNTERS.lsb);
    let clear_q = m.reg("clear_counters_q", 1, "COMMAND.CLEAR_COUNTERS was written");
    m.clocked(&i.clk, vec![clear_q.set(command)]);
    let command = clear_q;
    let clear_o = m.output("counter_clear_o", 1, "engine, pulse: set the counters to 0");
    m.assign(&clear_o, &command);
    m.clocked(
        &i.clk,
        vec![
            when(!&i.rst_n | &i.clear, vec![errors.set(lit(8, 0))])
                .otherwise(vec![errors.set(&errors & &kept_errors | &new)]),
            when(!&i.rst_n, vec![causes.set(lit(3, 0))])
                .otherwise(vec![causes.set(&causes & &kept_causes | events)]),
        ],
    );
    let irq = m.output("irq_o", 1, "an enabled cause is set");
    m.assign(&irq, (&causes & field("irq_enable")).any());
    let error_o = m.output("error_o", 1, "a bit of ERROR is set");
    m.assign(&error_o, errors.any());

    m.section("Loaded");
    let loaded =
        m.reg("loaded_q", f::LOADED_LAYERS.width, "LOADED: layers whose latents are there");
    let forget = bus.write(&regs::NETWORK, true);
    m.clocked(
        &i.clk,
        vec![when(!&i.rst_n | forget.clone(), vec![loaded.set(lit(3, 0))])
            .or_when(bus.write(&regs::LOADED, true), vec![loaded.set(bus.bits(2, 0))])],
    );
    let is_loaded =
        m.net("is_loaded", loaded.any() & loaded.eq_(field("layers")), "all layers are loaded");
    let loaded_o = m.output("loaded_o", 1, "every configured layer has been loaded");
    m.assign(&loaded_o, &is_loaded);
    let seed_we = m.output(
        "seed_we_o",
        4,
        "engine: write rival high, rival low, rounding high, rounding low",
    );
    let seed_q = m.reg("seed_we_q", 4, "the same");
    let soon = |r: &Register, low: bool| bus.soon(r, low);
    m.clocked_comment(
        &i.clk,
        "Known one cycle before: the way of a generator is long.",
        vec![seed_q.set(cat([
            soon(&regs::RIVAL_STATE, false),
            soon(&regs::RIVAL_STATE, true),
            soon(&regs::ROUND_STATE, false),
            soon(&regs::ROUND_STATE, true),
        ]))],
    );
    m.assign(&seed_we, &seed_q);
    Live { errors, causes, loaded, is_loaded, clear: command }
}

/// What may be written is looked up apart below and above this register.
const ACCESS_SPLIT: u16 = 0x20;

/// What the frame machine must know before it writes.
fn access(m: &mut Module, i: &In) {
    m.section("Access");
    let mut out = |name: &str, set: &dyn Fn(u16) -> bool, comment: &str| {
        // In two parts, each of a few look-up tables.
        let mut any = lit(1, 0);
        for (part, upper) in [("low", false), ("high", true)] {
            let within = |n: u16| set(n) && (n >= ACCESS_SPLIT) == upper;
            if (0..1 << INDEX_BITS).any(within) {
                let q = m.reg(&format!("{name}_{part}_q"), 1, comment);
                m.clocked(&i.clk, vec![q.set(one_of(&i.index, &within))]);
                any = any | &q;
            }
        }
        let o = m.output(&format!("{name}_o"), 1, &format!("{comment}, one cycle later"));
        m.assign(&o, any);
    };
    out("writable", &|n| access_of(n).is_some_and(writable), "the register can be written");
    let any_time =
        |n| matches!(access_of(n), Some(Access::ReadWriteAnyTime | Access::WriteOneToClear));
    out("any_time", &any_time, "also while the module is busy");
}

fn layer_table(m: &mut Module, i: &In, bus: &Bus, fields: &[Sig]) {
    m.section("Layer table: a copy for the engine");
    let first = regs::LAYER_SHAPE.index;
    assert!(
        [regs::LAYER_SHAPE.index, regs::LAYER_BASE.index, regs::LAYER_TABLES.index]
            == [first, first + 1, first + 2]
            && first == 0x20
    );
    let table = m.reg("in_table_q", 1, "a register from 0x10 to 0x2F");
    let layers = m.reg("in_layers_q", 1, "a LAYER register");
    m.clocked(
        &i.clk,
        vec![
            table.set(!i.index.bit(INDEX_BITS - 1) & (i.index.bit(5) ^ i.index.bit(4))),
            layers.set(i.index.bits(INDEX_BITS - 1, 4).eq_const(u64::from(first >> 4))),
        ],
    );
    let half = m.net("half_strobe", &bus.low | &bus.high, "half a register is written");
    let we = m.net("table_we", &half & &table, "it is copied");
    let data = m.output("table_data_o", 16, "engine: half register read one cycle before");
    ram::ram(
        m,
        "u_table",
        &i.clk,
        16,
        1 << TABLE_BITS,
        ram::Port {
            we: we.e(),
            waddr: cat([i.index.bits(4, 0), bus.half.clone()]),
            wdata: bus.value.e(),
            raddr: i.table_addr.e(),
            rdata: &data,
        },
        "LAYER registers, and some that are not needed all the time",
    );
    row_steps(m, i, fields);
    let dirty =
        m.output("table_dirty_o", 1, "engine, pulse: a LAYER register or NETWORK was written");
    let dirty_q = m.reg("table_dirty_q", 1, "the same");
    m.clocked(&i.clk, vec![dirty_q.set(&half & &layers | bus.write(&regs::NETWORK, true))]);
    m.assign(&dirty, &dirty_q);
}

/// Stride and base of layer 0 for the record decoder, which wants one of them or nothing.
fn row_steps(m: &mut Module, i: &In, fields: &[Sig]) {
    let (stride, base) = (field(fields, "stride"), field(fields, "base"));
    let step = m.output("row_step_o", 16, "record: what it asks for");
    let gate = |n: u32, value: Expr| value & i.row_step.bit(n).repeat(16);
    m.assign(&step, gate(0, stride.zext(16)) | gate(1, base.e()));
}

fn read(m: &mut Module, i: &In, select: &Select, stored: &Sig, live: &Live) {
    m.section("Reading, in three steps: what is read stands still for several cycles");
    let addr = m.output("counter_addr_o", 6, "engine: half of the counter to read");
    m.assign(&addr, cat([i.index.bits(4, 0), i.pos.bit(1)]));
    let p = |n: u32| i.pos.bit(n);
    let index = |hi: u32, lo: u32| i.index.bits(hi, lo);
    let is = |r: &Register| select.is(r);
    let low = m.net("low_byte", p(1) & p(0), "bits 7 to 0 of a register are read");
    let engine = m.reg("in_engine_q", 1, "the engine has the register, and it is no generator");
    let seed = m.reg("in_seeds_q", 1, "it is a generator");
    let (in_engine, first) = (i.index.bit(6) & !i.index.bit(5), index(4, 1).is_zero());
    m.clocked(
        &i.clk,
        vec![engine.set(in_engine.clone() & !first.clone()), seed.set(in_engine & first)],
    );
    let by_pos = |low: Expr, high: Expr| mux(p(0), low, high);
    let half = |word: &Sig, low: u32| by_pos(word.bits(low + 7, low), word.bits(low + 15, low + 8));

    // The memory holds 0 for registers that change by themselves.
    assert_eq!((f::BUSY.lsb, f::IS_LOADED.lsb), (0, 1));
    let chosen = [
        (&regs::ERROR, live.errors.e()),
        (&regs::IRQ_CAUSE, live.causes.e()),
        (&regs::LOADED, live.loaded.e()),
        (&regs::STATUS, cat([live.is_loaded.e(), i.busy.e()])),
    ];
    let own = chosen.into_iter().fold(stored.e(), |all, (register, value)| {
        let name = format!("reads_{}_q", register.name.to_lowercase());
        let on = m.reg(&name, 1, "of this register; as late as the memory");
        m.clocked(&i.clk, vec![on.set(is(register) & &low)]);
        all | (value.clone() & on.repeat(value.width())).zext(8)
    });
    let own =
        step(m, &i.clk, "own", Some(&i.read & !i.index.bit(6)), own, "register of this block");
    let numbers = step(
        m,
        &i.clk,
        "numbers",
        Some(&i.read & is(&regs::SEQUENCE) & p(1)),
        by_pos(i.next_seq.e(), i.result_seq.e()),
        "SEQUENCE",
    );
    let counter =
        step(m, &i.clk, "counter", Some(&i.read & &engine), half(&i.counter, 0), "counter");
    let mut seeds = Vec::new();
    for (name, word, on) in
        [("rival", &i.rival, !i.index.bit(0)), ("round", &i.round, i.index.bit(0))]
    {
        seeds.push(step(
            m,
            &i.clk,
            &format!("{name}_high"),
            Some(&i.read & &seed & on.clone() & !p(1)),
            half(word, 16),
            "high half of a generator",
        ));
        seeds.push(step(
            m,
            &i.clk,
            &format!("{name}_low"),
            Some(&i.read & &seed & on & p(1)),
            half(word, 0),
            "low half of a generator",
        ));
    }
    let or = |all: Vec<Sig>| all.iter().map(Sig::e).reduce(|a, b| a | b).expect("some");
    let seeds = step(m, &i.clk, "seed", None, or(seeds), "generator");
    let data = m.output("data_o", 8, "byte read, 0 if none is; takes four cycles");
    let all = step(m, &i.clk, "data", None, or(vec![own, numbers, counter, seeds]), "byte read");
    m.assign(&data, &all);
}

/// One step of a read: `value`, or 0 unless `on`. The steps are registers because these cost nothing behind a
/// LUT, and because they keep the multiplexers as they are written.
fn step(
    m: &mut Module,
    clk: &Sig,
    name: &str,
    on: Option<Expr>,
    value: Expr,
    comment: &str,
) -> Sig {
    let q = m.reg(&format!("{name}_byte_q"), 8, comment);
    let width = q.width();
    let Some(on) = on else {
        m.clocked(clk, vec![q.set(value)]);
        return q;
    };
    let on = m.net(&format!("{name}_read"), on, &format!("{comment} is read"));
    m.clocked(clk, vec![when(!&on, vec![q.set(lit(width, 0))]).otherwise(vec![q.set(value)])]);
    q
}

//! `deku_regs`: the register file, generated from the map in `firmware-ref/src/regs.rs`.

use super::ram;
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
const FIELDS: [(&Register, &Field, &str); 14] = [
    (&regs::CODE_BANK, &f::CODE_BANK, "code_bank"),
    (&regs::NETWORK, &f::LAYERS, "layers"),
    (&regs::NETWORK, &f::CLASS_BITS, "class_bits"),
    (&regs::NETWORK, &f::CLASSES, "classes"),
    (&regs::FORMAT, &f::SAMPLE_FORMAT, "format"),
    (&regs::TEMPERATURE, &f::TEMPERATURE_K, "temperature"),
    (&regs::THETA, &f::THETA, "theta"),
    (&regs::OVERLAY, &f::COPIES, "copies"),
    (&regs::OVERLAY, &f::LABEL_BASE, "label_base"),
    (&regs::OVERLAY_STEP, &f::LABEL_STEP, "label_step"),
    (&regs::INPUTS, &f::INPUTS, "inputs"),
    (&regs::LAYER_SHAPE, &f::STRIDE, "stride"),
    (&regs::LAYER_BASE, &f::BASE, "base"),
    (&regs::IRQ_ENABLE, &IRQ_ALL, "irq_enable"),
];
const IRQ_ALL: Field = Field { name: "ALL", lsb: 0, width: 3, doc: "all causes" };

fn writable(access: Access) -> bool {
    !matches!(access, Access::Constant | Access::Live)
}

/// Bits of a register that belong to a field.
fn mask(r: &Register) -> u32 {
    r.fields.iter().fold(0, |all, f| all | f.put(f.mask()))
}

/// Contents of the register memory: bytes of registers 0 to 63, then a mask for each of those bytes.
fn memory(c: &ModuleConfig) -> Vec<u64> {
    let mut words = [0u32; 2 * FIRST_ENGINE as usize];
    let identity = c.capabilities().emit();
    words[..identity.len()].copy_from_slice(&identity);
    for r in regs::MAP.iter().filter(|r| writable(r.access) && r.index < FIRST_ENGINE) {
        (0..usize::from(r.count)).for_each(|n| words[usize::from(FIRST_ENGINE + r.at(n))] = mask(r));
    }
    words.iter().flat_map(|w| w.to_be_bytes()).map(u64::from).collect()
}

/// Condition that `index` is one of a set, from its bits: an OR of comparisons of aligned runs.
fn one_of(index: &Sig, set: &dyn Fn(u16) -> bool) -> Expr {
    runs(0, INDEX_BITS, set)
        .into_iter()
        .map(|(first, bits)| if bits == INDEX_BITS { lit(1, 1) } else { index.bits(INDEX_BITS - 1, bits).eq_const(u64::from(first >> bits)) })
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
    clk: Sig, rst_n: Sig, index: Sig, pos: Sig, run: Sig, fetch: Sig, valid: Sig, byte: Sig, byte_pos: Sig, registers: Sig, sweep: Sig,
    busy: Sig, next_seq: Sig, result_seq: Sig, clear: Sig, result: Sig, idle: Sig,
    rival: Sig, round: Sig, counter: Sig, table_addr: Sig, errors: Vec<Sig>,
}

fn inputs(m: &mut Module) -> In {
    In {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        index: m.input("index_i", INDEX_BITS, "register"),
        pos: m.input("pos_i", 2, "its byte to read"),
        run: m.input("run_i", 1, "a byte to write follows in the next cycle"),
        fetch: m.input("fetch_pos_i", 2, "the byte of the register it will be"),
        valid: m.input("valid_i", 1, "write a byte"),
        byte: m.input("byte_i", 8, "value"),
        byte_pos: m.input("byte_pos_i", 2, "byte of the register"),
        registers: m.input("registers_i", 1, "the byte is for a register (not for a mask)"),
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
        table_addr: m.input("table_addr_i", 5, "engine: half register of the layer table to read"),
        errors: ERRORS.map(|(name, _)| m.input(&format!("err_{name}_i"), 1, &format!("pulse: ERROR.{}", name.to_uppercase()))).into(),
    }
}

/// A write of half a register.
struct Bus {
    index: Sig, value: Sig, strobe: Sig, low: Expr, stored: Sig,
}

impl Bus {
    /// Strobe of a half of a register.
    fn write(&self, r: &Register, low: bool) -> Expr {
        let half = if low { self.low.clone() } else { !self.low.clone() };
        &self.strobe & half & self.index.eq_const(r.index.into())
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
         not stored. Writes come byte by byte and take effect in halves of 16 bits, high half first.",
    );
    let i = inputs(&mut m);
    let bus = bus(&mut m, c, &i);
    let fields = fields(&mut m, &i, &bus);
    let live = events(&mut m, &i, &bus, &fields);
    access(&mut m, &i);
    layer_table(&mut m, &i, &bus);
    read(&mut m, &i, &bus, &live);
    m
}

fn bus(m: &mut Module, c: &ModuleConfig, i: &In) -> Bus {
    m.section("Register memory and what is written into it");
    let memory_sig = m.memory("memory_q", 8, 512, "registers 0 to 63, a mask for each of them").style("block");
    m.memory_init(&memory_sig, &memory(c));
    let read = m.reg("memory_read_q", 8, "byte of a register, or mask of the byte that is written");
    let high = m.reg("high_byte_q", 8, "first byte of a half register");
    let allowed = &read | (!&i.registers).repeat(8);
    let byte = m.net("masked_byte", &i.byte & allowed & (!&i.sweep).repeat(8), "the byte without bits that do not exist");
    let stored = &i.valid & &i.registers & !i.index.bit(INDEX_BITS - 1) & i.index.ne_(lit(INDEX_BITS, regs::COMMAND.index.into()));
    let stored = m.net("store", stored, "the byte is kept in the memory");
    m.clocked(&i.clk, vec![
        when(&stored, vec![memory_sig.write(cat([lit(1, 0), i.index.bits(5, 0), i.byte_pos.e()]), &byte)]),
        read.set(memory_sig.at(cat([i.run.e(), i.index.bits(5, 0), mux(&i.run, &i.fetch, &i.pos)]))),
        high.set(&byte),
    ]);
    let value = m.output("bus_wdata_o", 16, "half register or half mask word to write");
    m.assign(&value, cat([high.e(), byte.e()]));
    let value = m.net("bus", cat([high.e(), byte.e()]), "the same");
    let half = m.net("half", &i.valid & i.byte_pos.bit(0), "it is complete");
    let mask_we = m.output("mask_we_o", 1, "write half a mask word");
    m.assign(&mask_we, &half & !&i.registers);
    let strobe = m.net("strobe", half & &i.registers, "half a register is written");
    Bus { index: i.index.clone(), value, strobe, low: i.byte_pos.bit(1), stored: read }
}

/// Flip-flops for the fields that other blocks see.
fn fields(m: &mut Module, i: &In, bus: &Bus) -> Vec<Sig> {
    m.section("Fields that other blocks see");
    let mut all = Vec::new();
    for (r, field, name) in FIELDS {
        let q = m.reg(&format!("{name}_q"), field.width, &format!("{}: {}", r.name, field.doc));
        let (lsb, top) = (field.lsb, field.lsb + field.width - 1);
        let mut stmts = Vec::new();
        if top >= 16 {
            let from = lsb.max(16);
            stmts.push(when(bus.write(r, false), vec![q.set_bits(top - lsb, from - lsb, bus.bits(top, from))]));
        }
        if lsb < 16 {
            let to = top.min(15);
            stmts.push(when(bus.write(r, true), vec![q.set_bits(to - lsb, 0, bus.bits(to, lsb))]));
        }
        m.clocked(&i.clk, stmts);
        if name != "irq_enable" {
            let o = m.output(&format!("{name}_o"), field.width, &format!("{}: {}", r.name, field.doc));
            m.assign(&o, &q);
        }
        all.push(q);
    }
    all
}

/// Registers that change by themselves.
struct Live {
    errors: Sig, causes: Sig, header_errors: Sig, payload_errors: Sig, loaded: Sig, is_loaded: Sig,
}

fn events(m: &mut Module, i: &In, bus: &Bus, fields: &[Sig]) -> Live {
    let field = |name: &str| &fields[FIELDS.iter().position(|f| f.2 == name).expect("a field")];
    m.section("Errors, interrupt, link error counters");
    let errors = m.reg("error_q", 8, "ERROR");
    let causes = m.reg("cause_q", 3, "IRQ_CAUSE");
    let header = m.reg("header_errors_q", 16, "LINK_ERRORS.HEADER");
    let payload = m.reg("payload_errors_q", 16, "LINK_ERRORS.PAYLOAD");
    let new = m.net("new_errors", cat(i.errors.iter().rev().map(Sig::e)), "errors of this cycle");
    for (n, (name, field)) in ERRORS.iter().enumerate() {
        assert_eq!((field.lsb, field.width), (n as u32, 1), "{name}");
    }
    let events = cat([i.idle.e(), new.any(), i.result.e()]);
    assert_eq!([f::IRQ_RESULT.lsb, f::IRQ_ERROR.lsb, f::IRQ_IDLE.lsb], [0, 1, 2]);
    let kept = |m: &mut Module, name: &str, r: &Register, width: u32| {
        let w = bus.write(r, true);
        m.net(name, !(bus.value.bits(width - 1, 0) & w.repeat(width)), "bits that are not cleared by the host")
    };
    let kept_errors = kept(m, "kept_errors", &regs::ERROR, 8);
    let kept_causes = kept(m, "kept_causes", &regs::IRQ_CAUSE, 3);
    let command = bus.write(&regs::COMMAND, true) & bus.value.bit(f::CLEAR_COUNTERS.lsb);
    let command = m.net("clear_counters", command, "COMMAND.CLEAR_COUNTERS");
    let clear_o = m.output("counter_clear_o", 1, "engine, pulse: set the counters to 0");
    m.assign(&clear_o, &command);
    m.clocked(&i.clk, vec![
        when(!&i.rst_n | &i.clear, vec![errors.set(lit(8, 0))]).otherwise(vec![errors.set(&errors & &kept_errors | &new)]),
        when(!&i.rst_n, vec![causes.set(lit(3, 0))]).otherwise(vec![causes.set(&causes & &kept_causes | events)]),
        when(!&i.rst_n | &command, vec![header.set(lit(16, 0)), payload.set(lit(16, 0))]).otherwise(vec![
            when(&i.errors[0] & !header.all(), vec![header.set(header.inc())]),
            when(&i.errors[1] & !payload.all(), vec![payload.set(payload.inc())]),
        ]),
    ]);
    let irq = m.output("irq_o", 1, "an enabled cause is set");
    m.assign(&irq, (&causes & field("irq_enable")).any());
    let error_o = m.output("error_o", 1, "a bit of ERROR is set");
    m.assign(&error_o, errors.any());

    m.section("Loaded");
    let loaded = m.reg("loaded_q", f::LOADED_LAYERS.width, "LOADED: layers whose latents are there");
    let forget = bus.write(&regs::NETWORK, true);
    m.clocked(&i.clk, vec![
        when(!&i.rst_n | forget.clone(), vec![loaded.set(lit(3, 0))])
            .or_when(bus.write(&regs::LOADED, true), vec![loaded.set(bus.bits(2, 0))]),
    ]);
    let is_loaded = m.net("is_loaded", loaded.any() & loaded.eq_(field("layers")), "all layers are loaded");
    let loaded_o = m.output("loaded_o", 1, "every configured layer has been loaded");
    m.assign(&loaded_o, &is_loaded);
    let seed_we = m.output("seed_we_o", 4, "engine: write rival high, rival low, rounding high, rounding low");
    m.assign(&seed_we, cat([
        bus.write(&regs::RIVAL_STATE, false), bus.write(&regs::RIVAL_STATE, true),
        bus.write(&regs::ROUND_STATE, false), bus.write(&regs::ROUND_STATE, true),
    ]));
    Live { errors, causes, header_errors: header, payload_errors: payload, loaded, is_loaded }
}

/// What the frame machine must know before it writes.
fn access(m: &mut Module, i: &In) {
    m.section("Access");
    let mut out = |name: &str, set: &dyn Fn(u16) -> bool, comment: &str| {
        let value = one_of(&i.index, set);
        let o = m.output(name, 1, comment);
        m.assign(&o, value);
    };
    out("writable_o", &|n| access_of(n).is_some_and(writable), "the register can be written");
    let any_time = |n| matches!(access_of(n), Some(Access::ReadWriteAnyTime | Access::WriteOneToClear));
    out("any_time_o", &any_time, "also while the module is busy");
    let seeds = [regs::RIVAL_STATE.index, regs::ROUND_STATE.index];
    out("seed_o", &|n| seeds.contains(&n), "the register is the state of a generator");
}

fn layer_table(m: &mut Module, i: &In, bus: &Bus) {
    m.section("Layer table: a copy for the engine");
    let first = regs::LAYER_SHAPE.index;
    assert!([regs::LAYER_SHAPE.index, regs::LAYER_BASE.index, regs::LAYER_TABLES.index] == [first, first + 1, first + 2] && first % 16 == 0);
    let in_table = i.index.bits(INDEX_BITS - 1, 4).eq_const(u64::from(first >> 4));
    let we = m.net("table_we", &bus.strobe & in_table, "half a LAYER register is written");
    let data = m.output("table_data_o", 16, "engine: half register read one cycle before");
    ram::ram(m, "u_table", &i.clk, 16, 32, ram::Port {
        we: we.e(), waddr: cat([i.index.bits(3, 0), bus.low.clone()]), wdata: bus.value.e(), raddr: i.table_addr.e(), rdata: &data,
    }, "LAYER registers");
    let dirty = m.output("table_dirty_o", 1, "engine, pulse: a LAYER register or NETWORK was written");
    m.assign(&dirty, &we | bus.write(&regs::NETWORK, true));
}

fn read(m: &mut Module, i: &In, bus: &Bus, live: &Live) {
    m.section("Reading");
    let addr = m.output("counter_addr_o", 6, "engine: half of the counter to read");
    m.assign(&addr, cat([i.index.bits(4, 0), i.pos.bit(1)]));
    let memory = m.net("is_memory", !i.index.bit(6), "the memory has the register");
    let p = |n: u32| i.pos.bit(n);
    let quarter = |word: &Sig| mux(p(1), mux(p(0), word.bits(7, 0), word.bits(15, 8)), mux(p(0), word.bits(23, 16), word.bits(31, 24)));
    let seed = m.net("seed_byte", mux(i.index.bit(0), quarter(&i.round), quarter(&i.rival)), "byte of a generator");
    let counter = mux(p(0), i.counter.bits(7, 0), i.counter.bits(15, 8));
    let is = |r: &Register| i.index.bits(5, 0).eq_const(r.index.into());
    let low = p(1) & p(0);
    let byte = |value: Expr| value.clone() & low.repeat(value.width());
    let wide = |e: Expr| e.zext(8);
    let status = wide(cat([live.is_loaded.e(), i.busy.e()]));
    assert_eq!((f::BUSY.lsb, f::IS_LOADED.lsb), (0, 1));
    let links = |q: &Sig| mux(p(0), q.bits(7, 0), q.bits(15, 8));
    let link = mux(p(1), links(&live.header_errors), links(&live.payload_errors));
    let sequence = mux(p(0), i.next_seq.e(), i.result_seq.e()) & p(1).repeat(8);
    let chosen = [
        (&regs::STATUS, byte(status)),
        (&regs::ERROR, byte(live.errors.e())),
        (&regs::IRQ_CAUSE, byte(wide(live.causes.e()))),
        (&regs::LINK_ERRORS, link),
        (&regs::SEQUENCE, sequence),
        (&regs::LOADED, byte(wide(live.loaded.e()))),
    ];
    let here = chosen.into_iter().rev().fold(bus.stored.e(), |other, (r, value)| mux(is(r), value, other));
    let here = m.net("own_byte", here, "byte of a register of this block");
    let engine = mux(i.index.bits(4, 1).is_zero(), seed.e(), counter) & (!i.index.bit(5)).repeat(8);
    let data = m.output("data_o", 8, "byte read; the memory needs a cycle");
    m.assign(&data, mux(&memory, &here, engine));
}

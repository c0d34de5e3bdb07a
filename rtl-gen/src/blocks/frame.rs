//! `deku_frame`: the frame machine, between the bytes of a link and everything inside.

use super::counter::{load_or_inc, Down};
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig};
use crate::config::ModuleConfig;
use deku_ref::regs;
use deku_ref::wire::access::{WRITE_DONE, WRITE_FAILED};
use deku_ref::wire::{Access, Request, Space};

/// Bytes of the header that carry address and length.
const MAGIC_BYTES: usize = 4;

fn access(space: Space) -> Access {
    Access::new(space, 0, 0).expect("no units")
}

/// Inputs of the block.
struct In {
    clk: Sig,
    rst_n: Sig,
    active: Sig,
    taken: Sig,
    valid: Sig,
    byte: Sig,
    status: Sig,
    busy: Sig,
    next_seq: Sig,
    free: Sig,
    sweep: Sig,
    addr_step: Sig,
    trit: Sig,
    writable: Sig,
    any_time: Sig,
    reg_data: Sig,
    mask_data: Sig,
    goodness: Sig,
    latent: Sig,
    rec_check: Sig,
    rec_preset: Sig,
    rec_failed: Sig,
    result: Sig,
    available: Sig,
}

fn inputs(m: &mut Module) -> In {
    In {
        clk: m.input("clk_i", 1, "system clock"),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        active: m.input("active_i", 1, "link: a frame is going on"),
        taken: m.input("taken_i", 1, "link, pulse: the first byte of the answer is on its way"),
        valid: m.input("valid_i", 1, "link, pulse: byte_i is new"),
        byte: m.input("byte_i", 8, "link: byte from the host"),
        status: m.input("status_i", 5, "busy, credit, interrupt, error, loaded"),
        busy: m.input("busy_i", 1, "an example is queued or in work"),
        next_seq: m.input("next_seq_i", 8, "sequence number of the next record"),
        free: m.input("free_i", 16, "free list entries"),
        sweep: m.input("sweep_i", 1, "registers are being set to 0 after reset"),
        addr_step: m.input("addr_step_i", 1, "pulse: a unit was committed, go to the next"),
        trit: m.input("bad_trit_i", 1, "the block holds a trit 11"),
        writable: m.input("writable_i", 1, "the register at the address can be written"),
        any_time: m.input("any_time_i", 1, "it can be written while the module is busy"),
        reg_data: m.input("reg_data_i", 8, "register byte at the address, 0 unless one is read"),
        mask_data: m.input("mask_data_i", 16, "mask half word at the address"),
        goodness: m.input("goodness_i", 24, "goodness at the address"),
        latent: m.input("latent_data_i", 16, "top of the plane at the address"),
        rec_check: m.input("record_check_i", 1, "the record's CRC is arriving"),
        rec_preset: m.input(
            "record_preset_i",
            1,
            "the byte that ends now ends a record, or is none",
        ),
        rec_failed: m.input("record_failed_i", 1, "pulse: ignore the records of this frame"),
        result: m.input("result_i", 8, "result byte at the address"),
        available: m.input("available_i", 1, "there is a result at the address"),
    }
}

/// Registers of the block.
struct Q {
    rx: Sig,
    left: Sig,
    done: Sig,
    open: Sig,
    last_active: Sig,
    header: Sig,
    pos: Sig,
    op: [Sig; 5],
    addr: Sig,
    space: Sig,
    units: Sig,
    crc8: Sig,
    crc: Sig,
    bad: Sig,
    magic: Sig,
    failed: Sig,
    tx: Sig,
    latent: Sig,
    tx_left: Sig,
    tx_busy: Sig,
    due: Sig,
    lead: Sig,
    tx_crc: Sig,
}

/// Places in `Q::op`; 0 is NOP.
const READ: usize = 1;
const WRITE: usize = 2;
const STREAM: usize = 3;
const RESET: usize = 4;

fn registers(m: &mut Module) -> Q {
    m.section("State");
    let mut op = |name: &str| {
        m.reg(&format!("{name}_q"), 1, &format!("the frame is a {}", name.to_uppercase()))
    };
    let op = [op("nop"), op("read"), op("write"), op("stream"), op("reset")];
    Q {
        op,
        rx: m.reg(
            "rx_q",
            8,
            "byte from the host, turned round bit by bit; whole again when done_q",
        ),
        left: m.reg("rx_left_q", 3, "its bits that are still to be looked at, modulo 8"),
        done: m.reg("rx_done_q", 1, "all its bits have been looked at"),
        open: m.reg("open_q", 1, "in a frame"),
        last_active: m.reg("last_active_q", 1, "active_i one cycle ago"),
        header: m.reg("header_q", 1, "in the header of a frame"),
        pos: m.reg(
            "pos_q",
            6,
            "byte of the unit, block or result; in the header, byte that is in rx_q plus 2",
        ),
        addr: m.reg("addr_q", 16, "unit; in a STREAM frame the result to send"),
        space: m.reg("space_q", 2, "space of the unit"),
        units: m.reg(
            "units_q",
            15,
            "units still to come minus 1; while the header arrives, bits of its length",
        ),
        crc8: m.reg("crc8_q", 8, "CRC-8 of the header"),
        crc: m.reg("rx_crc_q", 16, "CRC-16 of header, block or record"),
        bad: m.reg("bad_q", 1, "a bit of the CRC that is arriving was wrong"),
        magic: m.reg("not_magic_q", 1, "address and length are not those of a RESET"),
        failed: m.reg(
            "failed_q",
            1,
            "a block or record was refused: ignore the others of this frame",
        ),
        tx: m.reg("tx_q", 8, "byte for the host"),
        latent: m.reg("latent_q", 8, "latent byte at the address"),
        tx_left: m.reg("tx_left_q", 3, "its bits that are not yet in the CRC, modulo 8"),
        tx_busy: m.reg("tx_busy_q", 1, "there are such bits"),
        due: m.reg("tx_due_q", 1, "the link has taken the byte before"),
        lead: m.reg("lead_q", 1, "tx_q is the status byte"),
        tx_crc: m.reg(
            "tx_crc_q",
            16,
            "CRC-16 of what is sent; in a WRITE that of header bytes 0 to 4",
        ),
    }
}

/// One step of a CRC register, most significant bit first.
fn crc_step(m: &mut Module, name: &str, crc: &Sig, bit: Expr, polynomial: u64) -> (Sig, Expr) {
    let w = crc.width();
    let feedback =
        m.net(&format!("{name}_feedback"), crc.bit(w - 1) ^ bit, "1 unless the bit was expected");
    let taps: Vec<Expr> = (0..w)
        .rev()
        .map(|n| {
            let below = if n == 0 { None } else { Some(crc.bit(n - 1)) };
            match (below, polynomial >> n & 1) {
                (Some(b), 0) => b,
                (Some(b), _) => b ^ &feedback,
                (None, _) => feedback.e(),
            }
        })
        .collect();
    (feedback, cat(taps))
}

/// What is left of a byte's bits, modulo 8, in the next cycle; without a clock enable, which would be slower.
fn left_next(left: &Sig, one_less: &Sig, clear: Expr) -> Expr {
    let borrow = |n: u32| one_less & left.bits(n, 0).is_zero();
    (left ^ cat([borrow(1), borrow(0), one_less.e()])) & (!clear).repeat(3)
}

/// The block.
pub fn frame(c: &ModuleConfig) -> Module {
    let mut m = Module::new(
        "deku_frame",
        "The frame machine of docs/programmers_guide.md: takes the bytes of a link one by one, checks headers, \
         blocks and records, and prepares the bytes of the answer. All bits are looked at one per clock cycle, \
         most significant first, so a byte takes nine cycles.\n\n\
         Byte n of the host is complete at valid_i; the byte of the answer that is loaded a few cycles later \
         is number n + 2. Both CRCs are bit-serial. A received CRC is right if every one of its bits \
         is what the CRC register predicts.",
    );
    let i = inputs(&mut m);
    let q = registers(&mut m);
    let r = receive(&mut m, &i, &q);
    let h = header(&mut m, c, &i, &q, &r);
    let b = body(&mut m, &i, &q, &r, &h);
    transmit(&mut m, &i, &q, &r, &h, &b);
    let pop = latents(&mut m, &i, &q);
    outputs(&mut m, &i, &q, &r, &h, &b, &pop);
    m
}

/// Nets of the receiving side.
struct Rx {
    bit_en: Sig,
    bit: Expr,
    more: Sig,
    last_bit: Sig,
    start: Sig,
}

fn receive(m: &mut Module, i: &In, q: &Q) -> Rx {
    m.section("Bytes from the link, bit by bit");
    let bit_en = m.reg("bit_en_q", 1, "rx_q[7] is a new bit");
    let last_bit = m.net("last_bit", &bit_en & q.left.eq_const(1), "it is the byte's last");
    let more = m.net("more_bits", &bit_en & !q.left.eq_const(1), "another one follows");
    m.clocked(
        &i.clk,
        vec![
            when(&i.valid, vec![q.rx.set(&i.byte)])
                .or_when(&bit_en, vec![q.rx.set(cat([q.rx.bits(6, 0), q.rx.bit(7)]))]),
            // Bits of before a reset must not move the address of the sweep that follows.
            q.left.set(left_next(&q.left, &bit_en, !&i.rst_n | &i.valid)),
            bit_en.set(&i.rst_n & (&i.valid | &more)),
            q.done.set(&last_bit),
        ],
    );
    let start = m.net("start", &i.active & !&q.last_active & !&i.sweep, "a frame begins");
    let quiet = !&i.active & !&i.valid & !&bit_en & !&q.done;
    let close = m.net("close", &q.open & quiet, "the frame has ended and its last byte is done");
    m.clocked(
        &i.clk,
        vec![
            q.last_active.set(&i.active),
            when(!&i.rst_n, vec![q.open.set(lit(1, 0))])
                .or_when(&start, vec![q.open.set(lit(1, 1))])
                .or_when(&close, vec![q.open.set(lit(1, 0))]),
        ],
    );
    Rx { bit_en, bit: q.rx.bit(7), more, last_bit, start }
}

/// Nets of the header.
struct Header {
    end: Sig,
    crc: Sig,
    shift: Sig,
    ok: Sig,
    read_refused: Sig,
    refused: Sig,
    reading: Sig,
    writing: Sig,
    streaming: Sig,
    fb8: Sig,
    next8: Expr,
}

fn header(m: &mut Module, c: &ModuleConfig, i: &In, q: &Q, r: &Rx) -> Header {
    m.section("Header: opcode, address, length, CRC-8");
    let mut byte = |name: &str, pos: u64, comment: &str| {
        let here = m.reg(&format!("{name}_byte_q"), 1, &format!("byte in which {comment}"));
        let end = m.reg(&format!("{name}_end_q"), 1, comment);
        let on = &q.header & q.pos.bits(2, 0).eq_const(pos);
        m.clocked(&i.clk, vec![here.set(on), end.set(&here & &r.last_bit)]);
        end
    };
    let at_opcode = byte("opcode", 2, "rx_q is the opcode");
    let crc = byte("header_crc", 6, "rx_crc_q is the CRC of header bytes 0 to 4");
    let end = byte("header", 7, "the CRC-8 is complete");
    let shift = m.reg("header_shift_q", 1, "rx_q[7] is a bit of address or length");
    // pos_q goes on at the same time: here it still is that of the byte before.
    let four = &q.header & (q.pos.bit(2) ^ q.pos.bit(1));
    m.clocked(&i.clk, vec![shift.set(mux(&i.valid, four, &shift & &r.more))]);
    let opcode = |request: Request| u64::from(request.emit()[0]);
    let opcodes = [
        opcode(Request::Nop),
        opcode(Request::Read(access(Space::Registers))),
        opcode(Request::Write(access(Space::Registers))),
        opcode(Request::Stream { acknowledge: 0 }),
        opcode(Request::Reset),
    ];
    let (fb8, next8) = crc_step(m, "crc8", &q.crc8, r.bit.clone(), 0x07);

    m.section("What the header asks for, and whether it may");
    let limit = |space: Space| match space {
        Space::Registers => u32::from(regs::REGISTER_COUNT),
        Space::Latents => c.words,
        Space::Masks => c.mask_words,
        Space::Goodness => c.max_layers << 8,
    };
    let limits = [Space::Registers, Space::Latents, Space::Masks, Space::Goodness].map(limit);
    let pick = |all: [Expr; 4]| {
        let [a, b, c, d] = all;
        mux(q.space.bit(1), mux(q.space.bit(0), d, c), mux(q.space.bit(0), b, a))
    };
    let last_unit = m.reg("last_unit_q", 17, "last unit of a READ; minus 1 for none at all");
    let units = cat([q.units.bit(14).repeat(2), q.units.e()]);
    m.clocked(&i.clk, vec![last_unit.set(q.addr.zext(17) + units)]);
    let outside = |unit: &Sig, n: u32| match n.is_power_of_two() {
        true => unit.bits(unit.width() - 1, n.trailing_zeros()).any(),
        false => unit.ge(lit(unit.width(), n.into())),
    };
    let low = limits.iter().map(|n| n.trailing_zeros()).min().expect("four");
    if limits.iter().all(|n| n.is_power_of_two()) {
        m.unused("unused_last_unit", vec![last_unit.bits(low - 1, 0)], "within every space");
    }
    let none = m.net("no_units", q.units.bit(14) & last_unit.bit(16), "no unit, and address 0");
    let read_beyond = pick(limits.map(|n| outside(&last_unit, n))) & !none;
    let read_beyond = m.net("read_beyond", read_beyond, "READ leaves its space");
    let write_beyond = pick(limits.map(|n| outside(&q.addr, n)));
    let write_beyond = m.net("write_beyond", write_beyond, "the unit to write is not in its space");
    let registers = m.net("registers", q.space.is_zero(), "the space is REGISTERS");
    let read_refused = &q.op[READ] & (read_beyond | &i.busy & !&registers);
    let no_register = &registers & (!&i.writable | &i.busy & !&i.any_time);
    let no_memory = !&registers & (&i.busy | q.space.all());
    let (reads, writes) = (
        m.reg("read_refused_q", 1, "READ may not be answered"),
        m.reg("write_refused_q", 1, "the unit may not be written"),
    );
    m.clocked_comment(
        &i.clk,
        "Address and length are there long before these are looked at.",
        vec![reads.set(read_refused), writes.set(write_beyond | no_register | no_memory)],
    );
    let (read_refused, refused) = (reads, writes);

    let known = q.op.iter().skip(1).fold(q.op[0].e(), |e, op| e | op);
    let legal = known & !(&q.op[RESET] & &q.magic);
    let legal_q = m.reg("legal_q", 1, "the opcode is known, and RESET has its magic");
    m.clocked(&i.clk, vec![legal_q.set(legal)]);
    let ok = m.net("header_ok", &end & !&q.bad & &legal_q, "the header is right");
    m.clocked_comment(
        &i.clk,
        "The opcode flags stay until the end of the frame if all is well.",
        vec![
            when(&r.start, vec![q.header.set(lit(1, 1))])
                .or_when(&end | !&q.open, vec![q.header.set(lit(1, 0))]),
            when(!&q.open | &end & !&ok, q.op.iter().map(|op| op.set(lit(1, 0))).collect())
                .or_when(
                    &at_opcode,
                    q.op.iter().zip(opcodes).map(|(op, n)| op.set(q.rx.eq_const(n))).collect(),
                )
                .or_when(&end & &read_refused, vec![q.op[READ].set(lit(1, 0))]),
        ],
    );
    let magic = &Request::Reset.emit()[1..=MAGIC_BYTES];
    let rows: Vec<(u64, u64)> = (0..8 * MAGIC_BYTES as u64)
        .filter_map(|n| {
            let (byte, bit) = (n / 8, n % 8);
            // pos_q is 3 in the first of the four bytes; 8, 7, .. 1 bits are left.
            let key = (byte + 3) % 4 * 8 + (8 - bit) % 8;
            let on = magic[byte as usize] >> (7 - bit) & 1;
            (on == 1).then_some((key, 1))
        })
        .collect();
    let expected = m.table(
        "magic_bit",
        cat([q.pos.bits(1, 0), q.left.bits(2, 0)]),
        1,
        &rows,
        0,
        "bit of a RESET's address and length",
    );
    let wrong = m.reg("magic_wrong_q", 1, "the bit before is not that of a RESET");
    m.clocked(&i.clk, vec![wrong.set(&shift & (&r.bit ^ &expected))]);
    m.clocked(
        &i.clk,
        vec![when(&at_opcode, vec![q.magic.set(lit(1, 0))])
            .or_when(&wrong, vec![q.magic.set(lit(1, 1))])],
    );
    // One cycle late; the next byte is done, and the next of the answer loaded, much later.
    let on = |m: &mut Module, name: &str, n: usize| {
        let here = m.reg(&format!("{name}_q"), 1, "in the body of such a frame");
        m.clocked(&i.clk, vec![here.set(&q.op[n] & !&q.header)]);
        here
    };
    let (reading, writing, streaming) =
        (on(m, "reading", READ), on(m, "writing", WRITE), on(m, "streaming", STREAM));
    Header { end, crc, shift, ok, read_refused, refused, reading, writing, streaming, fb8, next8 }
}

/// Nets of the body.
struct Body {
    tail: Sig,
    load: Sig,
    block_end: Sig,
    commit: Sig,
    latents: Sig,
    sending: Sig,
}

fn body(m: &mut Module, i: &In, q: &Q, r: &Rx, h: &Header) -> Body {
    m.section("Body: where in a unit, block or result");
    let latents = m.reg("latents_q", 1, "the space is LATENTS");
    let keep = m.net("units_keep", !&h.shift, "the number of units is complete");
    let down = Down::new(m, &q.units, &keep);
    let tail = m.net("tail", q.units.bit(14), "all units are done");
    let load = m.reg("tx_load_q", 1, "tx_q takes the next byte of the answer");
    let soon = m.net("tx_load", &q.due & !&q.tx_busy & !&load, "it will in the next cycle");
    m.clocked(&i.clk, vec![load.set(&soon)]);
    let in_block_crc = m.net(
        "in_block_crc",
        mux(&latents, q.pos.bit(5), q.pos.bit(2)),
        "the byte of the block belongs to its CRC",
    );
    let block_last = m.reg("block_last_q", 1, "the byte that arrives is the last of a block");
    let block_end = m.reg("block_end_q", 1, "a block is complete");
    let unit_last = m.reg("unit_last_q", 1, "the byte that is loaded next is the last of a unit");
    let last_byte = m.reg("unit_end_q", 1, "the last byte of a unit is loaded");
    let sending = m.reg("sending_q", 1, "a result goes out");
    let result_last =
        m.reg("result_last_q", 1, "the byte that is loaded next is the last of a result");
    let result_end = m.reg("result_end_q", 1, "its last byte is loaded");
    let still = m.reg("still_q", 1, "pos_q has reached the end of the body");
    let steps = m.reg("steps_q", 1, "a byte of a block or unit is done or loaded");
    let sends = &h.streaming & (&i.available | q.pos.bits(3, 0).any());
    let last = q.pos.bits(1, 0).all() & (!&latents | q.pos.bits(4, 2).all());
    m.clocked_comment(
        &i.clk,
        "A place stands still for several cycles before anything depends on it.",
        vec![
            latents.set(q.space.eq_const(Space::Latents as u64)),
            block_last.set(&h.writing & !&tail & &in_block_crc & q.pos.bit(0)),
            unit_last.set(&h.reading & !&tail & last),
            sending.set(&sends),
            result_last.set(&sends & q.pos.bit(3) & q.pos.bits(1, 0).all()),
            still.set(&tail & q.pos.bit(1) & !&h.streaming),
            block_end.set(&block_last & &r.last_bit),
            last_byte.set(&unit_last & &soon),
            result_end.set(&result_last & &soon),
            steps.set(!&still & (&h.writing & &r.last_bit | &h.reading & &soon)),
        ],
    );
    // A result may appear at any time: only now is known whether it is sent.
    let step = &steps | &q.header & &i.valid | &sending & &load;
    let again = &h.end | &block_end | &last_byte | &result_end;
    let again = m.net("pos_again", again, "place 0 is next, if there is a step");
    let commit = m.net(
        "commit",
        &block_end & !&q.failed & !&q.bad & !&h.refused & !&i.trit,
        "the block is to be written",
    );
    let commits = m.reg("commit_q", 1, "the block is to be written");
    m.clocked(&i.clk, vec![commits.set(&commit)]);
    let wrong = m.net("block_wrong", &block_end & !&q.failed, "a block ends that could be written");
    m.clocked(
        &i.clk,
        vec![
            when(!&q.open, vec![q.pos.set(lit(6, 1))])
                .or_when(&h.end | step, vec![q.pos.set(q.pos.inc() & (!&again).repeat(6))]),
            when(!&i.rst_n, vec![q.addr.set(lit(16, u64::from(super::regs::FIRST_STORED)))])
                .or_when(
                    &h.shift | &last_byte | &result_end | &i.addr_step,
                    vec![q.addr.set(load_or_inc(
                        &q.addr,
                        &h.shift,
                        cat([q.addr.bits(14, 0), q.space.bit(1)]),
                    ))],
                ),
            when(!&i.rst_n, vec![q.space.set(lit(2, 0))])
                .or_when(&h.shift, vec![q.space.set(cat([q.space.bit(0), q.units.bit(13)]))]),
            when(
                &h.shift | &h.crc | &last_byte | &block_end,
                vec![q.units.set(down.next(cat([lit(1, 0), q.units.bits(12, 0), r.bit.clone()])))],
            ),
            when(&q.header, vec![q.failed.set(lit(1, 0))]).or_when(
                &wrong & !&commit | &h.streaming & &i.rec_failed,
                vec![q.failed.set(lit(1, 1))],
            ),
        ],
    );

    m.section("CRCs of what is received");
    let (fb16, next16) = crc_step(m, "crc16", &q.crc, r.bit.clone(), 0x1021);
    let again = m.reg("crc_again_q", 1, "a block follows: go on from the header");
    let preset = m.reg("crc_preset_q", 1, "something else follows");
    m.clocked_comment(
        &i.clk,
        "The first bit of the next byte comes two cycles after the end of this one at the earliest.",
        vec![
            again.set(&block_end | &h.end & &q.op[WRITE]),
            preset.set(
                !&q.open | &h.end & !&q.op[WRITE] | &h.streaming & &q.done & &i.rec_preset,
            ),
        ],
    );
    let check =
        mux(&q.header, q.pos.bits(2, 0).all(), mux(&h.writing, in_block_crc.e(), i.rec_check.e()));
    let check = m.net("in_crc", check, "the bits belong to a CRC");
    m.clocked(
        &i.clk,
        vec![
            when(!&q.header, vec![q.crc8.set(lit(8, 0))])
                .or_when(&r.bit_en, vec![q.crc8.set(h.next8.clone())]),
            when(&preset, vec![q.crc.set(lit(16, 0xFFFF))])
                .or_when(&again, vec![q.crc.set(&q.tx_crc)])
                .or_when(&r.bit_en, vec![q.crc.set(next16)]),
            when(&r.bit_en, vec![q.bad.set(&check & (&q.bad | mux(&q.header, &h.fb8, &fb16)))]),
        ],
    );
    Body { tail, load, block_end, commit: commits, latents, sending }
}

fn transmit(m: &mut Module, i: &In, q: &Q, r: &Rx, h: &Header, b: &Body) {
    m.section("The byte to send");
    let by_pos = |low: &Expr, high: &Expr| mux(q.pos.bit(0), low.clone(), high.clone());
    // Sending the upper byte of a CRC register moves the lower one up.
    let crc = q.tx_crc.bits(15, 8);
    let data = m.reg("sends_unit_q", 1, "the byte belongs to a unit");
    m.clocked(&i.clk, vec![data.set(&q.op[READ] & !&q.header & !&b.tail)]);
    let space = |s: Space| &data & q.space.eq_const(s as u64);
    let header = |n: u64| &q.header & q.pos.bits(2, 1).eq_const(n);
    let [busy, credit, interrupt, error, loaded] = [4, 3, 2, 1, 0].map(|n| i.status.bit(n));
    // Without its first bit, 1, and moved up: the link adds that 1.
    let status_byte = cat([lit(1, 0), busy, credit, interrupt, error, loaded, lit(2, 0)]);
    let mut step = |name: &str, on: Expr, value: Expr, comment: &str| {
        let sends = m.reg(&format!("sends_{name}_q"), 1, &format!("the byte is {comment}"));
        let byte = m.reg(&format!("{name}_byte_q"), 8, comment);
        m.clocked(
            &i.clk,
            vec![
                sends.set(on),
                when(!&sends, vec![byte.set(lit(8, 0))]).otherwise(vec![byte.set(value)]),
            ],
        );
        byte
    };
    let free = step(
        "free",
        header(1),
        by_pos(&i.free.bits(7, 0), &i.free.bits(15, 8)),
        "the number of free entries",
    );
    let mask = step(
        "mask",
        space(Space::Masks),
        by_pos(&i.mask_data.bits(7, 0), &i.mask_data.bits(15, 8)),
        "of a mask word",
    );
    let low = by_pos(&i.goodness.bits(7, 0), &i.goodness.bits(15, 8));
    let low = step(
        "goodness",
        space(Space::Goodness) & q.pos.bit(1),
        low,
        "of the low half of a goodness",
    );
    let high = space(Space::Goodness) & !q.pos.bit(1) & q.pos.bit(0);
    let misc = step(
        "misc",
        high | header(0),
        mux(&q.header, i.next_seq.e(), i.goodness.bits(23, 16)),
        "the next sequence number, or the upper byte of a goodness",
    );
    let still = m.reg("still_byte_q", 8, "one of those, which stand still for several cycles");
    let other = m.reg("other_byte_q", 8, "the status, outside of frames; or an acknowledge");
    let ack = &h.writing & &b.tail & q.pos.bits(1, 0).any();
    let sends_ack = m.reg("sends_ack_q", 1, "the byte is an acknowledge");
    let ack_byte = mux(&q.failed, lit(8, WRITE_FAILED.into()), lit(8, WRITE_DONE.into()))
        & sends_ack.repeat(8);
    let send_crc = m.reg("send_crc_q", 1, "the byte is one of a CRC");
    let tail_crc =
        &h.reading & &b.tail & !q.pos.bit(1) | &h.streaming & q.pos.bit(3) & q.pos.bit(1);
    m.clocked_comment(
        &i.clk,
        "Steps are registers because these cost nothing behind a LUT.",
        vec![
            sends_ack.set(ack),
            other.set(mux(&q.open, ack_byte, status_byte)),
            still.set(&free | &mask | &low | &misc),
            send_crc.set(header(2) | tail_crc),
        ],
    );
    let result = &b.sending & !(q.pos.bit(3) & q.pos.bit(1));
    let result = m.net("send_result", result, "the byte is one of a result");
    let latents = m.reg("sends_latents_q", 1, "the byte is one of a word of latents");
    m.clocked(&i.clk, vec![latents.set(&q.op[READ] & !&q.header & !&b.tail & &b.latents)]);
    let gate = |on: &Sig, value: Expr| value & on.repeat(8);
    let next = gate(&result, i.result.e())
        | gate(&send_crc, crc)
        | (gate(&latents, q.latent.e()) | &still)
        | (&i.reg_data | &other);
    let next = m.net("next_tx", next, "byte of the answer that follows, 0 if nothing is due");

    m.section("Its way to the link and into the CRC");
    // 8, 7, .. 1 bits are left when bits 7, 6, .. 0 are next.
    let tx = |bits: [u32; 8]| bits.map(|n| q.tx.bit(n));
    let [a, b7, c6, d5, e4, f3, g2, h1] = tx([7, 0, 1, 2, 3, 4, 5, 6]);
    let left = |n: u32| q.tx_left.bit(n);
    let bit = mux(
        left(2),
        mux(left(1), mux(left(0), h1, g2), mux(left(0), f3, e4)),
        mux(left(1), mux(left(0), d5, c6), mux(left(0), b7, a)),
    );
    let bit = m.net("tx_bit", bit, "bit of tx_q that enters the CRC");
    let crc_bit = m.reg("tx_bit_q", 1, "the same, one cycle later");
    let crc_en = m.reg("tx_bit_en_q", 1, "there is such a bit");
    let (_, next_crc) = crc_step(m, "tx_crc", &q.tx_crc, crc_bit.e(), 0x1021);
    let begins =
        m.reg("result_begins_q", 1, "the byte that is loaded next is the first of a result");
    m.clocked(
        &i.clk,
        vec![
            crc_bit.set(&bit),
            crc_en.set(&q.tx_busy),
            begins.set(&h.streaming & q.pos.bits(3, 0).is_zero()),
        ],
    );
    // The byte that was loaded before the header's end must not enter the CRC of what follows.
    let fresh = m.reg(
        "tx_crc_fresh_q",
        1,
        "tx_crc_q is the header's CRC, and no byte of the body has been loaded since",
    );
    let keep = m.net("tx_crc_keep", &h.writing | &fresh, "tx_crc_q keeps the header's CRC");
    let start = cat([q.crc.bit(15) | &q.op[READ], q.crc.bits(14, 0)]);
    m.clocked(
        &i.clk,
        vec![when(&h.crc, vec![fresh.set(lit(1, 1))])
            .or_when(&b.load & !&q.header | !&q.open, vec![fresh.set(lit(1, 0))])],
    );
    let lead_end = &q.lead & q.tx_left.eq_const(2);
    let lead_end = m.net("lead_end", lead_end, "the last bit of the status byte does not count");
    m.clocked_comment(
        &i.clk,
        "The CRC of a preamble begins with the value it has after the status byte's first bit.",
        vec![
            when(!&q.open | &b.load, vec![q.tx.set(&next)]),
            when(&r.start, vec![q.lead.set(lit(1, 1))])
                .or_when(&b.load, vec![q.lead.set(lit(1, 0))]),
            when(!&q.open, vec![q.due.set(lit(1, 0))])
                .or_when(&i.taken | q.left.eq_const(6), vec![q.due.set(lit(1, 1))])
                .or_when(&b.load, vec![q.due.set(lit(1, 0))]),
            q.tx_left.set(left_next(&q.tx_left, &q.tx_busy, &r.start | &lead_end)),
            when(&r.start | &b.load, vec![q.tx_busy.set(lit(1, 1))])
                .or_when(&lead_end | q.tx_left.eq_const(1), vec![q.tx_busy.set(lit(1, 0))]),
            when(
                !&q.open | &b.load & &begins,
                vec![q.tx_crc.set(cat([lit(15, 0x7FFF), q.open.e()]))],
            )
            .or_when(&h.crc, vec![q.tx_crc.set(start)])
            .or_when(&crc_en & !&keep, vec![q.tx_crc.set(next_crc)]),
        ],
    );
}

/// Fetches the latent byte that goes out next; returns the signal that moves the plane on.
fn latents(m: &mut Module, i: &In, q: &Q) -> Sig {
    m.section("Latents: the engine shows the plane from its top, or moves on by 16 bits in every cycle that it is told to");
    // The plane is there when 4 bits of the byte before are left; word k of it after k more cycles.
    let word = |key: u64| (key & 3, key >> 2);
    let rows = |wanted: &dyn Fn(u64, u64) -> bool| -> Vec<(u64, u64)> {
        (0..32).filter(|key| wanted(word(*key).0, word(*key).1)).map(|key| (key, 1)).collect()
    };
    let key = || cat([q.tx_left.e(), q.pos.bits(2, 1)]);
    let moves = rows(&|k, left| (2..=5).contains(&left) && left + k > 5);
    let soon = m.table("latent_move", key(), 1, &moves, 0, "move on in the next cycle");
    // Many look at it: it comes from a register.
    let pop = m.reg("latent_pop_q", 1, "move on");
    let take =
        m.table("latent_take", key(), 1, &rows(&|k, left| left + k == 4), 0, "the byte is there");
    let byte = mux(q.pos.bit(0), i.latent.bits(7, 0), i.latent.bits(15, 8));
    m.clocked(&i.clk, vec![pop.set(&soon), when(&take, vec![q.latent.set(byte)])]);
    pop
}

fn outputs(m: &mut Module, i: &In, q: &Q, r: &Rx, h: &Header, b: &Body, pop: &Sig) {
    m.section("To the other blocks");
    let registers = m.reg("registers_q", 1, "the unit is a register");
    let masks = m.reg("masks_q", 1, "the unit is a mask word");
    let reads = m.reg("register_read_q", 1, "a register is read");
    m.clocked(
        &i.clk,
        vec![
            registers.set(q.space.is_zero()),
            masks.set(q.space.eq_const(Space::Masks as u64)),
            reads.set(&h.reading & !&b.tail & q.space.is_zero()),
        ],
    );
    let mut out = |name: &str, value: Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    out("tx_o", q.tx.e(), "link: byte to send");
    out("open_o", q.open.e(), "in a frame");
    out("rx_o", q.rx.e(), "byte from the host, whole when done_o");
    out("bit_en_o", r.bit_en.e(), "rx_o[7] is a new bit");
    out("left_o", q.left.e(), "bits of rx_o from that on, modulo 8");
    out("done_o", q.done.e(), "all bits of rx_o have been seen");
    out("bad_o", q.bad.e(), "the CRC that ends here is wrong");
    out("pos_o", q.pos.e(), "byte of the unit, block or result");
    out("addr_o", q.addr.e(), "unit; in a STREAM frame the result to send");
    out("register_read_o", reads.e(), "a register is read");
    out("registers_o", registers.e(), "the unit is a register");
    out("latents_o", b.latents.e(), "the unit is a word of latents");
    out("masks_o", masks.e(), "the unit is a mask word");
    out("stage_o", &h.writing & &q.done, "rx_o is byte pos_o of a block");
    out("block_begins_o", &q.header | &b.block_end, "the next bit is the first of a block");
    out("block_bit_o", &h.writing & &r.bit_en, "rx_o[7] is a bit of a block");
    out("commit_o", b.commit.e(), "pulse: the block is to be written");
    out("latent_pop_o", pop.e(), "go to the next 16 bits of the plane that is read");
    out("records_o", &h.streaming & !&q.failed, "records are arriving");
    out(
        "acknowledge_o",
        &h.ok & &q.op[STREAM],
        "pulse: addr_o is the first result the host does not have",
    );
    out("reset_o", &h.ok & &q.op[RESET], "pulse: drop records and results");
    let (end, bad) = (&h.end, &q.bad);
    let block = &b.block_end & !&q.failed;
    out("err_header_o", end & bad, "pulse: CRC-8 wrong");
    out("err_opcode_o", end & !bad & !&h.ok, "pulse: unknown opcode or wrong magic");
    out("err_payload_o", block.clone() & bad, "pulse: CRC-16 of a block wrong");
    out(
        "err_refused_o",
        &h.ok & &h.read_refused | block.clone() & !bad & &h.refused,
        "pulse: access refused",
    );
    out("err_latent_o", block & !bad & !&h.refused & &i.trit, "pulse: a latent above 191");
}

//! `deku_uart`: the framed UART beside SPI. A COBS packet is a frame; the answer is a COBS packet, too.

use super::ram;
use crate::ast::{cat, index_width, lit, mux, when, Conn, Expr, Interface, Module, Sig};
use crate::config::ModuleConfig;

/// Cycles from the begin of a frame to its first byte: the frame machine prepares two bytes of the answer.
const LEAD_BITS: u32 = 6;
/// Address width of the answer's buffer: a block of 255 bytes and what the line has not yet taken.
const BUFFER_BITS: u32 = 9;

/// Interface of the hand-written receiver.
pub fn rx_interface() -> Interface {
    Interface::primitive("deku_uart_rx")
        .param("DIVIDER")
        .param("DIV_BITS")
        .input("clk_i", 1)
        .input("rst_ni", 1)
        .input("rx_i", 1)
        .output("valid_o", 1)
        .output("byte_o", 8)
}

/// Interface of the hand-written transmitter.
pub fn tx_interface() -> Interface {
    Interface::primitive("deku_uart_tx")
        .param("DIVIDER")
        .param("DIV_BITS")
        .input("clk_i", 1)
        .input("rst_ni", 1)
        .input("valid_i", 1)
        .input("byte_i", 8)
        .output("ready_o", 1)
        .output("tx_o", 1)
}

/// Interface of the hand-written synchroniser.
pub fn sync_interface() -> Interface {
    Interface::primitive("deku_sync").input("clk_i", 1).input("d_i", 1).output("q_o", 1)
}

/// What the decoder hands to the encoder.
struct Decoded {
    /// Pulse: a byte goes to the frame machine.
    push: Sig,
    /// The byte of the answer that belongs to it.
    held: Sig,
    /// Pulse: the packet is complete.
    end: Sig,
}

/// The block.
pub fn uart(c: &ModuleConfig) -> Module {
    let mut m = Module::new(
        "deku_uart",
        "UART front end. Packets are separated by zero bytes and COBS-coded in between. Everything before the first \
         zero byte is ignored. Each decoded byte goes to the frame machine and takes a byte of the answer with \
         it. The link that begins a frame while the other is quiet has the frame machine to itself; what \
         comes over the other one meanwhile is lost.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let rx = m.input("uart_rx_i", 1, "serial line from the host");
    let tx = m.output("uart_tx_o", 1, "serial line to the host");
    let divider = c.uart_divider();
    let params = || vec![("DIVIDER", divider), ("DIV_BITS", index_width(u64::from(divider)))];

    let line = m.wire("rx_line", 1, "the line, synchronous");
    m.instance(
        "u_sync",
        &sync_interface(),
        vec![("clk_i", Conn::from(&clk)), ("d_i", Conn::from(&rx)), ("q_o", Conn::from(&line))],
        "the line is asynchronous",
    );
    let valid = m.wire("rx_valid", 1, "pulse: a byte from the line");
    let byte = m.wire("rx_byte", 8, "that byte");
    m.instance_params(
        "u_rx",
        &rx_interface(),
        params(),
        vec![
            ("clk_i", Conn::from(&clk)),
            ("rst_ni", Conn::from(&rst_n)),
            ("rx_i", Conn::from(&line)),
            ("valid_o", Conn::from(&valid)),
            ("byte_o", Conn::from(&byte)),
        ],
        "receiver",
    );
    let d = decoder(&mut m, &clk, &rst_n, &valid, &byte);

    let (out_valid, out_ready) = (
        m.wire("out_valid", 1, "a byte waits for the line"),
        m.wire("out_ready", 1, "the line can take it"),
    );
    let out_byte = m.wire("out_byte", 8, "that byte");
    let spread_out = c.shape().spread_out();
    encoder(&mut m, &clk, &rst_n, &d, (&out_valid, &out_ready, &out_byte), spread_out);
    m.instance_params(
        "u_tx",
        &tx_interface(),
        params(),
        vec![
            ("clk_i", Conn::from(&clk)),
            ("rst_ni", Conn::from(&rst_n)),
            ("valid_i", Conn::from(&out_valid)),
            ("byte_i", Conn::from(&out_byte)),
            ("ready_o", Conn::from(&out_ready)),
            ("tx_o", Conn::from(&tx)),
        ],
        "transmitter",
    );
    m
}

fn decoder(m: &mut Module, clk: &Sig, rst_n: &Sig, valid: &Sig, byte: &Sig) -> Decoded {
    let spi_active = m.input("spi_active_i", 1, "SPI: a frame is going on");
    let spi_taken =
        m.input("spi_taken_i", 1, "SPI, pulse: the first byte of the answer is on its way");
    let spi_valid = m.input("spi_valid_i", 1, "SPI, pulse: spi_byte_i is new");
    let spi_byte = m.input("spi_byte_i", 8, "SPI: byte from the host");
    let answer = m.input("tx_i", 8, "frame machine: byte to send");

    m.section("COBS decoder");
    let synced = m.reg("synced_q", 1, "a zero byte has been seen");
    let left = m.reg("left_q", 8, "bytes until the next code");
    let zero = m.reg("zero_q", 1, "a zero belongs before the next code");
    let code = m.net("is_code", left.is_zero(), "the byte from the line is a code");
    let delimiter = m.net("delimiter", valid & byte.is_zero(), "the packet ends");
    let inside = m.net("in_packet", valid & byte.any() & &synced, "a byte of a packet");
    let decoded = m.net("decoded", &inside & (!&code | &zero), "it yields a decoded byte");
    m.clocked(
        clk,
        vec![
            when(!rst_n, vec![synced.set(lit(1, 0))])
                .or_when(&delimiter, vec![synced.set(lit(1, 1))]),
            when(&delimiter | !&synced, vec![left.set(lit(8, 0)), zero.set(lit(1, 0))]).or_when(
                &inside,
                vec![when(&code, vec![left.set(byte.dec()), zero.set(!byte.all())])
                    .otherwise(vec![left.set(left.dec())])],
            ),
        ],
    );

    m.section("The frame machine has one user at a time");
    let active = m.reg("active_q", 1, "a packet has the frame machine");
    let lost = m.reg("lost_q", 1, "the packet came while SPI had it: ignore the rest");
    let blocked = m.reg("blocked_q", 1, "the SPI frame began while a packet had it");
    let spi = m.net("spi", &spi_active & !&active & !&blocked, "SPI has it");
    let first = m.net(
        "first",
        &decoded & !&active & !&lost & !&spi_active,
        "first byte of a packet that gets it",
    );
    m.clocked(
        clk,
        vec![when(
            !rst_n,
            vec![active.set(lit(1, 0)), lost.set(lit(1, 0)), blocked.set(lit(1, 0))],
        )
        .otherwise(vec![
                when(&delimiter, vec![active.set(lit(1, 0)), lost.set(lit(1, 0))]).or_when(
                    &decoded & !&active,
                    vec![when(&first, vec![active.set(lit(1, 1))])
                        .otherwise(vec![lost.set(lit(1, 1))])],
                ),
                when(!&spi_active, vec![blocked.set(lit(1, 0))])
                    .or_when(&active, vec![blocked.set(lit(1, 1))]),
            ])],
    );

    m.section("A byte, and the byte of the answer that belongs to it");
    let value = m.reg("byte_q", 8, "decoded byte");
    let wait = m.reg("wait_q", LEAD_BITS, "cycles until it may go to the frame machine");
    let due = m.reg("due_q", 1, "it has not gone yet");
    let held = m.reg("held_q", 8, "byte of the answer");
    let half = 1 << (LEAD_BITS - 1);
    let taken = m.net("taken", &active & &due & wait.eq_const(half), "the status byte is taken");
    let push = m.net("push", &active & &due & wait.is_zero(), "the byte goes to the frame machine");
    m.clocked(
        clk,
        vec![
            when(!rst_n, vec![due.set(lit(1, 0))])
                .or_when(&first | &decoded & &active, vec![due.set(lit(1, 1))])
                .or_when(&push, vec![due.set(lit(1, 0))]),
            when(&decoded, vec![value.set(mux(&code, lit(8, 0), byte.e()))]),
            when(&first, vec![wait.set(lit(LEAD_BITS, 2 * half - 1))])
                .or_when(wait.any(), vec![wait.set(wait.dec())]),
            // The frame machine shows the status byte without its first bit, which is always 1, and moved up.
            when(&taken, vec![held.set(cat([lit(1, 1), answer.bits(7, 1)]))])
                .or_when(&push, vec![held.set(&answer)]),
        ],
    );
    let end = m.net("packet_end", &delimiter & &active, "the packet is complete");

    m.section("To the frame machine");
    let mut out = |name: &str, value: Expr, comment: &str| {
        let o = m.output(name, value.width(), comment);
        m.assign(&o, value);
    };
    out("active_o", &spi | &active, "a frame is going on");
    out(
        "taken_o",
        mux(&active, taken.e(), spi_taken.e()),
        "pulse: the first byte of the answer is on its way",
    );
    out("valid_o", mux(&active, push.e(), &spi_valid & !&blocked), "pulse: byte_o is new");
    out("byte_o", mux(&active, value.e(), spi_byte.e()), "byte from the host");
    Decoded { push, held, end }
}

fn encoder(
    m: &mut Module,
    clk: &Sig,
    rst_n: &Sig,
    d: &Decoded,
    line: (&Sig, &Sig, &Sig),
    spread_out: bool,
) {
    m.section("COBS encoder: a block stays in the buffer until its code is known");
    let a = BUFFER_BITS;
    let start = m.reg("block_q", a, "place of the code of the block that is being filled");
    let write = m.reg("write_q", a, "place of its next byte");
    let code = m.reg("code_q", 8, "its code: bytes so far, and 1");
    let close = m.reg("close_q", 1, "write the code and begin a new block");
    let finish = m.reg("finish_q", 1, "after that, write the zero byte that ends the packet");
    let delimit = m.reg("delimit_q", 1, "write it now");
    let data = m.net("data", &d.push & d.held.any(), "a byte that is not zero");
    let full = m.net("block_full", &data & code.eq_const(254), "the 254th of the block");
    m.clocked(
        clk,
        vec![when(
            !rst_n,
            vec![
                start.set(lit(a, 0)),
                write.set(lit(a, 1)),
                code.set(lit(8, 1)),
                close.set(lit(1, 0)),
                finish.set(lit(1, 0)),
                delimit.set(lit(1, 0)),
            ],
        )
        .otherwise(vec![
            close.set(&full | &d.push & d.held.is_zero() | &d.end),
            when(&d.end, vec![finish.set(lit(1, 1))]).or_when(&close, vec![finish.set(lit(1, 0))]),
            delimit.set(&close & &finish),
            when(
                &close | &delimit,
                vec![start.set(&write), write.set(write.inc()), code.set(lit(8, 1))],
            )
            .or_when(&data, vec![write.set(write.inc()), code.set(code.inc())]),
        ])],
    );
    let (valid, ready, byte) = line;
    let read = m.reg("read_q", a, "place of the next byte to send");
    let fetched = m.reg("fetched_q", 1, "it has been read");
    let mut port = ram::Port {
        we: &data | &close | &delimit,
        waddr: mux(&data, write.e(), start.e()),
        wdata: mux(&data, d.held.e(), code.e() & (!&delimit).repeat(8)),
        raddr: read.e(),
        rdata: byte,
    };
    let start = if spread_out { write_later(m, clk, &mut port, &start) } else { start };
    ram::ram(m, "u_buffer", clk, 8, 1 << a, port, "the answer");
    m.assign(valid, &fetched & read.ne_(&start));
    let sent = m.net("sent", valid & ready, "the line takes a byte");
    m.clocked(
        clk,
        vec![
            when(!rst_n, vec![read.set(lit(a, 0))]).or_when(&sent, vec![read.set(read.inc())]),
            fetched.set(read.ne_(&start) & !&sent),
        ],
    );
}

/// The write has a cycle of its own. The result is the end of what can be read, a cycle later as well.
fn write_later(m: &mut Module, clk: &Sig, port: &mut ram::Port, start: &Sig) -> Sig {
    let a = start.width();
    let we = m.reg("buffer_we_q", 1, "write to the buffer");
    let waddr = m.reg("buffer_waddr_q", a, "the place");
    let wdata = m.reg("buffer_wdata_q", 8, "the byte");
    let end = m.reg("readable_q", a, "end of the blocks that can be read");
    m.clocked(
        clk,
        vec![
            we.set(port.we.clone()),
            waddr.set(port.waddr.clone()),
            wdata.set(port.wdata.clone()),
            end.set(start),
        ],
    );
    (port.we, port.waddr, port.wdata) = (we.e(), waddr.e(), wdata.e());
    end
}

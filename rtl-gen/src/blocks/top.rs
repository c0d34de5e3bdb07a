//! `deku_top`: the module, from its pins inwards.

use super::commit::commit;
use super::engine;
use super::frame::frame;
use super::ram;
use super::record::record;
use super::regs::{regs_block, ERRORS};
use super::results::results;
use super::uart::{rx_interface, sync_interface, tx_interface, uart};
use super::wiring::Wiring;
use crate::ast::{lit, Design, Expr, Interface, Module, Sig};
use crate::config::ModuleConfig;

/// Interface of the hand-written SPI slave.
pub fn spi_interface() -> Interface {
    Interface::primitive("deku_spi_shift")
        .input("clk_i", 1)
        .input("sck_i", 1)
        .input("cs_ni", 1)
        .input("mosi_i", 1)
        .output("miso_o", 1)
        .output("active_o", 1)
        .output("taken_o", 1)
        .output("valid_o", 1)
        .output("byte_o", 8)
        .input("tx_i", 8)
}

/// All modules of a configuration.
pub fn design(c: &ModuleConfig) -> Design {
    let s = c.shape();
    let mut d = Design::new().primitive(spi_interface()).primitive(ram::interface(8, 64));
    if c.uart {
        d = d.primitive(rx_interface()).primitive(tx_interface()).primitive(sync_interface());
    }
    for p in engine::engine_primitives(&s) {
        d = d.primitive(p);
    }
    for m in engine::engine_modules(&s) {
        d = d.add(m);
    }
    for m in front_end(c) {
        d = d.add(m);
    }
    d.add(top(c))
}

/// Everything but the engine and the top.
fn front_end(c: &ModuleConfig) -> Vec<Module> {
    let mut all = vec![frame(c), commit(), record(c), regs_block(c), results(c)];
    if c.uart {
        all.push(uart(c));
    }
    all
}

struct Pins {
    clk: Sig,
    rst_n: Sig,
    sck: Sig,
    cs_n: Sig,
    mosi: Sig,
    uart_rx: Sig,
    miso: Sig,
    irq: Sig,
    uart_tx: Sig,
    activity: Sig,
}

/// The top.
pub fn top(c: &ModuleConfig) -> Module {
    let mut m = Module::new(
        "deku_top",
        &format!("A Deku module, configuration {}: learns on the device. Links on one side, the learning engine \
            on the other, and between them frames, registers, records and results.", c.name),
    );
    let p = Pins {
        clk: m.input("clk_i", 1, &format!("system clock, {} Hz; at least 1.25 x SCK", c.clock_hz)),
        rst_n: m.input("rst_ni", 1, "synchronous reset, active low"),
        sck: m.input("spi_sck_i", 1, "SPI clock, mode 0"),
        cs_n: m.input("spi_cs_ni", 1, "SPI chip select, active low"),
        mosi: m.input("spi_mosi_i", 1, "SPI data from the host"),
        uart_rx: m.input(
            "uart_rx_i",
            1,
            if c.uart {
                "UART data from the host"
            } else {
                "UART data from the host; this module has no UART"
            },
        ),
        miso: m.output(
            "spi_miso_o",
            1,
            "SPI data to the host; drive the pin while chip select is low",
        ),
        irq: m.output("irq_o", 1, "interrupt, active high, level"),
        uart_tx: m.output("uart_tx_o", 1, "UART data to the host"),
        activity: m.output("activity_o", 2, "0 idle, 1 forward, 2 update, 3 overhead"),
    };
    let mut w = Wiring::default();
    declare(&mut m, &mut w, c);
    links(&mut m, &w, c, &p);
    frames(&mut m, &w, &p);
    registers(&mut m, &w, &p);
    examples(&mut m, &w, &p);
    m
}

fn declare(m: &mut Module, w: &mut Wiring, c: &ModuleConfig) {
    m.section("Links");
    w.declare(m, "spi", &spi_interface());
    if c.uart {
        w.declare(m, "uart", &uart(c));
    }
    m.section("Frame machine");
    w.declare(m, "frame", &frame(c));
    m.section("Blocks of WRITE frames");
    w.declare(m, "commit", &commit());
    m.section("Registers");
    w.declare(m, "regs", &regs_block(c));
    m.section("Records");
    w.declare(m, "record", &record(c));
    m.section("Results");
    w.declare(m, "results", &results(c));
    m.section("Engine");
    w.declare(m, "engine", &engine::engine(&c.shape()));
}

type Inputs = Vec<(&'static str, Expr)>;

fn clocked(p: &Pins, more: Inputs) -> Inputs {
    let mut all = vec![("clk_i", p.clk.e()), ("rst_ni", p.rst_n.e())];
    all.extend(more);
    all
}

fn links(m: &mut Module, w: &Wiring, c: &ModuleConfig, p: &Pins) {
    m.section("Links");
    w.place(
        m,
        "spi",
        &[],
        vec![
            ("clk_i", p.clk.e()),
            ("sck_i", p.sck.e()),
            ("cs_ni", p.cs_n.e()),
            ("mosi_i", p.mosi.e()),
            ("tx_i", w.w("frame.tx")),
        ],
        "SPI slave",
    );
    m.assign(&p.miso, w.w("spi.miso"));
    if c.uart {
        w.place(
            m,
            "uart",
            &[],
            clocked(
                p,
                vec![
                    ("uart_rx_i", p.uart_rx.e()),
                    ("tx_i", w.w("frame.tx")),
                    ("spi_active_i", w.w("spi.active")),
                    ("spi_taken_i", w.w("spi.taken")),
                    ("spi_valid_i", w.w("spi.valid")),
                    ("spi_byte_i", w.w("spi.byte")),
                ],
            ),
            "framed UART; hands on the frames of SPI, too",
        );
        m.assign(&p.uart_tx, w.w("uart.uart_tx"));
    } else {
        m.assign(&p.uart_tx, lit(1, 1));
        m.unused("unused_uart_rx", vec![p.uart_rx.e()], "no UART in this configuration");
    }
}

fn frames(m: &mut Module, w: &Wiring, p: &Pins) {
    m.section("Frames");
    let uart = w.has("uart.active");
    let link = |port: &str| w.w(&format!("{}.{port}", if uart { "uart" } else { "spi" }));
    let status = crate::ast::cat([
        w.w("results.busy"),
        w.w("record.credit"),
        w.w("regs.irq"),
        w.w("regs.error"),
        w.w("regs.loaded"),
    ]);
    w.place(
        m,
        "frame",
        &[],
        clocked(
            p,
            vec![
                ("active_i", link("active")),
                ("taken_i", link("taken")),
                ("valid_i", link("valid")),
                ("byte_i", link("byte")),
                ("status_i", status),
                ("busy_i", w.w("results.busy")),
                ("next_seq_i", w.w("record.next_seq")),
                ("free_i", w.w("record.free")),
                ("sweep_i", w.w("commit.sweep")),
                ("addr_step_i", w.w("commit.step")),
                ("bad_trit_i", w.w("commit.bad_trit")),
                ("writable_i", w.w("regs.writable")),
                ("any_time_i", w.w("regs.any_time")),
                ("reg_data_i", w.w("regs.data")),
                ("mask_data_i", w.w("engine.mask_rdata")),
                ("goodness_i", w.w("engine.goodness_rdata")),
                ("latent_data_i", w.w("engine.latent_rdata")),
                ("record_check_i", w.w("record.check")),
                ("record_preset_i", w.w("record.preset")),
                ("record_failed_i", w.w("record.failed")),
                ("result_i", w.w("results.data")),
                ("available_i", w.w("results.available")),
            ],
        ),
        "headers, blocks, answers",
    );
    w.place(
        m,
        "commit",
        &[],
        clocked(
            p,
            vec![
                ("stage_i", w.w("frame.stage")),
                ("pos_i", w.w("frame.pos")),
                ("rx_i", w.w("frame.rx")),
                ("block_begins_i", w.w("frame.block_begins")),
                ("block_bit_i", w.w("frame.block_bit")),
                ("odd_i", w.sig("frame.left").bit(0)),
                ("latents_i", w.w("frame.latents")),
                ("commit_i", w.w("frame.commit")),
                ("swept_i", w.sig("frame.addr").bit(6)),
            ],
        ),
        "blocks of WRITE frames",
    );
}

fn registers(m: &mut Module, w: &Wiring, p: &Pins) {
    m.section("Registers");
    let both = |name: &str| w.w(&format!("frame.err_{name}"));
    let record = |name: &str| w.w(&format!("record.err_{name}"));
    let mut inputs = clocked(
        p,
        vec![
            ("index_i", w.sig("frame.addr").bits(6, 0)),
            ("read_i", w.w("frame.register_read")),
            ("pos_i", w.sig("frame.pos").bits(1, 0)),
            ("run_i", w.w("commit.run")),
            ("fetch_pos_i", w.w("commit.fetch_pos")),
            ("valid_i", w.w("commit.valid")),
            ("byte_i", w.w("commit.byte")),
            ("byte_pos_i", w.w("commit.byte_pos")),
            ("registers_i", w.w("frame.registers")),
            ("masks_i", w.w("frame.masks")),
            ("sweep_i", w.w("commit.sweep")),
            ("busy_i", w.w("results.busy")),
            ("next_seq_i", w.w("record.next_seq")),
            ("result_seq_i", w.w("results.result_seq")),
            ("clear_i", w.w("results.clear")),
            ("result_i", w.w("results.produced")),
            ("idle_i", w.w("results.idle")),
            ("rival_state_i", w.w("engine.rival_state")),
            ("round_state_i", w.w("engine.round_state")),
            ("counter_data_i", w.w("engine.counter_data")),
            ("table_addr_i", w.w("engine.table_addr")),
            ("row_step_i", w.w("record.row_step")),
        ],
    );
    let errors = [
        both("header"),
        both("payload") | record("payload"),
        both("opcode"),
        both("refused") | record("refused"),
        both("latent"),
        record("sequence"),
        record("sample"),
        record("overrun"),
    ];
    let names = [
        "err_header_i",
        "err_payload_i",
        "err_opcode_i",
        "err_refused_i",
        "err_latent_i",
        "err_sequence_i",
        "err_sample_i",
        "err_overrun_i",
    ];
    for ((port, error), (name, _)) in names.into_iter().zip(errors).zip(ERRORS) {
        assert_eq!(port, format!("err_{name}_i"));
        inputs.push((port, error));
    }
    w.place(m, "regs", &[], inputs, "register file");
    m.assign(&p.irq, w.w("regs.irq"));
}

fn examples(m: &mut Module, w: &Wiring, p: &Pins) {
    m.section("Examples: records in, results out");
    w.place(
        m,
        "record",
        &[],
        clocked(
            p,
            vec![
                ("records_i", w.w("frame.records")),
                ("rx_i", w.w("frame.rx")),
                ("left_i", w.w("frame.left")),
                ("bit_en_i", w.w("frame.bit_en")),
                ("done_i", w.w("frame.done")),
                ("bad_i", w.w("frame.bad")),
                ("clear_i", w.w("results.clear")),
                ("queue_tail_i", w.w("engine.queue_tail")),
                ("list_addr_i", w.w("engine.list_addr")),
                ("format_i", w.w("regs.format")),
                ("inputs_n_i", w.w("regs.inputs_n")),
                ("row_step_i", w.w("regs.row_step")),
                ("classes_i", w.w("regs.classes")),
                ("loaded_i", w.w("regs.loaded")),
            ],
        ),
        "records into the list memory",
    );
    let sub = crate::ast::mux(
        w.w("frame.latents"),
        crate::ast::mux(w.w("commit.valid"), w.w("commit.plane"), w.sig("frame.pos").bits(4, 3)),
        crate::ast::cat([
            lit(1, 0),
            crate::ast::mux(
                w.w("commit.valid"),
                w.sig("commit.byte_pos").bit(1),
                w.sig("frame.pos").bit(1),
            ),
        ]),
    );
    w.place(
        m,
        "engine",
        &[],
        clocked(
            p,
            vec![
                ("list_data_i", w.w("record.list_data")),
                ("queued_i", w.w("record.queued")),
                ("result_room_i", w.w("results.room")),
                ("result_shift_i", w.w("results.shift")),
                ("layers_i", w.w("regs.layers")),
                ("class_bits_i", w.w("regs.class_bits")),
                ("classes_i", w.w("regs.classes")),
                ("temperature_i", w.w("regs.temperature")),
                ("theta_high_i", w.w("regs.theta_high")),
                ("copies_i", w.w("regs.copies")),
                ("table_data_i", w.w("regs.table_data")),
                ("table_dirty_i", w.w("regs.table_dirty")),
                ("host_addr_i", w.w("frame.addr")),
                ("host_sub_i", sub),
                ("host_active_i", !w.w("results.busy")),
                ("latent_we_i", w.w("commit.latent_we")),
                ("latent_push_i", w.w("commit.latent_push")),
                ("latent_pop_i", w.w("frame.latent_pop")),
                ("mask_we_i", w.w("regs.mask_we")),
                ("bus_wdata_i", w.w("regs.bus_wdata")),
                ("seed_we_i", w.w("regs.seed_we")),
                ("counter_addr_i", w.w("regs.counter_addr")),
                ("counter_clear_i", w.w("regs.counter_clear")),
            ],
        ),
        "the learning engine",
    );
    m.assign(&p.activity, w.w("engine.activity"));
    w.place(
        m,
        "results",
        &[],
        clocked(
            p,
            vec![
                ("result_valid_i", w.w("engine.result_valid")),
                ("result_updated_i", w.w("engine.result_updated")),
                ("result_class_i", w.w("engine.result_class")),
                ("result_rival_i", w.w("engine.result_rival")),
                ("result_sums_i", w.w("engine.result_sums")),
                ("engine_busy_i", w.w("engine.busy")),
                ("open_i", w.w("frame.open")),
                ("queued_i", w.w("record.queued")),
                ("number_i", w.sig("frame.addr").bits(7, 0)),
                ("pos_i", w.sig("frame.pos").bits(3, 0)),
                ("acknowledge_i", w.w("frame.acknowledge")),
                ("reset_i", w.w("frame.reset")),
            ],
        ),
        "results until they are acknowledged",
    );
}

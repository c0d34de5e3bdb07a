//! `deku_board`: the module on a board, with its clock, its reset and its LEDs.

use super::pll::Pll;
use super::Board;
use crate::ast::{cat, lit, when, Conn, Design, Expr, Interface, Module, Sig};
use crate::blocks::{top, uart::sync_interface};
use crate::config::ModuleConfig;

/// Name of the top.
pub const TOP: &str = "deku_board";
/// Width of the counter of cycles in reset: memories need some time after configuration.
const HOLD_BITS: u32 = 9;
/// Width of the counter whose top bit is the blinking LED.
const BEAT_BITS: u32 = 25;
/// Its bit that says how long an LED stays lit at least.
const TICK_BIT: u32 = 21;

fn pll_interface() -> Interface {
    ["PAD", "REFERENCE", "FEEDBACK", "OUTPUT", "FILTER"]
        .into_iter()
        .fold(Interface::primitive("deku_clock_pll"), Interface::param)
        .input("pin_i", 1)
        .output("clk_o", 1)
        .output("locked_o", 1)
}

fn pin_interface() -> Interface {
    Interface::primitive("deku_clock_pin").input("pin_i", 1).output("clk_o", 1)
}

fn shared_interface() -> Interface {
    Interface::primitive("deku_pin_shared")
        .input("enable_i", 1)
        .input("data_i", 1)
        .output("pin_o", 1)
}

fn driver_interface() -> Interface {
    Interface::primitive("deku_led_driver")
        .input("on_i", 3)
        .output("pin0_o", 1)
        .output("pin1_o", 1)
        .output("pin2_o", 1)
}

/// The top of a board and what it instantiates. The clock must be one that the PLL makes.
#[must_use]
pub fn design(board: &Board, config: &ModuleConfig, pll: &Pll) -> Design {
    Design::new()
        .primitive(pll_interface())
        .primitive(pin_interface())
        .primitive(shared_interface())
        .primitive(driver_interface())
        .primitive(sync_interface())
        .primitive(top::top(config).interface())
        .add(module(board, config, pll))
}

fn module(board: &Board, config: &ModuleConfig, pll: &Pll) -> Module {
    let mut m = Module::new(
        TOP,
        &format!(
            "A Deku module on the board {}, configuration {}: system clock, reset, pins and LEDs.",
            board.title, config.name
        ),
    );
    let pins = Pins::declare(&mut m, board, config);
    let (clk, locked) = clock(&mut m, board, config, pll, &pins);
    let run = reset(&mut m, &clk, &locked, &pins);
    let (irq, activity) = deku(&mut m, config, &clk, &run, &pins);
    leds(&mut m, board, &clk, &irq, &activity, &pins);
    m
}

/// The ports; those of LEDs and UART are there if the pins are.
struct Pins {
    clk: Sig,
    reset_n: Sig,
    sck: Sig,
    cs_n: Sig,
    mosi: Sig,
    miso: Sig,
    irq: Sig,
    uart: Option<(Sig, Sig)>,
    leds: Vec<Sig>,
}

impl Pins {
    fn declare(m: &mut Module, board: &Board, config: &ModuleConfig) -> Self {
        let clk = m.input("clk_i", 1, &format!("oscillator, {} Hz", board.clock.hz));
        let reset_n = m.input("reset_ni", 1, "reset by the host, active low; pulled up");
        let sck = m.input("spi_sck_i", 1, "SPI clock, mode 0");
        let cs_n = m.input("spi_cs_ni", 1, "SPI chip select, active low; pulled up");
        let mosi = m.input("spi_mosi_i", 1, "SPI data from the host");
        let miso = m.output("spi_miso_o", 1, "SPI data to the host, while chip select is low");
        let irq = m.output("irq_o", 1, "interrupt, active high, level");
        let uart = (config.uart && board.uart.is_some()).then(|| {
            let rx = m.input("uart_rx_i", 1, "UART data from the host; pulled up");
            (rx, m.output("uart_tx_o", 1, "UART data to the host"))
        });
        let leds = led_ports(board);
        let leds = leds.iter().map(|(name, what)| m.output(name, 1, what)).collect();
        Self { clk, reset_n, sck, cs_n, mosi, miso, irq, uart, leds }
    }
}

/// The LEDs of a board: port and pin, in the order of [`led_ports`].
pub(super) fn led_pins(board: &Board) -> Vec<(String, &str)> {
    if on_driver(board) {
        return (0..3).map(|k| (format!("led_rgb{k}_no"), board.chip().rgb_pins[k])).collect();
    }
    let ending = if board.leds.active_low { "no" } else { "o" };
    let named = LEDS.iter().zip(pins_of_leds(board));
    named.filter_map(|((name, _), pin)| Some((format!("led_{name}_{ending}"), pin?))).collect()
}

/// What the LEDs say, in the order of the keys of the file.
const LEDS: [(&str, &str); 3] = [
    ("alive", "blinks while there is a clock"),
    ("learning", "lit after updates"),
    ("irq", "lit while the interrupt is pending"),
];

fn pins_of_leds(board: &Board) -> [Option<&str>; 3] {
    let leds = &board.leds;
    [leds.alive.as_deref(), leds.learning.as_deref(), leds.irq.as_deref()]
}

/// True if the LEDs are on the FPGA's constant-current driver.
fn on_driver(board: &Board) -> bool {
    let pins = pins_of_leds(board);
    pins.into_iter().flatten().any(|pin| board.chip().rgb_pins.contains(&pin))
}

fn led_ports(board: &Board) -> Vec<(String, String)> {
    let pins = pins_of_leds(board);
    let level = if board.leds.active_low { "active low" } else { "active high" };
    led_pins(board)
        .into_iter()
        .map(|(port, pin)| {
            let use_of_pin = pins.iter().position(|p| *p == Some(pin));
            let what = use_of_pin.map_or("never lit", |k| LEDS[k].1);
            (port, format!("LED, {level}: {what}"))
        })
        .collect()
}

fn clock(
    m: &mut Module,
    board: &Board,
    config: &ModuleConfig,
    pll: &Pll,
    pins: &Pins,
) -> (Sig, Sig) {
    m.section("Clock");
    let clk = m.wire("clk", 1, &format!("system clock, {} Hz", config.clock_hz));
    let locked = m.wire("locked", 1, "it is there");
    let pad = u32::from(board.clock.pin == board.chip().pll_pin);
    m.instance_params(
        "u_pll",
        &pll_interface(),
        vec![
            ("PAD", pad),
            ("REFERENCE", pll.reference),
            ("FEEDBACK", pll.feedback),
            ("OUTPUT", pll.output),
            ("FILTER", pll.filter),
        ],
        vec![
            ("pin_i", Conn::from(&pins.clk)),
            ("clk_o", Conn::from(&clk)),
            ("locked_o", Conn::from(&locked)),
        ],
        "from the oscillator",
    );
    (clk, locked)
}

fn reset(m: &mut Module, clk: &Sig, locked: &Sig, pins: &Pins) -> Sig {
    m.section("Reset");
    let ready = m.wire("ready", 1, "there is a clock and the host does not ask for a reset");
    m.instance(
        "u_ready",
        &sync_interface(),
        vec![
            ("clk_i", Conn::from(clk)),
            ("d_i", Conn::from(locked & &pins.reset_n)),
            ("q_o", Conn::from(&ready)),
        ],
        "both are asynchronous",
    );
    // Counting ends with a single bit: the placer has little interest in so slow a counter and scatters it, and a
    // look at all of its bits became the slowest path of the board.
    let hold = m.reg("hold_q", HOLD_BITS, "cycles since then, until the highest bit is set");
    let over = hold.bit(HOLD_BITS - 1);
    let run = m.reg("run_q", 1, "the module runs");
    m.clocked_comment(
        clk,
        "Memories can be read some microseconds after configuration.",
        vec![
            when(!&ready, vec![hold.set(lit(HOLD_BITS, 0))])
                .or_when(!over.clone(), vec![hold.set(hold.inc())]),
            run.set(over),
        ],
    );
    run
}

fn deku(m: &mut Module, c: &ModuleConfig, clk: &Sig, run: &Sig, pins: &Pins) -> (Sig, Sig) {
    m.section("Module");
    let sck = m.wire("spi_sck", 1, "SPI clock on a global network");
    let miso = m.wire("spi_miso", 1, "SPI data to the host");
    let irq = m.wire("irq", 1, "interrupt");
    let activity = m.wire("activity", 2, "0 idle, 1 forward, 2 update, 3 overhead");
    m.instance(
        "u_sck",
        &pin_interface(),
        vec![("pin_i", Conn::from(&pins.sck)), ("clk_o", Conn::from(&sck))],
        "SPI clock",
    );
    let uart = pins.uart.as_ref();
    m.instance(
        "u_deku",
        &top::top(c).interface(),
        vec![
            ("clk_i", Conn::from(clk)),
            ("rst_ni", Conn::from(run)),
            ("spi_sck_i", Conn::from(&sck)),
            ("spi_cs_ni", Conn::from(&pins.cs_n)),
            ("spi_mosi_i", Conn::from(&pins.mosi)),
            ("uart_rx_i", Conn::from(uart.map_or(lit(1, 1), |(rx, _)| rx.e()))),
            ("spi_miso_o", Conn::from(&miso)),
            ("irq_o", Conn::from(&irq)),
            ("uart_tx_o", uart.map_or(Conn::Open, |(_, tx)| Conn::from(tx))),
            ("activity_o", Conn::from(&activity)),
        ],
        "the module",
    );
    m.instance(
        "u_miso",
        &shared_interface(),
        vec![
            ("enable_i", Conn::from(!&pins.cs_n)),
            ("data_i", Conn::from(&miso)),
            ("pin_o", Conn::from(&pins.miso)),
        ],
        "other devices may share the line",
    );
    m.assign(&pins.irq, &irq);
    (irq, activity)
}

fn leds(m: &mut Module, board: &Board, clk: &Sig, irq: &Sig, activity: &Sig, pins: &Pins) {
    m.section("LEDs");
    let pins_used = pins_of_leds(board);
    let beat = m.reg("beat_q", BEAT_BITS, "cycles, for what people can see");
    m.clocked(clk, vec![beat.set(beat.inc())]);
    let learning = match pins_used[1] {
        Some(_) => learning(m, clk, &beat, activity),
        None => {
            m.unused("unused_activity", vec![activity.e()], "no LED for it");
            lit(1, 0)
        }
    };
    let on = [beat.bit(BEAT_BITS - 1), learning, irq.e()];
    if on_driver(board) {
        return driver(m, board, &on, pins);
    }
    let used = on.into_iter().zip(pins_used).filter_map(|(on, pin)| pin.map(|_| on));
    for (port, on) in pins.leds.iter().zip(used) {
        m.assign(port, if board.leds.active_low { !on } else { on });
    }
}

/// Lit from one tick to the next if there was an update since the last.
fn learning(m: &mut Module, clk: &Sig, beat: &Sig, activity: &Sig) -> Expr {
    let last = m.reg("beat_last_q", 1, "the tick bit one cycle ago");
    let update = m.reg(
        "update_q",
        1,
        "the module updates; a register of its own, to be out of the module's paths",
    );
    let seen = m.reg("seen_q", 1, "an update since the last tick");
    let shown = m.reg("shown_q", 1, "an update between the last two ticks");
    let tick = m.net("tick", beat.bit(TICK_BIT) & !&last, "some times a second");
    m.clocked(
        clk,
        vec![
            last.set(beat.bit(TICK_BIT)),
            update.set(activity.eq_const(2)),
            when(&update, vec![seen.set(lit(1, 1))]).or_when(&tick, vec![seen.set(lit(1, 0))]),
            when(&tick, vec![shown.set(&seen)]),
        ],
    );
    shown.e()
}

fn driver(m: &mut Module, board: &Board, on: &[Expr; 3], pins: &Pins) {
    let used = pins_of_leds(board);
    let of_pin = |pin: &&str| {
        let led = used.iter().position(|p| *p == Some(*pin));
        led.map_or(lit(1, 0), |k| on[k].clone())
    };
    let levels = board.chip().rgb_pins.iter().rev().map(of_pin);
    let outputs = pins.leds.iter().zip(["pin0_o", "pin1_o", "pin2_o"]);
    let mut conns = vec![("on_i", Conn::from(cat(levels)))];
    conns.extend(outputs.map(|(led, port)| (port, Conn::from(led))));
    m.instance("u_leds", &driver_interface(), conns, "LEDs");
}

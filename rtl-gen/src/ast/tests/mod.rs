//! Tests of the tree and the printer.

mod errors;
mod sample;

use super::*;

/// A small module with one of each kind of item.
fn small() -> Module {
    let mut m = Module::new(
        "deku_small",
        "Adds samples into a running sum and remembers the last sums, so that a reader can look \
         back at how the sum went.",
    );
    let clk = m.input("clk_i", 1, "system clock");
    let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
    let x = m.input_signed("x_i", 8, "sample");
    let addr = m.input("addr_i", 4, "which sum to read");
    let y = m.output("y_o", 12, "running sum");
    let old = m.output_reg("old_q_o", 12, "sum read back, one cycle after `addr_i`");

    m.section("State");
    let idle = m.constant("StIdle", 1, 0, "waiting for the first sample");
    let run = m.constant("StRun", 1, 1, "adding");
    let state = m.reg("state_q", 1, "what the block does now");
    let acc = m.reg_signed("acc_q", 12, "running sum");
    let list = m.memory("list_q", 12, 16, "the last sums").style("block");
    let at = m.reg("at_q", 4, "where the next sum goes");
    let sum = m.net("sum", &acc + x.sext(12), "sum with this sample");

    m.clocked_comment(
        &clk,
        "The machine.",
        vec![when(!&rst_n, vec![state.set(&idle), acc.set(slit(12, 0)), at.set(lit(4, 0))])
            .otherwise(vec![switch(
                &state,
                vec![
                    (&idle, vec![state.set(&run)]),
                    (
                        &run,
                        vec![
                            note("The list wraps by itself."),
                            acc.set(&sum),
                            list.write(&at, sum.as_unsigned()),
                            at.set(at.inc()),
                        ],
                    ),
                ],
                vec![],
            )])],
    );
    m.clocked(&clk, vec![old.set(list.at(&addr))]);
    m.assign(&y, acc.as_unsigned());
    m
}

#[test]
fn golden() {
    let text = small().to_verilog();
    if std::env::var_os("DEKU_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ast/tests/golden.v"), &text)
            .unwrap();
    }
    assert_eq!(text, include_str!("golden.v"));
}

#[test]
fn deterministic() {
    assert_eq!(small().to_verilog(), small().to_verilog());
    assert_eq!(sample::design().emit(), sample::design().emit());
}

#[test]
fn brackets() {
    let mut m = Module::new("m", "test");
    let a = m.input("a_i", 8, "a");
    let b = m.input("b_i", 8, "b");
    let c = m.input("c_i", 1, "c");
    let s = m.input_signed("s_i", 8, "s");
    let show = |e: Expr| print_expr::flat(&e);
    assert_eq!(show(&a + &b - &a), "a_i + b_i - a_i");
    assert_eq!(show(&a - (&b - &a)), "a_i - (b_i - a_i)");
    assert_eq!(show((&a + &b).zext(9)), "{1'b0, a_i + b_i}");
    assert_eq!(show(a.zext(9) + b.zext(9)), "{1'b0, a_i} + {1'b0, b_i}");
    assert_eq!(show(&a & &b | &a), "(a_i & b_i) | a_i");
    assert_eq!(show(a.eq_(&b) & !&c), "(a_i == b_i) & !c_i");
    assert_eq!(show((!&a).eq_(&b)), "~a_i == b_i");
    assert_eq!(show(!a.eq_const(3)), "!(a_i == 8'd3)");
    assert_eq!(show(a.any() & b.all()), "(|a_i) & (&b_i)");
    assert_eq!(show(-(-&a)), "-(-a_i)");
    assert_eq!(show((&a + &b).shl(2)), "(a_i + b_i) << 2");
    assert_eq!(
        show(mux(&c, mux(&c, &a, &b), mux(&c, &b, &a))),
        "c_i ? (c_i ? a_i : b_i) : c_i ? b_i : a_i"
    );
    assert_eq!(show(s.sext(10)), "$signed({{2{s_i[7]}}, s_i})");
    assert_eq!(show(s.bits(7, 4).sext(6)), "{{2{s_i[7]}}, s_i[7:4]}");
    assert_eq!(show(s.trunc(4)), "$signed(s_i[3:0])");
    assert_eq!(show(&s + slit(8, -5)), "s_i + (-8'sd5)");
    assert_eq!(show(slit(8, -128)), "8'sh80");
    assert_eq!(show(slit(4, -3).sext(8)), "-8'sd3");
    assert_eq!(show(a.bits(6, 2).bits(3, 1)), "a_i[5:3]");
    assert_eq!(show(lit(8, 0xa5).bits(7, 4)), "4'd10");
}

#[test]
fn lines_are_short() {
    for (name, text) in sample::design().emit() {
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
            assert_eq!(line, line.trim_end(), "{name}");
        }
    }
}

#[test]
fn instances_are_listed() {
    let design = sample::design();
    let top = design.modules().last().unwrap();
    assert_eq!(top.instances(), ["deku_hand", "deku_ops"]);
}

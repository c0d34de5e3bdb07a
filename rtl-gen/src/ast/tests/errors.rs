//! Every construction error, with the words that the reader gets.

use super::super::*;

fn m() -> (Module, Sig, Sig, Sig) {
    let mut m = Module::new("deku_m", "test");
    let clk = m.input("clk_i", 1, "clock");
    let a = m.input("a_i", 8, "a");
    let b = m.input("b_i", 9, "b");
    (m, clk, a, b)
}

macro_rules! errors {
    ($($name:ident: $message:literal, |$m:ident, $clk:ident, $a:ident, $b:ident| $body:block)+) => {$(
        #[test]
        #[should_panic(expected = $message)]
        #[allow(unused_variables, unused_mut)]
        fn $name() {
            let (mut $m, $clk, $a, $b) = m();
            $body
        }
    )+};
}

errors! {
    width_of_operands: "module `deku_m`: +: `a_i` (8 bits) and `b_i` (9 bits) must have the same width: extend the narrower with .zext(9)",
        |m, clk, a, b| { let _ = &a + &b; }
    sign_of_operands: "must have the same sign: use .as_signed() or .as_unsigned()",
        |m, clk, a, b| { let _ = a.as_signed().lt(&a); }
    mux_condition: "the condition of mux must be 1 bit, not `a_i` (8 bits)",
        |m, clk, a, b| { let _ = mux(&a, &b, &b); }
    when_condition: "the condition of when must be 1 bit",
        |m, clk, a, b| { let _ = when(&a, vec![]); }
    assign_narrow: "`w` (18 bits) cannot take `a_i` (8 bits): extend the value with .zext(18)",
        |m, clk, a, b| { let w = m.wire("w", 18, "w"); m.assign(&w, &a); }
    assign_wide: "`r_q` (8 bits) cannot take `b_i` (9 bits): cut the value with .trunc(8)",
        |m, clk, a, b| { let r = m.reg("r_q", 8, "r"); let _ = r.set(&b); }
    assign_sign: "`w` (8 bits, signed) cannot take `a_i` (8 bits): convert the value with .as_signed()",
        |m, clk, a, b| { let w = m.wire_signed("w", 8, "w"); m.assign(&w, &a); }
    duplicate_name: "the name `a_i` is already that of an input",
        |m, clk, a, b| { m.input("a_i", 1, "again"); }
    illegal_name: "illegal name `1x`",
        |m, clk, a, b| { m.wire("1x", 1, "w"); }
    reserved_name: "illegal name `logic`: it is a reserved word",
        |m, clk, a, b| { m.wire("logic", 1, "w"); }
    input_ending: "illegal name `x`: an input ends in `_i`",
        |m, clk, a, b| { m.input("x", 1, "x"); }
    register_ending: "a register ends in `_q`",
        |m, clk, a, b| { m.reg("acc", 1, "x"); }
    empty_comment: "the comment of `w` is empty",
        |m, clk, a, b| { m.wire("w", 1, " "); }
    empty_summary: "the summary is empty",
        |m, clk, a, b| { Module::new("x", ""); }
    assign_input: "`a_i` is an input and cannot be driven by assign",
        |m, clk, a, b| { m.assign(&a, lit(8, 0)); }
    assign_register: "`r_q` is a register and cannot be driven by assign",
        |m, clk, a, b| { let r = m.reg("r_q", 8, "r"); m.assign(&r, &a); }
    clocked_wire: "`w` is a wire and cannot be driven by a clocked block",
        |m, clk, a, b| { let w = m.wire("w", 8, "w"); m.clocked(&clk, vec![w.set(&a)]); }
    driven_twice: "`w` is driven twice: by assign and by assign",
        |m, clk, a, b| { let w = m.wire("w", 8, "w"); m.assign(&w, &a); m.assign(&w, &a); }
    register_in_two_blocks: "`r_q` is driven twice: by a clocked block and by a clocked block",
        |m, clk, a, b| {
            let r = m.reg("r_q", 8, "r");
            m.clocked(&clk, vec![r.set(&a)]);
            m.clocked(&clk, vec![r.set(&a)]);
        }
    undriven: "a wire `w` (3 bits) is never driven: m.assign(..) it or connect it to an instance; an output `y_o` (1 bit) is never driven",
        |m, clk, a, b| { m.wire("w", 3, "w"); m.output("y_o", 1, "y"); m.to_verilog(); }
    memory_without_writer: "memory `l_q` is never written nor initialised",
        |m, clk, a, b| { m.memory("l_q", 3, 4, "l"); m.to_verilog(); }
    memory_address: "memory `l_q` has 2048 entries and takes an address of exactly 11 unsigned bits, not `a_i` (8 bits): use .zext(11)",
        |m, clk, a, b| { let l = m.memory("l_q", 3, 2048, "l"); let _ = l.at(&a); }
    memory_data: "`l_q[..]` (3 bits) cannot take `a_i` (8 bits)",
        |m, clk, a, b| { let l = m.memory("l_q", 3, 256, "l"); let _ = l.write(&a, &a); }
    memory_init_length: "memory `l_q` has 4 entries, not 1",
        |m, clk, a, b| { let l = m.memory("l_q", 3, 4, "l"); m.memory_init(&l, &[1]); }
    bits_of_expression: "Verilog can only take bits of a signal; give the expression a name first with m.net(",
        |m, clk, a, b| { let _ = (&a + &a).bits(3, 0); }
    sext_of_expression: ".sext() of `a_i + a_i` (8 bits)",
        |m, clk, a, b| { let _ = (&a + &a).sext(9); }
    bits_outside: "bits(8, 0) is outside `a_i` (8 bits)",
        |m, clk, a, b| { a.bits(8, 0); }
    zext_cuts: "zext(4) of `a_i` (8 bits) would cut it: use .trunc(4)",
        |m, clk, a, b| { a.zext(4); }
    zext_signed: "a signed value is extended with .sext(9)",
        |m, clk, a, b| { a.as_signed().zext(9); }
    bit_index: "a bit of `a_i` (8 bits) is selected by exactly 3 unsigned bits, not by `b_i` (9 bits)",
        |m, clk, a, b| { a.bit_at(&b); }
    sra_unsigned: "use .shr(n) or .as_signed()",
        |m, clk, a, b| { a.sra(1); }
    literal: "lit(3, 8): the value does not fit in 3 bits, it needs 4",
        |m, clk, a, b| { lit(3, 8); }
    signed_literal: "slit(3, 4): the value does not fit in 3 signed bits",
        |m, clk, a, b| { slit(3, 4); }
    foreign_signal: "`x_i` belongs to module `other`",
        |m, clk, a, b| {
            let x = Module::new("other", "o").input("x_i", 8, "x");
            m.net("n", x, "n");
        }
    latch: "`v` would become a latch",
        |m, clk, a, b| {
            let v = m.comb_reg("v", 8, "v");
            m.comb(vec![when(a.any(), vec![v.set(&a)])], "c");
        }
    latch_of_part: "`v` would become a latch",
        |m, clk, a, b| {
            let v = m.comb_reg("v", 8, "v");
            m.comb(vec![v.set_bits(6, 0, a.bits(6, 0))], "c");
        }
    early_read: "m.comb(..) reads `v` before all paths have assigned it",
        |m, clk, a, b| {
            let v = m.comb_reg("v", 8, "v");
            m.comb(vec![v.set(v.inc())], "c");
        }
    switch_label_twice: "label 1 is there twice",
        |m, clk, a, b| { switch(&a, vec![(1, vec![]), (1, vec![])], vec![]); }
    switch_label_big: "label 256 does not fit",
        |m, clk, a, b| { switch(&a, vec![(256, vec![])], vec![]); }
    table_key: "table `t`: key 256 is twice there or too big",
        |m, clk, a, b| { m.table("t", &a, 2, &[(256, 1)], 0, "t"); }
    empty_note: "an empty comment",
        |m, clk, a, b| { note(""); }
    otherwise_twice: ".otherwise() follows when",
        |m, clk, a, b| { let _ = when(&clk, vec![]).otherwise(vec![]).otherwise(vec![]); }
    port_missing: "instance `u_p` of `p`: input x_i (8 bits) is not connected",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("y_o", Conn::Open)], "p"); }
    port_unknown: "`p` has no port `z_i`, only x_i, y_o",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("z_i", a.into())], "p"); }
    port_twice: "port `x_i` is connected twice",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("x_i", (&a).into()), ("x_i", a.into())], "p"); }
    port_width: "`u_p.x_i` (8 bits) cannot take `b_i` (9 bits)",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("x_i", b.into()), ("y_o", Conn::Open)], "p"); }
    port_output: "output `u_p.y_o` must connect to a whole wire",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("x_i", (&a).into()), ("y_o", a.bit(0).into())], "p"); }
    port_open_input: "input `u_p.x_i` cannot be left open",
        |m, clk, a, b| { m.instance("u_p", &p(), vec![("x_i", Conn::Open), ("y_o", Conn::Open)], "p"); }
    parameter_unknown: "`p` has no parameter `DEPTH`",
        |m, clk, a, b| { m.instance_params("u_p", &p(), vec![("DEPTH", 1)], vec![], "p"); }
    design_missing: "`deku_m.u_p` is an instance of `p`, which is not in the design",
        |m, clk, a, b| {
            m.instance("u_p", &p(), vec![("x_i", a.into()), ("y_o", Conn::Open)], "p");
            Design::new().add(m).check();
        }
    design_changed: "`deku_m.u_p` was connected to another version of `p`: now it has no input x_i (8 bits)",
        |m, clk, a, b| {
            m.instance("u_p", &p(), vec![("x_i", a.into()), ("y_o", Conn::Open)], "p");
            Design::new().add(m).primitive(Interface::primitive("p").input("x_i", 9)).check();
        }
    design_twice: "there are two modules named `deku_m`",
        |m, clk, a, b| { let _ = Design::new().add(m).add(super::super::Module::new("deku_m", "x")); }
}

fn p() -> Interface {
    Interface::primitive("p").input("x_i", 8).output("y_o", 1)
}

//! A design with every operator and every kind of item, and its check with the
//! tools that are installed.

use super::super::*;
use std::path::Path;
use std::process::Command;

const HAND: &str = "`default_nettype none
module deku_hand #(parameter DEPTH = 2) (
  input  wire       clk_i,
  input  wire [7:0] d_i,
  output reg  [7:0] q_o,
  output wire       any_o
);
  assign any_o = d_i > DEPTH[7:0];
  always @(posedge clk_i) q_o <= d_i;
endmodule
`default_nettype wire
";

fn hand() -> Interface {
    let i = Interface::primitive("deku_hand").param("DEPTH");
    i.input("clk_i", 1).input("d_i", 8).output("q_o", 8).output("any_o", 1)
}

/// Every operator, with its results in one wide output.
fn ops() -> Module {
    let mut m = Module::new("deku_ops", "Every operator.\n\nA second paragraph.");
    let clk = m.input("clk_i", 1, "clock");
    let rst_n = m.input("rst_ni", 1, "reset");
    let a = m.input("a_i", 8, "a");
    let b = m.input("b_i", 8, "b");
    let s = m.input_signed("s_i", 8, "s");
    let t = m.input_signed("t_i", 8, "t");
    let c = m.input("c_i", 1, "c");
    let i = m.input("i_i", 3, "index");

    m.section("Expressions");
    let unsigned = vec![
        &a + &b,
        &a - &b,
        &a & &b,
        &a | &b,
        &a ^ &b,
        !&a,
        -&a,
        a.zext(9) + b.zext(9),
        a.inc(),
        a.dec(),
        a.shl(3),
        a.shr(2),
        a.shl_by(&i),
        a.shr_by(&b),
        a.trunc(3),
        a.bits(6, 2).sext(9),
        a.bit(7),
        a.bit_at(&i),
        a.slice_at(&i, 1),
        a.repeat(3),
        mux(&c, &a, &b),
        a.parity(),
        cat([c.e(), &a + &b, lit(3, 0)]),
        s.as_unsigned() + &a,
        (&a + &b).as_signed().sra(2).as_unsigned(),
        mux(a.eq_(&b) & !&c, &a, mux(&c | a.any(), !&b, &a & (&b | lit(8, 15)))),
        a.is_zero(),
        c.zext(4),
        c.is_zero(),
        a.all() & b.any(),
        c.sext(3),
        &a * &b,
        c.eq_const(1),
        -c.e(),
        a.sext(12),
    ];
    let compare = vec![
        a.eq_(&b),
        a.ne_(&b),
        a.lt(&b),
        a.le(&b),
        a.gt(&b),
        a.ge(&b),
        s.lt(&t),
        s.ge(slit(8, -100)),
        (!&a).eq_(&b),
        (&a + &b).lt(&a),
        a.eq_const(200),
        s.eq_(slit(8, -128)),
        s.gt(-&t),
    ];
    let signed = vec![
        &s + &t,
        s.sra(2),
        s.sra_by(&i),
        s.sext(8) - slit(8, 3),
        mux(&c, s.sra(1), -&t),
        !&s,
        s.shr(1),
        a.as_signed() + &s,
        s.trunc(4).sext(8),
        s.sext(12).trunc_via(&mut m),
        s.dec(),
    ];
    let mut all: Vec<Expr> = unsigned.into_iter().chain(compare).collect();
    for (n, e) in signed.into_iter().enumerate() {
        all.push(m.net(&format!("signed{n}"), e, "one signed result").as_unsigned());
    }
    let all = m.net("all", cat(all), "all results side by side");
    let y = m.output("y_o", all.width(), "all results");
    let y2 = m.output_reg("y2_q_o", 20, "results of processes");

    m.section("Processes");
    let rom = m.memory("rom", 6, 8, "squares");
    m.memory_init(&rom, &[0, 1, 4, 9, 16, 25, 36, 49]);
    let mem = m.memory("mem_q", 8, 5, "five bytes").style("block");
    let code = m.table("code", &a, 4, &[(0, 1), (17, 2), (255, 9)], 15, "code of a");
    let next = m.comb_reg("next", 8, "next value");
    let flag = m.comb_reg("flag", 1, "next flag");
    m.comb(
        vec![
            next.set(&a),
            switch(
                &i,
                vec![
                    (Keys::from(0), vec![flag.set(lit(1, 0)), next.set_bit_at(&i, &c)]),
                    (
                        Keys::from([1, 2]),
                        vec![flag.set(next.bit(0)), next.set_bits(3, 0, b.bits(7, 4))],
                    ),
                ],
                vec![when(&c, vec![flag.set(&c)]).otherwise(vec![flag.set(lit(1, 1))])],
            ),
        ],
        "Choose what comes next.",
    );
    let byte = m.reg("byte_q", 8, "read back");
    m.clocked(
        &clk,
        vec![
            byte.set(mem.at(&i)),
            when(!&rst_n, vec![y2.set(lit(20, 0))])
                .or_when(&flag, vec![y2.set_bits(7, 0, &next), mem.write(&i, &b)])
                .otherwise(vec![y2.set(cat([byte.bits(7, 6), rom.at(&i), next.e(), code.e()]))]),
        ],
    );
    m.unused("unused_byte", vec![byte.bits(5, 0)], "only the top is looked at");
    m.assign(&y, &all);
    m
}

/// A detour through a net, as the messages advise.
trait TruncVia {
    fn trunc_via(&self, m: &mut Module) -> Expr;
}

impl TruncVia for Expr {
    fn trunc_via(&self, m: &mut Module) -> Expr {
        let wide = m.net("wide", self + slit(12, 1), "a sum that is cut");
        m.unused("unused_wide", vec![wide.bits(11, 8)], "cut off");
        wide.trunc(8)
    }
}

/// A top with an instance of each kind.
pub(super) fn design() -> Design {
    let ops = ops();
    let mut m = Module::new("deku_top", "Connects the others.");
    let clk = m.input("clk_i", 1, "clock");
    let rst_n = m.input("rst_ni", 1, "reset");
    let a = m.input("a_i", 8, "operand");
    let q = m.output("q_o", 8, "delayed operand");
    let width = ops.interface().find("y_o").unwrap().width;
    let y = m.output("y_o", width, "results");
    let (clk, rst_n) = (&clk, &rst_n);
    m.instance_params(
        "u_hand",
        &hand(),
        vec![("DEPTH", 4)],
        vec![
            ("clk_i", clk.into()),
            ("d_i", (!&a).into()),
            ("q_o", (&q).into()),
            ("any_o", Conn::Open),
        ],
        "delays by one",
    );
    m.instance(
        "u_ops",
        &ops,
        vec![
            ("clk_i", clk.into()),
            ("rst_ni", rst_n.into()),
            ("a_i", (&a).into()),
            ("b_i", (&q).into()),
            ("s_i", a.as_signed().into()),
            ("t_i", slit(8, -1).into()),
            ("c_i", a.bit(0).into()),
            ("i_i", a.bits(3, 1).into()),
            ("y_o", y.into()),
            ("y2_q_o", Conn::Open),
        ],
        "computes everything",
    );
    Design::new().add(ops).primitive(hand()).add(m)
}

/// Runs a tool and returns its messages, or nothing if it is not installed.
fn run(dir: &Path, tool: &str, args: &[&str]) -> Option<String> {
    let out = Command::new(tool).args(args).current_dir(dir).output().ok()?;
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Some(if out.status.success() { text } else { format!("failed:\n{text}") })
}

#[test]
fn tools_accept_the_sample() {
    let dir = std::env::temp_dir().join(format!("deku-ast-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let mut names = vec!["deku_hand.v".to_string()];
    std::fs::write(dir.join("deku_hand.v"), HAND).unwrap();
    for (name, text) in design().emit() {
        std::fs::write(dir.join(&name), text).unwrap();
        names.push(name);
    }
    let files = names.iter().map(String::as_str);
    let lint =
        ["--lint-only", "-Wall", "--top-module", "deku_top"].into_iter().chain(files.clone());
    if let Some(text) = run(&dir, "verilator", &lint.collect::<Vec<_>>()) {
        assert!(!text.contains("%Warning") && !text.contains("%Error"), "{text}");
    }
    let compile = ["-g2005", "-Wall", "-t", "null"].into_iter().chain(files);
    if let Some(text) = run(&dir, "iverilog", &compile.collect::<Vec<_>>()) {
        // Icarus remarks on the time scale and on the array in `always @*`.
        let bad = |l: &&str| !l.contains("timescale") && !l.is_empty();
        assert_eq!(text.lines().find(bad), None);
    }
    if std::env::var_os("DEKU_KEEP").is_none() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

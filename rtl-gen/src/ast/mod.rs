//! A typed Verilog tree and its printer.
//!
//! A [`Module`] is built by calls that declare signals and drive them. Every
//! signal has a width, a sign and a comment. Operands of one operator have one
//! width and one sign; extension and truncation are always written. What is
//! wrong panics where it is written, with the names, the widths and what to
//! write instead, so that what is printed is free of lint warnings.
//!
//! ```
//! use deku_rtlgen::ast::*;
//!
//! let mut m = Module::new("deku_counter", "Counts events and says when there are many.");
//! let clk = m.input("clk_i", 1, "system clock");
//! let rst_n = m.input("rst_ni", 1, "synchronous reset, active low");
//! let event = m.input("event_i", 1, "one event in this cycle");
//! let many = m.output("many_o", 1, "more than 100 events since reset");
//!
//! let count = m.reg("count_q", 7, "events so far, at most 127");
//! let full = m.net("full", count.all(), "the counter must not wrap");
//! m.clocked_comment(&clk, "Count, but stay at the top.", vec![
//!     when(!&rst_n, vec![count.set(lit(7, 0))])
//!         .or_when(&event & !&full, vec![count.set(count.inc())]),
//! ]);
//! m.assign(&many, count.gt(lit(7, 100)));
//!
//! let text = m.to_verilog();
//! assert!(text.contains("      count_q <= count_q + 7'd1;\n"));
//! assert!(text.contains("  assign many_o = count_q > 7'd100;\n"));
//! ```
//!
//! What Verilog cannot say is refused: bits can only be taken of a signal, so
//! an expression first gets a name with [`Module::net`]. Carries are kept by
//! extending first: `a.zext(9) + b.zext(9)` has 9 bits.
//!
//! A [`Design`] is a set of modules; it checks the instances against the
//! modules and prints one file for each.

mod design;
mod drive;
mod expr;
mod flow;
mod interface;
mod module;
mod names;
mod ops;
mod print;
mod print_expr;
mod print_stmt;
mod signal;
mod stmt;

#[cfg(test)]
mod tests;

pub use design::{Design, MemoryShape};
pub use expr::{cat, lit, mux, slit, Expr};
pub use interface::{Conn, Direction, Instantiable, Interface, Param, Port};
pub use module::Module;
pub use names::index_width;
pub use signal::{Mem, Sig};
pub use stmt::{note, switch, when, Keys, Stmt};

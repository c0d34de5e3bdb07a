//! Instances of `deku_ram_1r1w`, the one memory with a read and a write port.

use crate::ast::index_width;
use crate::ast::{Conn, Expr, Interface, Module, Sig};

/// What is connected to a memory.
pub struct Port<'a> {
    /// Write in this cycle.
    pub we: Expr,
    /// Address to write.
    pub waddr: Expr,
    /// Value to write.
    pub wdata: Expr,
    /// Address to read.
    pub raddr: Expr,
    /// Value read, one cycle after the address.
    pub rdata: &'a Sig,
}

/// Interface of the primitive for one width and depth.
pub fn interface(width: u32, depth: u32) -> Interface {
    let bits = index_width(u64::from(depth));
    Interface::primitive("deku_ram_1r1w")
        .param("WIDTH")
        .param("DEPTH")
        .param("ADDR_BITS")
        .input("clk_i", 1)
        .input("we_i", 1)
        .input("waddr_i", bits)
        .input("wdata_i", width)
        .input("raddr_i", bits)
        .output("rdata_o", width)
}

/// Adds a memory of `depth` entries to a module.
pub fn ram(
    m: &mut Module,
    name: &str,
    clk: &Sig,
    width: u32,
    depth: u32,
    port: Port<'_>,
    comment: &str,
) {
    let bits = index_width(u64::from(depth));
    m.instance_params(
        name,
        &interface(width, depth),
        vec![
            ("WIDTH", u64::from(width)),
            ("DEPTH", u64::from(depth)),
            ("ADDR_BITS", u64::from(bits)),
        ],
        vec![
            ("clk_i", Conn::from(clk)),
            ("we_i", Conn::from(port.we)),
            ("waddr_i", Conn::from(port.waddr)),
            ("wdata_i", Conn::from(port.wdata)),
            ("raddr_i", Conn::from(port.raddr)),
            ("rdata_o", Conn::from(port.rdata)),
        ],
        comment,
    );
}

//! Checks on names and comments, and the wrapping of comments.

/// Words that are reserved in Verilog-2005 or in SystemVerilog: Verilator reads
/// `.v` files as SystemVerilog unless told otherwise, so both sets are refused.
const RESERVED: &str = " accept_on alias always always_comb always_ff always_latch and assert \
assign assume automatic before begin bind bins binsof bit break buf bufif0 bufif1 byte case casex \
casez cell chandle checker class clocking cmos config const constraint context continue cover \
covergroup coverpoint cross deassign default defparam design disable dist do edge else end endcase \
endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule \
endpackage endprimitive endprogram endproperty endspecify endsequence endtable endtask enum event \
eventually expect export extends extern final first_match for force foreach forever fork forkjoin \
function generate genvar global highz0 highz1 if iff ifnone ignore_bins illegal_bins implements \
implies import incdir include initial inout input inside instance int integer interconnect \
interface intersect join join_any join_none large let liblist library local localparam logic \
longint macromodule matches medium modport module nand negedge nettype new nexttime nmos nor \
noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge primitive \
priority program property protected pull0 pull1 pulldown pullup pulsestyle_ondetect \
pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime ref reg reject_on \
release repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always s_eventually \
s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled signed small \
soft solve specify specparam static string strong strong0 strong1 struct super supply0 supply1 \
sync_accept_on sync_reject_on table tagged task this throughout time timeprecision timeunit tran \
tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until \
until_with untyped use uwire var vectored virtual void wait wait_order wand weak weak0 weak1 while \
wildcard wire with within wor xnor xor ";

/// Why `name` cannot be used as an identifier, if it cannot.
pub(super) fn name_fault(name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    let head = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    if !head || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some("a name is a letter followed by letters, digits and `_`");
    }
    if name.contains("__") || name.ends_with('_') {
        return Some("`__` and a trailing `_` are kept for tools (Verilator encodes them)");
    }
    if RESERVED.contains(&format!(" {name} ")) {
        return Some("it is a reserved word of Verilog or SystemVerilog");
    }
    None
}

/// True if `name` ends like one of `endings` (lowRISC style suffixes).
pub(super) fn ends_like(name: &str, endings: &[&str]) -> bool {
    // A pipeline of copies may be numbered: `valid_q2`.
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    endings.iter().any(|e| name.ends_with(e) || bare.ends_with(e))
}

/// The text of a comment on one line, with white space made single.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    harmless(line)
}

/// Comments that begin with a tool's name are commands to that tool; a capital
/// letter makes them prose again.
fn harmless(line: String) -> String {
    let commands = ["verilator", "synopsys", "synthesis", "pragma", "cadence", "ambit"];
    if commands.iter().any(|c| line.starts_with(c)) {
        let (head, tail) = line.split_at(1);
        return head.to_ascii_uppercase() + tail;
    }
    line
}

/// Wraps `text` into `//` comment lines that start at column `indent`.
/// An empty line in `text` separates paragraphs.
pub(super) fn wrap(text: &str, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let mut lines = Vec::new();
    for (i, paragraph) in text.split("\n\n").enumerate() {
        if i > 0 {
            lines.push(format!("{pad}//"));
        }
        for line in fill(paragraph, 90usize.saturating_sub(indent + 3).max(30)) {
            lines.push(format!("{pad}// {}", harmless(line)));
        }
    }
    lines
}

/// Fills the words of `text` into lines of at most `width` characters.
fn fill(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(l) if l.chars().count() + 1 + word.chars().count() <= width => {
                l.push(' ');
                l.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

/// "1 bit" or "n bits", with the sign if it matters.
pub(super) fn kind_text(width: u32, signed: bool) -> String {
    let sign = if signed { ", signed" } else { "" };
    format!("{width} bit{}{sign}", if width == 1 { "" } else { "s" })
}

/// Bits needed to address `count` things.
pub fn index_width(count: u64) -> u32 {
    (64 - count.saturating_sub(1).leading_zeros()).max(1)
}

/// True if `value` fits in `width` bits.
pub(super) fn fits(value: u64, width: u32) -> bool {
    width >= 64 || value >> width == 0
}

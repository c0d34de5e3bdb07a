//! Text of expressions: on one line if it fits, broken at operators if not.

use super::expr::{Expr, Kind};

/// Text starts before this column; the rest of 100 is for closing brackets.
pub(super) const LIMIT: usize = 94;

/// The expression on one line.
pub(super) fn flat(e: &Expr) -> String {
    match &e.0.kind {
        Kind::Sig(s) => s.name.clone(),
        Kind::Bits(s, hi, lo) if hi == lo => format!("{}[{hi}]", s.name),
        Kind::Bits(s, hi, lo) => format!("{}[{hi}:{lo}]", s.name),
        Kind::BitAt(s, i) => format!("{}[{}]", s.name, flat(i)),
        Kind::SliceAt(s, i) => format!("{}[{} +: {}]", s.name, operand("+:", i), e.width()),
        Kind::Mem(m, addr) => format!("{}[{}]", m.name, flat(addr)),
        Kind::Lit(v) => literal(*v, e.width(), e.is_signed()),
        Kind::Count(n) => n.to_string(),
        Kind::Unary(op, a) => format!("{op}{}", operand("unary", a)),
        Kind::Binary(..) => {
            let terms = chain(e).into_iter().map(|(lead, own, t)| lead + &operand(own, t));
            terms.collect::<Vec<_>>().join(" ")
        }
        Kind::Mux(c, a, b) => {
            format!("{} ? {} : {}", operand("?", c), operand("?", a), operand(":", b))
        }
        Kind::Cat(parts) => {
            let parts: Vec<_> = parts.iter().map(flat).collect();
            format!("{{{}}}", parts.join(", "))
        }
        Kind::Repeat(n, a) => format!("{{{n}{{{}}}}}", flat(a)),
        Kind::Sign(a) => format!("{}({})", sign_name(e), flat(a)),
    }
}

/// The expression starting at column `col`, over several lines if needed.
pub(super) fn layout(e: &Expr, col: usize) -> String {
    let line = flat(e);
    if col + line.chars().count() <= LIMIT {
        return line;
    }
    let pad = " ".repeat(col);
    match &e.0.kind {
        Kind::Binary(..) => {
            let terms = chain(e).into_iter();
            let terms = terms.map(|(lead, own, t)| {
                let at = col + lead.len();
                lead + &operand_layout(own, t, at)
            });
            terms.collect::<Vec<_>>().join(&format!("\n{pad}"))
        }
        Kind::Mux(c, a, b) => format!(
            "{} ?\n{pad}  {} :\n{pad}{}",
            operand_layout("?", c, col),
            operand_layout("?", a, col + 2),
            operand_layout(":", b, col)
        ),
        Kind::Cat(parts) => format!("{{\n{}\n{pad}}}", fill(parts, col + 2)),
        Kind::Unary(op, a) => format!("{op}{}", operand_layout("unary", a, col + 1)),
        Kind::Repeat(n, a) => format!("{{{n}{{{}}}}}", layout(a, col + 4)),
        Kind::Sign(a) => {
            let name = sign_name(e);
            format!("{name}({})", layout(a, col + name.len() + 1))
        }
        _ => line,
    }
}

fn sign_name(e: &Expr) -> &'static str {
    if e.is_signed() {
        "$signed"
    } else {
        "$unsigned"
    }
}

/// Packs the parts of a concatenation into lines at column `col`.
fn fill(parts: &[Expr], col: usize) -> String {
    let pad = " ".repeat(col);
    let mut lines: Vec<String> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let comma = if i + 1 < parts.len() { "," } else { "" };
        let text = layout(part, col) + comma;
        match lines.last_mut() {
            Some(l)
                if !l.contains('\n') && !text.contains('\n') && l.len() + text.len() < LIMIT =>
            {
                l.push(' ');
                l.push_str(&text);
            }
            _ => lines.push(format!("{pad}{text}")),
        }
    }
    lines.join("\n")
}

/// The terms of a chain of operators that needs no brackets, each with its
/// leading operator and with the operator that decides its own brackets.
fn chain(e: &Expr) -> Vec<(String, &'static str, &Expr)> {
    let Kind::Binary(op, a, b) = &e.0.kind else {
        return Vec::new();
    };
    let mut terms = match &a.0.kind {
        Kind::Binary(inner, ..) if chains(op, inner) => chain(a),
        _ => vec![(String::new(), *op, a)],
    };
    terms.push((format!("{op} "), *op, b));
    terms
}

/// True if `a inner b op c` is read by everyone as `(a inner b) op c`.
fn chains(op: &str, inner: &str) -> bool {
    let sum = |o| o == "+" || o == "-";
    (sum(op) && sum(inner)) || (op == inner && matches!(op, "&" | "|" | "^"))
}

/// True if `e` needs brackets as an operand of `op`.
fn bracketed(op: &str, e: &Expr) -> bool {
    match &e.0.kind {
        Kind::Binary(..) => true,
        Kind::Mux(..) => op != ":",
        // `!a` is clear beside any operator, `&a` and `-a` are not.
        Kind::Unary(inner, _) => op == "unary" || !matches!(*inner, "!" | "~"),
        Kind::Lit(_) => flat(e).starts_with('-'),
        _ => false,
    }
}

fn operand(op: &str, e: &Expr) -> String {
    if bracketed(op, e) {
        return format!("({})", flat(e));
    }
    flat(e)
}

fn operand_layout(op: &str, e: &Expr, col: usize) -> String {
    if bracketed(op, e) {
        return format!("({})", layout(e, col + 1));
    }
    layout(e, col)
}

/// A sized constant: binary for one bit, hexadecimal for large values,
/// decimal otherwise.
pub(super) fn literal(bits: u64, width: u32, signed: bool) -> String {
    let s = if signed { "s" } else { "" };
    if signed && width > 1 && width <= 64 && bits >> (width - 1) == 1 {
        let magnitude = (1u128 << width) - u128::from(bits);
        // The most negative value has no positive of the same width.
        if magnitude != 1u128 << (width - 1) {
            return format!("-{width}'sd{magnitude}");
        }
        return format!("{width}'sh{bits:x}");
    }
    match bits {
        _ if width == 1 => format!("1'{s}b{bits}"),
        0..=9999 => format!("{width}'{s}d{bits}"),
        _ => format!("{width}'{s}h{bits:x}"),
    }
}

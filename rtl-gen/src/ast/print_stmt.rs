//! The Verilog text of statements.

use super::expr::Expr;
use super::names::wrap;
use super::print::with_value;
use super::print_expr::{flat, layout, literal, LIMIT};
use super::stmt::{Body, Key, Part, Stmt};

/// Statements at column `indent`; `assign` is `=` or `<=`.
pub(super) fn statements(stmts: &[Stmt], assign: &str, indent: usize) -> Vec<String> {
    stmts.iter().flat_map(|s| statement(&s.0, assign, indent)).collect()
}

fn statement(body: &Body, assign: &str, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    match body {
        Body::Set { sig, part, value } => {
            let part = match part {
                Part::Whole => String::new(),
                Part::Bits(hi, lo) if hi == lo => format!("[{hi}]"),
                Part::Bits(hi, lo) => format!("[{hi}:{lo}]"),
                Part::At(i) => format!("[{}]", flat(i)),
            };
            let head = format!("{pad}{}{part} {assign}", sig.name);
            vec![with_value(&head, value, indent)]
        }
        Body::Write { mem, addr, data } => {
            let head = format!("{pad}{}[{}] {assign}", mem.name, flat(addr));
            vec![with_value(&head, data, indent)]
        }
        Body::If { arms, otherwise } => if_lines(arms, otherwise.as_ref(), assign, indent),
        Body::Switch { on, arms, default } => switch_lines(on, arms, default, assign, indent),
        Body::Note(comment) => wrap(comment, indent),
    }
}

fn if_lines(
    arms: &[(Expr, Vec<Stmt>)],
    otherwise: Option<&Vec<Stmt>>,
    assign: &str,
    indent: usize,
) -> Vec<String> {
    let pad = " ".repeat(indent);
    let mut lines = Vec::new();
    for (i, (cond, body)) in arms.iter().enumerate() {
        let word = if i == 0 { "if" } else { "end else if" };
        let head = format!("{pad}{word} (");
        lines.push(format!("{head}{}) begin", layout(cond, head.len() + 6)));
        if let Some(last) = lines.last_mut().filter(|l| l.contains('\n')) {
            *last = format!("{head}\n{pad}    {}\n{pad}) begin", layout(cond, indent + 4));
        }
        lines.extend(statements(body, assign, indent + 2));
    }
    if let Some(body) = otherwise {
        lines.push(format!("{pad}end else begin"));
        lines.extend(statements(body, assign, indent + 2));
    }
    lines.push(format!("{pad}end"));
    lines
}

fn switch_lines(
    on: &Expr,
    arms: &[(Vec<Key>, Vec<Stmt>)],
    default: &[Stmt],
    assign: &str,
    indent: usize,
) -> Vec<String> {
    let pad = " ".repeat(indent);
    let mut lines = vec![format!("{pad}case ({})", layout(on, indent + 6))];
    for (keys, body) in arms {
        let label = labels(keys, on.width(), indent + 2);
        lines.extend(arm(&label, body, assign, indent + 2));
    }
    lines.extend(arm("default", default, assign, indent + 2));
    lines.push(format!("{pad}endcase"));
    lines
}

/// The labels with commas, over several lines if there are many.
fn labels(keys: &[Key], width: u32, indent: usize) -> String {
    let mut text = String::new();
    let mut column = indent;
    for (i, key) in keys.iter().enumerate() {
        let label = match &key.named {
            Some(sig) => sig.name().to_string(),
            None => literal(key.value, width, false),
        };
        if i > 0 {
            text.push(',');
            let wide = column + label.len() + 2 > LIMIT - 6;
            text.push_str(&if wide { format!("\n{}", " ".repeat(indent)) } else { " ".into() });
            column = if wide { indent } else { column + 2 };
        }
        column += label.len();
        text.push_str(&label);
    }
    text
}

/// `label: statement` on one line if it is a short one, `begin ... end` if not.
fn arm(label: &str, body: &[Stmt], assign: &str, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    if body.is_empty() {
        return vec![format!("{pad}{label}: ;")];
    }
    if let [Stmt(only @ (Body::Set { .. } | Body::Write { .. }))] = body {
        let line = statement(only, assign, 0).concat();
        if !line.contains('\n') && indent + label.len() + 2 + line.len() <= LIMIT {
            return vec![format!("{pad}{label}: {line}")];
        }
    }
    let mut lines = vec![format!("{pad}{label}: begin")];
    lines.extend(statements(body, assign, indent + 2));
    lines.push(format!("{pad}end"));
    lines
}

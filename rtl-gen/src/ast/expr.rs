//! Expressions: every node has a width and a sign, and both are checked when
//! the node is made.
//!
//! Operands of one operator always have one width and one sign. Verilog sizes
//! an expression by its context, so with equal widths everywhere the printed
//! text means what the tree says.

use super::names::{fits, index_width, kind_text};
use super::print_expr::flat;
use super::signal::{MemInfo, SigInfo};
use std::rc::Rc;

/// An expression, cheap to clone.
#[derive(Clone, Debug)]
pub struct Expr(pub(super) Rc<Node>);

#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub width: u32,
    pub signed: bool,
    /// Nodes in the printed tree, to refuse text that explodes.
    pub size: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Sig(Rc<SigInfo>),
    Bits(Rc<SigInfo>, u32, u32),
    BitAt(Rc<SigInfo>, Expr),
    /// `sig[lsb +: width]`, the width being that of the node.
    SliceAt(Rc<SigInfo>, Expr),
    Mem(Rc<MemInfo>, Expr),
    /// The bit pattern; the top bit is the sign if the node is signed.
    Lit(u64),
    /// A shift distance, printed without a size.
    Count(u32),
    Unary(&'static str, Expr),
    Binary(&'static str, Expr, Expr),
    Mux(Expr, Expr, Expr),
    Cat(Vec<Expr>),
    Repeat(u32, Expr),
    /// `$signed` or `$unsigned`, whichever the node says.
    Sign(Expr),
}

/// A constant of `width` bits.
#[track_caller]
pub fn lit(width: u32, value: u64) -> Expr {
    assert!(width > 0, "lit(0, {value}): a constant has at least one bit");
    assert!(
        fits(value, width),
        "lit({width}, {value}): the value does not fit in {width} bits, it needs {}",
        64 - value.leading_zeros()
    );
    Expr::leaf(Kind::Lit(value), width, false)
}

/// A signed constant of `width` bits.
#[track_caller]
pub fn slit(width: u32, value: i64) -> Expr {
    assert!((1..=64).contains(&width), "slit({width}, {value}): the width must be 1 to 64");
    let half = 1i128 << (width - 1);
    assert!(
        (-half..half).contains(&i128::from(value)),
        "slit({width}, {value}): the value does not fit in {width} signed bits"
    );
    Expr::leaf(Kind::Lit(value as u64 & mask(width)), width, true)
}

fn mask(width: u32) -> u64 {
    u64::MAX >> (64 - width.min(64))
}

/// `cond ? yes : no`.
#[track_caller]
pub fn mux(cond: impl Into<Expr>, yes: impl Into<Expr>, no: impl Into<Expr>) -> Expr {
    let (cond, yes, no) = (cond.into(), yes.into(), no.into());
    cond.check_condition("mux");
    yes.check_alike("mux branch", &no);
    let (w, s) = (yes.width(), yes.is_signed());
    Expr::leaf(Kind::Mux(cond, yes, no), w, s)
}

/// Concatenation, the most significant part first; always unsigned.
#[track_caller]
pub fn cat<T: Into<Expr>>(parts: impl IntoIterator<Item = T>) -> Expr {
    let parts: Vec<Expr> = parts.into_iter().map(Into::into).collect();
    assert!(!parts.is_empty(), "cat([]): a concatenation has at least one part");
    let width = parts.iter().map(Expr::width).sum();
    if parts.len() == 1 {
        return parts[0].as_unsigned();
    }
    Expr::leaf(Kind::Cat(parts), width, false)
}

impl Expr {
    /// Makes a node; `size` follows from its children.
    pub(super) fn leaf(kind: Kind, width: u32, signed: bool) -> Expr {
        let mut size = 1usize;
        kind.children(&mut |c| size = size.saturating_add(c.0.size));
        Expr(Rc::new(Node { kind, width, signed, size }))
    }

    /// The width in bits.
    pub fn width(&self) -> u32 {
        self.0.width
    }

    /// True if the expression is signed (two's complement).
    pub fn is_signed(&self) -> bool {
        self.0.signed
    }

    /// The expression itself, to make lists of one type: `cat([a.e(), b.bit(0)])`.
    pub fn to_expr(&self) -> Expr {
        self.clone()
    }

    /// Text, width and sign, for messages.
    pub(super) fn describe(&self) -> String {
        let mut text = if self.0.size > 200 { "(long expression)".to_string() } else { flat(self) };
        if text.chars().count() > 80 {
            text = text.chars().take(77).collect::<String>() + "...";
        }
        format!("`{text}` ({})", kind_text(self.width(), self.is_signed()))
    }

    /// Panics with the name of the module, if a signal tells it.
    #[track_caller]
    pub(super) fn fail(&self, message: &str) -> ! {
        let mut owner = None;
        self.leaves(&mut |leaf| {
            owner.get_or_insert(match leaf {
                Leaf::Sig(s) => s.owner.name.clone(),
                Leaf::Mem(m) => m.owner.name.clone(),
            });
        });
        match owner {
            Some(name) => panic!("module `{name}`: {message}"),
            None => panic!("{message}"),
        }
    }

    #[track_caller]
    pub(super) fn check_condition(&self, of: &str) {
        if self.width() != 1 {
            let this = self.describe();
            self.fail(&format!(
                "the condition of {of} must be 1 bit, not {this}: use .any() or compare"
            ));
        }
    }

    #[track_caller]
    pub(super) fn check_alike(&self, what: &str, other: &Expr) {
        if self.width() == other.width() && self.is_signed() == other.is_signed() {
            return;
        }
        let (a, b) = (self.describe(), other.describe());
        if self.width() != other.width() {
            let narrow = if self.width() < other.width() { self } else { other };
            let ext = if narrow.is_signed() { "sext" } else { "zext" };
            let w = self.width().max(other.width());
            self.fail(&format!(
                "{what}: {a} and {b} must have the same width: extend the narrower with .{ext}({w})"
            ));
        }
        self.fail(&format!(
            "{what}: {a} and {b} must have the same sign: use .as_signed() or .as_unsigned()"
        ));
    }

    #[track_caller]
    pub(super) fn arith(self, op: &'static str, other: Expr) -> Expr {
        self.check_alike(op, &other);
        let (w, s) = (self.width(), self.is_signed());
        Expr::leaf(Kind::Binary(op, self, other), w, s)
    }

    #[track_caller]
    fn compare(&self, op: &'static str, other: Expr) -> Expr {
        self.check_alike(op, &other);
        Expr::leaf(Kind::Binary(op, self.clone(), other), 1, false)
    }

    /// Equal.
    #[track_caller]
    pub fn eq_(&self, other: impl Into<Expr>) -> Expr {
        self.compare("==", other.into())
    }
    /// Not equal.
    #[track_caller]
    pub fn ne_(&self, other: impl Into<Expr>) -> Expr {
        self.compare("!=", other.into())
    }
    /// Less than.
    #[track_caller]
    pub fn lt(&self, other: impl Into<Expr>) -> Expr {
        self.compare("<", other.into())
    }
    /// Less than or equal.
    #[track_caller]
    pub fn le(&self, other: impl Into<Expr>) -> Expr {
        self.compare("<=", other.into())
    }
    /// Greater than.
    #[track_caller]
    pub fn gt(&self, other: impl Into<Expr>) -> Expr {
        self.compare(">", other.into())
    }
    /// Greater than or equal.
    #[track_caller]
    pub fn ge(&self, other: impl Into<Expr>) -> Expr {
        self.compare(">=", other.into())
    }

    /// A constant of this expression's width and sign.
    #[track_caller]
    pub fn same(&self, value: u64) -> Expr {
        if !fits(value, self.width()) {
            let this = self.describe();
            self.fail(&format!("the constant {value} does not fit in {this}"));
        }
        Expr::leaf(Kind::Lit(value), self.width(), self.is_signed())
    }

    /// Equal to a constant (a bit pattern, if the expression is signed).
    #[track_caller]
    pub fn eq_const(&self, value: u64) -> Expr {
        self.eq_(self.same(value))
    }
    /// Not equal to a constant.
    #[track_caller]
    pub fn ne_const(&self, value: u64) -> Expr {
        self.ne_(self.same(value))
    }
    /// Equal to zero.
    pub fn is_zero(&self) -> Expr {
        if self.width() == 1 {
            return !self.as_unsigned();
        }
        self.eq_(self.same(0))
    }
    /// Plus one, in the same width.
    pub fn inc(&self) -> Expr {
        self.clone().arith("+", self.same(1))
    }
    /// Minus one, in the same width.
    pub fn dec(&self) -> Expr {
        self.clone().arith("-", self.same(1))
    }

    /// Extends with zeros to `n` bits.
    #[track_caller]
    pub fn zext(&self, n: u32) -> Expr {
        self.check_extension("zext", n);
        if self.is_signed() {
            let this = self.describe();
            self.fail(&format!(
                "zext({n}) of {this}: a signed value is extended with .sext({n}), \
                 or take the bits with .as_unsigned() first"
            ));
        }
        match &self.0.kind {
            _ if n == self.width() => self.clone(),
            Kind::Lit(v) => lit(n, *v),
            _ => cat([lit(n - self.width(), 0), self.clone()]),
        }
    }

    /// Extends with the top bit to `n` bits and keeps the sign; of a signal,
    /// of bits of one, or of a concatenation.
    #[track_caller]
    pub fn sext(&self, n: u32) -> Expr {
        self.check_extension("sext", n);
        if n == self.width() {
            return self.clone();
        }
        let Some(top) = self.msb() else {
            self.needs_net("sext");
        };
        if let (Kind::Lit(v), true) = (&self.0.kind, n <= 64) {
            let wide = ((*v << (64 - self.width())) as i64 >> (64 - self.width())) as u64;
            return Expr::leaf(Kind::Lit(wide & mask(n)), n, self.is_signed());
        }
        let wide = cat([top.repeat(n - self.width()), self.as_unsigned_operand()]);
        wide.with_sign(self.is_signed())
    }

    /// Inside a concatenation the sign does not matter, so no `$unsigned`.
    fn as_unsigned_operand(&self) -> Expr {
        match &self.0.kind {
            Kind::Sign(inner) => inner.clone(),
            _ => self.clone(),
        }
    }

    #[track_caller]
    fn check_extension(&self, what: &str, n: u32) {
        if n < self.width() {
            let this = self.describe();
            self.fail(&format!("{what}({n}) of {this} would cut it: use .trunc({n})"));
        }
    }

    /// The low `n` bits, with the sign kept.
    #[track_caller]
    pub fn trunc(&self, n: u32) -> Expr {
        if n == self.width() {
            return self.clone();
        }
        if n == 0 || n > self.width() {
            let this = self.describe();
            self.fail(&format!("trunc({n}) of {this}: use .zext({n}) or .sext({n}) to extend"));
        }
        self.bits(n - 1, 0).with_sign(self.is_signed())
    }

    /// Bit `i`.
    #[track_caller]
    pub fn bit(&self, i: u32) -> Expr {
        self.bits(i, i)
    }

    /// Bits `hi` to `lo`, unsigned.
    #[track_caller]
    pub fn bits(&self, hi: u32, lo: u32) -> Expr {
        if hi < lo || hi >= self.width() {
            let this = self.describe();
            self.fail(&format!("bits({hi}, {lo}) is outside {this}"));
        }
        let width = hi - lo + 1;
        if width == self.width() {
            return self.as_unsigned();
        }
        if let Kind::Lit(v) = self.0.kind {
            return lit(width, v.checked_shr(lo).unwrap_or(0) & mask(width));
        }
        let Some((sig, base)) = self.slice_of() else {
            self.needs_net("bits");
        };
        Expr::leaf(Kind::Bits(sig, base + hi, base + lo), width, false)
    }

    /// The signal this is a constant slice of, and the lowest bit.
    fn slice_of(&self) -> Option<(Rc<SigInfo>, u32)> {
        match &self.0.kind {
            Kind::Sig(s) => Some((s.clone(), 0)),
            Kind::Bits(s, _, lo) => Some((s.clone(), *lo)),
            Kind::Sign(e) => e.slice_of(),
            _ => None,
        }
    }

    fn msb(&self) -> Option<Expr> {
        match &self.0.kind {
            Kind::Lit(_) => Some(self.bit(self.width() - 1)),
            Kind::Cat(parts) => parts[0].msb(),
            Kind::Repeat(_, e) | Kind::Sign(e) => e.msb(),
            _ if self.width() == 1 => Some(self.as_unsigned()),
            _ => self.slice_of().map(|_| self.bit(self.width() - 1)),
        }
    }

    #[track_caller]
    fn needs_net(&self, what: &str) -> ! {
        let this = self.describe();
        self.fail(&format!(
            ".{what}() of {this}: Verilog can only take bits of a signal; \
             give the expression a name first with m.net(\"name\", expr, \"comment\")"
        ))
    }

    /// The bit selected by `index`, whose width must be exactly what the
    /// signal's width needs.
    #[track_caller]
    pub fn bit_at(&self, index: impl Into<Expr>) -> Expr {
        let index = index.into();
        let sig = self.check_index(&index);
        Expr::leaf(Kind::BitAt(sig, index), 1, false)
    }

    /// `width` bits upwards from bit `lsb` (`sig[lsb +: width]`).
    #[track_caller]
    pub fn slice_at(&self, lsb: impl Into<Expr>, width: u32) -> Expr {
        let lsb = lsb.into();
        let sig = self.check_index(&lsb);
        if width == 0 || width > self.width() {
            let this = self.describe();
            self.fail(&format!("slice_at(.., {width}) is outside {this}"));
        }
        Expr::leaf(Kind::SliceAt(sig, lsb), width, false)
    }

    #[track_caller]
    pub(super) fn check_index(&self, index: &Expr) -> Rc<SigInfo> {
        let Kind::Sig(sig) = &self.0.kind else {
            self.needs_net("bit_at");
        };
        let want = index_width(u64::from(self.width()));
        if index.width() != want || index.is_signed() {
            self.fail(&format!(
                "a bit of {} is selected by exactly {want} unsigned bits, not by {}: \
                 use .zext({want}) or .trunc({want})",
                self.describe(),
                index.describe()
            ));
        }
        if self.width() == 1 {
            self.fail("a 1 bit signal has no bit to select: use the signal itself");
        }
        sig.clone()
    }

    #[track_caller]
    fn shift(&self, op: &'static str, by: Expr) -> Expr {
        if by.is_signed() {
            self.fail(&format!("{op}: the distance {} must be unsigned", by.describe()));
        }
        let (w, s) = (self.width(), self.is_signed());
        Expr::leaf(Kind::Binary(op, self.clone(), by), w, s)
    }

    #[track_caller]
    fn shift_const(&self, op: &'static str, n: u32) -> Expr {
        if n >= self.width() {
            let this = self.describe();
            self.fail(&format!("{op} {n}: nothing of {this} would be left"));
        }
        if n == 0 {
            return self.clone();
        }
        self.shift(op, Expr::leaf(Kind::Count(n), 32, false))
    }

    /// Left shift by a constant.
    #[track_caller]
    pub fn shl(&self, n: u32) -> Expr {
        self.shift_const("<<", n)
    }
    /// Logical right shift by a constant.
    #[track_caller]
    pub fn shr(&self, n: u32) -> Expr {
        self.shift_const(">>", n)
    }
    /// Left shift by an expression.
    #[track_caller]
    pub fn shl_by(&self, by: impl Into<Expr>) -> Expr {
        self.shift("<<", by.into())
    }
    /// Logical right shift by an expression.
    #[track_caller]
    pub fn shr_by(&self, by: impl Into<Expr>) -> Expr {
        self.shift(">>", by.into())
    }
    /// Arithmetic right shift by a constant, of a signed expression.
    #[track_caller]
    pub fn sra(&self, n: u32) -> Expr {
        self.check_sra();
        self.shift_const(">>>", n)
    }
    /// Arithmetic right shift by an expression, of a signed expression.
    #[track_caller]
    pub fn sra_by(&self, by: impl Into<Expr>) -> Expr {
        self.check_sra();
        self.shift(">>>", by.into())
    }

    #[track_caller]
    fn check_sra(&self) {
        if !self.is_signed() {
            let this = self.describe();
            self.fail(&format!("sra of {this}, which is unsigned: use .shr(n) or .as_signed()"));
        }
    }

    /// The same bits, read as two's complement.
    pub fn as_signed(&self) -> Expr {
        self.with_sign(true)
    }
    /// The same bits, read as a plain number.
    pub fn as_unsigned(&self) -> Expr {
        self.with_sign(false)
    }

    fn with_sign(&self, signed: bool) -> Expr {
        match &self.0.kind {
            _ if self.is_signed() == signed => self.clone(),
            Kind::Sign(inner) => inner.clone(),
            // A signed constant is at most 64 bits wide.
            Kind::Lit(v) if self.width() <= 64 => Expr::leaf(Kind::Lit(*v), self.width(), signed),
            _ => Expr::leaf(Kind::Sign(self.clone()), self.width(), signed),
        }
    }

    fn reduce(&self, op: &'static str) -> Expr {
        if self.width() == 1 {
            return self.as_unsigned();
        }
        Expr::leaf(Kind::Unary(op, self.clone()), 1, false)
    }
    /// One if any bit is one.
    pub fn any(&self) -> Expr {
        self.reduce("|")
    }
    /// One if all bits are one.
    pub fn all(&self) -> Expr {
        self.reduce("&")
    }
    /// One if an odd number of bits is one.
    pub fn parity(&self) -> Expr {
        self.reduce("^")
    }

    /// `n` copies side by side, unsigned.
    #[track_caller]
    pub fn repeat(&self, n: u32) -> Expr {
        assert!(n > 0, "repeat(0) of {}: there must be at least one copy", self.describe());
        if n == 1 {
            return self.as_unsigned();
        }
        Expr::leaf(Kind::Repeat(n, self.clone()), n * self.width(), false)
    }

    /// Calls `f` for every signal and memory that is read.
    pub(super) fn leaves(&self, f: &mut dyn FnMut(Leaf<'_>)) {
        match &self.0.kind {
            Kind::Sig(s) | Kind::Bits(s, ..) | Kind::BitAt(s, _) | Kind::SliceAt(s, _) => {
                f(Leaf::Sig(s));
            }
            Kind::Mem(m, _) => f(Leaf::Mem(m)),
            _ => {}
        }
        self.0.kind.children(&mut |c| c.leaves(f));
    }
}

/// Something that an expression reads.
pub(super) enum Leaf<'a> {
    Sig(&'a SigInfo),
    Mem(&'a MemInfo),
}

impl Kind {
    fn children(&self, f: &mut dyn FnMut(&Expr)) {
        match self {
            Kind::Sig(_) | Kind::Bits(..) | Kind::Lit(_) | Kind::Count(_) => {}
            Kind::BitAt(_, e) | Kind::SliceAt(_, e) | Kind::Mem(_, e) => f(e),
            Kind::Unary(_, e) | Kind::Repeat(_, e) | Kind::Sign(e) => f(e),
            Kind::Binary(_, a, b) => [a, b].into_iter().for_each(f),
            Kind::Mux(c, a, b) => [c, a, b].into_iter().for_each(f),
            Kind::Cat(parts) => parts.iter().for_each(f),
        }
    }
}

//! Rust operators and conversions for signals and expressions.

use super::expr::{Expr, Kind};
use super::signal::Sig;
use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Neg, Not, Sub};

impl From<&Expr> for Expr {
    fn from(e: &Expr) -> Expr {
        e.clone()
    }
}

impl From<Sig> for Expr {
    fn from(s: Sig) -> Expr {
        s.e()
    }
}

impl From<&Sig> for Expr {
    fn from(s: &Sig) -> Expr {
        s.e()
    }
}

macro_rules! binary {
    ($trait:ident, $method:ident, $op:literal, $($left:ty),+) => {$(
        impl<R: Into<Expr>> $trait<R> for $left {
            type Output = Expr;
            #[track_caller]
            fn $method(self, right: R) -> Expr {
                Expr::from(self).arith($op, right.into())
            }
        }
    )+};
}

macro_rules! binaries {
    ($($trait:ident $method:ident $op:literal;)+) => {$(
        binary!($trait, $method, $op, Sig, &Sig, Expr, &Expr);
    )+};
}

binaries! {
    Add add "+";
    Sub sub "-";
    Mul mul "*";
    BitAnd bitand "&";
    BitOr bitor "|";
    BitXor bitxor "^";
}

macro_rules! unaries {
    ($($type:ty),+) => {$(
        impl Not for $type {
            type Output = Expr;
            fn not(self) -> Expr {
                let e = Expr::from(self);
                let (w, s) = (e.width(), e.is_signed());
                // On one bit the logical form says better what is meant.
                Expr::leaf(Kind::Unary(if w == 1 && !s { "!" } else { "~" }, e), w, s)
            }
        }
        impl Neg for $type {
            type Output = Expr;
            fn neg(self) -> Expr {
                let e = Expr::from(self);
                let (w, s) = (e.width(), e.is_signed());
                Expr::leaf(Kind::Unary("-", e), w, s)
            }
        }
    )+};
}

unaries!(Sig, &Sig, Expr, &Expr);

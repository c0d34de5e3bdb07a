//! Statements of clocked and combinational blocks.

use super::expr::{Expr, Kind, Leaf};
use super::names::{fits, one_line};
use super::signal::{MemInfo, Role, Sig, SigInfo};
use std::rc::Rc;

/// One statement.
#[derive(Clone, Debug)]
pub struct Stmt(pub(super) Body);

/// The part of a signal that is assigned.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Whole,
    Bits(u32, u32),
    At(Expr),
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Set { sig: Rc<SigInfo>, part: Part, value: Expr },
    Write { mem: Rc<MemInfo>, addr: Expr, data: Expr },
    If { arms: Vec<(Expr, Vec<Stmt>)>, otherwise: Option<Vec<Stmt>> },
    Switch { on: Expr, arms: Vec<(Vec<Key>, Vec<Stmt>)>, default: Vec<Stmt> },
    Note(String),
}

/// A label of a [`switch`]: a value, and its name if it is a named constant.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub value: u64,
    pub named: Option<Sig>,
}

/// The labels of one arm of a [`switch`]: a number, several numbers, or
/// constants made with [`Module::constant`](super::Module::constant).
#[derive(Clone, Debug)]
pub struct Keys(Vec<Key>);

impl From<u64> for Keys {
    fn from(value: u64) -> Keys {
        Keys(vec![Key { value, named: None }])
    }
}

impl From<i32> for Keys {
    #[track_caller]
    fn from(value: i32) -> Keys {
        let value = u64::try_from(value).expect("a label of a switch is not negative");
        Keys::from(value)
    }
}

impl From<Vec<u64>> for Keys {
    fn from(values: Vec<u64>) -> Keys {
        Keys(values.into_iter().map(|value| Key { value, named: None }).collect())
    }
}

impl<const N: usize> From<[u64; N]> for Keys {
    fn from(values: [u64; N]) -> Keys {
        Keys::from(values.to_vec())
    }
}

impl From<&Sig> for Keys {
    #[track_caller]
    fn from(sig: &Sig) -> Keys {
        let Role::Constant(value) = sig.info.role else {
            sig.fail(&format!("`{}` labels a switch but is not a constant", sig.name()));
        };
        Keys(vec![Key { value, named: Some(sig.clone()) }])
    }
}

impl<const N: usize> From<[&Sig; N]> for Keys {
    #[track_caller]
    fn from(sigs: [&Sig; N]) -> Keys {
        Keys(sigs.into_iter().flat_map(|s| Keys::from(s).0).collect())
    }
}

/// `if (cond) ...`; continue it with [`Stmt::or_when`] and [`Stmt::otherwise`].
#[track_caller]
pub fn when(cond: impl Into<Expr>, then: Vec<Stmt>) -> Stmt {
    let cond = cond.into();
    cond.check_condition("when");
    Stmt(Body::If { arms: vec![(cond, then)], otherwise: None })
}

/// `case (on) ... default`; an empty default prints as `default: ;`.
#[track_caller]
pub fn switch<K: Into<Keys>>(
    on: impl Into<Expr>,
    arms: Vec<(K, Vec<Stmt>)>,
    default: Vec<Stmt>,
) -> Stmt {
    let on = on.into();
    let mut seen = std::collections::BTreeSet::new();
    let mut checked = Vec::new();
    for (keys, body) in arms {
        let Keys(keys) = keys.into();
        for key in &keys {
            check_key(&on, key);
            if !seen.insert(key.value) {
                on.fail(&format!(
                    "switch on {}: label {} is there twice",
                    on.describe(),
                    key.value
                ));
            }
        }
        if keys.is_empty() {
            on.fail(&format!("switch on {}: an arm without a label", on.describe()));
        }
        checked.push((keys, body));
    }
    if on.is_signed() {
        on.fail(&format!("switch on {}: use .as_unsigned()", on.describe()));
    }
    Stmt(Body::Switch { on, arms: checked, default })
}

#[track_caller]
fn check_key(on: &Expr, key: &Key) {
    if !fits(key.value, on.width()) {
        on.fail(&format!("switch on {}: label {} does not fit", on.describe(), key.value));
    }
    if let Some(sig) = &key.named {
        on.check_alike("switch label", sig);
    }
}

/// A comment between statements.
#[track_caller]
pub fn note(comment: &str) -> Stmt {
    assert!(!comment.trim().is_empty(), "note(\"\"): an empty comment; say why or leave it out");
    Stmt(Body::Note(one_line(comment)))
}

impl Stmt {
    pub(super) fn set(sig: Rc<SigInfo>, part: Part, value: Expr) -> Stmt {
        Stmt(Body::Set { sig, part, value })
    }

    pub(super) fn write(mem: Rc<MemInfo>, addr: Expr, data: Expr) -> Stmt {
        Stmt(Body::Write { mem, addr, data })
    }

    /// Adds `else if (cond) ...` to a [`when`].
    #[track_caller]
    pub fn or_when(mut self, cond: impl Into<Expr>, then: Vec<Stmt>) -> Stmt {
        let cond = cond.into();
        cond.check_condition("or_when");
        match &mut self.0 {
            Body::If { arms, otherwise: None } => arms.push((cond, then)),
            _ => {
                panic!(".or_when() follows when(..) or .or_when(..), and comes before .otherwise()")
            }
        }
        self
    }

    /// Adds `else ...` to a [`when`].
    #[track_caller]
    pub fn otherwise(mut self, body: Vec<Stmt>) -> Stmt {
        match &mut self.0 {
            Body::If { otherwise, .. } if otherwise.is_none() => *otherwise = Some(body),
            _ => panic!(".otherwise() follows when(..) or .or_when(..), and only once"),
        }
        self
    }

    /// Calls `f` for this statement and for all statements in it.
    pub(super) fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Body)) {
        f(&self.0);
        match &self.0 {
            Body::If { arms, otherwise } => {
                let bodies = arms.iter().map(|a| &a.1).chain(otherwise);
                bodies.flatten().for_each(|s| s.walk(f));
            }
            Body::Switch { arms, default, .. } => {
                let bodies = arms.iter().map(|a| &a.1).chain([default]);
                bodies.flatten().for_each(|s| s.walk(f));
            }
            _ => {}
        }
    }
}

impl Body {
    /// The expressions that the statement itself reads.
    pub(super) fn reads(&self) -> Vec<&Expr> {
        match self {
            Body::Set { part: Part::At(i), value, .. } => vec![i, value],
            Body::Set { value, .. } => vec![value],
            Body::Write { addr, data, .. } => vec![addr, data],
            Body::If { arms, .. } => arms.iter().map(|a| &a.0).collect(),
            Body::Switch { on, arms, .. } => {
                let named = arms.iter().flat_map(|a| &a.0).filter_map(|k| k.named.as_deref());
                [on].into_iter().chain(named).collect()
            }
            Body::Note(_) => Vec::new(),
        }
    }
}

/// The name of the first signal of `names` that `e` reads.
pub(super) fn reads_any(e: &Expr, wanted: &dyn Fn(&SigInfo) -> bool) -> Option<String> {
    let mut found = None;
    e.leaves(&mut |leaf| {
        if let Leaf::Sig(s) = leaf {
            if wanted(s) && found.is_none() {
                found = Some(s.name.clone());
            }
        }
    });
    found
}

/// The whole signal behind an expression, if it is one.
pub(super) fn whole_signal(e: &Expr) -> Option<&Rc<SigInfo>> {
    match &e.0.kind {
        Kind::Sig(s) => Some(s),
        _ => None,
    }
}

//! Handles to signals and memories of a module.

use super::expr::{Expr, Kind};
use super::names::{index_width, kind_text};
use super::stmt::{Part, Stmt};
use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

/// What a signal is in its module, which decides what may drive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Output,
    OutputReg,
    Reg,
    Wire,
    /// Declared and assigned at once.
    Net,
    CombReg,
    Table,
    /// A `localparam` of this value.
    Constant(u64),
}

/// The identity of a module; the number tells apart modules of the same name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub id: u64,
    pub name: String,
}

/// Everything that is fixed about a signal.
#[derive(Debug)]
pub(super) struct SigInfo {
    pub owner: Rc<Owner>,
    pub index: usize,
    pub name: String,
    pub width: u32,
    pub signed: bool,
    pub role: Role,
    pub comment: String,
}

/// A signal of a module. It is a cheap handle and reads as an [`Expr`], so
/// every method of [`Expr`] can be called on it.
#[derive(Clone, Debug)]
pub struct Sig {
    pub(super) info: Rc<SigInfo>,
    expr: Expr,
}

impl Deref for Sig {
    type Target = Expr;
    fn deref(&self) -> &Expr {
        &self.expr
    }
}

impl Sig {
    pub(super) fn new(info: SigInfo) -> Sig {
        let info = Rc::new(info);
        let expr = Expr::leaf(Kind::Sig(info.clone()), info.width, info.signed);
        Sig { info, expr }
    }

    /// The signal as an expression.
    pub fn e(&self) -> Expr {
        self.expr.clone()
    }

    /// The name in the Verilog text.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The statement that gives this signal a value.
    #[track_caller]
    pub fn set(&self, value: impl Into<Expr>) -> Stmt {
        let value = value.into();
        self.check_value(&value, self.info.width, self.info.signed, &self.info.name);
        Stmt::set(self.info.clone(), Part::Whole, value)
    }

    /// The statement that gives bits `hi` to `lo` of this signal a value.
    #[track_caller]
    pub fn set_bits(&self, hi: u32, lo: u32, value: impl Into<Expr>) -> Stmt {
        let (value, name) = (value.into(), &self.info.name);
        if hi < lo || hi >= self.info.width {
            self.fail(&format!("`{name}[{hi}:{lo}]` is outside `{name}` ({} bits)", self.width()));
        }
        self.check_value(&value, hi - lo + 1, false, &format!("{name}[{hi}:{lo}]"));
        if hi - lo + 1 == self.info.width {
            return Stmt::set(self.info.clone(), Part::Whole, value);
        }
        Stmt::set(self.info.clone(), Part::Bits(hi, lo), value)
    }

    /// The statement that gives bit `i` of this signal a value.
    #[track_caller]
    pub fn set_bit(&self, i: u32, value: impl Into<Expr>) -> Stmt {
        self.set_bits(i, i, value)
    }

    /// The statement that gives the bit selected by `index` a value.
    #[track_caller]
    pub fn set_bit_at(&self, index: impl Into<Expr>, value: impl Into<Expr>) -> Stmt {
        let (index, value) = (index.into(), value.into());
        self.check_index(&index);
        self.check_value(&value, 1, false, &format!("a bit of {}", self.info.name));
        Stmt::set(self.info.clone(), Part::At(index), value)
    }

    #[track_caller]
    fn check_value(&self, value: &Expr, width: u32, signed: bool, target: &str) {
        if let Some(fault) = value_fault(value, width, signed, target) {
            self.fail(&fault);
        }
    }
}

/// Why `value` cannot be given to a target of this width and sign.
pub(super) fn value_fault(value: &Expr, width: u32, signed: bool, target: &str) -> Option<String> {
    let (w, s) = (value.width(), value.is_signed());
    let advice = if w < width {
        format!("extend the value with .{}ext({width})", if s { 's' } else { 'z' })
    } else if w > width {
        format!("cut the value with .trunc({width}) or choose bits with .bits(hi, lo)")
    } else if s != signed {
        format!("convert the value with .as_{}signed()", if signed { "" } else { "un" })
    } else {
        return None;
    };
    let is = kind_text(width, signed);
    Some(format!("`{target}` ({is}) cannot take {}: {advice}", value.describe()))
}

/// Everything that is fixed about a memory, and its attributes.
#[derive(Debug)]
pub(super) struct MemInfo {
    pub owner: Rc<Owner>,
    pub index: usize,
    pub name: String,
    pub width: u32,
    pub depth: u64,
    pub comment: String,
    pub attributes: RefCell<Vec<(String, String)>>,
}

/// A memory of a module.
#[derive(Clone, Debug)]
pub struct Mem {
    pub(super) info: Rc<MemInfo>,
}

impl Mem {
    /// Asks synthesis for a kind of memory: `block`, `distributed` ...
    pub fn style(self, style: &str) -> Mem {
        self.attribute("ram_style", style)
    }

    /// It was asked to become block RAM.
    pub(super) fn is_block(&self) -> bool {
        self.info.attributes.borrow().iter().any(|(k, v)| k == "ram_style" && v == "block")
    }

    /// Adds a Verilog attribute to the declaration.
    pub fn attribute(self, name: &str, value: &str) -> Mem {
        self.info.attributes.borrow_mut().push((name.into(), value.into()));
        self
    }

    /// The width of one entry.
    pub fn width(&self) -> u32 {
        self.info.width
    }

    /// The width of an address: exactly the bits that the depth needs.
    pub fn addr_width(&self) -> u32 {
        index_width(self.info.depth)
    }

    /// The entry at `addr`. In a clocked block this is a synchronous read.
    #[track_caller]
    pub fn at(&self, addr: impl Into<Expr>) -> Expr {
        let addr = addr.into();
        self.check_addr(&addr);
        Expr::leaf(Kind::Mem(self.info.clone(), addr), self.info.width, false)
    }

    /// The statement that writes `data` at `addr`, for a clocked block.
    #[track_caller]
    pub fn write(&self, addr: impl Into<Expr>, data: impl Into<Expr>) -> Stmt {
        let (addr, data) = (addr.into(), data.into());
        self.check_addr(&addr);
        let target = format!("{}[..]", self.info.name);
        if let Some(fault) = value_fault(&data, self.info.width, false, &target) {
            self.fail(&fault);
        }
        Stmt::write(self.info.clone(), addr, data)
    }

    #[track_caller]
    fn check_addr(&self, addr: &Expr) {
        let want = self.addr_width();
        if addr.width() != want || addr.is_signed() {
            self.fail(&format!(
                "memory `{}` has {} entries and takes an address of exactly {want} unsigned bits, \
                 not {}: use .zext({want}) or .trunc({want})",
                self.info.name,
                self.info.depth,
                addr.describe()
            ));
        }
    }

    #[track_caller]
    fn fail(&self, message: &str) -> ! {
        panic!("module `{}`: {message}", self.info.owner.name)
    }
}

//! The outside of a module: its ports and parameters, and what is connected.

use super::expr::Expr;
use super::names::{kind_text, name_fault};
use super::signal::Sig;

/// The direction of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Driven from outside.
    Input,
    /// Driven by the module.
    Output,
}

/// A port of an [`Interface`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Name.
    pub name: String,
    /// Direction.
    pub direction: Direction,
    /// Width in bits.
    pub width: u32,
    /// True if it carries a signed value.
    pub signed: bool,
    /// What it is for; empty for ports of primitives.
    pub comment: String,
}

impl Port {
    /// Name, direction, width and sign: what two views of a port must share.
    pub(super) fn shape(&self) -> String {
        format!("{} ({})", self.unsized_shape(), kind_text(self.width, self.signed))
    }

    /// Name and direction.
    fn unsized_shape(&self) -> String {
        let direction = if self.direction == Direction::Input { "input" } else { "output" };
        format!("{direction} {}", self.name)
    }
}

/// The ports and parameters of a module, all that an instance needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Name of the module.
    pub name: String,
    /// Ports in order.
    pub ports: Vec<Port>,
    /// Names of parameters.
    pub params: Vec<String>,
}

impl Interface {
    /// Starts the interface of a module that is written by hand.
    #[track_caller]
    pub fn primitive(name: &str) -> Interface {
        if let Some(fault) = name_fault(name) {
            panic!("primitive `{name}`: {fault}");
        }
        Interface { name: name.into(), ports: Vec::new(), params: Vec::new() }
    }

    /// Adds an input.
    #[track_caller]
    pub fn input(self, name: &str, width: u32) -> Interface {
        self.port(name, Direction::Input, width, false)
    }
    /// Adds a signed input.
    #[track_caller]
    pub fn input_signed(self, name: &str, width: u32) -> Interface {
        self.port(name, Direction::Input, width, true)
    }
    /// Adds an output.
    #[track_caller]
    pub fn output(self, name: &str, width: u32) -> Interface {
        self.port(name, Direction::Output, width, false)
    }
    /// Adds a signed output.
    #[track_caller]
    pub fn output_signed(self, name: &str, width: u32) -> Interface {
        self.port(name, Direction::Output, width, true)
    }

    /// Adds a parameter.
    #[track_caller]
    pub fn param(mut self, name: &str) -> Interface {
        assert!(
            !self.params.iter().any(|p| p == name),
            "primitive `{}`: parameter `{name}` is declared twice",
            self.name
        );
        self.params.push(name.into());
        self
    }

    #[track_caller]
    fn port(mut self, name: &str, direction: Direction, width: u32, signed: bool) -> Interface {
        let of = &self.name;
        assert!(self.find(name).is_none(), "primitive `{of}`: port `{name}` is declared twice");
        assert!(width > 0, "primitive `{of}`: port `{name}` has no bits");
        let comment = String::new();
        self.ports.push(Port { name: name.into(), direction, width, signed, comment });
        self
    }

    /// The port of this name.
    pub fn find(&self, name: &str) -> Option<&Port> {
        self.ports.iter().find(|p| p.name == name)
    }

    /// How `other` differs from this interface, if it does. The widths of a module with parameters may
    /// depend on them and are left to lint.
    pub(super) fn difference(&self, other: &Interface) -> Option<String> {
        let shape = |p: &Port| match self.params.is_empty() {
            true => p.shape(),
            false => p.unsized_shape(),
        };
        let shapes = |i: &Interface| {
            let mut all: Vec<_> = i.ports.iter().map(shape).collect();
            all.sort();
            all
        };
        let (mine, theirs) = (shapes(self), shapes(other));
        let missing = mine.iter().find(|p| !theirs.contains(p)).map(|p| format!("it has no {p}"));
        let extra = theirs.iter().find(|p| !mine.contains(p)).map(|p| format!("it has {p}"));
        missing.or(extra)
    }
}

/// Something an instance can be made of.
pub trait Instantiable {
    /// Its ports and parameters.
    fn interface(&self) -> Interface;
}

impl Instantiable for Interface {
    fn interface(&self) -> Interface {
        self.clone()
    }
}

/// What is connected to a port of an instance.
#[derive(Clone, Debug)]
pub enum Conn {
    /// An expression for an input, a whole wire for an output.
    To(Expr),
    /// An output that is not used.
    Open,
}

impl From<Expr> for Conn {
    fn from(e: Expr) -> Conn {
        Conn::To(e)
    }
}
impl From<&Expr> for Conn {
    fn from(e: &Expr) -> Conn {
        Conn::To(e.clone())
    }
}
impl From<Sig> for Conn {
    fn from(s: Sig) -> Conn {
        Conn::To(s.e())
    }
}
impl From<&Sig> for Conn {
    fn from(s: &Sig) -> Conn {
        Conn::To(s.e())
    }
}

/// The value of a parameter of an instance.
#[derive(Clone, Debug)]
pub enum Param {
    /// A number.
    Number(u64),
    /// A text, printed in quotes.
    Text(String),
}

impl From<u64> for Param {
    fn from(v: u64) -> Param {
        Param::Number(v)
    }
}
impl From<u32> for Param {
    fn from(v: u32) -> Param {
        Param::Number(v.into())
    }
}
impl From<usize> for Param {
    fn from(v: usize) -> Param {
        Param::Number(v as u64)
    }
}
impl From<i32> for Param {
    #[track_caller]
    fn from(v: i32) -> Param {
        Param::Number(u64::try_from(v).expect("a parameter is not negative"))
    }
}
impl From<&str> for Param {
    fn from(v: &str) -> Param {
        Param::Text(v.into())
    }
}

impl Param {
    pub(super) fn text(&self) -> String {
        match self {
            Param::Number(n) if *n < 1 << 31 => n.to_string(),
            Param::Number(n) => format!("64'h{n:x}"),
            Param::Text(t) => format!("\"{t}\""),
        }
    }
}

//! A module under construction: declarations.

use super::expr::Expr;
use super::interface::{Direction, Instantiable, Interface, Port};
use super::names::{ends_like, fits, kind_text, name_fault, one_line};
use super::signal::{Mem, MemInfo, Owner, Role, Sig, SigInfo};
use super::stmt::Stmt;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers modules; it never reaches the Verilog text.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// What is printed between the ports and `endmodule`, in order of creation.
#[derive(Debug)]
pub(super) enum Item {
    Decl(Sig),
    Net(Sig, Expr),
    Assign(Sig, Expr),
    Memory(Mem),
    MemInit(Mem, Vec<u64>),
    Clocked { clk: String, comment: Option<String>, stmts: Vec<Stmt> },
    Comb { comment: String, stmts: Vec<Stmt> },
    Table { sig: Sig, on: Expr, rows: Vec<(u64, u64)>, default: u64 },
    Instance(Instance),
    Section(String),
    Unused { name: String, parts: Vec<Expr>, comment: String },
}

/// One instance, with its connections in the order of the ports.
#[derive(Debug)]
pub(super) struct Instance {
    pub name: String,
    pub of: Interface,
    pub params: Vec<(String, String)>,
    pub conns: Vec<(String, Expr)>,
    pub comment: String,
}

/// A Verilog module. See the [module documentation](super) for an example.
#[derive(Debug)]
pub struct Module {
    pub(super) owner: Rc<Owner>,
    pub(super) summary: String,
    pub(super) sigs: Vec<Sig>,
    pub(super) mems: Vec<Mem>,
    pub(super) items: Vec<Item>,
    /// What drives each signal of `sigs`.
    pub(super) drivers: Vec<Option<String>>,
    /// What writes and what initialises each memory of `mems`.
    pub(super) writers: Vec<[Option<String>; 2]>,
    names: BTreeMap<String, &'static str>,
}

impl Module {
    /// Starts a module. `summary` says what it does; it becomes the header comment.
    #[track_caller]
    pub fn new(name: &str, summary: &str) -> Module {
        if let Some(fault) = name_fault(name) {
            panic!("module `{name}`: illegal name: {fault}");
        }
        assert!(
            !summary.trim().is_empty(),
            "module `{name}`: the summary is empty; say what the module does"
        );
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Module {
            owner: Rc::new(Owner { id, name: name.into() }),
            summary: summary.into(),
            sigs: Vec::new(),
            mems: Vec::new(),
            items: Vec::new(),
            drivers: Vec::new(),
            writers: Vec::new(),
            names: BTreeMap::new(),
        }
    }

    /// The name of the module.
    pub fn name(&self) -> &str {
        &self.owner.name
    }

    #[track_caller]
    pub(super) fn fail(&self, message: &str) -> ! {
        panic!("module `{}`: {message}", self.owner.name)
    }

    /// Takes a name; `what` is what it will be, for the message on a clash.
    #[track_caller]
    pub(super) fn claim(&mut self, name: &str, what: &'static str) {
        if let Some(fault) = name_fault(name) {
            self.fail(&format!("illegal name `{name}`: {fault}"));
        }
        if let Some(other) = self.names.insert(name.into(), what) {
            self.fail(&format!("the name `{name}` is already that of {other}; choose another"));
        }
    }

    #[track_caller]
    pub(super) fn comment(&self, of: &str, comment: &str) -> String {
        if comment.trim().is_empty() {
            self.fail(&format!("the comment of `{of}` is empty; say what it is for"));
        }
        one_line(comment)
    }

    /// Makes a signal; ports are printed in the header, others where they are made.
    #[track_caller]
    pub(super) fn sig(&mut self, name: &str, shape: (u32, bool), role: Role, comment: &str) -> Sig {
        let (width, signed) = shape;
        self.claim(name, role.noun());
        if let Some((endings, style)) = role.endings() {
            if !ends_like(name, endings) {
                self.fail(&format!("illegal name `{name}`: {style}"));
            }
        }
        if width == 0 {
            self.fail(&format!("`{name}` has no bits; leave out what has width 0"));
        }
        let comment = self.comment(name, comment);
        let (owner, index, name) = (self.owner.clone(), self.sigs.len(), name.to_string());
        let sig = Sig::new(SigInfo { owner, index, name, width, signed, role, comment });
        self.sigs.push(sig.clone());
        self.drivers.push(None);
        sig
    }

    #[track_caller]
    fn declare(&mut self, name: &str, shape: (u32, bool), role: Role, comment: &str) -> Sig {
        let sig = self.sig(name, shape, role, comment);
        self.items.push(Item::Decl(sig.clone()));
        sig
    }

    /// An input; its name ends in `_i` or `_ni`.
    #[track_caller]
    pub fn input(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, false), Role::Input, comment)
    }
    /// A signed input.
    #[track_caller]
    pub fn input_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, true), Role::Input, comment)
    }
    /// An output for [`assign`](Module::assign) or an instance; its name ends in `_o` or `_no`.
    #[track_caller]
    pub fn output(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, false), Role::Output, comment)
    }
    /// A signed output.
    #[track_caller]
    pub fn output_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, true), Role::Output, comment)
    }
    /// An output that is a register, driven in a clocked block.
    #[track_caller]
    pub fn output_reg(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, false), Role::OutputReg, comment)
    }
    /// A signed output that is a register.
    #[track_caller]
    pub fn output_reg_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.sig(name, (width, true), Role::OutputReg, comment)
    }
    /// A register, driven in a clocked block; its name ends in `_q`.
    #[track_caller]
    pub fn reg(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, false), Role::Reg, comment)
    }
    /// A signed register.
    #[track_caller]
    pub fn reg_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, true), Role::Reg, comment)
    }
    /// A wire for [`assign`](Module::assign) or an instance.
    #[track_caller]
    pub fn wire(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, false), Role::Wire, comment)
    }
    /// A signed wire.
    #[track_caller]
    pub fn wire_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, true), Role::Wire, comment)
    }
    /// A variable of a combinational block, see [`comb`](Module::comb).
    #[track_caller]
    pub fn comb_reg(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, false), Role::CombReg, comment)
    }
    /// A signed variable of a combinational block.
    #[track_caller]
    pub fn comb_reg_signed(&mut self, name: &str, width: u32, comment: &str) -> Sig {
        self.declare(name, (width, true), Role::CombReg, comment)
    }

    /// A named constant (`localparam`), for the states of a machine and the like.
    #[track_caller]
    pub fn constant(&mut self, name: &str, width: u32, value: u64, comment: &str) -> Sig {
        if !fits(value, width) {
            self.fail(&format!("the constant `{name}` = {value} does not fit in {width} bits"));
        }
        let sig = self.declare(name, (width, false), Role::Constant(value), comment);
        self.drivers[sig.info.index] = Some("its value".into());
        sig
    }

    /// A memory of `depth` entries of `width` bits.
    #[track_caller]
    pub fn memory(&mut self, name: &str, width: u32, depth: u64, comment: &str) -> Mem {
        self.claim(name, "a memory");
        if width == 0 || depth < 2 {
            self.fail(&format!("memory `{name}`: needs at least 1 bit and 2 entries"));
        }
        let mem = Mem {
            info: Rc::new(MemInfo {
                owner: self.owner.clone(),
                index: self.mems.len(),
                name: name.into(),
                width,
                depth,
                comment: self.comment(name, comment),
                attributes: RefCell::default(),
            }),
        };
        self.mems.push(mem.clone());
        self.writers.push([None, None]);
        self.items.push(Item::Memory(mem.clone()));
        mem
    }

    /// Prints a heading before the items that follow.
    #[track_caller]
    pub fn section(&mut self, title: &str) {
        let title = self.comment("section", title);
        self.items.push(Item::Section(title));
    }

    /// The names of the modules that this one instantiates, sorted.
    pub fn instances(&self) -> Vec<String> {
        let of = |i: &Item| match i {
            Item::Instance(i) => Some(i.of.name.clone()),
            _ => None,
        };
        let names: std::collections::BTreeSet<String> = self.items.iter().filter_map(of).collect();
        names.into_iter().collect()
    }

    /// Checks that everything declared is driven. Printing does this too.
    #[track_caller]
    pub fn check(&self) {
        let undriven = self
            .sigs
            .iter()
            .zip(&self.drivers)
            .filter(|(s, d)| d.is_none() && s.info.role != Role::Input);
        let mut faults: Vec<String> = undriven.map(|(s, _)| undriven_text(&s.info)).collect();
        for (mem, written) in self.mems.iter().zip(&self.writers) {
            if written.iter().all(Option::is_none) {
                let name = &mem.info.name;
                faults.push(format!("memory `{name}` is never written nor initialised"));
            }
        }
        if !faults.is_empty() {
            self.fail(&faults.join("; "));
        }
    }
}

fn undriven_text(s: &SigInfo) -> String {
    let advice = match s.role {
        Role::Output | Role::Wire => "m.assign(..) it or connect it to an instance",
        Role::CombReg => "set it in m.comb(..)",
        _ => "set it in m.clocked(..)",
    };
    let kind = kind_text(s.width, s.signed);
    format!("{} `{}` ({kind}) is never driven: {advice}", s.role.noun(), s.name)
}

impl Role {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Role::Input => "an input",
            Role::Output => "an output",
            Role::OutputReg => "a register output",
            Role::Reg => "a register",
            Role::Wire => "a wire",
            Role::Net => "a net",
            Role::CombReg => "a combinational variable",
            Role::Table => "a table",
            Role::Constant(_) => "a constant",
        }
    }

    /// The endings that the name must have, and that rule in words.
    fn endings(self) -> Option<(&'static [&'static str], &'static str)> {
        match self {
            Role::Input => Some((&["_i", "_ni"], "an input ends in `_i`, or `_ni` if active low")),
            Role::Output | Role::OutputReg => {
                Some((&["_o", "_no"], "an output ends in `_o`, or `_no` if active low"))
            }
            Role::Reg => Some((&["_q"], "a register ends in `_q`")),
            _ => None,
        }
    }
}

impl Instantiable for Module {
    fn interface(&self) -> Interface {
        Module::interface(self)
    }
}

impl Module {
    /// The ports of this module.
    pub fn interface(&self) -> Interface {
        let port = |s: &Sig| {
            let direction = match s.info.role {
                Role::Input => Direction::Input,
                Role::Output | Role::OutputReg => Direction::Output,
                _ => return None,
            };
            let (name, comment) = (s.info.name.clone(), s.info.comment.clone());
            Some(Port { name, direction, width: s.width(), signed: s.is_signed(), comment })
        };
        let ports = self.sigs.iter().filter_map(port).collect();
        Interface { name: self.owner.name.clone(), ports, params: Vec::new() }
    }

    /// Checks that the entries of an initialised memory fit, and notes them.
    #[track_caller]
    pub fn memory_init(&mut self, mem: &Mem, values: &[u64]) {
        let (name, depth, width) = (&mem.info.name, mem.info.depth, mem.info.width);
        if values.len() as u64 != depth {
            let n = values.len();
            self.fail(&format!("memory `{name}` has {depth} entries, not {n}: give all of them"));
        }
        if let Some(i) = values.iter().position(|v| !fits(*v, width)) {
            let v = values[i];
            self.fail(&format!("memory `{name}`: entry {i} = {v} does not fit in {width} bits"));
        }
        self.claim_memory(mem, 1, "memory_init");
        self.items.push(Item::MemInit(mem.clone(), values.to_vec()));
    }
}

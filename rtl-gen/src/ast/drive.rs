//! A module under construction: what drives the signals.

use super::expr::{Expr, Leaf};
use super::flow::Assigned;
use super::interface::{Conn, Direction, Instantiable, Interface, Param, Port};
use super::module::{Instance, Item, Module};
use super::names::{fits, one_line};
use super::signal::{value_fault, Mem, Owner, Role, Sig, SigInfo};
use super::stmt::{whole_signal, Body, Stmt};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Expressions with more nodes than this are refused: nobody can read them.
const MAX_NODES: usize = 5000;

impl Module {
    /// Drives a wire or output all the time.
    #[track_caller]
    pub fn assign(&mut self, target: &Sig, value: impl Into<Expr>) {
        let (value, info) = (value.into(), target.info.clone());
        if let Some(fault) = value_fault(&value, info.width, info.signed, &info.name) {
            self.fail(&fault);
        }
        self.check_reads(&value);
        self.drive(&info, "assign", &[Role::Wire, Role::Output]);
        self.items.push(Item::Assign(target.clone(), value));
    }

    /// Gives an expression a name: a wire that is declared and assigned at
    /// once, with the expression's width and sign.
    #[track_caller]
    pub fn net(&mut self, name: &str, value: impl Into<Expr>, comment: &str) -> Sig {
        let value = value.into();
        self.check_reads(&value);
        let sig = self.sig(name, (value.width(), value.is_signed()), Role::Net, comment);
        self.drivers[sig.info.index] = Some("its declaration".into());
        self.items.push(Item::Net(sig.clone(), value));
        sig
    }

    /// Says that some bits are not used on purpose, so that lint stays silent.
    /// The name begins with `unused_`.
    #[track_caller]
    pub fn unused(&mut self, name: &str, parts: Vec<Expr>, comment: &str) {
        if !name.starts_with("unused_") {
            self.fail(&format!("illegal name `{name}`: write `unused_{name}`, lint looks for it"));
        }
        self.claim(name, "a note on unused bits");
        parts.iter().for_each(|p| self.check_reads(p));
        let comment = self.comment(name, comment);
        self.items.push(Item::Unused { name: name.into(), parts, comment });
    }

    /// `always @(posedge clk)` with nonblocking assignments.
    #[track_caller]
    pub fn clocked(&mut self, clk: &Sig, stmts: Vec<Stmt>) {
        self.clocked_item(clk, None, stmts);
    }

    /// Like [`clocked`](Module::clocked), with a comment before the block.
    #[track_caller]
    pub fn clocked_comment(&mut self, clk: &Sig, comment: &str, stmts: Vec<Stmt>) {
        let comment = self.comment("clocked block", comment);
        self.clocked_item(clk, Some(comment), stmts);
    }

    #[track_caller]
    fn clocked_item(&mut self, clk: &Sig, comment: Option<String>, stmts: Vec<Stmt>) {
        let name = clk.name().to_string();
        self.check_owner(&clk.info.owner, &name);
        if clk.width() != 1 {
            self.fail(&format!("`{name}` has {} bits and cannot be a clock", clk.width()));
        }
        let (targets, mems) = self.targets(&stmts);
        for target in targets.values() {
            self.drive(target, "a clocked block", &[Role::Reg, Role::OutputReg]);
        }
        for mem in mems.values() {
            self.claim_memory(mem, 0, "a clocked block");
        }
        self.items.push(Item::Clocked { clk: name, comment, stmts });
    }

    /// `always @*` with blocking assignments to variables made by
    /// [`comb_reg`](Module::comb_reg). Every path must assign all of them;
    /// a default at the top is enough.
    #[track_caller]
    pub fn comb(&mut self, stmts: Vec<Stmt>, comment: &str) {
        let comment = self.comment("combinational block", comment);
        let (targets, mems) = self.targets(&stmts);
        if let Some(mem) = mems.values().next() {
            let name = &mem.info.name;
            self.fail(&format!("memory `{name}` is written in m.comb(..): use m.clocked(..)"));
        }
        let mut assigned = Assigned::new(targets.values().map(|t| &**t));
        if let Err(name) = assigned.run(&stmts) {
            self.fail(&format!("m.comb(..) reads `{name}` before all paths have assigned it"));
        }
        for target in targets.values() {
            if !assigned.complete(target) {
                let name = &target.name;
                self.fail(&format!(
                    "`{name}` would become a latch: not all paths of m.comb(..) assign all its \
                     bits; begin the block with a default, {name}.set(..)"
                ));
            }
            self.drive(target, "a combinational block", &[Role::CombReg]);
        }
        self.items.push(Item::Comb { comment, stmts });
    }

    /// A lookup table: `case (on)` over `rows` of (key, value).
    #[track_caller]
    pub fn table(
        &mut self,
        name: &str,
        on: impl Into<Expr>,
        width: u32,
        rows: &[(u64, u64)],
        default: u64,
        comment: &str,
    ) -> Sig {
        let on = on.into().as_unsigned();
        self.check_reads(&on);
        let mut keys = std::collections::BTreeSet::new();
        for (key, value) in rows {
            if !fits(*key, on.width()) || !keys.insert(*key) {
                let on = on.describe();
                self.fail(&format!("table `{name}`: key {key} is twice there or too big for {on}"));
            }
            self.check_table_value(name, *value, width);
        }
        self.check_table_value(name, default, width);
        let sig = self.sig(name, (width, false), Role::Table, comment);
        self.drivers[sig.info.index] = Some("its table".into());
        self.items.push(Item::Table { sig: sig.clone(), on, rows: rows.to_vec(), default });
        sig
    }

    #[track_caller]
    fn check_table_value(&self, name: &str, value: u64, width: u32) {
        if !fits(value, width) {
            self.fail(&format!("table `{name}`: value {value} does not fit in {width} bits"));
        }
    }

    /// An instance of another module, with every port connected once.
    #[track_caller]
    pub fn instance(
        &mut self,
        name: &str,
        of: &impl Instantiable,
        conns: Vec<(&str, Conn)>,
        comment: &str,
    ) {
        self.instance_params(name, of, Vec::<(&str, Param)>::new(), conns, comment);
    }

    /// An instance with parameters; those not given keep their defaults.
    #[track_caller]
    pub fn instance_params<P: Into<Param>>(
        &mut self,
        name: &str,
        of: &impl Instantiable,
        params: Vec<(&str, P)>,
        conns: Vec<(&str, Conn)>,
        comment: &str,
    ) {
        let of = of.interface();
        self.claim(name, "an instance");
        let comment = self.comment(name, comment);
        let params = self.parameters(name, &of, params);
        let mut given: BTreeMap<&str, Conn> = BTreeMap::new();
        for (port, conn) in conns {
            if of.find(port).is_none() {
                let ports: Vec<_> = of.ports.iter().map(|p| p.name.as_str()).collect();
                let (m, list) = (&of.name, ports.join(", "));
                self.fail(&format!("instance `{name}`: `{m}` has no port `{port}`, only {list}"));
            }
            if given.insert(port, conn).is_some() {
                self.fail(&format!("instance `{name}`: port `{port}` is connected twice"));
            }
        }
        let mut wired = Vec::new();
        for port in &of.ports {
            let Some(conn) = given.remove(port.name.as_str()) else {
                let shape = port.shape();
                self.fail(&format!("instance `{name}` of `{}`: {shape} is not connected", of.name));
            };
            wired.push((port.name.clone(), self.connect(name, port, conn)));
        }
        self.items.push(Item::Instance(Instance {
            name: name.into(),
            of,
            params,
            conns: wired,
            comment,
        }));
    }

    #[track_caller]
    fn parameters<P: Into<Param>>(
        &self,
        name: &str,
        of: &Interface,
        params: Vec<(&str, P)>,
    ) -> Vec<(String, String)> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for (param, value) in params {
            let known = of.params.iter().any(|p| p == param);
            if !known || texts.iter().any(|(p, _)| p == param) {
                let m = &of.name;
                self.fail(&format!(
                    "instance `{name}`: `{m}` has no parameter `{param}`, or it is given twice"
                ));
            }
            texts.push((param.into(), value.into().text()));
        }
        texts
    }

    /// Checks one connection and drives the wire of an output.
    #[track_caller]
    fn connect(&mut self, instance: &str, port: &Port, conn: Conn) -> Expr {
        let target = format!("{instance}.{}", port.name);
        let value = match conn {
            Conn::To(value) => value,
            Conn::Open if port.direction == Direction::Output => {
                return self.open_wire(instance, port).e();
            }
            Conn::Open => self.fail(&format!("input `{target}` cannot be left open")),
        };
        if let Some(fault) = value_fault(&value, port.width, port.signed, &target) {
            self.fail(&fault);
        }
        if port.direction == Direction::Input {
            self.check_reads(&value);
            // Yosys fails on a signed expression at a port; the bits are the same.
            return if whole_signal(&value).is_some() { value } else { value.as_unsigned() };
        }
        let Some(info) = whole_signal(&value).cloned() else {
            let text = value.describe();
            self.fail(&format!("output `{target}` must connect to a whole wire, not to {text}"));
        };
        self.drive(&info, &format!("instance `{instance}`"), &[Role::Wire, Role::Output]);
        value
    }

    /// An empty connection would be a lint warning; a wire whose name begins
    /// with `unused` is not.
    #[track_caller]
    fn open_wire(&mut self, instance: &str, port: &Port) -> Sig {
        let name = format!("unused_{instance}_{}", port.name);
        let shape = (port.width, port.signed);
        let sig = self.sig(&name, shape, Role::Wire, "output left open on purpose");
        self.drivers[sig.info.index] = Some(format!("instance `{instance}`"));
        self.items.push(Item::Decl(sig.clone()));
        sig
    }

    /// All targets of a block, after checking what its statements read.
    #[track_caller]
    fn targets(&self, stmts: &[Stmt]) -> (BTreeMap<usize, Rc<SigInfo>>, BTreeMap<usize, Mem>) {
        let mut bodies = Vec::new();
        stmts.iter().for_each(|s| s.walk(&mut |b| bodies.push(b)));
        let (mut sigs, mut mems) = (BTreeMap::new(), BTreeMap::new());
        for body in bodies {
            for e in body.reads() {
                self.check_reads(e);
            }
            match body {
                Body::Set { sig, .. } => {
                    self.check_owner(&sig.owner, &sig.name);
                    sigs.insert(sig.index, sig.clone());
                }
                Body::Write { mem, .. } => {
                    self.check_owner(&mem.owner, &mem.name);
                    mems.insert(mem.index, Mem { info: mem.clone() });
                }
                _ => {}
            }
        }
        (sigs, mems)
    }

    #[track_caller]
    fn check_owner(&self, owner: &Owner, name: &str) {
        if owner != &*self.owner {
            let other = &owner.name;
            self.fail(&format!("`{name}` belongs to module `{other}`; connect it through a port"));
        }
    }

    #[track_caller]
    fn check_reads(&self, e: &Expr) {
        if e.0.size > MAX_NODES {
            let nodes = e.0.size;
            self.fail(&format!("an expression of {nodes} nodes: name parts of it with m.net(..)"));
        }
        let mut foreign = None;
        e.leaves(&mut |leaf| {
            let (owner, name) = match leaf {
                Leaf::Sig(s) => (&s.owner, &s.name),
                Leaf::Mem(m) => (&m.owner, &m.name),
            };
            if owner != &self.owner && foreign.is_none() {
                foreign = Some((owner.clone(), name.clone()));
            }
        });
        if let Some((owner, name)) = foreign {
            self.check_owner(&owner, &name);
        }
    }

    #[track_caller]
    fn drive(&mut self, sig: &SigInfo, by: &str, allowed: &[Role]) {
        self.check_owner(&sig.owner, &sig.name);
        let (name, noun) = (&sig.name, sig.role.noun());
        if !allowed.contains(&sig.role) {
            let nouns: Vec<_> = allowed.iter().map(|r| r.noun()).collect();
            let nouns = nouns.join(" or ");
            self.fail(&format!(
                "`{name}` is {noun} and cannot be driven by {by}, only {nouns} can"
            ));
        }
        if let Some(other) = &self.drivers[sig.index] {
            self.fail(&format!("`{name}` is driven twice: by {other} and by {by}"));
        }
        self.drivers[sig.index] = Some(one_line(by));
    }

    /// Notes the writer (`slot` 0) or initialiser (`slot` 1) of a memory.
    #[track_caller]
    pub(super) fn claim_memory(&mut self, mem: &Mem, slot: usize, by: &str) {
        let name = &mem.info.name;
        self.check_owner(&mem.info.owner, name);
        if let Some(other) = &self.writers[mem.info.index][slot] {
            self.fail(&format!("memory `{name}` is written twice: by {other} and by {by}"));
        }
        self.writers[mem.info.index][slot] = Some(by.into());
    }
}

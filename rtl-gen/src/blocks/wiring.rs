//! Wiring of instances: every output gets a wire first, then inputs may name any of them, so that
//! blocks can be listed in reading order although they depend on each other.

use crate::ast::{Conn, Direction, Expr, Instantiable, Interface, Module, Sig};
use std::collections::BTreeMap;

/// The low bits of a signal, or the signal with zeros on top: as wide as another block wants it.
pub fn fit(e: &Sig, width: u32) -> Expr {
    if e.width() >= width {
        e.bits(width - 1, 0)
    } else {
        e.zext(width)
    }
}

/// Wires of the outputs of a set of instances.
#[derive(Default)]
pub struct Wiring {
    faces: BTreeMap<String, Interface>,
    wires: BTreeMap<String, Sig>,
}

impl Wiring {
    /// Declares a wire `<short>_<port>` for every output of `of`; `_q` and `_o` are left out.
    pub fn declare(&mut self, m: &mut Module, short: &str, of: &impl Instantiable) {
        let face = of.interface();
        for port in face.ports.iter().filter(|p| p.direction == Direction::Output) {
            let base = base(&port.name);
            let comment = if port.comment.is_empty() {
                format!("{base} of {short}")
            } else {
                port.comment.clone()
            };
            let wire = m.wire(&format!("{short}_{base}"), port.width, &comment);
            self.wires.insert(format!("{short}.{base}"), wire);
        }
        self.faces.insert(short.to_string(), face);
    }

    /// The wire of an output, `"<short>.<port>"`.
    #[track_caller]
    pub fn w(&self, name: &str) -> Expr {
        self.sig(name).e()
    }

    /// Whether there is such an output.
    pub fn has(&self, name: &str) -> bool {
        self.wires.contains_key(name)
    }

    /// The same as a signal, to take bits of it.
    #[track_caller]
    pub fn sig(&self, name: &str) -> &Sig {
        self.wires
            .get(name)
            .unwrap_or_else(|| panic!("no output {name}; there are {:?}", self.wires.keys()))
    }

    /// Places the instance `u_<short>`; `inputs` must name every input.
    #[track_caller]
    pub fn place(
        &self,
        m: &mut Module,
        short: &str,
        params: &[(&str, u64)],
        inputs: Vec<(&str, Expr)>,
        comment: &str,
    ) {
        let face = &self.faces[short];
        let mut conns: Vec<(&str, Conn)> =
            inputs.into_iter().map(|(n, e)| (n, Conn::from(e))).collect();
        for port in face.ports.iter().filter(|p| p.direction == Direction::Output) {
            conns
                .push((&port.name, Conn::from(self.sig(&format!("{short}.{}", base(&port.name))))));
        }
        m.instance_params(&format!("u_{short}"), face, params.to_vec(), conns, comment);
    }
}

fn base(port: &str) -> &str {
    port.trim_end_matches("_o").trim_end_matches("_q")
}

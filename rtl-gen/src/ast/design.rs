//! A set of modules that belong together.

use super::interface::Interface;
use super::module::{Item, Module};

/// Modules, and the interfaces of the hand-written ones beside them.
#[derive(Debug, Default)]
pub struct Design {
    modules: Vec<Module>,
    primitives: Vec<Interface>,
}

impl Design {
    /// An empty design.
    pub fn new() -> Design {
        Design::default()
    }

    /// Adds a module, which must be complete.
    #[track_caller]
    #[allow(clippy::should_implement_trait)] // a builder step, not a sum
    pub fn add(mut self, module: Module) -> Design {
        module.check();
        self.claim(module.name());
        self.modules.push(module);
        self
    }

    /// Declares a module that is written by hand.
    #[track_caller]
    pub fn primitive(mut self, interface: Interface) -> Design {
        self.claim(&interface.name);
        self.primitives.push(interface);
        self
    }

    #[track_caller]
    fn claim(&self, name: &str) {
        assert!(self.find(name).is_none(), "design: there are two modules named `{name}`");
    }

    /// The modules, in the order in which they were added.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    fn find(&self, name: &str) -> Option<Interface> {
        let module = self.modules.iter().find(|m| m.name() == name).map(Module::interface);
        module.or_else(|| self.primitives.iter().find(|p| p.name == name).cloned())
    }

    /// Checks that every instance is of a module of this design or of a
    /// declared primitive, and was connected to the ports that it has.
    #[track_caller]
    pub fn check(&self) {
        let faults: Vec<String> = self.modules.iter().flat_map(|m| self.faults(m)).collect();
        assert!(faults.is_empty(), "design: {}", faults.join("; "));
    }

    fn faults(&self, module: &Module) -> Vec<String> {
        let mut faults = Vec::new();
        for item in &module.items {
            let Item::Instance(instance) = item else { continue };
            let (at, of) = (format!("{}.{}", module.name(), instance.name), &instance.of.name);
            match self.find(of) {
                None => faults.push(format!(
                    "`{at}` is an instance of `{of}`, which is not in the design: \
                     add the module, or declare it with .primitive(..)"
                )),
                Some(real) => faults.extend(instance.of.difference(&real).map(|d| {
                    format!("`{at}` was connected to another version of `{of}`: now {d}")
                })),
            }
        }
        faults
    }

    /// Checks the design and prints it: (file name, text) for each module.
    #[track_caller]
    pub fn emit(&self) -> Vec<(String, String)> {
        self.check();
        self.modules.iter().map(|m| (format!("{}.v", m.name()), m.to_verilog())).collect()
    }
}

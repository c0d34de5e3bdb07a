//! A set of modules that belong together.

use super::interface::Interface;
use super::module::{Item, Module};

/// Modules, and the interfaces of the hand-written ones beside them.
#[derive(Debug, Default)]
pub struct Design {
    modules: Vec<Module>,
    primitives: Vec<Interface>,
}

/// Size of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryShape {
    /// Bits of an entry.
    pub width: u32,
    /// Entries.
    pub depth: u32,
    /// It is to become block RAM, however small it is.
    pub block: bool,
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

    /// The memories below `top`, each as often as it is there: those of the primitive
    /// `deku_ram_1r1w`, and those of modules that are not to become registers.
    pub fn memories(&self, top: &str) -> Vec<MemoryShape> {
        let mut found = Vec::new();
        let items = self.modules.iter().filter(|m| m.name() == top).flat_map(|m| &m.items);
        for item in items {
            match item {
                Item::Memory(mem) => found.push(MemoryShape {
                    width: mem.info.width,
                    depth: u32::try_from(mem.info.depth).unwrap_or(u32::MAX),
                    block: mem.is_block(),
                }),
                Item::Instance(i) if i.of.name == "deku_ram_1r1w" => {
                    let number = |name: &str| {
                        let value = i.params.iter().find(|(param, _)| param == name);
                        value.and_then(|(_, text)| text.parse().ok()).unwrap_or(0)
                    };
                    found.push(MemoryShape {
                        width: number("WIDTH"),
                        depth: number("DEPTH"),
                        block: false,
                    });
                }
                Item::Instance(i) => found.extend(self.memories(&i.of.name)),
                _ => {}
            }
        }
        found
    }

    /// Checks the design and prints it: (file name, text) for each module.
    #[track_caller]
    pub fn emit(&self) -> Vec<(String, String)> {
        self.check();
        self.modules.iter().map(|m| (format!("{}.v", m.name()), m.to_verilog())).collect()
    }
}

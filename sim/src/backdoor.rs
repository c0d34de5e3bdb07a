//! Direct access to memories and registers, past the pins.

use crate::link::{op, Reply, Request};
use crate::{SimError, Simulator};

/// A variable marked `/*verilator public_flat_rw*/` in the Verilog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    id: u32,
    /// Hierarchical name of the instance it is in.
    pub scope: String,
    /// Its name there.
    pub name: String,
    /// Bits of an entry.
    pub bits: u32,
    /// Entries; 1 for a register.
    pub entries: u32,
    /// Bytes of an entry in [`Backdoor::read_raw`].
    pub entry_bytes: u32,
    /// Verilog index of the first entry; accesses here always count from 0.
    pub lowest: i32,
}

impl Variable {
    /// Scope and name.
    pub fn path(&self) -> String {
        format!("{}.{}", self.scope, self.name)
    }

    fn parse(id: u32, reply: &mut Reply) -> Result<Self, SimError> {
        Ok(Variable {
            id,
            scope: plain(&reply.string()?),
            name: plain(&reply.string()?),
            bits: reply.u32()?,
            entries: reply.u32()?,
            entry_bytes: reply.u32()?,
            lowest: reply.u32()? as i32,
        })
    }

    fn does_not_fit(&self, asked: String) -> SimError {
        let (entries, bits) = (self.entries, self.bits);
        SimError::DoesNotFit { variable: self.path(), entries, bits, asked }
    }
}

/// Names as in the Verilog, whatever Verilator made of brackets and dots.
fn plain(name: &str) -> String {
    name.replace("__BRA__", "[").replace("__KET__", "]").replace("__DOT__", ".")
}

/// The public variables of a simulation.
///
/// What reads memory only at a clock edge sees a written value at the next one.
#[derive(Debug, Clone)]
pub struct Backdoor {
    sim: Simulator,
    variables: Vec<Variable>,
}

impl Backdoor {
    pub(crate) fn new(sim: Simulator) -> Result<Self, SimError> {
        let mut reply = sim.call(Request::new("list", op::LIST))?;
        let count = reply.u32()?;
        let variables =
            (0..count).map(|id| Variable::parse(id, &mut reply)).collect::<Result<_, _>>()?;
        Ok(Backdoor { sim, variables })
    }

    /// All public variables.
    pub fn list(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable of this path, or the only one whose path ends with it (`u_weights.mem`).
    pub fn find(&self, path: &str) -> Result<Variable, SimError> {
        let suffix = format!(".{path}");
        let matches = |v: &&Variable| v.path() == path || v.path().ends_with(&suffix);
        let found: Vec<&Variable> = self.variables.iter().filter(matches).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(SimError::NoVariable { name: path.into(), known: paths(&self.variables) }),
            _ => Err(SimError::AmbiguousVariable { name: path.into(), candidates: paths(found) }),
        }
    }

    /// Entries as little-endian bytes, `entry_bytes` each.
    pub fn read_raw(
        &self,
        variable: &Variable,
        start: u32,
        count: u32,
    ) -> Result<Vec<u8>, SimError> {
        check_range(variable, start, count)?;
        let mut request = Request::new("peek", op::PEEK);
        request.u32(variable.id).u64(start.into()).u64(count.into());
        Ok(self.sim.call(request)?.rest().to_vec())
    }

    /// Replaces entries by little-endian bytes, `entry_bytes` each; bits beyond the entry's width
    /// are ignored.
    pub fn write_raw(&self, variable: &Variable, start: u32, bytes: &[u8]) -> Result<(), SimError> {
        let size = variable.entry_bytes as usize;
        let count = (bytes.len() / size) as u32;
        if bytes.len() % size != 0 {
            return Err(variable.does_not_fit(format!("{} bytes", bytes.len())));
        }
        check_range(variable, start, count)?;
        let mut request = Request::new("poke", op::POKE);
        request.u32(variable.id).u64(start.into()).u64(count.into()).raw(bytes);
        self.sim.call(request).map(drop)
    }

    /// Entries of at most 64 bits.
    pub fn read(&self, variable: &Variable, start: u32, count: u32) -> Result<Vec<u64>, SimError> {
        check_width(variable)?;
        let raw = self.read_raw(variable, start, count)?;
        Ok(raw.chunks_exact(variable.entry_bytes as usize).map(little_endian).collect())
    }

    /// Replaces entries of at most 64 bits.
    pub fn write(&self, variable: &Variable, start: u32, values: &[u64]) -> Result<(), SimError> {
        check_width(variable)?;
        if let Some(value) = values.iter().find(|value| needs(**value) > variable.bits) {
            return Err(variable.does_not_fit(format!("the value {value:#x}")));
        }
        let size = variable.entry_bytes as usize;
        let bytes: Vec<u8> =
            values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(size)).collect();
        self.write_raw(variable, start, &bytes)
    }

    /// One entry of at most 64 bits of the variable at `path`.
    pub fn peek(&self, path: &str, index: u32) -> Result<u64, SimError> {
        Ok(self.read(&self.find(path)?, index, 1)?[0])
    }

    /// Replaces one entry of at most 64 bits of the variable at `path`.
    pub fn poke(&self, path: &str, index: u32, value: u64) -> Result<(), SimError> {
        self.write(&self.find(path)?, index, &[value])
    }

    /// All entries of the variable at `path`, of at most 64 bits each.
    pub fn dump(&self, path: &str) -> Result<Vec<u64>, SimError> {
        let variable = self.find(path)?;
        self.read(&variable, 0, variable.entries)
    }
}

fn paths<'a>(variables: impl IntoIterator<Item = &'a Variable>) -> String {
    let paths: Vec<String> = variables.into_iter().map(Variable::path).collect();
    if paths.is_empty() {
        "(there are none)".into()
    } else {
        paths.join(", ")
    }
}

fn check_range(variable: &Variable, start: u32, count: u32) -> Result<(), SimError> {
    if u64::from(start) + u64::from(count) <= u64::from(variable.entries) {
        return Ok(());
    }
    Err(variable.does_not_fit(format!("{count} entries from {start} on")))
}

fn check_width(variable: &Variable) -> Result<(), SimError> {
    if variable.bits <= 64 {
        return Ok(());
    }
    Err(variable.does_not_fit("64-bit values (use read_raw and write_raw)".into()))
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Bits a value needs.
fn needs(value: u64) -> u32 {
    64 - value.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_generate_blocks_are_readable() {
        assert_eq!(plain("TOP.top.gen_lane__BRA__0__KET__.u_x"), "TOP.top.gen_lane[0].u_x");
    }

    #[test]
    fn entries_are_little_endian() {
        assert_eq!(little_endian(&[0x34, 0x12]), 0x1234);
        assert_eq!([needs(0), needs(1), needs(255), needs(u64::MAX)], [0, 1, 8, 64]);
    }
}

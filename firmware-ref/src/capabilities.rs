//! What a module is: its identity registers, in both directions.

use crate::config::Capacity;
use crate::regs::{self, f};

/// Number of identity registers, from index 0 on.
pub const IDENTITY_REGISTERS: usize = 12;

/// Identity and abilities of a module, fixed when it was generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Memories and limits.
    pub capacity: Capacity,
    /// Columns accumulated per clock cycle.
    pub forward_lanes: u16,
    /// Columns updated per clock cycle.
    pub update_lanes: u8,
    /// It has an SPI front end.
    pub spi: bool,
    /// It has a framed UART.
    pub uart: bool,
    /// System clock it was generated for, Hz; 0 = none (a model).
    pub clock_hz: u32,
    /// Board its top level was generated for, 0 = simulation.
    pub board: u32,
    /// Version of its register map.
    pub map_version: u32,
    /// Hash of its register map.
    pub map_hash: u32,
    /// Hash of the configuration it was generated from.
    pub config_hash: u32,
}

impl Capabilities {
    /// A model of a module with these memories: no links, no clock, this crate's register map.
    #[must_use]
    pub const fn of_model(capacity: Capacity) -> Self {
        let lanes = 32 * capacity.slices as u16;
        Self {
            capacity,
            forward_lanes: lanes,
            update_lanes: 1,
            spi: false,
            uart: false,
            clock_hz: 0,
            board: 0,
            map_version: regs::VERSION,
            map_hash: crate::map_hash::MAP_HASH,
            config_hash: 0,
        }
    }

    /// The identity registers.
    #[must_use]
    pub fn emit(&self) -> [u32; IDENTITY_REGISTERS] {
        let c = &self.capacity;
        let put = |field: &regs::Field, value: usize| field.put(value as u32);
        [
            regs::MAGIC_VALUE,
            regs::BYTE_ORDER_VALUE,
            self.map_version,
            self.map_hash,
            self.config_hash,
            f::FORWARD_LANES.put(self.forward_lanes.into())
                | f::UPDATE_LANES.put(self.update_lanes.into())
                | put(&f::MAX_LAYERS, c.max_layers),
            put(&f::WORDS, c.words) | put(&f::MASK_WORDS, c.mask_words),
            put(&f::LIST_ENTRIES, c.list_entries) | put(&f::RESULTS, c.results),
            put(&f::MAX_CLASSES, c.max_classes) | put(&f::CODE_WORDS, c.code_words),
            f::LINK_SPI.put(self.spi.into())
                | f::LINK_UART.put(self.uart.into())
                | put(&f::MAX_INPUTS, c.inputs)
                | put(&f::HIDDEN_ENTRIES, c.hidden_entries),
            self.clock_hz,
            self.board,
        ]
    }

    /// Reads the identity registers. Magic and byte order are the caller's to check.
    #[must_use]
    pub fn parse(registers: &[u32; IDENTITY_REGISTERS]) -> Self {
        let [_, _, map_version, map_hash, config_hash, engine, memory, queue, limits, links, clock_hz, board] =
            *registers;
        let forward_lanes = f::FORWARD_LANES.get(engine) as u16;
        let capacity = Capacity {
            words: f::WORDS.get(memory) as usize,
            list_entries: f::LIST_ENTRIES.get(queue) as usize,
            inputs: f::MAX_INPUTS.get(links) as usize,
            hidden_entries: f::HIDDEN_ENTRIES.get(links) as usize,
            mask_words: f::MASK_WORDS.get(memory) as usize,
            code_words: f::CODE_WORDS.get(limits) as usize,
            max_classes: f::MAX_CLASSES.get(limits) as usize,
            max_layers: f::MAX_LAYERS.get(engine) as usize,
            results: f::RESULTS.get(queue) as usize,
            slices: usize::from(forward_lanes / 32).max(1),
        };
        Self {
            capacity,
            forward_lanes,
            update_lanes: f::UPDATE_LANES.get(engine) as u8,
            spi: f::LINK_SPI.get(links) != 0,
            uart: f::LINK_UART.get(links) != 0,
            clock_hz,
            board,
            map_version,
            map_hash,
            config_hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_round_trips() {
        let capacity = Capacity {
            words: 12_800,
            list_entries: 4096,
            inputs: 2730,
            hidden_entries: 2048,
            mask_words: 640,
            code_words: 80,
            max_classes: 64,
            max_layers: 4,
            results: 128,
            slices: 2,
        };
        let capabilities = Capabilities {
            spi: true,
            clock_hz: 48_000_000,
            board: 7,
            config_hash: 0xC0FF_EE00,
            ..Capabilities::of_model(capacity)
        };
        let registers = capabilities.emit();
        assert_eq!(Capabilities::parse(&registers), capabilities);
        let position = |r: &regs::Register| usize::from(r.index);
        assert_eq!(registers[position(&regs::MAGIC)], regs::MAGIC_VALUE);
        assert_eq!(registers[position(&regs::CLOCK_HZ)], 48_000_000);
        assert_eq!(registers[position(&regs::BOARD_ID)], 7);
        assert_eq!(position(&regs::BOARD_ID) + 1, IDENTITY_REGISTERS);
    }
}

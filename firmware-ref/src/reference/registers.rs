//! The register file of the device model.

use super::device::ReferenceDevice;
use super::DeviceStorage;
use crate::memory::Storage;
use crate::regs::{self, f, Access, Field, Register};
use crate::settings::read_train;

const NO_RIVAL: u8 = 255;

/// The register at an index, and which element of an array it is.
fn find(index: u16) -> Option<(&'static Register, usize)> {
    regs::MAP.iter().find_map(|r| {
        let n = (0..usize::from(r.count)).find(|n| r.at(*n) == index)?;
        Some((r, n))
    })
}

impl<D: DeviceStorage, S: Storage> ReferenceDevice<D, S> {
    /// Stored value of a register that is no array.
    pub(super) fn register(&self, register: &Register) -> u32 {
        self.registers[usize::from(register.index)]
    }

    /// Whether every configured layer has been loaded.
    pub(super) fn is_loaded(&self) -> bool {
        let loaded = f::LOADED_LAYERS.get(self.register(&regs::LOADED));
        loaded != 0 && loaded == f::LAYERS.get(self.register(&regs::NETWORK))
    }

    /// Reads a register; 0 where there is none.
    pub(super) fn read_register(&self, index: u16) -> u32 {
        let Some((register, n)) = find(index) else { return 0 };
        match register.access {
            Access::Constant => {
                self.capabilities.emit().get(usize::from(index)).copied().unwrap_or_default()
            }
            Access::Live => self.live(register, n),
            Access::WriteOneToClear if *register == regs::ERROR => self.errors,
            Access::WriteOneToClear => self.causes,
            Access::Command => 0,
            _ if *register == regs::RIVAL_STATE => self.network.rival_state(),
            _ if *register == regs::ROUND_STATE => self.network.round_state(),
            Access::ReadWrite | Access::ReadWriteAnyTime => self.registers[usize::from(index)],
        }
    }

    fn live(&self, register: &Register, n: usize) -> u32 {
        let c = self.network.counters();
        match *register {
            regs::STATUS => {
                f::BUSY.put(self.busy().into()) | f::IS_LOADED.put(self.is_loaded().into())
            }
            regs::LINK_ERRORS => {
                f::HEADER_ERRORS.put(self.header_errors.into())
                    | f::PAYLOAD_ERRORS.put(self.payload_errors.into())
            }
            regs::SEQUENCE => {
                f::NEXT_SEQ.put(self.next_sequence.into())
                    | f::RESULT_SEQ.put(self.ring.next().into())
            }
            regs::SAMPLES => c.samples,
            regs::RIVALS => {
                let rivals = f::RIVAL.iter().zip(self.rivals);
                rivals.fold(0, |all, (f, r)| all | f.put(r.unwrap_or(NO_RIVAL).into()))
            }
            regs::UPDATES => c.updates[n],
            regs::FLIPS => c.flips[n],
            regs::DEAD => c.dead[n],
            regs::MAX_ACC => c.max_accumulator[n].into(),
            _ => 0,
        }
    }

    /// Writes a register.
    pub(super) fn write_register(&mut self, index: u16, value: u32) -> Result<(), &'static Field> {
        let refused = Err(&f::ERR_REFUSED);
        let Some((register, _)) = find(index) else { return refused };
        let value = register.fields.iter().fold(0, |v, f| v | f.put(f.get(value)));
        match register.access {
            Access::Constant | Access::Live => return refused,
            Access::ReadWrite | Access::Command if self.busy() => return refused,
            Access::WriteOneToClear if *register == regs::ERROR => self.errors &= !value,
            Access::WriteOneToClear => self.causes &= !value,
            Access::Command => self.command(value),
            Access::ReadWrite => return self.write_setting(register, index, value),
            Access::ReadWriteAnyTime => self.registers[usize::from(index)] = value,
        }
        Ok(())
    }

    fn command(&mut self, value: u32) {
        if f::CLEAR_COUNTERS.get(value) != 0 {
            self.network.counters_mut().clear();
            self.header_errors = 0;
            self.payload_errors = 0;
        }
    }

    fn write_setting(
        &mut self,
        register: &Register,
        index: u16,
        value: u32,
    ) -> Result<(), &'static Field> {
        let refused = |_| &f::ERR_REFUSED;
        match *register {
            regs::RIVAL_STATE => return self.network.set_rival_state(value).map_err(refused),
            regs::ROUND_STATE => return self.network.set_round_state(value).map_err(refused),
            regs::NETWORK => self.registers[usize::from(regs::LOADED.index)] = 0,
            _ => {}
        }
        self.registers[usize::from(index)] = value;
        match *register {
            regs::LOADED => {}
            regs::TEMPERATURE | regs::THETA => {
                let registers = |index: u16| self.registers[usize::from(index)];
                let train = read_train(registers, self.network.train_config());
                return self.network.set_train_config(&train).map_err(refused);
            }
            _ => {
                self.sync.flush(&self.network, self.memory.memory().words);
                self.sync.registers_written();
            }
        }
        Ok(())
    }
}

//! The SPI bus.

use embedded_hal::spi::{ErrorType, Operation, SpiDevice};

use crate::link::{op, Request};
use crate::{SimError, Simulator};

/// The module on its SPI bus: one transaction is one chip select.
#[derive(Debug, Clone)]
pub struct SimSpi {
    sim: Simulator,
}

impl SimSpi {
    pub(crate) fn new(sim: Simulator) -> Self {
        SimSpi { sim }
    }

    /// A frame cut short: chip select rises after `bits` bits and SCK stops. Bits of `frame`
    /// that were not reached read as ones.
    pub fn cut_short(&mut self, frame: &mut [u8], bits: u64) -> Result<(), SimError> {
        let reply = self.exchange(frame, bits, &[])?;
        frame.copy_from_slice(&reply);
        Ok(())
    }

    fn exchange(&self, out: &[u8], bits: u64, pauses: &[Pause]) -> Result<Vec<u8>, SimError> {
        let mut request = Request::new("SPI transfer", op::SPI_TRANSFER);
        request.u64(bits).u32(pauses.len() as u32);
        for pause in pauses {
            request.u32(pause.at).u64(pause.ps);
        }
        request.raw(out);
        let reply = self.sim.call(request)?;
        if reply.rest().len() != out.len() {
            return Err(reply.malformed());
        }
        Ok(reply.rest().to_vec())
    }
}

impl ErrorType for SimSpi {
    type Error = SimError;
}

impl SpiDevice for SimSpi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), SimError> {
        let (out, pauses) = flatten(operations);
        let mut reply = self.exchange(&out, u64::MAX, &pauses)?;
        scatter(operations, &mut reply);
        Ok(())
    }
}

/// A delay within a frame, before the byte `at`.
struct Pause {
    at: u32,
    ps: u64,
}

/// All bytes of a transaction in a row, and the pauses between them.
fn flatten(operations: &[Operation<'_, u8>]) -> (Vec<u8>, Vec<Pause>) {
    let (mut out, mut pauses) = (Vec::new(), Vec::new());
    for operation in operations {
        let start = out.len();
        match operation {
            Operation::Write(bytes) => out.extend_from_slice(bytes),
            Operation::Transfer(_, bytes) => out.extend_from_slice(bytes),
            Operation::TransferInPlace(bytes) => out.extend_from_slice(bytes),
            Operation::Read(_) => {}
            Operation::DelayNs(ns) => {
                pauses.push(Pause { at: start as u32, ps: u64::from(*ns) * 1000 });
            }
        }
        out.resize(start + length(operation), 0);
    }
    (out, pauses)
}

/// Gives each operation its part of the received bytes.
fn scatter(operations: &mut [Operation<'_, u8>], mut reply: &mut [u8]) {
    for operation in operations {
        let (mine, rest) = reply.split_at_mut(length(operation));
        match operation {
            Operation::Read(bytes) | Operation::TransferInPlace(bytes) => {
                bytes.copy_from_slice(mine);
            }
            Operation::Transfer(bytes, _) => bytes.copy_from_slice(&mine[..bytes.len()]),
            Operation::Write(_) | Operation::DelayNs(_) => {}
        }
        reply = rest;
    }
}

/// Bytes an operation takes on the bus.
fn length(operation: &Operation<'_, u8>) -> usize {
    match operation {
        Operation::Read(bytes) => bytes.len(),
        Operation::Write(bytes) => bytes.len(),
        Operation::Transfer(read, write) => read.len().max(write.len()),
        Operation::TransferInPlace(bytes) => bytes.len(),
        Operation::DelayNs(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_one_row_of_bytes() {
        let (mut read, mut longer, mut place) = ([0; 2], [0; 3], [7, 8]);
        let mut operations = [
            Operation::Write(&[1, 2]),
            Operation::DelayNs(5),
            Operation::Read(&mut read),
            Operation::Transfer(&mut longer, &[3]),
            Operation::TransferInPlace(&mut place),
        ];
        let (out, pauses) = flatten(&operations);
        assert_eq!(out, [1, 2, 0, 0, 3, 0, 0, 7, 8]);
        assert_eq!((pauses[0].at, pauses[0].ps), (2, 5000));
        let mut reply = [10, 11, 12, 13, 14, 15, 16, 17, 18];
        scatter(&mut operations, &mut reply);
        assert_eq!((read, longer, place), ([12, 13], [14, 15, 16], [17, 18]));
    }
}

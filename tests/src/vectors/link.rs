//! A host after the programmer's guide, as plain as possible: no retries, no batches.

use deku_ref::regs::Register;
use deku_ref::wire::result::Results;
use deku_ref::wire::{access, Access, ExampleResult, Request, Space, HEADER_LEN};

/// Frames after which a result must have come.
const PATIENCE: usize = 10_000;

/// A module at the other end of `exchange`, which replaces a frame by its answer.
pub struct Link<X>(pub X);

impl<X: FnMut(&mut [u8])> Link<X> {
    /// Sends a frame, returns the answer.
    pub fn exchange(&mut self, mut frame: Vec<u8>) -> Vec<u8> {
        (self.0)(&mut frame);
        frame
    }

    /// Writes units of one space; panics if the module does not acknowledge.
    pub fn write(&mut self, space: Space, first: usize, units: &[Vec<u8>]) {
        let access = Access::new(space, first as u16, units.len() as u16).expect("few units");
        let mut frame = vec![0; access.write_len()];
        access::emit_write(access, &mut frame, |n, unit| unit.copy_from_slice(&units[n]));
        let answer = self.exchange(frame);
        assert!(access::write_done(access, &answer), "{access:?} was not acknowledged");
    }

    /// Reads units of one space; panics if the answer is damaged or refused.
    pub fn read(&mut self, space: Space, first: usize, units: usize) -> Vec<u8> {
        let access = Access::new(space, first as u16, units as u16).expect("few units");
        let mut frame = vec![0; access.read_len()];
        access::emit_read(access, &mut frame);
        let answer = self.exchange(frame);
        access::read_data(access, &answer).unwrap_or_else(|| panic!("{access:?} failed")).to_vec()
    }

    /// Writes consecutive registers.
    pub fn set(&mut self, first: u16, values: &[u32]) {
        let units: Vec<_> = values.iter().map(|v| v.to_be_bytes().to_vec()).collect();
        self.write(Space::Registers, first.into(), &units);
    }

    /// Element `n` of a register.
    pub fn get(&mut self, register: &Register, n: usize) -> u32 {
        words(&self.read(Space::Registers, register.at(n).into(), 1))[0]
    }

    /// Sends a record and waits for the result with sequence number `sequence`, the first one
    /// that is not acknowledged yet.
    pub fn example(&mut self, sequence: u8, record: &[u8]) -> ExampleResult {
        let mut frame = stream(sequence, record);
        for _ in 0..PATIENCE {
            let answer = self.exchange(frame);
            if let Some(result) = Results::new(&answer[HEADER_LEN..]).next() {
                return result;
            }
            frame = stream(sequence, &[]);
        }
        panic!("no result {sequence} after {PATIENCE} frames")
    }
}

/// A STREAM frame with a record and room for a result.
pub fn stream(acknowledge: u8, record: &[u8]) -> Vec<u8> {
    let mut frame = Request::Stream { acknowledge }.emit().to_vec();
    frame.extend(record);
    frame.extend([0; 24]);
    frame
}

/// Big-endian 32-bit words.
pub fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(4).map(|b| u32::from_be_bytes(b.try_into().expect("four bytes"))).collect()
}

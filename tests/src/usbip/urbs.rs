//! Transfers to the chip. Bytes that it does not take wait until it does, as they would on the bus.

use std::collections::VecDeque;

use super::chip::{Ft232h, Refused};
use super::wire::{submitted, unlinked, Submit};
use crate::ftdi::Wire;

/// Numbers of the kernel's errors.
const STALLED: i32 = -32;
const OVERFLOW: i32 = -75;
const UNLINKED: i32 = -104;

/// A transfer of which the chip has taken so many bytes.
struct Waiting {
    seqnum: u32,
    endpoint: u32,
    bytes: Vec<u8>,
    taken: usize,
}

/// The transfers of a connection.
pub(super) struct Urbs<'a, W> {
    chip: &'a mut Ft232h<W>,
    waiting: VecDeque<Waiting>,
    unplugged: bool,
}

impl<'a, W: Wire> Urbs<'a, W> {
    pub fn new(chip: &'a mut Ft232h<W>) -> Self {
        Self { chip, waiting: VecDeque::new(), unplugged: false }
    }

    /// Whether the chip is gone: then nothing is answered any more.
    pub fn unplugged(&self) -> bool {
        self.unplugged
    }

    /// The answers that are due with this transfer: its own, and those of the ones that waited.
    pub fn submit(&mut self, submit: Submit) -> Vec<Vec<u8>> {
        let Submit { seqnum, endpoint, input, length, setup, data } = submit;
        let mut answers = Vec::new();
        match (endpoint, input) {
            (0, _) => {
                let said = self.chip.control(setup);
                answers.extend(self.answer(seqnum, said));
            }
            (_, true) => {
                let received = self.chip.input(endpoint, length);
                answers.extend(self.answer(seqnum, received));
            }
            (_, false) => {
                self.waiting.push_back(Waiting { seqnum, endpoint, bytes: data, taken: 0 });
            }
        }
        answers.extend(self.send());
        answers
    }

    /// Gives up a transfer that waits. One that was answered cannot be given up any more.
    pub fn unlink(&mut self, seqnum: u32, victim: u32) -> Vec<u8> {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.seqnum != victim);
        unlinked(seqnum, if self.waiting.len() < before { UNLINKED } else { 0 })
    }

    fn answer(&mut self, seqnum: u32, result: Result<Vec<u8>, Refused>) -> Option<Vec<u8>> {
        match result {
            Ok(data) => Some(submitted(seqnum, 0, 0, &data)),
            Err(refused) => self.refuse(seqnum, 0, refused),
        }
    }

    fn refuse(&mut self, seqnum: u32, taken: usize, refused: Refused) -> Option<Vec<u8>> {
        match refused {
            Refused::Stall => Some(submitted(seqnum, STALLED, taken, &[])),
            Refused::Overflow => Some(submitted(seqnum, OVERFLOW, taken, &[])),
            Refused::NotNow => None,
            Refused::Unplugged => {
                self.unplugged = true;
                None
            }
        }
    }

    /// Sends what waits, as far as the chip takes it.
    fn send(&mut self) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        while let Some(mut next) = self.waiting.pop_front() {
            let answer = match self.chip.output(next.endpoint, &next.bytes[next.taken..]) {
                Ok(count) => {
                    next.taken += count;
                    let done = next.taken == next.bytes.len();
                    done.then(|| submitted(next.seqnum, 0, next.taken, &[]))
                }
                Err(refused) => self.refuse(next.seqnum, next.taken, refused),
            };
            match answer {
                Some(answer) => answers.push(answer),
                None => {
                    self.waiting.push_front(next);
                    break;
                }
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ftdi::Loop;

    const CONFIGURE: [u8; 8] = [0x00, 0x09, 1, 0, 0, 0, 0, 0];
    const MPSSE: [u8; 8] = [0x40, 0x0B, 0, 2, 1, 0, 0, 0];

    fn control(setup: [u8; 8]) -> Submit {
        Submit { seqnum: 1, endpoint: 0, input: false, length: 0, setup, data: Vec::new() }
    }

    fn out(seqnum: u32, data: Vec<u8>) -> Submit {
        Submit { seqnum, endpoint: 2, input: false, length: data.len(), setup: [0; 8], data }
    }

    fn input(seqnum: u32, length: usize) -> Submit {
        Submit { seqnum, endpoint: 1, input: true, length, setup: [0; 8], data: Vec::new() }
    }

    /// Number, status and length of an answer.
    fn read(answer: &[u8]) -> (u8, i32, u16) {
        let status = i32::from_be_bytes(answer[20..24].try_into().unwrap());
        (answer[7], status, u16::from_be_bytes([answer[26], answer[27]]))
    }

    /// An exchange of so many bytes.
    fn exchange(count: u16) -> Vec<u8> {
        let mut bytes = vec![0x31];
        bytes.extend((count - 1).to_le_bytes());
        bytes.extend((0..count).map(|n| n as u8));
        bytes
    }

    fn chip() -> Ft232h<Loop> {
        let mut chip = Ft232h::new(Loop::default(), None);
        [CONFIGURE, MPSSE].iter().for_each(|setup| assert!(chip.control(*setup).is_ok()));
        chip
    }

    #[test]
    fn what_the_chip_does_not_take_waits_until_somebody_receives() {
        let mut chip = chip();
        let mut urbs = Urbs::new(&mut chip);
        // More than both buffers of 1 KB hold.
        assert!(urbs.submit(out(2, exchange(4000))).is_empty());
        assert!(urbs.submit(out(3, vec![0x87])).is_empty(), "behind the one that waits");
        let mut done = Vec::new();
        let mut data = Vec::new();
        for seqnum in 4..20 {
            for answer in urbs.submit(input(seqnum, 2560)) {
                let (number, status, length) = read(&answer);
                assert_eq!(status, 0);
                match number {
                    2 | 3 => done.push((number, length)),
                    _ => data.extend(answer[48..].chunks(512).flat_map(|p| p[2..].to_vec())),
                }
            }
        }
        assert_eq!(done, [(2, 4003), (3, 1)]);
        assert_eq!(data, exchange(4000)[3..]);
    }

    #[test]
    fn a_transfer_that_waits_can_be_given_up_once() {
        let mut chip = chip();
        let mut urbs = Urbs::new(&mut chip);
        assert!(urbs.submit(out(2, exchange(4000))).is_empty());
        assert_eq!(urbs.unlink(3, 2)[20..24], UNLINKED.to_be_bytes());
        assert_eq!(urbs.unlink(4, 2)[20..24], [0; 4]);
    }

    #[test]
    fn refusals_are_answered_and_a_chip_that_is_gone_does_not_answer() {
        let mut chip = Ft232h::new(Loop::default(), Some(8));
        let mut urbs = Urbs::new(&mut chip);
        let answers = urbs.submit(input(2, 512));
        assert_eq!(read(&answers[0]), (2, STALLED, 0), "not configured");
        urbs.submit(control(CONFIGURE));
        assert_eq!(read(&urbs.submit(input(3, 5))[0]), (3, OVERFLOW, 0));
        assert!(!urbs.unplugged());
        assert!(urbs.submit(out(4, vec![0; 20])).is_empty());
        assert!(urbs.unplugged());
    }
}

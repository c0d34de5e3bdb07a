//! A driver whose module is not what it seems. The input says, exchange by exchange, what becomes of
//! the answer of a sound module; when it ends, the link is sound.
//!
//! Whatever the link says, the driver ends: with what it was asked for, or with an error.

use deku_driver::{Deku, Options, Transport};
use deku_ref::reference::OwnedDevice;
use deku_ref::wire::access::{read_seed, READ_DATA, WRITE_DONE};
use deku_ref::wire::crc::{seal, seal_from};
use deku_ref::wire::result::{RESULT_LEN, TURNAROUND};
use deku_ref::wire::HEADER_LEN;
use deku_ref::Module as _;

use super::bytes::Bytes;
use super::{frames, small, Seen};

/// No program needs so many exchanges.
const MOST_EXCHANGES: usize = 5_000;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let link = Hostile { device: frames::device(), input: Bytes(data), exchanges: 0 };
    let options = Options { attempts: 6, polls: 40, config_hash: None };
    let connected = Deku::<_>::connect_with(link, (), options);
    let used = connected.and_then(|mut deku| {
        let used = small::use_all(&mut deku);
        if used.is_err() {
            // As a program would that does not give up.
            let _ = (deku.settle(|_, _| {}), deku.reset(), deku.counters());
        }
        used
    });
    if let Err(error) = used {
        assert!(!error.to_string().is_empty());
    }
}

struct Hostile<'d> {
    device: OwnedDevice,
    input: Bytes<'d>,
    exchanges: usize,
}

impl Transport for Hostile<'_> {
    type Error = &'static str;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        self.exchanges += 1;
        assert!(self.exchanges < MOST_EXCHANGES, "the driver does not end");
        let request = frame.to_vec();
        let choice = self.input.u8();
        if choice & 0x80 == 0 {
            self.device.exchange(frame);
        } else {
            // The module did not hear it.
            frame.fill(0);
        }
        let input = &mut self.input;
        match choice & 7 {
            0 => {}
            1 => {
                let (at, len) = (usize::from(input.u8()), usize::from(input.u8() % 16));
                let bytes = input.take(len).iter();
                frame.iter_mut().skip(at).zip(bytes).for_each(|(f, b)| *f ^= b);
            }
            2 => frame.fill(input.u8()),
            3 => preamble(frame, input),
            4 => {
                preamble(frame, input);
                units(&request, frame, input);
            }
            5 => {
                preamble(frame, input);
                frame.iter_mut().skip(HEADER_LEN).for_each(|byte| *byte = WRITE_DONE);
            }
            6 => {
                preamble(frame, input);
                results(frame, input);
            }
            _ => return Err("the host's interface failed"),
        }
        Ok(())
    }

    fn max_frame(&self) -> usize {
        512
    }

    fn slow_down(&mut self) -> bool {
        self.input.u8() & 1 != 0
    }
}

/// A preamble with a right CRC; its status is that of a module.
fn preamble(frame: &mut [u8], input: &mut Bytes<'_>) {
    if let Some(head) = frame.first_chunk_mut::<HEADER_LEN>() {
        head[..4].copy_from_slice(&input.array::<4>());
        head[0] = 0x80 | head[0] & 0x3E;
        seal(head);
    }
}

/// Units with a right CRC.
fn units(request: &[u8], frame: &mut [u8], input: &mut Bytes<'_>) {
    if let Some(units) = frame.get_mut(READ_DATA..) {
        let (at, len) = (usize::from(input.u8()), usize::from(input.u8() % 32));
        let bytes = input.take(len).iter();
        units.iter_mut().skip(at).zip(bytes).for_each(|(unit, byte)| *unit = *byte);
        seal_from(read_seed(request), units);
    }
}

/// Results with right CRCs.
fn results(frame: &mut [u8], input: &mut Bytes<'_>) {
    for result in
        frame.chunks_exact_mut(RESULT_LEN).skip((HEADER_LEN + TURNAROUND) / RESULT_LEN + 1)
    {
        result.copy_from_slice(&input.array::<RESULT_LEN>());
        result[0] = 0xA0 | result[0] & 0xF;
        seal(result);
    }
}

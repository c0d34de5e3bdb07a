//! What no traffic may do to a module: change a latent without a frame that says so.

use std::collections::BTreeMap;

use deku_ref::wire::access::{block_unit, header_crc};
use deku_ref::wire::crc::crc16_more;
use deku_ref::wire::crc::CRC16_INIT;
use deku_ref::wire::latents::{has_illegal_trit, WORD_BYTES};
use deku_ref::wire::{Kind, Request, Space, HEADER_LEN};

pub(super) type Word = [u8; WORD_BYTES];

/// What can be seen of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// Nothing is in work: latents do not change while they are looked at.
    pub settled: bool,
    /// Number that the next record must have.
    pub next: u8,
    /// Training examples executed.
    pub samples: u32,
    pub words: Vec<Word>,
}

/// What frames permit.
#[derive(Debug, Default)]
pub(super) struct Permitted {
    /// Contents that a WRITE gave to a word.
    words: BTreeMap<usize, Vec<Word>>,
    /// There was a record whose CRC is right.
    record: bool,
}

impl Permitted {
    /// Takes the bytes of a frame as the module may have seen it.
    pub fn add(&mut self, frame: &[u8]) {
        let Some((header, body)) = frame.split_first_chunk::<HEADER_LEN>() else { return };
        match Request::parse(header) {
            Ok(Request::Write(access)) if access.space() == Space::Latents => {
                let crc = header_crc(header);
                let blocks = body.chunks_exact(access.block_len()).take(access.units().into());
                for (n, block) in blocks.enumerate() {
                    let Some(Ok(word)) = block_unit(crc, block).map(Word::try_from) else { break };
                    if has_illegal_trit(&word) {
                        break;
                    }
                    self.words.entry(usize::from(access.first()) + n).or_default().push(word);
                }
            }
            Ok(Request::Stream { .. }) => self.record |= has_record(body),
            _ => {}
        }
    }

    /// Compares what was seen before these frames and after them.
    ///
    /// # Panics
    /// If something changed that was not permitted.
    pub fn check(&self, before: &Sight, after: &Sight, frames: &dyn std::fmt::Debug) {
        let forgot = after.next == 0;
        let advanced = after.next != before.next && !forgot;
        assert!(self.record || !advanced, "a record was taken that is none: {frames:02x?}");
        let quiet = before.settled && after.settled;
        if !quiet || before.samples != after.samples {
            return; // Training changes what it likes.
        }
        for (at, (old, new)) in before.words.iter().zip(&after.words).enumerate() {
            let written = self.words.get(&at).is_some_and(|words| words.contains(new));
            assert!(old == new || written, "word {at} is {new:02x?} without a frame that says so, before {old:02x?}: {frames:02x?}");
        }
    }
}

/// Whether bytes that look like the start of a record are followed by its CRC-16 anywhere.
fn has_record(body: &[u8]) -> bool {
    let starts = (0..body.len()).filter(|at| Kind::from_byte(body[*at]).is_some());
    starts.into_iter().any(|start| {
        let mut crc = CRC16_INIT;
        body[start..].iter().any(|byte| {
            crc = crc16_more(crc, std::slice::from_ref(byte));
            crc == 0
        })
    })
}

/// The bytes from bit `at` on, for a module that begins to count there.
pub(super) fn from_bit(bytes: &[u8], at: usize) -> Vec<u8> {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| byte >> (7 - n % 8) & 1);
    let whole = (8 * bytes.len()).saturating_sub(at) / 8;
    (0..whole).map(|k| (0..8).fold(0, |byte, n| byte << 1 | bit(at + 8 * k + n))).collect()
}

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

#[cfg(test)]
mod tests {
    use deku_ref::wire::access::emit_write;
    use deku_ref::wire::Access;

    use super::*;

    fn sight(next: u8, word: u8) -> Sight {
        Sight { settled: true, next, samples: 0, words: vec![[0; WORD_BYTES], [word; WORD_BYTES]] }
    }

    /// A WRITE of word 1, with a flipped bit at `damaged`.
    fn write(word: u8, damaged: Option<usize>) -> Vec<u8> {
        let access = Access::new(Space::Latents, 1, 1).unwrap();
        let mut frame = vec![0; access.write_len()];
        emit_write(access, &mut frame, |_, unit| unit.fill(word));
        damaged.into_iter().for_each(|at| frame[at] ^= 1);
        frame
    }

    fn check(frame: &[u8], before: &Sight, after: &Sight) {
        let mut permitted = Permitted::default();
        permitted.add(frame);
        permitted.check(before, after, &frame);
    }

    #[test]
    fn a_word_may_become_what_was_written() {
        check(&write(5, None), &sight(3, 0), &sight(3, 5));
        check(&write(5, None), &sight(3, 0), &sight(3, 0));
    }

    #[test]
    fn training_may_change_everything() {
        let trained = Sight { samples: 1, ..sight(3, 5) };
        check(&[], &sight(3, 0), &trained);
    }

    #[test]
    #[should_panic(expected = "without a frame that says so")]
    fn another_word_than_was_written_is_seen() {
        check(&write(5, None), &sight(3, 0), &sight(3, 4));
    }

    #[test]
    #[should_panic(expected = "without a frame that says so")]
    fn a_damaged_block_permits_nothing() {
        check(&write(5, Some(HEADER_LEN + 9)), &sight(3, 0), &sight(3, 5));
    }

    #[test]
    #[should_panic(expected = "a record was taken that is none")]
    fn a_number_does_not_advance_by_itself() {
        check(&Request::Stream { acknowledge: 3 }.emit(), &sight(3, 0), &sight(4, 0));
    }

    #[test]
    fn bits_are_counted_from_anywhere() {
        let bytes = [0b1010_0101, 0b1100_0011, 0b1111_0000];
        assert_eq!(from_bit(&bytes, 0), bytes);
        assert_eq!(from_bit(&bytes, 4), [0b0101_1100, 0b0011_1111]);
        assert!(from_bit(&bytes, 24).is_empty());
    }
}

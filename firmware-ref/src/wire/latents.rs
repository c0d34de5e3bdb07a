//! Latent words on the wire: 32 columns of one input row as four planes of eight bytes.
//!
//! | plane | bytes | content, first column in the highest bits |
//! |---|---|---|
//! | 0 | 0..8 | latent bits 7:6 (trit) of columns 0..=31 |
//! | 1 | 8..16 | latent bits 5:4 of columns 0..=31 |
//! | 2 | 16..24 | latent bits 3:0 of columns 0..=15 |
//! | 3 | 24..32 | latent bits 3:0 of columns 16..=31 |

/// Columns of a word.
pub const COLUMNS: usize = 32;
/// Bytes of a word on the wire.
pub const WORD_BYTES: usize = 32;
/// Largest legal latent.
pub const MAX_LATENT: u8 = 191;

/// Packs the latents of 32 columns (0..=191 each) into planes.
#[must_use]
pub fn pack(latents: &[u8; COLUMNS]) -> [u8; WORD_BYTES] {
    let mut word = [0; WORD_BYTES];
    for (byte, four) in latents.chunks_exact(4).enumerate() {
        let pairs = |shift: u32| four.iter().fold(0, |bits, l| bits << 2 | (l >> shift) & 3);
        word[byte] = pairs(6);
        word[8 + byte] = pairs(4);
        word[16 + 2 * byte] = four[0] << 4 | four[1] & 0xF;
        word[17 + 2 * byte] = four[2] << 4 | four[3] & 0xF;
    }
    word
}

/// Unpacks the planes of a word into the latents of 32 columns.
#[must_use]
pub fn unpack(word: &[u8; WORD_BYTES]) -> [u8; COLUMNS] {
    core::array::from_fn(|column| {
        let pair = 6 - 2 * (column as u32 % 4);
        let high = |plane: usize| (word[plane + column / 4] >> pair) & 3;
        let low = word[16 + column / 2] >> (4 - 4 * (column % 2)) & 0xF;
        high(0) << 6 | high(8) << 4 | low
    })
}

/// Whether a word holds a trit `11`, that is a latent above [`MAX_LATENT`].
#[must_use]
pub fn has_illegal_trit(word: &[u8; WORD_BYTES]) -> bool {
    word[..8].iter().any(|four| four & (four >> 1) & 0x55 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::unusual_byte_groupings)] // grouped like the planes
    fn layout() {
        let mut latents = [0; COLUMNS];
        latents[0] = 0b10_01_0011;
        latents[17] = 0b01_10_1100;
        let word = pack(&latents);
        assert_eq!(word[0], 0b10_00_00_00);
        assert_eq!(word[4], 0b00_01_00_00);
        assert_eq!(word[8], 0b01_00_00_00);
        assert_eq!(word[12], 0b00_10_00_00);
        assert_eq!(word[16], 0x30);
        assert_eq!(word[24], 0x0C);
        assert_eq!(word.iter().filter(|b| **b != 0).count(), 6);
    }

    #[test]
    fn every_latent_in_every_column_survives() {
        for latent in 0..=u8::MAX {
            let latents = core::array::from_fn(|c| latent.wrapping_add((37 * c) as u8));
            let word = pack(&latents);
            assert_eq!(unpack(&word), latents);
            assert_eq!(has_illegal_trit(&word), latents.iter().any(|l| *l > MAX_LATENT));
        }
    }
}

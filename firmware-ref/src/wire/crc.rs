//! The two checksums of the link.
//!
//! CRC-8 guards the six header bytes, CRC-16 everything else. Sending a CRC-16 high byte first
//! after its data makes the CRC over both 0.

use crc::{Crc, Table, CRC_16_IBM_3740, CRC_8_SMBUS};

/// Sixteen bytes at a time (8 KiB of tables) on computers, one (512 bytes) on microcontrollers.
#[cfg(target_pointer_width = "64")]
type Tables = Table<16>;
#[cfg(not(target_pointer_width = "64"))]
type Tables = Table<1>;

static CRC8: Crc<u8> = Crc::<u8>::new(&CRC_8_SMBUS);
static CRC16: Crc<u16, Tables> = Crc::<u16, Tables>::new(&CRC_16_IBM_3740);

/// State of a CRC-16 before the first byte, which is also the CRC of no bytes.
pub const CRC16_INIT: u16 = 0xFFFF;

/// CRC-8/SMBUS of `bytes` (polynomial 0x07, initial value 0, not reflected).
///
/// It finds every error of up to three bits and of any odd number of bits in a header; of all
/// other damage it misses one in 128.
#[must_use]
pub fn crc8(bytes: &[u8]) -> u8 {
    CRC8.checksum(bytes)
}

/// CRC-16/IBM-3740 of `bytes` (polynomial 0x1021, initial value 0xFFFF, not reflected).
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    CRC16.checksum(bytes)
}

/// Continues a CRC-16 whose value so far is `crc`.
#[must_use]
pub fn crc16_more(crc: u16, bytes: &[u8]) -> u16 {
    let mut digest = CRC16.digest_with_initial(crc);
    digest.update(bytes);
    digest.finalize()
}

/// Whether `bytes` end in the CRC-16 of what precedes it.
#[must_use]
pub fn crc16_is_right(bytes: &[u8]) -> bool {
    bytes.len() >= super::CRC_LEN && crc16(bytes) == 0
}

/// Writes the CRC-16 of everything before the last two bytes of `bytes` into those two.
///
/// Fewer than two bytes are left alone.
pub fn seal(bytes: &mut [u8]) {
    seal_from(CRC16_INIT, bytes);
}

/// Like [`seal`], with a CRC that goes on from `crc`.
pub fn seal_from(crc: u16, bytes: &mut [u8]) {
    if let Some((data, sum)) = bytes.split_last_chunk_mut::<2>() {
        *sum = crc16_more(crc, data).to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check values of the CRC catalogue.
    #[test]
    fn catalogue_check_values() {
        assert_eq!(crc8(b"123456789"), 0xF4);
        assert_eq!(crc16(b"123456789"), 0x29B1);
        assert_eq!(crc16_more(crc16(b"1234"), b"56789"), 0x29B1);
    }

    #[test]
    fn data_and_crc_give_zero() {
        let mut bytes = *b"Deku learns\0\0";
        seal(&mut bytes);
        assert!(crc16_is_right(&bytes));
        bytes[3] ^= 1;
        assert!(!crc16_is_right(&bytes));
    }

    /// A refused READ answers with zeros: its CRC must never look right.
    #[test]
    fn zeros_never_carry_a_zero_crc() {
        assert!((0..=4096).all(|n| crc16(&[0; 4096][..n]) != 0));
    }
}

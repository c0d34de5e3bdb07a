//! `SPI_IOC_MESSAGE`: transfers, in one chip select unless they say otherwise.

use embedded_hal::spi::Operation;

use super::errno::{EINVAL, EMSGSIZE};
use super::wire::word;

/// Bytes of a `struct spi_ioc_transfer`.
const TRANSFER: usize = 32;
/// What spidev copies at most, in each direction; its parameter `bufsiz` by default.
pub(super) const BUFSIZ: usize = 4096;

/// A transfer of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transfer {
    /// What is sent, zeros if nothing is; then what was received.
    pub bytes: Vec<u8>,
    /// Whether anybody wants to see what was received.
    pub is_read: bool,
    /// SCK, 0 = that of the device.
    pub hz: u32,
    delay_us: u16,
    /// Chip select rises after it.
    pub ends_frame: bool,
}

/// Transfers that share a chip select.
pub(super) fn frames(transfers: &mut [Transfer]) -> impl Iterator<Item = &mut [Transfer]> {
    transfers.split_inclusive_mut(|transfer| transfer.ends_frame)
}

impl Transfer {
    /// A single one.
    pub fn alone(bytes: Vec<u8>, is_read: bool) -> Self {
        Self { bytes, is_read, hz: 0, delay_us: 0, ends_frame: false }
    }

    /// What the bus does.
    pub fn operations(&mut self) -> impl Iterator<Item = Operation<'_, u8>> {
        let delay = (self.delay_us > 0).then(|| u32::from(self.delay_us) * 1000);
        let transfer = Operation::TransferInPlace(&mut self.bytes);
        std::iter::once(transfer).chain(delay.map(Operation::DelayNs))
    }

    /// Reads the structures and, behind them, the bytes to send of those that send.
    pub fn parse_all(payload: &[u8], size: usize) -> Result<Vec<Self>, i32> {
        if size % TRANSFER != 0 || payload.len() < size {
            return Err(EINVAL);
        }
        let (structures, mut data) = payload.split_at(size);
        let (mut sent, mut received) = (0, 0);
        let mut transfers = Vec::new();
        for structure in structures.chunks_exact(TRANSFER) {
            let length = word(&structure[16..]) as usize;
            let sends = structure[..8].iter().any(|b| *b != 0);
            let is_read = structure[8..16].iter().any(|b| *b != 0);
            sent += if sends { length } else { 0 };
            received += if is_read { length } else { 0 };
            if length > BUFSIZ || sent > BUFSIZ || received > BUFSIZ {
                return Err(EMSGSIZE);
            }
            if !matches!(structure[26], 0 | 8) {
                return Err(EINVAL); // bits of a word
            }
            let bytes = if sends {
                let (mine, rest) = data.split_at_checked(length).ok_or(EINVAL)?;
                data = rest;
                mine.to_vec()
            } else {
                vec![0; length]
            };
            transfers.push(Self {
                bytes,
                is_read,
                hz: word(&structure[20..]),
                delay_us: u16::from_ne_bytes([structure[24], structure[25]]),
                ends_frame: structure[27] != 0,
            });
        }
        Ok(transfers)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A `struct spi_ioc_transfer`.
    pub fn structure(sends: bool, is_read: bool, length: u32, cs_change: bool) -> [u8; TRANSFER] {
        let mut bytes = [0; TRANSFER];
        bytes[..8].copy_from_slice(&u64::from(sends).to_ne_bytes());
        bytes[8..16].copy_from_slice(&u64::from(is_read).to_ne_bytes());
        bytes[16..20].copy_from_slice(&length.to_ne_bytes());
        bytes[27] = cs_change.into();
        bytes
    }

    #[test]
    fn bytes_belong_to_the_transfers_that_send() {
        let head = [structure(true, false, 2, false), structure(false, true, 3, true)].concat();
        let all = Transfer::parse_all(&[&head[..], &[7, 8]].concat(), head.len()).unwrap();
        assert_eq!([&all[0].bytes[..], &all[1].bytes], [&[7, 8][..], &[0, 0, 0]]);
        assert_eq!([all[0].is_read, all[1].is_read], [false, true]);
        assert_eq!(Transfer::parse_all(&head, head.len()), Err(EINVAL));
    }

    #[test]
    fn a_message_is_as_long_as_bufsiz_at_most() {
        let half = structure(false, true, 2048, false);
        let twice = [half, half].concat();
        assert!(Transfer::parse_all(&twice, twice.len()).is_ok());
        let more = [&twice[..], &structure(false, true, 1, false)].concat();
        assert_eq!(Transfer::parse_all(&more, more.len()), Err(EMSGSIZE));
    }

    #[test]
    fn chip_select_splits_a_message() {
        let parts = [false, true, false].map(|cs| structure(false, true, 1, cs)).concat();
        let mut all = Transfer::parse_all(&parts, parts.len()).unwrap();
        let lengths: Vec<usize> = frames(&mut all).map(|frame| frame.len()).collect();
        assert_eq!(lengths, [2, 1]);
    }
}

//! The 40-pin header of a Raspberry Pi: which pins can be lines of a board.

/// Pins that can be general inputs and outputs, with the numbers that the Raspberry Pi gives them.
pub const GPIO: [(u8, u8); 26] = [
    (3, 2),
    (5, 3),
    (7, 4),
    (8, 14),
    (10, 15),
    (11, 17),
    (12, 18),
    (13, 27),
    (15, 22),
    (16, 23),
    (18, 24),
    (19, 10),
    (21, 9),
    (22, 25),
    (23, 11),
    (24, 8),
    (26, 7),
    (29, 5),
    (31, 6),
    (32, 12),
    (33, 13),
    (35, 19),
    (36, 16),
    (37, 26),
    (38, 20),
    (40, 21),
];

/// Its grounds.
pub const GROUND: [u8; 8] = [6, 9, 14, 20, 25, 30, 34, 39];

/// Chip selects of its first SPI controller: CE0 (`/dev/spidev0.0`), CE1 (`/dev/spidev0.1`).
pub const SPI_SELECT: [u8; 2] = [24, 26];

/// Its first SPI controller: key of a board's file, pins that can be this.
pub const SPI: [(&str, &[u8]); 4] =
    [("spi.sck", &[23]), ("spi.cs", &SPI_SELECT), ("spi.mosi", &[19]), ("spi.miso", &[21])];

/// The number of a pin as a general input and output; `None` for power, ground and the identity memory.
#[must_use]
pub fn gpio(pin: u8) -> Option<u8> {
    GPIO.iter().find(|(p, _)| *p == pin).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_and_numbers_occur_once_and_grounds_are_no_lines() {
        let mut numbers: Vec<u8> = GPIO.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        // GPIO 0 and 1 are those of the identity memory.
        assert_eq!(numbers, (2..=27).collect::<Vec<u8>>());
        assert!(GPIO.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(GROUND.iter().all(|pin| gpio(*pin).is_none()));
        assert_eq!([23, 24, 26, 19, 21].map(|pin| gpio(pin).unwrap()), [11, 8, 7, 10, 9]);
    }
}

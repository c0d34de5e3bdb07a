//! What an FT232H says of itself, as lsusb shows it.

pub(super) const VENDOR: u16 = 0x0403;
pub(super) const PRODUCT: u16 = 0x6014;
/// The version by which Linux knows this chip.
pub(super) const RELEASE: u16 = 0x0900;
/// Class, subclass and protocol: the vendor's own.
pub(super) const INTERFACE_CLASS: [u8; 3] = [0xFF, 0xFF, 0xFF];
/// Endpoint from the chip, endpoint to the chip.
pub(super) const ENDPOINTS: (u8, u8) = (0x81, 0x02);
/// Its serial number.
pub const SERIAL: &str = "DEKU0001";

const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const STRING: u8 = 3;
const INTERFACE: u8 = 4;
const ENDPOINT: u8 = 5;
const QUALIFIER: u8 = 6;

const STRINGS: [&str; 3] = ["FTDI", "Single RS232-HS", SERIAL];
const ENGLISH: u16 = 0x0409;
const PACKET: u16 = 512;
const CONTROL_PACKET: u8 = 64;

/// The descriptor that is asked for by kind and number; `None` if there is none.
pub(super) fn descriptor(value: u16) -> Option<Vec<u8>> {
    let [number, kind] = value.to_le_bytes();
    match (kind, number) {
        (DEVICE, 0) => Some(device()),
        (CONFIGURATION, 0) => Some(configuration()),
        (QUALIFIER, 0) => Some(vec![10, QUALIFIER, 0, 2, 0, 0, 0, CONTROL_PACKET, 1, 0]),
        (STRING, 0) => Some(string(&[ENGLISH])),
        (STRING, n) => {
            let text = STRINGS.get(usize::from(n) - 1)?;
            Some(string(&text.encode_utf16().collect::<Vec<_>>()))
        }
        _ => None,
    }
}

fn device() -> Vec<u8> {
    let mut device = vec![18, DEVICE, 0, 2, 0, 0, 0, CONTROL_PACKET];
    [VENDOR, PRODUCT, RELEASE].iter().for_each(|number| device.extend(number.to_le_bytes()));
    // Strings 1 to 3, one configuration.
    device.extend([1, 2, 3, 1]);
    device
}

/// One interface with two bulk endpoints; powered by the bus, 90 mA.
fn configuration() -> Vec<u8> {
    let [class, subclass, protocol] = INTERFACE_CLASS;
    let mut all = vec![9, CONFIGURATION, 0, 0, 1, 1, 0, 0x80, 45];
    all.extend([9, INTERFACE, 0, 0, 2, class, subclass, protocol, 2]);
    for address in [ENDPOINTS.0, ENDPOINTS.1] {
        let [low, high] = PACKET.to_le_bytes();
        all.extend([7, ENDPOINT, address, 2, low, high, 0]);
    }
    all[2] = u8::try_from(all.len()).expect("a short descriptor");
    all
}

fn string(units: &[u16]) -> Vec<u8> {
    let mut all = vec![0, STRING];
    units.iter().for_each(|unit| all.extend(unit.to_le_bytes()));
    all[0] = u8::try_from(all.len()).expect("a short descriptor");
    all
}

#[cfg(test)]
mod tests {
    use deku_driver::mpsse::Chip;

    use super::*;

    #[test]
    fn each_states_its_length() {
        for kind in [DEVICE, QUALIFIER, STRING] {
            let all = descriptor(u16::from(kind) << 8).unwrap();
            assert_eq!(usize::from(all[0]), all.len());
        }
        let all = descriptor(u16::from(CONFIGURATION) << 8).unwrap();
        assert_eq!(usize::from(all[2]), all.len());
        let mut rest = all.as_slice();
        while let [length, ..] = *rest {
            rest = &rest[usize::from(length)..];
        }
    }

    #[test]
    fn the_driver_knows_the_chip_and_its_name() {
        assert_eq!(Chip::of(VENDOR, PRODUCT, RELEASE), Some(Chip::Ft232h));
        let serial = descriptor(u16::from(STRING) << 8 | 3).unwrap();
        let units: Vec<u16> =
            serial[2..].chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        assert_eq!(String::from_utf16(&units).unwrap(), SERIAL);
        assert_eq!(descriptor(u16::from(STRING) << 8 | 4), None);
    }
}

//! Which of the devices is meant.

use std::string::{String, ToString as _};
use std::vec::Vec;

use super::{Found, UsbError};
use crate::mpsse::{Channel, Chip};

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// A serial number, a place, or `any`.
    pub id: &'a str,
    /// What chip it is, whatever it calls itself.
    pub chip: Option<Chip>,
    /// The channel that is wired to the module.
    pub channel: Channel,
}

/// The one device that is meant, and its chip.
///
/// # Errors
/// If there is none or several, if it is denied, or no chip with an MPSSE on that channel.
pub fn choose<'a>(all: &'a [Found], wanted: &Wanted<'_>) -> Result<(&'a Found, Chip), UsbError> {
    let named = |f: &&Found| f.place == wanted.id || f.serial.as_deref() == Some(wanted.id);
    let matching: Vec<&Found> = match wanted.id {
        // Whose numbers were changed must be named.
        "any" => all.iter().filter(|f| f.chip.is_some()).collect(),
        _ => all.iter().filter(named).collect(),
    };
    let found = match matching[..] {
        [found] => found,
        [] => return Err(missing(all, wanted)),
        _ => return Err(several(&matching, wanted)),
    };
    let chip = wanted.chip.or(found.chip).ok_or_else(|| UsbError::NotABridge {
        place: found.place.clone(),
        vendor: found.vendor,
        product: found.product,
    })?;
    if !chip.has(wanted.channel) {
        return Err(UsbError::NoChannel { place: found.place.clone(), chip });
    }
    if !found.allowed {
        return Err(denied(found));
    }
    Ok((found, chip))
}

pub(super) fn denied(found: &Found) -> UsbError {
    let (vendor, product) = (found.vendor, found.product);
    UsbError::Denied { node: found.node.clone(), vendor, product }
}

fn missing(all: &[Found], wanted: &Wanted<'_>) -> UsbError {
    let bridges = all.iter().filter(|f| f.chip.is_some());
    let seen = bridges.map(|f| f.serial.clone().unwrap_or_else(|| f.place.clone()));
    UsbError::Missing { wanted: wanted.id.to_string(), seen: seen.collect() }
}

fn several(matching: &[&Found], wanted: &Wanted<'_>) -> UsbError {
    let places: Vec<String> = matching.iter().map(|f| f.place.clone()).collect();
    UsbError::Ambiguous { wanted: wanted.id.to_string(), places }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    fn found(place: &str, serial: Option<&str>, product: u16) -> Found {
        Found {
            vendor: 0x0403,
            product,
            chip: Chip::of(0x0403, product, 0x0700),
            serial: serial.map(String::from),
            place: place.into(),
            node: format!("/dev/bus/usb/{place}").into(),
            allowed: true,
        }
    }

    fn any(id: &str) -> Wanted<'_> {
        Wanted { id, chip: None, channel: Channel::A }
    }

    #[test]
    fn by_serial_number_place_or_alone() {
        let all = [found("1-1", None, 0x6014), found("1-2.4", Some("AB"), 0x6010)];
        for (id, place, chip) in [
            ("AB", "1-2.4", Chip::Ft2232h),
            ("1-1", "1-1", Chip::Ft232h),
            ("1-2.4", "1-2.4", Chip::Ft2232h),
        ] {
            let (found, got) = choose(&all, &any(id)).unwrap();
            assert_eq!((found.place.as_str(), got), (place, chip));
        }
        assert_eq!(choose(&all[..1], &any("any")).unwrap().0.place, "1-1");
    }

    #[test]
    fn each_reason_is_told_apart() {
        let mut all = [
            found("1-1", Some("AB"), 0x6014),
            found("1-2", Some("AB"), 0x6014),
            found("1-3", Some("R"), 0x6001),
            found("1-4", Some("LOCKED"), 0x6010),
        ];
        all[3].allowed = false;
        let error = |wanted: Wanted<'_>| choose(&all, &wanted).unwrap_err();
        let missing = error(any("XY"));
        assert_eq!(missing.code(), "missing");
        assert!(missing.to_string().contains("AB, AB, LOCKED"), "{missing}");
        let several = error(any("AB"));
        assert_eq!(several.code(), "ambiguous");
        assert!(several.to_string().contains("usb:1-1"), "{several}");
        assert_eq!(error(any("any")).code(), "ambiguous");
        assert_eq!(error(any("R")).code(), "no-mpsse");
        assert_eq!(error(any("LOCKED")).code(), "denied");
        let b = Wanted { channel: Channel::B, ..any("1-1") };
        assert_eq!(error(b).code(), "no-mpsse");
        assert_eq!(choose(&[], &any("any")).unwrap_err().code(), "missing");
    }

    #[test]
    fn changed_numbers_are_told_by_the_user() {
        let mut changed = found("1-1", Some("OWN"), 0x1234);
        changed.vendor = 0x1209;
        let wanted = Wanted { chip: Some(Chip::Ft232h), ..any("OWN") };
        assert_eq!(choose(&[changed], &wanted).unwrap().1, Chip::Ft232h);
    }
}

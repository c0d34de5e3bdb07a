//! What a configuration will take and how fast it will be, without any tool.

mod area;
mod network;
mod rate;

pub use area::Estimate;
pub use network::network;
pub use rate::{Rates, Work};

use deku_sim::SimOptions;

use crate::bench::Timing;
use crate::error::{Error, Result};

/// The SPI of a Raspberry Pi: an idle period between bytes and a pause between frames, as the simulation has them.
///
/// # Errors
/// `estimate/link` if the module cannot follow SCK.
pub fn link(sck_hz: u64, clk_hz: u64) -> Result<Timing> {
    let most = clk_hz * 4 / 5;
    if !(1..=most).contains(&sck_hz) {
        let what = format!("SCK of {sck_hz} Hz at a system clock of {clk_hz} Hz");
        return Err(Error::usage("estimate/link", what)
            .cause("the system clock must be at least 1.25 times SCK")
            .fix(format!("give --sck-hz from 1 to {most}")));
    }
    Ok(Timing::of(&SimOptions { clk_hz, sck_hz, ..SimOptions::default() }))
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn the_module_must_follow_sck() {
        assert_eq!(link(38_400_000, 48_000_000).unwrap().sck_per_byte, 9);
        let error = link(38_400_001, 48_000_000).unwrap_err();
        assert_eq!(error.code, "estimate/link");
        assert!(error.fix.ends_with("from 1 to 38400000"), "{error}");
        assert!(link(0, 48_000_000).is_err());
    }
}

//! Dividers of the PLL.

use crate::config::Fabric;

/// Settings of a PLL; what they make depends on the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pll {
    /// Divider of the reference.
    pub reference: u32,
    /// Divider of the feedback.
    pub feedback: u32,
    /// Divider of the output.
    pub output: u32,
    /// Range of the loop filter, where there is one to choose.
    pub filter: u32,
}

/// What the PLL of a family can do.
struct Family {
    /// Largest divider of the reference.
    reference: u32,
    /// Largest divider of the feedback.
    feedback: u32,
    /// Dividers of the output.
    outputs: &'static [u32],
    /// The feedback is taken behind the output divider, not from the oscillator.
    outer: bool,
    /// Legal frequencies at the phase detector, Hz.
    detector: std::ops::RangeInclusive<u64>,
    /// Legal frequencies of the oscillator, Hz.
    oscillator: std::ops::RangeInclusive<u64>,
    /// Legal frequencies at the output, Hz.
    made: std::ops::RangeInclusive<u64>,
}

/// Powers of two.
const ICE40_OUTPUTS: &[u32] = &[2, 4, 8, 16, 32, 64];
/// What is of use: the oscillator makes 400 MHz at least.
const ECP5_OUTPUTS: &[u32] = &[2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 40];

/// iCE40 with simple feedback: output = reference x feedback / (reference divider x output divider), where the
/// feedback is that of the oscillator (Lattice FPGA-TN-02052).
const ICE40: Family = Family {
    reference: 16,
    feedback: 64,
    outputs: ICE40_OUTPUTS,
    outer: false,
    detector: 10_000_000..=133_000_000,
    oscillator: 533_000_000..=1_066_000_000,
    made: 16_000_000..=275_000_000,
};

/// ECP5 with feedback from CLKOP: output = reference x feedback / reference divider, the oscillator runs
/// `output` times as fast (Lattice FPGA-TN-02200).
const ECP5: Family = Family {
    reference: 16,
    feedback: 80,
    outputs: ECP5_OUTPUTS,
    outer: true,
    detector: 3_125_000..=400_000_000,
    oscillator: 400_000_000..=800_000_000,
    made: 10_000_000..=400_000_000,
};

/// Outputs of rPLL.
const GOWIN_OUTPUTS: &[u32] = &[2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128];

/// rPLL of Gowin with internal feedback: output = reference x feedback / reference divider, the oscillator runs
/// `output` times as fast (Gowin UG286; what GW1NR-9 C6/I5 and GW2AR-18 C8/I7 have in common, DS117 and DS226).
const GOWIN: Family = Family {
    reference: 64,
    feedback: 64,
    outputs: GOWIN_OUTPUTS,
    outer: true,
    detector: 3_000_000..=400_000_000,
    oscillator: 500_000_000..=1_200_000_000,
    made: 3_906_250..=600_000_000,
};

impl Family {
    fn of(fabric: Fabric) -> Option<&'static Self> {
        match fabric {
            Fabric::Ice40 => Some(&ICE40),
            Fabric::Ecp5 => Some(&ECP5),
            Fabric::Gowin => Some(&GOWIN),
            Fabric::Behavioural => None,
        }
    }

    /// The whole frequency at the output, if the settings are legal.
    fn makes(&self, hz: u64, pll: &Pll) -> Option<u64> {
        let (r, f, o) = (u64::from(pll.reference), u64::from(pll.feedback), u64::from(pll.output));
        let (numerator, denominator) = if self.outer { (hz * f, r) } else { (hz * f, r * o) };
        let made = numerator / denominator;
        let oscillator = if self.outer { made * o } else { hz * f / r };
        let legal = self.detector.contains(&(hz / r))
            && self.oscillator.contains(&oscillator)
            && self.made.contains(&made)
            && numerator % denominator == 0;
        legal.then_some(made)
    }
}

impl Pll {
    /// Settings that make exactly `wanted` from `reference` (both Hz), those with the fastest
    /// phase detector first.
    #[must_use]
    pub fn exact(fabric: Fabric, reference: u32, wanted: u32) -> Option<Self> {
        Self::all(fabric, reference).find(|(_, hz)| *hz == u64::from(wanted)).map(|(pll, _)| pll)
    }

    /// The frequency nearest to `wanted` that can be made exactly, Hz.
    #[must_use]
    pub fn nearest(fabric: Fabric, reference: u32, wanted: u32) -> Option<u64> {
        Self::all(fabric, reference).map(|(_, hz)| hz).min_by_key(|hz| hz.abs_diff(wanted.into()))
    }

    /// The highest frequency up to `limit` that can be made exactly, Hz.
    #[must_use]
    pub fn highest(fabric: Fabric, reference: u32, limit: u32) -> Option<u64> {
        Self::all(fabric, reference).map(|(_, hz)| hz).filter(|hz| *hz <= u64::from(limit)).max()
    }

    /// All settings and the whole frequencies they make.
    fn all(fabric: Fabric, hz: u32) -> impl Iterator<Item = (Self, u64)> {
        let hz = u64::from(hz);
        Family::of(fabric).into_iter().flat_map(move |family| {
            let dividers =
                (1..=family.reference).flat_map(|r| (1..=family.feedback).map(move |f| (r, f)));
            let settings =
                dividers.flat_map(|(r, f)| family.outputs.iter().map(move |o| (r, f, *o)));
            settings.filter_map(move |(reference, feedback, output)| {
                let filter = filter(hz / u64::from(reference));
                let pll = Self { reference, feedback, output, filter };
                Some((pll, family.makes(hz, &pll)?))
            })
        })
    }
}

/// Range of the iCE40's loop filter for a frequency at the phase detector.
fn filter(detector: u64) -> u32 {
    let above = [17_000_000, 26_000_000, 44_000_000, 66_000_000, 101_000_000];
    1 + above.iter().filter(|limit| detector >= **limit).count() as u32
}

#[cfg(test)]
mod tests {
    use super::Pll;
    use crate::config::Fabric::{Behavioural, Ecp5, Gowin, Ice40};

    #[test]
    fn usual_clocks() {
        let known = Pll { reference: 1, feedback: 64, output: 16, filter: 1 };
        assert_eq!(Pll::exact(Ice40, 12_000_000, 48_000_000), Some(known));
        let half = Pll { reference: 1, feedback: 64, output: 32, filter: 1 };
        assert_eq!(Pll::exact(Ice40, 12_000_000, 24_000_000), Some(half));
        assert_eq!(Pll::exact(Ice40, 25_000_000, 50_000_000).map(|p| p.filter), Some(2));
    }

    #[test]
    fn clocks_of_the_ecp5_boards() {
        for (oscillator, reference, feedback) in [(25_000_000, 5, 16), (48_000_000, 3, 5)] {
            let pll = Pll::exact(Ecp5, oscillator, 80_000_000).unwrap();
            assert_eq!((pll.reference, pll.feedback), (reference, feedback));
            assert!((5..=10).contains(&pll.output), "the oscillator makes 400 to 800 MHz");
        }
    }

    #[test]
    fn clocks_of_the_gowin_boards() {
        for (wanted, reference, feedback) in [(54_000_000, 1, 2), (60_000_000, 9, 20)] {
            let pll = Pll::exact(Gowin, 27_000_000, wanted).unwrap();
            assert_eq!((pll.reference, pll.feedback, pll.output), (reference, feedback, 16));
        }
        assert_eq!(Pll::exact(Gowin, 27_000_000, 58_000_000), None, "1 MHz at the detector");
    }

    #[test]
    fn others_are_not_made_but_neighbours_are() {
        assert_eq!(Pll::exact(Ice40, 12_000_000, 47_000_001), None);
        assert_eq!(Pll::nearest(Ice40, 12_000_000, 47_000_001), Some(47_250_000));
        assert_eq!(Pll::exact(Ice40, 1_000_000, 48_000_000), None, "too slow for the detector");
        assert_eq!(Pll::highest(Ice40, 12_000_000, 50_000_000), Some(48_000_000));
        assert_eq!(Pll::nearest(Ice40, 1_000_000, 48_000_000), None);
        assert_eq!(Pll::nearest(Behavioural, 12_000_000, 48_000_000), None, "there is no PLL");
    }
}

//! Dividers of the PLL.

/// Settings of the iCE40 PLL with simple feedback:
/// output = reference x (divf + 1) / ((divr + 1) x 2^divq).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pll {
    /// Divider of the reference.
    pub divr: u32,
    /// Divider of the feedback.
    pub divf: u32,
    /// Divider of the output, as a power of two.
    pub divq: u32,
    /// Range of the loop filter.
    pub filter: u32,
}

const PHASE_DETECTOR_HZ: std::ops::RangeInclusive<u64> = 10_000_000..=133_000_000;
const OSCILLATOR_HZ: std::ops::RangeInclusive<u64> = 533_000_000..=1_066_000_000;
const OUTPUT_HZ: std::ops::RangeInclusive<u64> = 16_000_000..=275_000_000;

impl Pll {
    /// Settings that make exactly `wanted` from `reference` (both Hz), those with the fastest
    /// phase detector first.
    #[must_use]
    pub fn exact(reference: u32, wanted: u32) -> Option<Self> {
        Self::all(reference).find(|(_, hz)| *hz == u64::from(wanted)).map(|(pll, _)| pll)
    }

    /// The frequency nearest to `wanted` that can be made exactly, Hz.
    #[must_use]
    pub fn nearest(reference: u32, wanted: u32) -> Option<u64> {
        Self::all(reference).map(|(_, hz)| hz).min_by_key(|hz| hz.abs_diff(wanted.into()))
    }

    /// The highest frequency up to `limit` that can be made exactly, Hz.
    #[must_use]
    pub fn highest(reference: u32, limit: u32) -> Option<u64> {
        Self::all(reference).map(|(_, hz)| hz).filter(|hz| *hz <= u64::from(limit)).max()
    }

    /// All settings and the whole frequencies they make.
    fn all(reference: u32) -> impl Iterator<Item = (Self, u64)> {
        let reference = u64::from(reference);
        let dividers = (0..16u32).flat_map(|r| (0..64u32).map(move |f| (r, f)));
        let settings = dividers.flat_map(|(r, f)| (1..=6u32).map(move |q| (r, f, q)));
        settings.filter_map(move |(divr, divf, divq)| {
            let detector = reference / u64::from(divr + 1);
            let oscillator = reference * u64::from(divf + 1) / u64::from(divr + 1);
            let divider = u64::from(divr + 1) << divq;
            let product = reference * u64::from(divf + 1);
            let legal = PHASE_DETECTOR_HZ.contains(&detector)
                && OSCILLATOR_HZ.contains(&oscillator)
                && OUTPUT_HZ.contains(&(product / divider))
                && product % divider == 0;
            let pll = Self { divr, divf, divq, filter: filter(detector) };
            legal.then_some((pll, product / divider))
        })
    }
}

/// Range of the loop filter for a frequency at the phase detector.
fn filter(detector: u64) -> u32 {
    let above = [17_000_000, 26_000_000, 44_000_000, 66_000_000, 101_000_000];
    1 + above.iter().filter(|limit| detector >= **limit).count() as u32
}

#[cfg(test)]
mod tests {
    use super::Pll;

    #[test]
    fn usual_clocks() {
        let known = Pll { divr: 0, divf: 63, divq: 4, filter: 1 };
        assert_eq!(Pll::exact(12_000_000, 48_000_000), Some(known));
        let half = Pll { divr: 0, divf: 63, divq: 5, filter: 1 };
        assert_eq!(Pll::exact(12_000_000, 24_000_000), Some(half));
        assert_eq!(Pll::exact(25_000_000, 50_000_000).map(|p| p.filter), Some(2));
    }

    #[test]
    fn others_are_not_made_but_neighbours_are() {
        assert_eq!(Pll::exact(12_000_000, 47_000_001), None);
        assert_eq!(Pll::nearest(12_000_000, 47_000_001), Some(47_250_000));
        assert_eq!(Pll::exact(1_000_000, 48_000_000), None, "too slow for the phase detector");
        assert_eq!(Pll::highest(12_000_000, 50_000_000), Some(48_000_000));
        assert_eq!(Pll::nearest(1_000_000, 48_000_000), None);
    }
}

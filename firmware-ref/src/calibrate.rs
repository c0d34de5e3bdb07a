//! Calibration of the scale S of each layer (recipe, section 7).

use crate::config::MAX_LAYERS;
use crate::format::E8M0;
use crate::list::Entry;
use crate::memory::Storage;
use crate::network::{Network, NetworkError};

/// Samples with a positive accumulator that are looked at.
pub const SAMPLES: u32 = 256;
/// The largest accumulator of a typical sample comes out as 2^3.
const HEADROOM: i32 = 3;

/// Collects the largest accumulators of one layer.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    inputs: usize,
    images: bool,
    /// Samples by floor(log2(largest accumulator)).
    exponents: [u32; 16],
    samples: u32,
    entries: u64,
}

impl Calibration {
    /// For a layer with so many inputs; `images` if they are the pixels of images.
    #[must_use]
    pub const fn new(inputs: usize, images: bool) -> Self {
        Self { inputs, images, exponents: [0; 16], samples: 0, entries: 0 }
    }

    /// Takes a sample: its largest accumulator (units of half, 0 if none was positive) and the
    /// length of its list. Samples without a positive accumulator, and those after the first 256,
    /// are ignored. Returns whether more samples are wanted.
    pub fn observe(&mut self, largest: u16, entries: usize) -> bool {
        if self.samples < SAMPLES && largest > 0 {
            self.samples += 1;
            self.entries += entries as u64;
            self.exponents[largest.ilog2() as usize] += 1;
        }
        self.samples < SAMPLES
    }

    /// S: the lower median of the exponents, minus 3, plus 1 for images or lists longer than half
    /// the inputs on average, clamped to 0..=15. `None` if there was no sample.
    #[must_use]
    pub fn shift(&self) -> Option<u8> {
        let rank = self.samples.checked_sub(1)? / 2;
        let mut below = 0;
        let median = self.exponents.iter().position(|&n| {
            below += n;
            below > rank
        })?;
        let dense = 2 * self.entries > self.inputs as u64 * u64::from(self.samples);
        let shift = median as i32 - HEADROOM + i32::from(self.images || dense);
        Some(shift.clamp(0, i32::from(E8M0::MAX_SHIFT)) as u8)
    }
}

impl<S: Storage> Network<S> {
    /// Calibrates the scale of every layer with these samples, from the input up: sets it and
    /// returns it. A layer in which no sample has a positive accumulator keeps its scale (`None`).
    ///
    /// `images` says whether the inputs of layer 0 are pixels. Label rows are left out.
    ///
    /// # Errors
    /// [`NetworkError::List`] if a sample is illegal; the layers before are calibrated then.
    pub fn calibrate<'l, I>(
        &mut self,
        images: bool,
        samples: I,
    ) -> Result<[Option<u8>; MAX_LAYERS], NetworkError>
    where
        I: IntoIterator<Item = &'l [Entry]> + Clone,
    {
        let mut shifts = [None; MAX_LAYERS];
        let layers = self.config.layers().len();
        for (layer, found) in shifts[..layers].iter_mut().enumerate() {
            *found = self.find_shift(layer, images && layer == 0, samples.clone())?;
            if let Some(shift) = *found {
                self.set_shift(layer, shift)?;
            }
        }
        Ok(shifts)
    }

    fn find_shift<'l>(
        &mut self,
        layer: usize,
        images: bool,
        samples: impl IntoIterator<Item = &'l [Entry]>,
    ) -> Result<Option<u8>, NetworkError> {
        let inputs = match layer {
            0 => self.config.record_inputs(),
            _ => self.span(layer).inputs,
        };
        let mut calibration = Calibration::new(inputs, images);
        for list in samples {
            let (largest, entries) = self.probe(list, layer)?;
            if !calibration.observe(largest, entries) {
                break;
            }
        }
        Ok(calibration.shift())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(largest: &[u16], entries: usize, images: bool) -> Option<u8> {
        let mut c = Calibration::new(100, images);
        for &a in largest {
            c.observe(a, entries);
        }
        c.shift()
    }

    #[test]
    fn lower_median_minus_headroom() {
        assert_eq!(shift(&[64, 255, 256], 10, false), Some(4));
        assert_eq!(shift(&[64, 128, 256, 512], 10, false), Some(4));
        assert_eq!(shift(&[0, 0, 0, 31], 10, false), Some(1));
        assert_eq!(shift(&[3], 10, false), Some(0));
        assert_eq!(shift(&[32760], 10, false), Some(11));
        assert_eq!(shift(&[0, 0], 10, false), None);
    }

    #[test]
    fn one_more_for_images_and_dense_lists() {
        assert_eq!(shift(&[128], 50, false), Some(4));
        assert_eq!(shift(&[128], 51, false), Some(5));
        assert_eq!(shift(&[128], 10, true), Some(5));
        assert_eq!(shift(&[128], 51, true), Some(5));
    }

    #[test]
    fn only_the_first_256_count() {
        let mut c = Calibration::new(100, false);
        for n in 1..=300 {
            let wanted = c.observe(if n <= 256 { 128 } else { 32000 }, 1);
            assert_eq!(wanted, n < 256);
        }
        assert_eq!((c.samples, c.shift()), (256, Some(4)));
    }

    #[test]
    fn a_stack_is_calibrated_from_the_input_up() {
        use crate::config::{LayerConfig, NetworkConfig, TrainConfig};
        use crate::{Entry, OwnedMemory, OwnedNetwork, E2M1};
        let layer = |inputs, columns| LayerConfig { inputs, columns, shift: 9 };
        let config = NetworkConfig::new(&[layer(100, 40), layer(40, 30)], 2).unwrap();
        let train = TrainConfig::IMAGES;
        let mut net = OwnedNetwork::new(&config, &train, OwnedMemory::new(&config)).unwrap();
        let samples: Vec<Vec<Entry>> =
            (0..20).map(|n| (n..n + 60).map(|i| Entry::new(i, E2M1::MAX)).collect()).collect();
        let lists = samples.iter().map(|l| &l[..]);
        // All weights 0: nothing to see.
        assert_eq!(net.calibrate(true, lists.clone()), Ok([None; 4]));
        assert_eq!(net.config().layers()[0].shift, 9);
        net.initialise_latents(1);
        let counters = *net.counters();
        let shifts = net.calibrate(true, lists.clone()).unwrap();
        assert_eq!(net.counters(), &counters);
        let set: Vec<_> = net.config().layers().iter().map(|l| Some(l.shift)).collect();
        assert_eq!(shifts, [set[0], set[1], None, None]);
        // 12 * sqrt(60 / 2) is 66, its largest of 40 columns about 150.
        assert_eq!(shifts[0], Some(5));
        let (largest, entries) = net.probe(&samples[0], 1).unwrap();
        assert!(largest > 0 && entries > 5 && entries < 40);
    }
}

//! The UCI digits: 1,797 images of 8x8 pixels with values 0..=16, embedded in `smartcore`.

use smartcore::dataset::digits::load_dataset;

use super::{shuffle, Pixels, Split};
use crate::error::{Error, Result};

const IMAGES: usize = 1797;
const SIDE: usize = 8;
const TEST_IMAGES: usize = 360;
const SPLIT_SEED: u32 = 1;

/// Training and test images; the split never depends on the user's seed.
pub fn load() -> Result<Split> {
    let (pixels, labels) = embedded()?;
    let order = shuffle::permutation(IMAGES, SPLIT_SEED);
    let (train, test) = order.split_at(IMAGES - TEST_IMAGES);
    let pick = |chosen: &[usize]| Pixels {
        inputs: SIDE * SIDE,
        values: chosen
            .iter()
            .flat_map(|&n| &pixels[n * SIDE * SIDE..(n + 1) * SIDE * SIDE])
            .copied()
            .collect(),
        labels: chosen.iter().map(|&n| labels[n]).collect(),
    };
    Ok(Split { train: pick(train), test: pick(test), side: Some(SIDE) })
}

/// Pixels scaled to 0..=255 and labels, in the order of the original file.
fn embedded() -> Result<(Vec<u8>, Vec<u8>)> {
    let set = load_dataset();
    let broken = || {
        Error::input("data/digits", "the embedded digits are not the 1,797 images expected")
            .cause("another version of the `smartcore` crate was linked")
            .fix("build with the committed Cargo.lock (`cargo build --locked`)")
    };
    let whole = |v: &f32, max: f32| v.fract() == 0.0 && (0.0..=max).contains(v);
    if set.num_samples != IMAGES
        || set.data.len() != IMAGES * SIDE * SIDE
        || set.target.len() != IMAGES
        || !set.data.iter().all(|v| whole(v, 16.0))
        || !set.target.iter().all(|v| whole(v, 9.0))
    {
        return Err(broken());
    }
    let pixels = set.data.iter().map(|&v| (255 * v as u32 / 16) as u8).collect();
    Ok((pixels, set.target.iter().map(|&v| v as u8).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_images_are_the_uci_digits_in_their_order() {
        let set = load_dataset();
        // First image and facts published with scikit-learn's copy of the set.
        let first = [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0];
        assert!(first.iter().zip(&set.data).all(|(a, b)| *a as f32 == *b));
        assert_eq!(set.data.iter().map(|&v| v as u32).sum::<u32>(), 561_718);
        let counts = (0..10).map(|c| set.target.iter().filter(|&&t| t == c as f32).count());
        assert_eq!(counts.collect::<Vec<_>>(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(&set.target[..12], [0., 1., 2., 3., 4., 5., 6., 7., 8., 9., 0., 1.]);
    }

    #[test]
    fn the_split_is_fixed() {
        let split = load().unwrap();
        assert_eq!((split.train.labels.len(), split.test.labels.len()), (1437, 360));
    }
}

//! Images of 28x28 pixels in idx files: MNIST, Fashion-MNIST.

use std::path::Path;

use deku_ref::E2M1;

use super::{idx, Pixels, Split};
use crate::error::{Error, Result};

const SIDE: usize = 28;

/// The four files in `dir`.
pub fn load(dir: &Path) -> Result<Split> {
    Ok(Split { train: part(dir, "train")?, test: part(dir, "t10k")?, side: Some(SIDE) })
}

fn part(dir: &Path, name: &str) -> Result<Pixels> {
    let images = idx::read_named(dir, &format!("{name}-images-idx3-ubyte"), 3)?;
    let labels = idx::read_named(dir, &format!("{name}-labels-idx1-ubyte"), 1)?;
    if images.shape[1..] != [SIDE, SIDE] {
        return Err(mismatch(
            dir,
            name,
            &format!("images of {:?} pixels instead of 28x28", &images.shape[1..]),
        ));
    }
    if images.shape[0] != labels.shape[0] || images.shape[0] == 0 {
        return Err(mismatch(
            dir,
            name,
            &format!("{} images and {} labels", images.shape[0], labels.shape[0]),
        ));
    }
    Ok(Pixels { inputs: SIDE * SIDE, values: images.bytes, labels: labels.bytes })
}

fn mismatch(dir: &Path, name: &str, text: &str) -> Error {
    Error::input(
        "data/mnist",
        format!("the `{name}` files in `{}` do not fit: {text}", dir.display()),
    )
    .cause("files of different data sets, or of another kind, lie in one directory")
    .fix("put the four files of one data set there")
}

/// 14x14 codes: doubled value `(12 s + 510) / 1020` of the sum s of 2x2 pixels, to the nearest.
pub fn mean_codes(image: Vec<u8>) -> impl Iterator<Item = E2M1> {
    let half = SIDE / 2;
    (0..half * half).map(move |k| {
        let corner = k / half * 2 * SIDE + k % half * 2;
        let sum: u32 = [0, 1, SIDE, SIDE + 1].iter().map(|d| u32::from(image[corner + d])).sum();
        E2M1::nearest((12 * sum + 510) / 1020)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_2x2() {
        let mut image = vec![0; SIDE * SIDE];
        image[..2].fill(255);
        image[SIDE + 28 + 2] = 255; // row 2, column 2
        let codes: Vec<u8> = mean_codes(image).map(E2M1::magnitude).collect();
        assert_eq!((codes.len(), codes[0], codes[15], codes[1]), (196, 6, 3, 0));
    }
}

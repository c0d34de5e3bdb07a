//! What the columns of each class have learned: the weights of the first layer, class by class.

use super::{Model, Phase};

/// Ternary value of a latent.
fn weight(latent: u8) -> i32 {
    i32::from(latent >> 6) - 1
}

impl Model {
    /// For each class what its columns have more or less than those of all classes, per input of
    /// a sample, as mean ternary weights.
    ///
    /// A class owns columns by its mask. Where labels are rows of the input no class owns any: a
    /// column then counts for a class as much as it listens to the label's rows.
    #[must_use]
    pub fn learned(&self) -> Vec<Vec<f64>> {
        let s = &self.settings;
        let shares: Vec<Vec<f64>> = (0..s.classes)
            .map(|class| match s.phase {
                Phase::Labelled => self.owned(class),
                Phase::Pair | Phase::Single | Phase::Overlay => self.listening(class),
            })
            .collect();
        let columns = s.columns[0];
        let mut images = vec![Vec::with_capacity(s.inputs); s.classes];
        for row in self.layers[0].latents.chunks_exact(columns).take(s.inputs) {
            let row: Vec<f64> = row.iter().map(|&latent| f64::from(weight(latent))).collect();
            for (image, shares) in images.iter_mut().zip(&shares) {
                image.push(row.iter().zip(shares).map(|(weight, share)| weight * share).sum());
            }
        }
        distinctive(images)
    }

    /// The same share for each column that the class owns, 1 in all.
    fn owned(&self, class: usize) -> Vec<f64> {
        let columns = self.settings.columns[0];
        let mask = &self.layers[0].masks[class * columns..(class + 1) * columns];
        let share = 1.0 / mask.iter().filter(|&&m| m != 0).count().max(1) as f64;
        mask.iter().map(|&m| if m == 0 { 0.0 } else { share }).collect()
    }

    /// How much each column listens to the label's rows: their mean weight, shared by all columns.
    fn listening(&self, class: usize) -> Vec<f64> {
        let s = &self.settings;
        let columns = s.columns[0];
        let first = s.inputs + class * s.copies;
        let rows = &self.layers[0].latents[first * columns..(first + s.copies) * columns];
        let mut sums = vec![0; columns];
        for row in rows.chunks_exact(columns) {
            sums.iter_mut().zip(row).for_each(|(sum, &latent)| *sum += weight(latent));
        }
        let all = (s.copies * columns).max(1) as f64;
        sums.into_iter().map(|sum| f64::from(sum) / all).collect()
    }
}

/// What each image has more or less than their mean.
fn distinctive(mut images: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let count = images.len().max(1) as f64;
    let pixels = images.first().map_or(0, Vec::len);
    for pixel in 0..pixels {
        let mean = images.iter().map(|image| image[pixel]).sum::<f64>() / count;
        images.iter_mut().for_each(|image| image[pixel] -= mean);
    }
    images
}

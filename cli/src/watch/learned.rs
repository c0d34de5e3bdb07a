//! What the columns of each class have learned, in a form that fits into a line of a log.

use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::model::Model;

/// Values of all images together; with more, only the first classes are told of.
const MOST_VALUES: usize = 32 * 1024;
/// Inputs named per class where samples are no images.
const STRONGEST: usize = 6;

/// What the columns of each class want to see, compared with those of all classes. Values are in
/// percent of the largest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Samples learned from.
    pub samples: u64,
    /// Mean ternary weight that 100 stands for.
    pub largest: f64,
    /// Classes of the network; images may show fewer.
    pub classes: usize,
    /// Side of the images, where samples are images.
    pub side: Option<usize>,
    /// An image per class, row by row.
    pub images: Vec<Vec<i8>>,
    /// Per class its name and the inputs that count most, where samples are no images.
    pub strongest: Vec<Strongest>,
}

/// What counts most for a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strongest {
    /// The class.
    pub class: String,
    /// Inputs and their values, the largest first.
    pub inputs: Vec<(String, i8)>,
}

impl Learned {
    /// Of a model that has learned from `samples`.
    #[must_use]
    pub fn of(model: &Model, data: &Dataset, samples: u64) -> Self {
        let weights = model.learned();
        let largest = weights.iter().flatten().fold(0.0f64, |most, w| most.max(w.abs()));
        let percent = |w: &f64| if largest > 0.0 { (100.0 * w / largest).round() as i8 } else { 0 };
        let values: Vec<Vec<i8>> =
            weights.iter().map(|image| image.iter().map(percent).collect()).collect();
        let classes = values.len();
        let largest = (largest * 1e4).round() / 1e4;
        let (images, strongest) = match data.side {
            Some(side) => (fitting(values, side * side), Vec::new()),
            None => (Vec::new(), strongest(&values, data)),
        };
        Self { samples, largest, classes, side: data.side, images, strongest }
    }
}

fn fitting(mut images: Vec<Vec<i8>>, pixels: usize) -> Vec<Vec<i8>> {
    images.truncate(MOST_VALUES / pixels.max(1));
    images
}

fn strongest(values: &[Vec<i8>], data: &Dataset) -> Vec<Strongest> {
    let of_class = |(class, values): (usize, &Vec<i8>)| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|&input| std::cmp::Reverse(values[input].unsigned_abs()));
        let inputs = order.into_iter().take(STRONGEST).filter(|&input| values[input] != 0);
        Strongest {
            class: data.class_name(class),
            inputs: inputs.map(|input| (data.input_name(input), values[input])).collect(),
        }
    };
    values.iter().enumerate().map(of_class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{NetworkArgs, RunArgs};
    use crate::setup;

    fn fresh(network: NetworkArgs, data: &Dataset) -> Model {
        setup::fresh(&network, &RunArgs::default(), data).unwrap().0
    }

    /// Row `input` of all columns that `class` owns becomes +1, everything else 0.
    fn teach(model: &mut Model, class: usize, input: usize) {
        let columns = model.settings.columns[0];
        let layer = &mut model.layers[0];
        layer.latents.fill(64);
        for column in 0..columns {
            if layer.masks[class * columns + column] != 0 {
                layer.latents[input * columns + column] = 128;
            }
        }
    }

    #[test]
    fn images_show_what_a_class_wants() {
        let data = Dataset::load("digits", None).unwrap();
        let mut model = fresh(NetworkArgs::default(), &data);
        teach(&mut model, 3, 20);
        let learned = Learned::of(&model, &data, 5);
        assert_eq!((learned.side, learned.images.len(), learned.samples), (Some(8), 10, 5));
        assert_eq!(learned.images[3][20], 100);
        assert!(learned.largest > 0.3 && learned.largest < 1.0, "{}", learned.largest);
        assert!((0..10).all(|class| class == 3 || learned.images[class][20] < 50));
        assert!(learned.images.iter().all(|image| image[..20].iter().all(|&v| v == 0)));
    }

    #[test]
    fn label_rows_say_what_a_column_stands_for() {
        let data = Dataset::load("digits", None).unwrap();
        let mut model = fresh(NetworkArgs { overlay: Some(2), ..NetworkArgs::default() }, &data);
        let columns = model.settings.columns[0];
        let latents = &mut model.layers[0].latents;
        latents.fill(64);
        // Column 7 listens to both rows of label 4, and wants input 9 but not input 10.
        for (row, latent) in [(64 + 8, 128), (64 + 9, 128), (9, 128), (10, 0)] {
            latents[row * columns + 7] = latent;
        }
        let learned = Learned::of(&model, &data, 0);
        assert_eq!((learned.images[4][9], learned.images[4][10]), (100, -100));
        assert_eq!(learned.images[4][11], 0);
    }

    #[test]
    fn calls_have_names() {
        let folder = tempfile::tempdir().unwrap();
        let lines = [
            ("t.vocab.txt", "open\nread\nclose\n"),
            ("t.train.txt", "open read close\n"),
            ("t.test.txt", "open read\n"),
        ];
        for (name, text) in lines {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let prefix = format!("calls:{}", folder.path().join("t").display());
        let data = Dataset::load(&prefix, None).unwrap();
        let mut model = fresh(NetworkArgs { columns: vec![64], ..NetworkArgs::default() }, &data);
        teach(&mut model, 1, 3);
        let learned = Learned::of(&model, &data, 0);
        assert_eq!((learned.side, learned.images.len(), learned.classes), (None, 0, 3));
        assert_eq!(learned.strongest[1].class, "read");
        assert_eq!(learned.strongest[1].inputs, [("open, 2 calls before".to_owned(), 100)]);
    }
}

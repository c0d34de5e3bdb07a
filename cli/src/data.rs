//! Data sets: where they come from and how they become lists of non-zero inputs.

mod calls;
mod csv;
mod digits;
mod idx;
mod mnist;
mod samples;
mod shuffle;

use deku_ref::E2M1;

pub use csv::Scaling;
pub use samples::Samples;
pub use shuffle::permutation;

use crate::error::{Error, Result};

/// Samples before they are encoded: pixels 0..=255, row by row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pixels {
    inputs: usize,
    values: Vec<u8>,
    labels: Vec<u8>,
}

/// Training and test samples before they are encoded.
#[derive(Debug)]
pub(crate) struct Split {
    train: Pixels,
    test: Pixels,
    /// Side of the square image, if the samples are images.
    side: Option<usize>,
}

/// A data set, ready to train on.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What is before the colon of `--data`.
    pub kind: String,
    /// Inputs of a sample.
    pub inputs: usize,
    /// Classes in the data: greatest label + 1, or names in the vocabulary.
    pub classes: usize,
    /// Side of the square image, if the samples are images.
    pub side: Option<usize>,
    /// Names of the calls, if the samples are windows of calls.
    pub names: Vec<String>,
    /// How a table's features were scaled.
    pub scaling: Option<Scaling>,
    /// To learn from.
    pub train: Samples,
    /// Never learned from.
    pub test: Samples,
}

impl Dataset {
    /// Loads what `--data` names; `scaling` is that of a saved model.
    pub fn load(spec: &str, scaling: Option<&Scaling>) -> Result<Self> {
        let (kind, place) = spec.split_once(':').unwrap_or((spec, ""));
        let (split, scaling) = match (kind, place) {
            ("digits", "") => (digits::load()?, None),
            ("mnist", dir) if !dir.is_empty() => (mnist::load(dir.as_ref())?, None),
            ("mnist14", dir) if !dir.is_empty() => {
                return Ok(Self::encoded(kind, mnist::load(dir.as_ref())?, None, mnist::mean_codes))
            }
            ("calls", prefix) if !prefix.is_empty() => return Self::calls(kind, prefix),
            ("csv", file) if !file.is_empty() => {
                let (split, scaling) = csv::load(file, scaling)?;
                (split, Some(scaling))
            }
            _ => {
                return Err(Error::usage("data/spec", format!("unknown data `{spec}`"))
                    .cause(
                        "--data takes digits, mnist:DIR, mnist14:DIR, calls:PREFIX, csv:FILE or csv:TRAIN,TEST",
                    )
                    .fix("write for example `--data digits` or `--data mnist14:path/to/mnist`"))
            }
        };
        Ok(Self::encoded(kind, split, scaling, pixel_codes))
    }

    fn calls(kind: &str, prefix: &str) -> Result<Self> {
        let (train, test, names) = calls::load(prefix)?;
        let (kind, classes) = (kind.to_owned(), names.len());
        let inputs = calls::WINDOW * classes;
        Ok(Self { kind, inputs, classes, side: None, names, scaling: None, train, test })
    }

    fn encoded<I: Iterator<Item = E2M1>>(
        kind: &str,
        split: Split,
        scaling: Option<Scaling>,
        codes: fn(Vec<u8>) -> I,
    ) -> Self {
        let encode = |pixels: &Pixels| {
            let mut samples = Samples::default();
            for (image, &label) in
                pixels.values.chunks_exact(pixels.inputs.max(1)).zip(&pixels.labels)
            {
                samples.push(codes(image.to_vec()), label);
            }
            samples
        };
        let labels = split.train.labels.iter().chain(&split.test.labels);
        let blank = vec![0; split.train.inputs];
        let inputs = codes(blank).count();
        Self {
            kind: kind.to_owned(),
            inputs,
            classes: usize::from(labels.copied().max().unwrap_or(0)) + 1,
            side: split.side.map(|_| inputs.isqrt()),
            names: Vec::new(),
            scaling,
            train: encode(&split.train),
            test: encode(&split.test),
        }
    }

    /// Keeps the last `validation` training samples out of training, to evaluate on them instead
    /// of the test samples, then keeps the first `samples`.
    pub fn restrict(&mut self, validation: usize, samples: Option<usize>) -> Result<()> {
        let all = self.train.len();
        if validation >= all {
            return Err(Error::usage(
                "data/validation",
                format!("--validation {validation} leaves none of the {all} training samples"),
            )
            .cause("the validation samples are cut off the end of the training samples")
            .fix(format!("use a number below {all}")));
        }
        if validation > 0 {
            self.test = self.train.split_off(all - validation);
        }
        match samples {
            Some(0) => Err(Error::usage("data/samples", "--samples 0 leaves nothing to train on")
                .cause("--samples is the number of training samples to use")
                .fix("use 1 or more")),
            Some(n) if n > self.train.len() => Err(Error::usage(
                "data/samples",
                format!("--samples {n}: the set has {} training samples", self.train.len()),
            )
            .cause("--samples is the number of different samples, not of examples seen")
            .fix("use a smaller number, or more --epochs")),
            Some(n) => {
                drop(self.train.split_off(n));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Keeps `count` test samples from `first` on.
    pub fn keep_test(&mut self, first: usize, count: usize) -> Result<()> {
        let all = self.test.len();
        if first >= all || count == 0 {
            return Err(Error::usage(
                "data/range",
                format!("there are no samples {first} to {}", first.saturating_add(count)),
            )
            .cause(format!("the set has {all} samples, 0 to {}", all.saturating_sub(1)))
            .fix("choose other --first and --count"));
        }
        let mut kept = self.test.split_off(first);
        if count < kept.len() {
            drop(kept.split_off(count));
        }
        self.test = kept;
        Ok(())
    }

    /// A class, for people.
    #[must_use]
    pub fn class_name(&self, class: usize) -> String {
        self.names.get(class).cloned().unwrap_or_else(|| class.to_string())
    }

    /// An input, for people.
    #[must_use]
    pub fn input_name(&self, input: usize) -> String {
        if self.names.is_empty() {
            return format!("feature {}", input + 1);
        }
        let name = &self.names[input % self.names.len()];
        match input / self.names.len() {
            0 => format!("{name}, 1 call before"),
            position => format!("{name}, {} calls before", position + 1),
        }
    }

    /// Checks the number of inputs against that of a model.
    pub fn check_inputs(&self, inputs: usize) -> Result<()> {
        if self.inputs == inputs {
            return Ok(());
        }
        Err(Error::input(
            "model/data",
            format!("the model takes {inputs} inputs, the data have {}", self.inputs),
        )
        .cause("the model was trained on data of another kind")
        .fix("give the --data it was trained on, or train a new model"))
    }

    /// Checks that every label is one of `classes`.
    pub fn check_classes(&self, classes: usize) -> Result<()> {
        for (what, set) in [("training", &self.train), ("test", &self.test)] {
            if let Some(n) = set.labels().iter().position(|&l| usize::from(l) >= classes) {
                return Err(Error::input("data/class", format!("{what} sample {n} is of class {}, out of range for {classes} classes (0 to {})", set.label(n), classes - 1))
                    .cause("the data holds more classes than --classes or the model allows, or the file is damaged")
                    .fix(format!("use --classes {} for a new model, or other data", self.classes)));
            }
        }
        Ok(())
    }
}

/// Code of each pixel 0..=255: doubled value `(12 p + 127) / 255`, to the nearest code.
fn pixel_codes(image: Vec<u8>) -> impl Iterator<Item = E2M1> {
    image.into_iter().map(|p| E2M1::nearest((12 * u32::from(p) + 127) / 255))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits() -> Dataset {
        Dataset::load("digits", None).unwrap()
    }

    #[test]
    fn digits_are_ten_classes_of_8x8_images() {
        let d = digits();
        assert_eq!((d.inputs, d.classes, d.side), (64, 10, Some(8)));
        assert_eq!((d.train.len(), d.test.len()), (1437, 360));
        assert!((0..d.train.len()).all(|n| d.train.list(n).iter().all(|e| !e.code.is_zero())));
    }

    #[test]
    fn pixels_follow_the_recipe() {
        let codes: Vec<u8> =
            pixel_codes(vec![0, 10, 11, 128, 255]).map(|c| c.magnitude()).collect();
        assert_eq!(codes, [0, 0, 1, 6, 12]);
    }

    #[test]
    fn validation_comes_off_the_end() {
        let (all, mut cut) = (digits(), digits());
        cut.restrict(100, Some(50)).unwrap();
        assert_eq!((cut.train.len(), cut.test.len()), (50, 100));
        assert_eq!(cut.test.list(0), all.train.list(1337));
        assert_eq!(cut.train.list(49), all.train.list(49));
        assert!(digits().restrict(1437, None).is_err());
        assert!(digits().restrict(0, Some(1438)).is_err());
    }

    #[test]
    fn a_class_out_of_range_is_named() {
        let error = digits().check_classes(9).unwrap_err();
        assert!(error.what.contains("class 9, out of range for 9 classes"), "{error}");
    }
}

//! The first byte says which of the four files of a data set the rest is (the other three are
//! sound), and whether the images are to be halved.

use std::path::PathBuf;

use deku_cli::data::{Dataset, Samples};

use super::{check_error, scratch, Seen};

const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];
/// Samples in the sound files.
const COUNT: u8 = 2;

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let Some((choice, file)) = data.split_first() else { return };
    let number = usize::from(choice % 4);
    let folder = sound_but_for(number);
    scratch::write_to(&folder.join(NAMES[number]), file);
    let (kind, inputs) = if choice & 4 == 0 { ("mnist", 784) } else { ("mnist14", 196) };
    match Dataset::load(&format!("{kind}:{}", folder.display()), None) {
        Ok(data) => {
            assert_eq!(data.inputs, inputs);
            assert!(data.test.len() == usize::from(COUNT) || number >= 2);
            legal(&data);
        }
        Err(error) => check_error(&error),
    }
}

/// A folder of which the file `number` is still to be written.
fn sound_but_for(number: usize) -> PathBuf {
    let folder = scratch::path(&format!("idx{number}"));
    if !folder.exists() {
        std::fs::create_dir(&folder).expect("the temporary folder can be written");
        for (n, name) in NAMES.iter().enumerate().filter(|(n, _)| *n != number) {
            scratch::write_to(&folder.join(name), &sound(n % 2 == 0));
        }
    }
    folder
}

fn sound(images: bool) -> Vec<u8> {
    let (shape, size): (&[u8], usize) =
        if images { (&[COUNT, 28, 28], 784) } else { (&[COUNT], 1) };
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|n| file.extend([0, 0, 0, *n]));
    file.extend((0..size * usize::from(COUNT)).map(|n| (n % 7) as u8));
    file
}

/// What every loader promises about the samples it returns.
pub(super) fn legal(data: &Dataset) {
    for samples in [&data.train, &data.test] {
        assert_eq!(samples.labels().len(), samples.len());
        (0..samples.len()).for_each(|n| legal_list(samples, n, data.inputs));
        assert!(samples.labels().iter().all(|label| usize::from(*label) < data.classes));
    }
    let _ = data.train.hash();
}

fn legal_list(samples: &Samples, n: usize, inputs: usize) {
    let checked = deku_ref::list::check(samples.list(n), inputs.max(1));
    checked.unwrap_or_else(|error| panic!("sample {n}: {error}"));
}

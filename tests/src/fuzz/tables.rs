//! The first byte chooses: one table, two tables, or the three files of calls; files are separated
//! by zero bytes.

use deku_cli::data::Dataset;

use super::idx::legal;
use super::{check_error, scratch, Seen};

pub(super) fn run(data: &[u8], _: Seen<'_>) {
    let Some((kind, rest)) = data.split_first() else { return };
    let mut parts = rest.split(|byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let spec = match kind % 3 {
        0 => format!("csv:{}", scratch::write("one.csv", rest).display()),
        1 => {
            let files = ["train.csv", "test.csv"].map(|name| scratch::write(name, next()));
            format!("csv:{},{}", files[0].display(), files[1].display())
        }
        _ => {
            for name in ["vocab.txt", "train.txt", "test.txt"] {
                scratch::write(&format!("calls.{name}"), next());
            }
            format!("calls:{}", scratch::path("calls").display())
        }
    };
    match Dataset::load(&spec, None) {
        Ok(data) => {
            legal(&data);
            same_with_its_own_scaling(&spec, &data);
        }
        Err(error) => check_error(&error),
    }
}

/// What a model remembers of a table gives the same samples again.
fn same_with_its_own_scaling(spec: &str, data: &Dataset) {
    let again = Dataset::load(spec, data.scaling.as_ref()).expect("it could be loaded before");
    assert_eq!((&again.train, &again.test), (&data.train, &data.test));
}

//! `--checkpoint [FILE][,every=N]`: where checkpoints go, and how often.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Checkpoint, RunState};
use crate::error::{Error, Result};
use crate::files;

/// What the option says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    file: Option<PathBuf>,
    every: Option<u64>,
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (file, every) = match text.strip_prefix("every=") {
            Some(every) => ("", Some(every)),
            None => match text.rsplit_once(",every=") {
                Some((file, every)) => (file, Some(every)),
                None => (text, None),
            },
        };
        let number = |text: &str| text.parse().ok().filter(|&n: &u64| n > 0);
        let every = every
            .map(|text| number(text).ok_or(format!("every={text} is no number of samples")))
            .transpose()?;
        Ok(Self { file: (!file.is_empty()).then(|| file.into()), every })
    }
}

/// Where checkpoints go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Samples between two of them; none = at the end of every epoch.
    pub every: Option<u64>,
}

impl Place {
    /// For a run that begins; next to `out` if the wish names no file.
    ///
    /// # Errors
    /// `checkpoint/place` if no file follows from that, `file/folder` if it cannot be written, and
    /// `checkpoint/exists` rather than replacing what somebody may want to go on with.
    pub fn begin(wish: &Wish, out: Option<&Path>) -> Result<Self> {
        let file = match (&wish.file, out) {
            (Some(file), _) => file.clone(),
            (None, Some(out)) => beside(out),
            (None, None) => return Err(nowhere()),
        };
        let place = Self { file, every: wish.every }.checked(out)?;
        if place.file.exists() {
            place.check_finished()?;
        }
        Ok(place)
    }

    /// For a run that goes on from `file`, where it stays unless the wish says otherwise.
    pub fn go_on(wish: &Wish, moved: bool, file: &Path, out: Option<&Path>) -> Result<Self> {
        let other = wish.file.clone().filter(|_| moved);
        Self { file: other.unwrap_or_else(|| file.into()), every: wish.every }.checked(out)
    }

    fn checked(self, out: Option<&Path>) -> Result<Self> {
        files::check_folder(&self.file)?;
        if Some(self.file.as_path()) == out {
            let what = format!("`{}` cannot be both model and checkpoint", self.file.display());
            return Err(Error::usage("checkpoint/place", what)
                .cause("--out and --checkpoint name the same file")
                .fix(
                    "name another one, or write --checkpoint every=N to have it next to the model",
                ));
        }
        files::remove_partial(&self.file);
        Ok(self)
    }

    fn check_finished(&self) -> Result<()> {
        let file = self.file.display();
        let state = match Checkpoint::read(&self.file).map(|c| c.run) {
            // Nothing is lost with a run that has ended, or has not learned anything yet.
            Ok(run) if run.finished() || run.standing.done == 0 => return Ok(()),
            Ok(RunState { samples, standing, .. }) => {
                format!("a run that was interrupted after {} of {samples} samples", standing.done)
            }
            Err(_) => "something that is not a checkpoint of this version".into(),
        };
        Err(Error::input("checkpoint/exists", format!("`{file}` exists already"))
            .cause(format!("it holds {state}"))
            .fix(format!("go on with `deku train --resume {file}`, or remove the file")))
    }
}

/// `model.safetensors` and `model.safetensors.checkpoint`.
fn beside(out: &Path) -> PathBuf {
    let mut name: OsString = out.into();
    name.push(".checkpoint");
    name.into()
}

fn nowhere() -> Error {
    Error::usage("checkpoint/place", "--checkpoint does not say where")
        .cause("it goes next to the file of --out, and there is no --out")
        .fix("give --out FILE, or write --checkpoint FILE,every=N")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(text: &str) -> Wish {
        text.parse().unwrap()
    }

    #[test]
    fn file_and_number_may_each_be_left_out() {
        let parts = |text| (wish(text).file.map(|f| f.display().to_string()), wish(text).every);
        assert_eq!(parts("every=500"), (None, Some(500)));
        assert_eq!(parts("a,b"), (Some("a,b".into()), None));
        assert_eq!(parts("a,every=5"), (Some("a".into()), Some(5)));
        for bad in ["every=0", "every=often", "a,every=", "every=-1"] {
            assert!(bad.parse::<Wish>().is_err(), "{bad}");
        }
    }

    #[test]
    fn it_goes_next_to_the_model() {
        let out = Path::new("m.safetensors");
        let place = Place::begin(&wish("every=5"), Some(out)).unwrap();
        assert_eq!(place.file, Path::new("m.safetensors.checkpoint"));
        let code = |wish, out| Place::begin(&wish, out).unwrap_err().code;
        assert_eq!(code(wish("every=5"), None), "checkpoint/place");
        assert_eq!(code(wish("m.safetensors"), Some(out)), "checkpoint/place");
    }

    #[test]
    fn nothing_of_value_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letter.txt");
        std::fs::write(&file, "dear").unwrap();
        let error = Place::begin(&Wish { file: Some(file), every: None }, None).unwrap_err();
        assert_eq!(error.code, "checkpoint/exists");
    }
}

//! Lines of a log that may still grow.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use crate::error::{Error, Result};

/// Time after which one looks again whether a file has grown.
const LOOK: Duration = Duration::from_millis(100);

/// Lines that are read ahead of whoever shows them.
const AHEAD: usize = 64;
/// No line of a log is longer; what is cut off there is no log.
const LONGEST: usize = 1 << 20;

type Sender = SyncSender<io::Result<String>>;

/// Lines, as they come.
pub struct Lines(Receiver<io::Result<String>>);

impl Lines {
    /// Of a file; those that are still to come, too, if `follow`.
    ///
    /// # Errors
    /// `file/io` if it can not be read.
    pub fn of_file(path: &Path, follow: bool) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io(path, "read", &e))?;
        let path = path.to_owned();
        Ok(Self::from_thread(move |lines| {
            read_lines(&mut BufReader::new(file), lines, |reader, line| {
                follow && wait_for_more(reader, line, &path)
            });
        }))
    }

    /// Of standard input.
    #[must_use]
    pub fn of_stdin() -> Self {
        Self::from_thread(|lines| {
            read_lines(&mut io::stdin().lock(), lines, |_, _| false);
        })
    }

    /// Reading waits, and whoever shows what was read must not.
    fn from_thread(read: impl FnOnce(&Sender) + Send + 'static) -> Self {
        let (sender, lines) = sync_channel(AHEAD);
        std::thread::spawn(move || read(&sender));
        Self(lines)
    }

    /// The next line, `Err(true)` if there will be none, `Err(false)` if there is none yet.
    pub fn next(&self, wait: Duration) -> std::result::Result<io::Result<String>, bool> {
        self.0.recv_timeout(wait).map_err(|why| why == RecvTimeoutError::Disconnected)
    }
}

/// Sends whole lines. At the end of what there is `more` says whether to go on.
fn read_lines<R: BufRead>(
    reader: &mut R,
    lines: &Sender,
    mut more: impl FnMut(&mut R, &mut String) -> bool,
) {
    let mut line = String::new();
    loop {
        let room = LONGEST - line.len();
        match reader.by_ref().take(room as u64).read_line(&mut line) {
            Ok(_) if line.ends_with('\n') || line.len() >= LONGEST => {
                let line = std::mem::take(&mut line).trim_end().to_owned();
                if lines.send(Ok(line)).is_err() {
                    return;
                }
            }
            // Half a line is the rest of a run that was killed.
            Ok(_) if !more(reader, &mut line) => return,
            Ok(_) => {}
            Err(error) => return drop(lines.send(Err(error))),
        }
    }
}

/// The file of another run that took the place of this one, which has been read to its end.
fn successor(file: &File, path: &Path) -> Option<File> {
    let next = File::open(path).ok()?;
    let (before, now) = (file.metadata().ok()?, next.metadata().ok()?);
    let is_same = (before.dev(), before.ino()) == (now.dev(), now.ino());
    (!is_same).then_some(next)
}

/// Waits for a file to grow, to begin anew, or to be replaced by that of another run.
fn wait_for_more(reader: &mut BufReader<File>, line: &mut String, path: &Path) -> bool {
    std::thread::sleep(LOOK);
    if let Some(file) = successor(reader.get_ref(), path) {
        *reader = BufReader::new(file);
        line.clear();
    } else if began_anew(reader) {
        line.clear();
    }
    true
}

/// Goes back to the beginning of a file that was emptied for another run.
fn began_anew(reader: &mut BufReader<File>) -> bool {
    let length = reader.get_ref().metadata().map(|data| data.len());
    let is_shorter = reader.stream_position().is_ok_and(|at| length.is_ok_and(|n| n < at));
    is_shorter && reader.rewind().is_ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_file_is_followed_and_may_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = File::create(&path).unwrap();
        log.write_all(b"one\ntw").unwrap();
        let lines = Lines::of_file(&path, true).unwrap();
        let next = || lines.next(LONG).unwrap().unwrap();
        assert_eq!(next(), "one");
        assert!(lines.next(3 * LOOK).is_err_and(|over| !over), "half a line");
        log.write_all(b"o\n").unwrap();
        assert_eq!(next(), "two");
        File::create(&path).unwrap().write_all(b"1\n").unwrap();
        assert_eq!(next(), "1");
        // Another file in its place, which is longer at once.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "a line longer than all before it\n").unwrap();
        assert_eq!(next(), "a line longer than all before it");
        std::fs::write(&path, "1\n").unwrap();
        let once = Lines::of_file(&path, false).unwrap();
        assert_eq!(once.next(LONG).unwrap().unwrap(), "1");
        assert!(once.next(LONG).is_err_and(|over| over));
    }

    #[test]
    fn a_line_that_does_not_end_is_cut_off() {
        let lines = Lines::of_file(Path::new("/dev/zero"), false).unwrap();
        assert_eq!(lines.next(LONG).unwrap().unwrap().len(), LONGEST);
    }
}

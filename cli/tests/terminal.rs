//! What a terminal gets, and what `NO_COLOR` changes.
#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use common::command;
use serialport::{SerialPort as _, TTYPort};

/// Runs `deku` on a terminal and returns what it wrote there.
fn on_terminal(arguments: &[&str], no_color: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (mut terminal, other) = TTYPort::pair().unwrap();
    let open = || File::options().write(true).open(other.name().unwrap()).unwrap();
    let mut command = command(folder.path(), arguments);
    command.env_remove("NO_COLOR").env("TERM", "xterm").stdout(open()).stderr(open());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    terminal.set_timeout(Duration::from_millis(200)).unwrap();
    let (mut written, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let ended = child.try_wait().unwrap().is_some();
        match terminal.read(&mut buffer) {
            Ok(n) => written.extend_from_slice(&buffer[..n]),
            Err(_) if ended => break,
            Err(_) => (),
        }
    }
    String::from_utf8_lossy(&written).into_owned()
}

/// Whether a text sets colours or bold; moving the cursor is something else.
fn coloured(text: &str) -> bool {
    text.split("\x1b[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
    })
}

#[test]
fn a_terminal_gets_colours_unless_they_are_not_wanted() {
    for arguments in [&["configs"][..], &["info", "--backend", "toaster"]] {
        let (with, without) = (on_terminal(arguments, false), on_terminal(arguments, true));
        assert!(coloured(&with), "{with:?}");
        assert!(!coloured(&without), "{without:?}");
    }
}

#[test]
fn a_terminal_gets_a_bar() {
    let train = ["train", "--columns", "32", "--epochs", "30", "--evaluate-every", "0"];
    let with = on_terminal(&train, false);
    assert!(with.contains("training") && with.contains("%"), "{with:?}");
    assert!(!with.contains('\u{2591}'), "the bar has one style from the beginning: {with:?}");
    let plain = on_terminal(&train, true);
    assert!(plain.contains("training [") && !coloured(&plain), "{plain:?}");
    let quiet = on_terminal(&[&train[..], &["--quiet"]].concat(), false);
    assert!(!quiet.contains("training ["), "{quiet:?}");
}

#[test]
fn a_terminal_gets_a_view_that_is_drawn_over_itself() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let log = log.to_str().unwrap();
    let train = ["train", "--columns", "32", "--epochs", "1", "--log", log];
    assert!(command(folder.path(), &train).output().unwrap().status.success());
    let text = on_terminal(&["monitor", log], false);
    assert!(text.contains("state        finished"), "{text:?}");
    assert!(text.contains("\x1b[J") && !coloured(&text), "{text:?}");
    let quiet = on_terminal(&["monitor", log, "--quiet"], false);
    assert!(quiet.contains("finished") && !quiet.contains("\x1b[J"), "{quiet:?}");
}

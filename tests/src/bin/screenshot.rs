//! Takes a picture of a page: `cargo run -p deku-tests --bin screenshot -- URL FILE WIDTH
//! light|dark`.

use std::process::ExitCode;
use std::time::Duration;

use deku_tests::browser::{Browser, Look, TOOL};
use deku_tests::tools::tool_for;

/// Set for a child that shall be the command line; tests use it, so that it is never an older
/// build.
const AS_DEKU: &str = "DEKU_SCREENSHOT_CHILD";

fn main() -> ExitCode {
    if std::env::var_os(AS_DEKU).is_some() {
        return deku_cli::cli::main();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, file, width, colours] = &arguments[..] else {
        eprintln!("usage: screenshot URL FILE WIDTH light|dark");
        return ExitCode::from(2);
    };
    match picture(url, width, colours == "dark")
        .and_then(|png| std::fs::write(file, png).map_err(|e| e.to_string()))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn picture(url: &str, width: &str, dark: bool) -> Result<Vec<u8>, String> {
    let width = width.parse().map_err(|e| format!("{width}: {e}"))?;
    let program = tool_for("screenshot", TOOL).ok_or("no browser")?;
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut browser = Browser::start(&program, folder.path())?;
    browser.look(Look { width, height: 900, dark })?;
    browser.open(url)?;
    // Pages that ask for what they show need a moment.
    std::thread::sleep(Duration::from_millis(1500));
    browser.picture()
}

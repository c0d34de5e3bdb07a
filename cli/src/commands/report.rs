//! `deku report`: one file for a bug report.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use deku_rtlgen::config::{ModuleConfig, BUILTIN};
use serde_json::json;

use super::{doctor, list};
use crate::devices::all;
use crate::doctor::examine;
use crate::error::{Error, Result};
use crate::files;
use crate::output::Output;

/// Write one file for a bug report: versions, configurations, what `list` and `doctor` say.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file
    #[arg(long, value_name = "FILE", default_value = "deku-report.md")]
    out: PathBuf,
    /// A file with what deku said when it failed, - for standard input
    #[arg(long, value_name = "FILE")]
    error: Option<PathBuf>,
}

/// Longest error that is taken over.
const MAX_ERROR: u64 = 64 << 10;
const PRIVACY: &str = "It holds what stands below and nothing else: no data, no models, no serial numbers, \
    not the name of the computer. The home folder is written as `~`. Paths of tools, devices and deku.toml \
    are in it, and the text of the error as it was given: read it before you send it.";

/// Runs the command.
pub fn run(args: &Args, output: Output) -> Result<()> {
    let error = args.error.as_deref().map(read).transpose()?;
    let text = page(error.as_deref())?;
    files::write_atomically(&args.out, text.as_bytes())?;
    output.say(format!("report written to {}", args.out.display()));
    output.say(PRIVACY);
    output.summary("report", json!({ "file": args.out.display().to_string() }));
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    let fail = |e: std::io::Error| Error::io(path, "read", &e);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(MAX_ERROR).read_to_end(&mut bytes).map_err(fail)?;
    } else {
        let file = std::fs::File::open(path).map_err(|e| Error::io(path, "open", &e))?;
        file.take(MAX_ERROR).read_to_end(&mut bytes).map_err(fail)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn page(error: Option<&str>) -> Result<String> {
    let devices = all();
    let mut page = format!("# Report of deku {}\n\n{PRIVACY}\n", env!("CARGO_PKG_VERSION"));
    section(&mut page, "Error", error.unwrap_or("none was given (--error FILE)"));
    section(&mut page, "Configurations", &configurations()?);
    let lines = list::lines(&devices).into_iter().map(|line| match line {
        list::Line::Heading(text) => text.to_owned(),
        list::Line::Text(text) => text,
    });
    section(&mut page, "List", &lines.collect::<Vec<_>>().join("\n"));
    let findings = examine(&devices);
    let lines: Vec<_> = findings.iter().flat_map(doctor::lines).collect();
    section(&mut page, "Doctor", &lines.join("\n"));
    let home = std::env::var("HOME").unwrap_or_default();
    Ok(without_home(&page, &home))
}

fn section(page: &mut String, title: &str, text: &str) {
    // Longer than any fence in the text.
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    *page += &format!("\n## {title}\n\n{fence}text\n{}\n{fence}\n", text.trim_end());
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn configurations() -> Result<String> {
    let mut text = String::new();
    for (name, _) in BUILTIN {
        text += &format!("{name:<10} {:08x}\n", ModuleConfig::builtin(name)?.hash());
    }
    Ok(text)
}

fn without_home(text: &str, home: &str) -> String {
    // A home that is `/` or unset would not hide anything but destroy every path.
    if home.len() < 2 {
        return text.to_owned();
    }
    let home = home.trim_end_matches('/');
    let mut parts = text.split(home);
    let mut hidden = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // `/home/ann` is not the beginning of `/home/anna`.
        let longer = part.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
        hidden += if longer { home } else { "~" };
        hidden += part;
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_hidden() {
        assert_eq!(without_home("at /home/ann/x, /opt", "/home/ann/"), "at ~/x, /opt");
        assert_eq!(without_home("/home/anna/x `/home/ann`", "/home/ann"), "/home/anna/x `~`");
        assert_eq!(without_home("at /opt", "/"), "at /opt");
        assert_eq!(without_home("at /opt", ""), "at /opt");
    }

    #[test]
    fn a_text_cannot_leave_its_fence() {
        let mut page = String::new();
        section(&mut page, "Error", "a\n````\nb");
        assert_eq!(page, "\n## Error\n\n`````text\na\n````\nb\n`````\n");
    }
}

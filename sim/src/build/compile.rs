//! Running Verilator and the C++ compiler.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::digest::Digest;
use super::{Build, Progress, Trace, Verilator};
use crate::error::file_error;
use crate::SimError;

/// The harness; the first file is the one to compile.
const HARNESS: [(&str, &str); 8] = [
    ("harness.cpp", include_str!("../../cpp/harness.cpp")),
    ("engine.h", include_str!("../../cpp/engine.h")),
    ("faults.h", include_str!("../../cpp/faults.h")),
    ("memory.h", include_str!("../../cpp/memory.h")),
    ("spi.h", include_str!("../../cpp/spi.h")),
    ("tracer.h", include_str!("../../cpp/tracer.h")),
    ("uart.h", include_str!("../../cpp/uart.h")),
    ("wire.h", include_str!("../../cpp/wire.h")),
];

/// Lint is the business of the lint tests; here a warning must not stop anyone.
const VERILATOR_FLAGS: [&str; 18] = [
    "--cc",
    "--exe",
    "--prefix",
    "Vmodel",
    "--no-timing",
    "-O3",
    "--x-assign",
    "fast",
    "--x-initial",
    "unique",
    "--noassert",
    "--timescale-override",
    "1ps/1ps",
    "-Wno-fatal",
    "-Wno-lint",
    "-Wno-style",
    "--Mdir",
    "model",
];

const MAKE_FLAGS: [&str; 3] = ["OPT_FAST=-O3", "OPT_SLOW=-O1", "OPT_GLOBAL=-O1"];

/// A large model is compiled in several files, all of which include a header that make compiles before. The compiler's
/// option for that is missing in the makefiles of the PyPI wheel; including the header as it is works everywhere.
const HEADER_FLAGS: [&str; 2] =
    ["VK_PCH_I_FAST=-include Vmodel__pch.h", "VK_PCH_I_SLOW=-include Vmodel__pch.h"];

/// The same as [`MAKE_FLAGS`] for [`Build::quickly`].
const QUICK_MAKE_FLAGS: [&str; 3] = ["OPT_FAST=-O1", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1"];

const CXX_FLAGS: &str = "-std=gnu++20";

/// How much of a log goes into an error.
const TAIL_LINES: usize = 30;

/// Everything that determines a program, and its hash.
pub(super) struct Recipe<'a> {
    pub key: String,
    build: &'a Build,
    verilator: &'a Verilator,
    sources: Vec<&'a Path>,
}

impl<'a> Recipe<'a> {
    pub fn new(
        build: &'a Build,
        verilator: &'a Verilator,
        sources: &'a [(PathBuf, Vec<u8>)],
    ) -> Self {
        let mut digest = Digest::new();
        digest.part("deku-sim 1").part(&build.top).part(format!("{:?}", build.trace));
        digest.part(verilator.path().as_os_str().as_encoded_bytes()).part(verilator.version());
        for text in
            VERILATOR_FLAGS.iter().chain(make_flags(build)).chain(&HEADER_FLAGS).chain([&CXX_FLAGS])
        {
            digest.part(text);
        }
        for (name, value) in verilator.environment() {
            digest.part(name).part(value);
        }
        digest.part(std::env::var_os("CXX").unwrap_or_default().as_encoded_bytes());
        for argument in &build.arguments {
            digest.part(argument);
        }
        for (name, text) in HARNESS {
            digest.part(name).part(text);
        }
        for (path, text) in sources {
            digest.part(path.file_name().unwrap_or_default().as_encoded_bytes()).part(text);
        }
        let key = digest.hex()[..32].to_owned();
        let sources = sources.iter().map(|(path, _)| path.as_path()).collect();
        Recipe { key, build, verilator, sources }
    }

    /// Builds in `folder`; the result is the path of the program.
    pub fn run(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, SimError> {
        for (name, text) in HARNESS {
            let path = folder.join(name);
            fs::write(&path, text).map_err(file_error("write", &path))?;
        }
        progress(Progress::Verilating);
        let step =
            Step { name: "Verilator", top: &self.build.top, log: folder.join("verilator.log") };
        step.run(self.verilate(folder), |_| {})?;
        let model = folder.join("model");
        let total = count_cpp(&model) + RUNTIME_FILES;
        let mut done = 0;
        progress(Progress::Compiling { done, total });
        let step = Step {
            name: "the C++ compiler",
            top: &self.build.top,
            log: folder.join("compiler.log"),
        };
        step.run(self.make(&model), |line| {
            if line.contains(" -c ") {
                done += 1;
                progress(Progress::Compiling { done: done.min(total), total });
            }
        })?;
        Ok(model.join("Vmodel"))
    }

    fn verilate(&self, folder: &Path) -> Command {
        let mut command = self.verilator.command();
        command.current_dir(folder).args(VERILATOR_FLAGS).args(["--top-module", &self.build.top]);
        match self.build.trace {
            Trace::Off => {}
            Trace::Fst => drop(command.arg("--trace-fst")),
            Trace::Vcd => drop(command.arg("--trace")),
        }
        let key = &self.key;
        command.args(["-CFLAGS", &format!("{CXX_FLAGS} -I.. -DDEKU_KEY='\"{key}\"'")]);
        command.args(&self.build.arguments).args(&self.sources).arg(HARNESS[0].0);
        command
    }

    fn make(&self, model: &Path) -> Command {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let mut command = Command::new("make");
        // a caller's own make must not shape this one
        command.env_remove("MAKEFLAGS").env_remove("MFLAGS").env_remove("MAKELEVEL");
        command.current_dir(model).envs(self.verilator.environment());
        if let Some(compiler) = std::env::var_os("CXX") {
            let mut argument = std::ffi::OsString::from("CXX=");
            argument.push(compiler);
            command.arg(argument);
        }
        command.args(["-f", "Vmodel.mk", &format!("-j{jobs}")]).args(make_flags(self.build));
        command.args(HEADER_FLAGS);
        command
    }
}

fn make_flags(build: &Build) -> &'static [&'static str; 3] {
    match build.quickly {
        true => &QUICK_MAKE_FLAGS,
        false => &MAKE_FLAGS,
    }
}

/// C++ files of Verilator's runtime and the harness, about.
const RUNTIME_FILES: usize = 3;

fn count_cpp(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "cpp")).count()
}

/// One tool, its output going to a log.
struct Step<'a> {
    name: &'static str,
    top: &'a str,
    log: PathBuf,
}

impl Step<'_> {
    fn run(&self, mut command: Command, mut line: impl FnMut(&str)) -> Result<(), SimError> {
        let mut log = File::create(&self.log).map_err(file_error("create", &self.log))?;
        let errors = log.try_clone().map_err(file_error("create", &self.log))?;
        let program = PathBuf::from(command.get_program());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let started = command.spawn();
        let mut child =
            started.map_err(|source| SimError::CannotStart { program: program.clone(), source })?;
        for text in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
            let text = text.unwrap_or_default();
            writeln!(log, "{text}").map_err(file_error("write", &self.log))?;
            line(&text);
        }
        let status = child.wait().map_err(file_error("run", &program))?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failure())
        }
    }

    fn failure(&self) -> SimError {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        SimError::Compile {
            step: self.name,
            top: self.top.to_owned(),
            hint: hint(self.name, &text),
            tail: tail(&text),
            log: self.log.clone(),
        }
    }
}

/// The likely cause, read from the log.
fn hint(step: &str, log: &str) -> String {
    let header = ["zlib.h", "lz4.h"].into_iter().find(|h| log.contains(&format!("{h}: No such")));
    match (step, header) {
        (_, Some(header)) => format!(
            "FST waveforms need {header} (Debian: zlib1g-dev, liblz4-dev); install it or use \
             Trace::Vcd."
        ),
        ("Verilator", _) => "The Verilog is in error, or a source file is missing.".into(),
        _ if log.contains("has no member named") => {
            "The top module lacks a port that every deku_top has (see docs/theory_of_operation)."
                .into()
        }
        _ if log.contains("not found") => "Is a C++ compiler (g++ 10 or newer) installed?".into(),
        _ => "This is a fault in deku-sim, or the compiler is too old (g++ 10 is enough).".into(),
    }
}

/// The end of a log, from the first error on if that is not too long.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let first = lines.iter().position(|line| line.contains("%Error") || line.contains(" error: "));
    let from = first.unwrap_or(0).max(lines.len().saturating_sub(TAIL_LINES));
    lines[from.min(lines.len())..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_starts_at_the_error() {
        let log = "noise\n%Error: a.v:3: syntax error\nmore";
        assert_eq!(tail(log), "%Error: a.v:3: syntax error\nmore");
        assert_eq!(tail(&"x\n".repeat(100)).lines().count(), TAIL_LINES);
    }

    #[test]
    fn a_missing_header_is_named() {
        let text = hint("the C++ compiler", "fatal error: lz4.h: No such file or directory");
        assert!(text.contains("liblz4-dev"));
    }
}

//! Building the fuzzer: the stable compiler's own coverage instrumentation, no sanitizer (there is no
//! `unsafe` to look after).

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::shell::{cargo, output, Log};

/// What `cargo fuzz` passes without a sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module \
     -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares \
     --cfg fuzzing";

/// Options of cargo for the fuzzer, which is no part of the workspace.
pub const MANIFEST: [&str; 2] = ["--manifest-path", "tests/fuzz/Cargo.toml"];

/// The fuzzer, built.
pub fn program(project: &Project) -> Result<PathBuf> {
    let host = host()?;
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| project.path("target/fuzz"), PathBuf::from);
    let log = Log::create(project.logs().join("fuzz-build.log"))?;
    let mut command = cargo(project.root());
    // With a target named, build scripts and macros are not instrumented.
    command.args(["build", "--release", "--target", &host]);
    command.args(MANIFEST);
    command.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &target);
    println!("building the fuzzer");
    log.run(&mut command).with_context(|| format!("no fuzzer:\n{}", log.tail(12)))?;
    Ok(target.join(host).join("release/deku-fuzz"))
}

/// The compiler's own platform.
fn host() -> Result<String> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV does not name its host")
}

//! `cargo xtask msrv`: the oldest Rust that `Cargo.toml` promises really compiles everything, with
//! the dependencies of `Cargo.lock`, and the tests of the crates that run on devices pass.

use anyhow::{Context as _, Result};

use crate::project::Project;
use crate::setup::{self, oldest, Need};
use crate::shell::run_attached;

/// Crates whose tests are run, not only compiled: they need no other tool.
const TESTED: [&str; 2] = ["deku-ref", "deku-driver"];

/// Compiles, and tests.
pub fn run(project: &Project) -> Result<()> {
    let tools = setup::ensure(project, &[Need::OldestRust])?;
    let tool = setup::tool(&tools, oldest::CARGO)?;
    println!("Rust {}, {}", tool.version, tool.path.display());
    let cargo = |verb: &str| {
        let mut cargo = tool.command();
        cargo.current_dir(project.root()).env("CARGO_TARGET_DIR", project.path("target/msrv"));
        cargo.args([verb, "--locked"]);
        cargo
    };
    let what = || format!("Rust {} does not compile everything", tool.version);
    run_attached(cargo("check").args(["--workspace", "--all-targets"])).with_context(what)?;
    run_attached(cargo("test").args(TESTED.iter().flat_map(|name| ["-p", name])))
}

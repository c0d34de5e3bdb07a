//! `cargo xtask speed`: labelled training 784 -> 128 on one core, the reference against the scalar
//! program the recipe was measured with.
//!
//! Both are compiled in one run with the same options and train the same samples in the same order;
//! they must end with the same latents. Runs take turns, the fastest of each counts: what else the
//! machine does only makes a run slower.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{bail, Context as _, Result};

use crate::project::Project;
use crate::shell::{cargo, output};

/// Where the program expects the idx files.
const PLACEHOLDER: &str = "LAB/ff/data/package/data";
/// Columns, and samples of an epoch of MNIST.
const COLUMNS: &str = "128";
const SAMPLES: u32 = 60_000;
const ROUNDS: usize = 5;
/// Least speed of the reference, in speeds of the program.
const LEAST: f64 = 0.9;
/// Cargo's options for a release build, for both.
const OPTIONS: [&str; 4] = ["-C", "opt-level=3", "-C", "codegen-units=16"];

/// Compiles both, measures, compares.
pub fn run(project: &Project, prototype: &Path, data: &Path) -> Result<()> {
    let folder = project.path("target/speed");
    fs::create_dir_all(&folder)?;
    unpack(data, &folder)?;
    println!("compiling both");
    let programs = [scalar(prototype, &folder)?, reference(project)?];
    let mut best = [f64::INFINITY; 2];
    let mut latents = [String::new(), String::new()];
    for round in 1..=ROUNDS {
        for (which, program) in programs.iter().enumerate() {
            // What is not training (loading, the first sample) is measured apart and taken away.
            let (_, before) = timed(program, which, &folder, 1)?;
            let (hash, all) = timed(program, which, &folder, SAMPLES)?;
            best[which] = best[which].min(all - before);
            latents[which] = hash;
        }
        println!("round {round} of {ROUNDS}: {:.2} s and {:.2} s", best[0], best[1]);
    }
    report(best.map(|seconds| f64::from(SAMPLES - 1) / seconds), &latents)
}

fn report([scalar, reference]: [f64; 2], latents: &[String; 2]) -> Result<()> {
    println!("scalar program {scalar:.0} samples/s, reference {reference:.0} samples/s");
    println!(
        "ratio {:.2}, at least {LEAST}; latents {} {}",
        reference / scalar,
        latents[0],
        latents[1]
    );
    if latents[0] != latents[1] {
        bail!("they did not learn the same");
    }
    if reference < LEAST * scalar {
        bail!("the reference is too slow");
    }
    Ok(())
}

/// The idx files, not compressed.
fn unpack(data: &Path, folder: &Path) -> Result<()> {
    for (part, kind) in [
        ("train", "images-idx3"),
        ("train", "labels-idx1"),
        ("t10k", "images-idx3"),
        ("t10k", "labels-idx1"),
    ] {
        let name = format!("{part}-{kind}-ubyte");
        let (plain, packed) = (data.join(&name), data.join(format!("{name}.gz")));
        let bytes = if plain.is_file() {
            fs::read(&plain)?
        } else {
            let result = Command::new("gzip").arg("-dc").arg(&packed).output();
            let result = result.context("gzip is needed to unpack the data")?;
            if !result.status.success() {
                bail!("no {} or {}, or it is damaged", plain.display(), packed.display());
            }
            result.stdout
        };
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn scalar(prototype: &Path, folder: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(prototype)
        .with_context(|| format!("cannot read {}", prototype.display()))?;
    if !text.contains(PLACEHOLDER) {
        bail!(
            "{} is not the program of the recipe: it does not read {PLACEHOLDER}",
            prototype.display()
        );
    }
    let (source, program) = (folder.join("scalar.rs"), folder.join("scalar"));
    fs::write(&source, text.replace(PLACEHOLDER, &folder.display().to_string()))?;
    let mut command = Command::new("rustc");
    command.args(["--edition", "2021", "--cap-lints", "allow"]).args(OPTIONS);
    output(command.arg(&source).arg("-o").arg(&program))?;
    Ok(program)
}

fn reference(project: &Project) -> Result<PathBuf> {
    let mut command = cargo(project.root());
    command.args(["build", "--quiet", "--release", "-p", "deku-ref", "--example", "speed"]);
    command.args(["--features", "alloc"]).env("RUSTFLAGS", OPTIONS.join(" "));
    // A folder of its own: other options, and where it is must be known.
    let target = project.path("target/speed/cargo");
    output(command.arg("--target-dir").arg(&target))?;
    Ok(target.join("release/examples/speed"))
}

/// Trains the first samples in file order with one rate; their latents' hash, and the seconds.
fn timed(program: &Path, which: usize, folder: &Path, samples: u32) -> Result<(String, f64)> {
    let mut command = Command::new(program);
    if which == 0 {
        // Data set, columns, epochs, shift of images, drop, seed, bits; TAU and SH0 of the recipe.
        command.args(["mnist", COLUMNS, "1", "0", "0", "1", "8"]);
        command.envs([("GOLD", samples.to_string()), ("TAU", "32".into()), ("SH0", "4".into())]);
    } else {
        command.arg(folder).args([COLUMNS, "first", &samples.to_string()]);
    }
    let start = Instant::now();
    let text = output(&mut command)?;
    let seconds = start.elapsed().as_secs_f64();
    let hash = text.split_whitespace().last().context("no latents were printed")?;
    Ok((hash.to_owned(), seconds))
}

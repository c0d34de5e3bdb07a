//! The same training over every way to a module: equal models are equal bytes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The device that a simulated module appears as.
const NODE: &str = "/dev/spidev0.0";
/// A simulation is slower than the module: its answers may take long.
const PATIENT: &str = "timeout=10000";

/// What is trained, and on which modules.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// On what.
    pub data: Data,
    /// Other options of `deku train`.
    pub options: &'static str,
    /// Configuration that is driven over SPI.
    pub spi: &'static str,
    /// Configuration that is driven over its UART.
    pub uart: &'static str,
}

impl Plan {
    /// An epoch of the digits.
    pub const DIGITS: Self = Self {
        data: Data::Digits,
        options: "--columns 128 --epochs 1",
        spi: "up5k",
        uart: "ecp5-85",
    };
    /// A few seconds on the smallest module.
    pub const QUICK: Self =
        Self { data: Data::Table, options: "--columns 64 --epochs 2", spi: "nano", uart: "nano" };
}

/// Data of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// The digits.
    Digits,
    /// A table of two classes that differ in which half of the features is large.
    Table,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The backend, with what was behind it.
    pub backend: String,
    /// The saved file.
    pub model: Vec<u8>,
    /// On the test samples, percent.
    pub accuracy: f64,
}

impl Trained {
    /// SHA-256 of the file, its first 16 digits.
    #[must_use]
    pub fn digest(&self) -> String {
        Sha256::digest(&self.model).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How many models are those of the first, which is one of them.
#[must_use]
pub fn identical(all: &[Trained]) -> usize {
    all.iter().filter(|one| one.model == all[0].model).count()
}

/// Programs `deku`, as words of a command.
#[derive(Debug, Clone, Copy)]
pub struct Programs<'a> {
    /// Of this computer: it also simulates.
    pub deku: &'a [String],
    /// Of another computer: if there is one, it trains.
    pub other: Option<&'a [String]>,
}

/// Trains on all of them in `folder`; `each` hears of every model.
///
/// # Errors
/// If a training fails, with what it said.
pub fn train_all(
    programs: Programs<'_>,
    plan: &Plan,
    folder: &Path,
    mut each: impl FnMut(&Trained),
) -> Result<Vec<Trained>, String> {
    let data = match plan.data {
        Data::Digits => "digits".into(),
        Data::Table => table(folder)?,
    };
    let run = Run { programs, plan, folder, data };
    // A simulator of the other program would need a Verilator of that computer.
    let second = if programs.other.is_some() { Run::other_reference } else { Run::simulated };
    let ways = [Run::reference, second, Run::spidev, Run::serial];
    let mut all = Vec::new();
    for way in ways {
        let trained = way(&run)?;
        each(&trained);
        all.push(trained);
    }
    Ok(all)
}

/// The table as a `--data`.
fn table(folder: &Path) -> Result<String, String> {
    let value = |n: u32, k: u32| (n * 97 + k * 41) % 60 + u32::from(k / 4 == n % 2) * 40;
    let row = |n: u32| (0..8).map(|k| format!("{},", value(n, k))).collect::<String>();
    let rows: String = (0..150).map(|n| format!("{}{}\n", row(n), n % 2)).collect();
    let path = folder.join("table.csv");
    fs::write(&path, rows).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    Ok(format!("csv:{}", path.display()))
}

struct Run<'a> {
    programs: Programs<'a>,
    plan: &'a Plan,
    folder: &'a Path,
    data: String,
}

impl Run<'_> {
    fn reference(&self) -> Result<Trained, String> {
        self.train(self.programs.deku, "ref", "ref".into())
    }

    fn other_reference(&self) -> Result<Trained, String> {
        self.train(self.trainer(), "ref", "ref, the other program".into())
    }

    fn simulated(&self) -> Result<Trained, String> {
        let backend = format!("sim:{}", self.plan.spi);
        self.train(self.trainer(), &backend, backend.clone())
    }

    fn trainer(&self) -> &[String] {
        self.programs.other.unwrap_or(self.programs.deku)
    }

    /// The program sees a device node; it does not know that there is a simulation.
    fn spidev(&self) -> Result<Trained, String> {
        let node = format!("--spidev={NODE}");
        let sim = ["sim", self.plan.spi, "--quiet", &node, "--"].map(String::from);
        let command = [self.programs.deku, &sim, self.trainer()].concat();
        let backend = format!("spi:{NODE}");
        self.train(
            &command,
            &format!("{backend},hz=31250000"),
            format!("{backend} = {}", self.plan.spi),
        )
    }

    /// The same through a pseudo terminal.
    fn serial(&self) -> Result<Trained, String> {
        let link = self.folder.join("ttyDEKU");
        let pty = format!("--pty={}", link.display());
        let _served =
            Served::start(command(self.programs.deku).args(["sim", self.plan.uart, &pty]))?;
        let backend = format!("serial:{},{PATIENT}", link.display());
        self.train(self.trainer(), &backend, format!("serial: (pty) = {}", self.plan.uart))
    }

    fn train(&self, deku: &[String], backend: &str, name: String) -> Result<Trained, String> {
        let file = self.folder.join("trained.safetensors");
        let mut command = command(deku);
        command.args(["train", "--data", &self.data]).args(self.plan.options.split(' '));
        command.args(["--backend", backend]);
        command.arg("--out").arg(&file).args(["--json", "--quiet"]);
        let output = command.output().map_err(|e| format!("{name}: cannot run deku: {e}"))?;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        if !output.status.success() {
            return Err(format!("{name}: {}\n{err}{out}", output.status));
        }
        let accuracy = summary(&out).and_then(|summary| summary["test_accuracy"].as_f64());
        let model = fs::read(&file).map_err(|e| format!("{name}: no model: {e}"))?;
        // So that a run that saves nothing does not find the model of another one.
        fs::remove_file(&file).map_err(|e| format!("{name}: {e}"))?;
        Ok(Trained { backend: name, model, accuracy: accuracy.unwrap_or(f64::NAN) })
    }
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

fn summary(output: &str) -> Option<Value> {
    let objects = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    objects.rev().find(|object| object["event"] == "summary")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A `deku` that serves a simulated module until it is dropped.
struct Served(Child);

impl Served {
    fn start(command: &mut Command) -> Result<Self, String> {
        let child = command.args(["--json", "--quiet"]).stdout(Stdio::piped()).spawn();
        let mut served = Self(child.map_err(|e| format!("cannot run deku sim: {e}"))?);
        let output = served.0.stdout.take().ok_or("deku sim has no output")?;
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        match lines.any(|line| line.contains("\"ready\"")) {
            true => Ok(served),
            false => Err("deku sim ended before it was ready".into()),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_a_difference() {
        let model =
            |model: &[u8]| Trained { backend: "x".into(), model: model.into(), accuracy: 0.0 };
        let all = [model(&[1, 2]), model(&[1, 2]), model(&[1, 3])];
        assert_eq!(identical(&all), 2);
        assert_ne!(all[0].digest(), all[2].digest());
    }
}

//! Devices under test: which board, with which module, on which link.

use std::path::{Path, PathBuf};

use deku_cli::backend::Backend;
use deku_rtlgen::board::Board;
use deku_rtlgen::config::ModuleConfig;
use serde::Deserialize;

/// A board whose name is this is none.
const SIMULATED: &str = "simulated";

/// What a file in `duts/` says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dut {
    /// Name of the file.
    #[serde(skip)]
    pub name: String,
    /// A board of `deku boards`, a board's file, or `simulated`.
    pub board: String,
    /// What the bitstream was generated from: a name of `deku configs`, or a file.
    pub config: String,
    /// What `deku` takes after `--backend`.
    pub backend: String,
    /// The bitstream on the board; its hash goes into the record.
    pub bitstream: Option<PathBuf>,
    /// Whatever one has to know of it: cable, clock, revision of the board.
    #[serde(default)]
    pub notes: String,
    /// Whether it is tested when no file is named.
    #[serde(default)]
    pub enabled: bool,
    /// The speed check fails below this, if it is given.
    pub least_samples_per_second: Option<f64>,
}

impl Dut {
    /// Reads a file; paths in it count from its folder.
    ///
    /// # Errors
    /// What is wrong with it, and how to mend it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let wrong = |what: String| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let mut dut: Self = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        dut.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(Path::new("."));
        let folder = std::path::absolute(folder).map_err(|e| wrong(e.to_string()))?;
        for file in [&mut dut.config, &mut dut.board] {
            if file.ends_with(".toml") {
                *file = folder.join(&*file).display().to_string();
            }
        }
        dut.bitstream = dut.bitstream.map(|file| folder.join(file));
        dut.check().map_err(wrong)?;
        dut.tell_configuration();
        Ok(dut)
    }

    /// `deku` knows the project's configurations by their hashes, others have to be named.
    fn tell_configuration(&mut self) {
        if let Ok(Backend::Device(device)) = Backend::parse(&self.backend) {
            if device.configuration.is_none() && self.config.ends_with(".toml") {
                self.backend += &format!(",config={}", self.config);
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        if !self.is_simulated() {
            Board::load(&self.board).map_err(|e| format!("board: {e}"))?;
        }
        self.module()?;
        match Backend::parse(&self.backend).map_err(|e| format!("backend: {e}"))? {
            Backend::Simulator(_) if !self.is_simulated() => {
                Err(format!("backend: `{}` is no board; say board = \"{SIMULATED}\"", self.backend))
            }
            Backend::Device(_) | Backend::Simulator(_) => Ok(()),
            _ => Err(format!("backend: `{}` is no module behind a link", self.backend)),
        }
    }

    /// Whether there is no board.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.board == SIMULATED
    }

    /// The configuration.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn module(&self) -> Result<ModuleConfig, String> {
        ModuleConfig::load(&self.config).map_err(|e| format!("config: {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dut, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, text).unwrap();
        Dut::read(&path).map_err(|e| e.replace(&*folder.path().to_string_lossy(), ""))
    }

    const GOOD: &str =
        "board = 'icebreaker'\nconfig = 'up5k'\nbackend = 'spi:/dev/spidev0.0,irq=25'\n";

    #[test]
    fn a_file_says_what_is_there_and_is_off() {
        let dut = read(&format!("{GOOD}bitstream = 'b.bin'\nnotes = 'long wires'")).unwrap();
        assert_eq!((dut.name.as_str(), dut.config.as_str()), ("mine", "up5k"));
        assert!(dut.bitstream.unwrap().ends_with("b.bin"));
        assert_eq!((dut.enabled, dut.least_samples_per_second), (false, None));
        assert!(read(&format!("{GOOD}enabled = true")).unwrap().enabled);
    }

    #[test]
    fn a_configuration_of_ones_own_is_named_to_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own.toml");
        std::fs::copy(crate::bench::root().join("rtl-gen/configs/nano.toml"), &own).unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, GOOD.replace("up5k", "own.toml")).unwrap();
        let dut = Dut::read(&path).unwrap();
        assert_eq!(dut.backend, format!("spi:/dev/spidev0.0,irq=25,config={}", own.display()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, with, what) in [
            ("icebreaker", "icebraker", "board: "),
            ("up5k", "up6k", "config: "),
            ("spi:/dev/spidev0.0", "spy:0", "backend: "),
            ("spi:/dev/spidev0.0,irq=25", "sim:up5k", "is no board; say board = \"simulated\""),
            ("spi:/dev/spidev0.0,irq=25", "ref", "no module behind a link"),
            ("config", "configuration", "unknown field `configuration`"),
        ] {
            let error = read(&GOOD.replace(line, with)).unwrap_err();
            assert!(error.starts_with("/mine.toml: ") && error.contains(what), "{with}: {error}");
        }
        assert!(read("board = 'icebreaker'").unwrap_err().contains("missing field"));
    }
}

//! What a module is generated from: one TOML file per configuration.
//!
//! Every parameter is stated in every file and unknown keys are refused, so that reading one file is
//! enough to know a module. The files of the project are built in:
//!
//! ```
//! use deku_rtlgen::config::ModuleConfig;
//!
//! let nano = ModuleConfig::builtin("nano")?;
//! assert_eq!(nano.words, 128);
//! assert_eq!(nano.capacity().results, 4);
//! # Ok::<(), deku_rtlgen::config::ConfigError>(())
//! ```

use crate::blocks::shape::EngineShape;
use deku_ref::{Capabilities, Capacity};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::Read as _;
use std::path::Path;

/// Name and text of every built-in configuration.
pub const BUILTIN: [(&str, &str); 6] = [
    ("nano", include_str!("../configs/nano.toml")),
    ("up5k", include_str!("../configs/up5k.toml")),
    ("ecp5-85", include_str!("../configs/ecp5-85.toml")),
    ("ecp5-25", include_str!("../configs/ecp5-25.toml")),
    ("gw1n-9", include_str!("../configs/gw1n-9.toml")),
    ("gw2a-18", include_str!("../configs/gw2a-18.toml")),
];

/// How much a configuration is cared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Tested on every change.
    Supported,
    /// May not fit or not meet its clock.
    Experimental,
}

/// Whose primitives synthesis uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Fabric {
    /// Plain Verilog; memories and multipliers are left to the tool.
    Behavioural,
    /// Lattice iCE40 UltraPlus.
    Ice40,
    /// Lattice ECP5.
    Ecp5,
    /// Gowin GW1N and GW2A.
    Gowin,
}

impl Fabric {
    /// Name of the folder of its primitives.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Behavioural => "behavioural",
            Self::Ice40 => "ice40",
            Self::Ecp5 => "ecp5",
            Self::Gowin => "gowin",
        }
    }

    /// Folders of its primitives: what it shares with others, its own.
    pub(crate) const fn primitives(self) -> &'static [&'static str] {
        match self {
            Self::Behavioural => &["behavioural"],
            Self::Ice40 => &["ice40"],
            Self::Ecp5 => &["blockram", "ecp5"],
            Self::Gowin => &["gowin"],
        }
    }

    /// The latents are in many small memories all over the chip: they need time for the wires.
    pub(crate) const fn early_reads(self) -> bool {
        matches!(self, Self::Ecp5)
    }
}

/// Parameters of a module. The comments in the files say what each of them means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // see rtl-gen/configs/*.toml
pub struct ModuleConfig {
    pub name: String,
    pub status: Status,
    pub fabric: Fabric,
    pub clock_hz: u32,
    pub words: u32,
    pub slices: u32,
    pub mac_pairs: u32,
    pub accumulator_bits: u32,
    pub update_lanes: u32,
    pub list_entries: u32,
    pub hidden_entries: u32,
    pub results: u32,
    pub mask_words: u32,
    pub code_words: u32,
    pub max_classes: u32,
    pub max_layers: u32,
    pub uart: bool,
    pub uart_baud: u32,
}

/// A configuration that cannot be used: which file, which key, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// File or built-in name.
    pub file: String,
    /// The key, if one is to blame.
    pub key: Option<&'static str>,
    /// What is wrong.
    pub cause: String,
    /// What to write instead.
    pub fix: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(key) = self.key {
            write!(f, "{key}: ")?;
        }
        write!(f, "{}; {}", self.cause, self.fix)
    }
}

impl std::error::Error for ConfigError {}

impl ModuleConfig {
    /// One of the project's configurations.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none of this name.
    pub fn builtin(name: &str) -> Result<Self, ConfigError> {
        Self::parse(&format!("configs/{name}.toml"), text_of(name, &BUILTIN, "configuration")?)
    }

    /// A built-in name, or a file if it ends in `.toml` or contains a `/`.
    ///
    /// # Errors
    /// [`ConfigError`], also if the file cannot be read.
    pub fn load(name_or_path: &str) -> Result<Self, ConfigError> {
        match file_at(name_or_path)? {
            Some(text) => Self::parse(name_or_path, &text),
            None => Self::builtin(name_or_path),
        }
    }

    /// Reads and checks a configuration; `file` is only used in messages.
    ///
    /// # Errors
    /// [`ConfigError`] for syntax, unknown or missing keys, and illegal values.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let fix = "every key of rtl-gen/configs/nano.toml must be there, once, and no other";
        let config: Self = from_toml(file, text, fix)?;
        config.check(file)?;
        Ok(config)
    }

    fn check(&self, file: &str) -> Result<(), ConfigError> {
        let bad = |key: &'static str, cause: String, fix: &str| {
            Err(ConfigError { file: file.into(), key: Some(key), cause, fix: fix.into() })
        };
        let name_ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(name_ok) {
            let cause = format!("\"{}\" cannot name a folder", self.name);
            return bad("name", cause, "use lower-case letters, digits and -");
        }
        let powers = [
            ("slices", self.slices, 1, 4),
            ("list_entries", self.list_entries, 64, 32_768),
            ("hidden_entries", self.hidden_entries, 32, 2048),
            ("results", self.results, 2, 128),
            ("mask_words", self.mask_words, 8, 16_384),
            ("code_words", self.code_words, 8 * self.slices.max(1), 16_384),
            ("max_classes", self.max_classes, 2, 256),
        ];
        for (key, value, low, high) in powers {
            if !value.is_power_of_two() || value < low || value > high {
                let cause = format!("{value} is no power of two from {low} to {high}");
                let near = value.clamp(low, high).next_power_of_two();
                return bad(key, cause, &format!("for example {near}"));
            }
        }
        if self.words % self.slices != 0 || !(32..=16_384).contains(&self.words) {
            let cause = format!("{} words cannot be shared by {} slices", self.words, self.slices);
            return bad("words", cause, "give a multiple of slices from 32 to 16384");
        }
        if self.mac_pairs > 16 {
            return bad(
                "mac_pairs",
                format!("{} is above 16", self.mac_pairs),
                "a slice has 32 lanes",
            );
        }
        if !(15..=16).contains(&self.accumulator_bits) {
            let cause = format!("accumulators of {} bits", self.accumulator_bits);
            return bad("accumulator_bits", cause, "give 15 (1365 inputs) or 16 (2730 inputs)");
        }
        if self.update_lanes != 4 {
            let cause = format!("{} update lanes cannot be generated", self.update_lanes);
            return bad("update_lanes", cause, "4 is the only number in this version");
        }
        if self.max_layers != 4 {
            let cause = format!("{} layers cannot be generated", self.max_layers);
            return bad("max_layers", cause, "4 is the only number in this version");
        }
        if self.fabric == Fabric::Ice40 && (self.words != 4096 || self.slices != 1) {
            let cause = format!("{} words do not fill the four SPRAMs", self.words);
            return bad("words", cause, "ice40 has 4096 words and 1 slice");
        }
        if self.uart && self.uart_divider_error() {
            let cause = format!("{} baud cannot be made from {} Hz", self.uart_baud, self.clock_hz);
            return bad(
                "uart_baud",
                cause,
                "clock_hz / uart_baud must be 8..=65535 and near an integer (2 %)",
            );
        }
        Ok(())
    }

    /// Clock cycles per bit of the UART.
    #[must_use]
    pub fn uart_divider(&self) -> u32 {
        let (clock, baud) = (u64::from(self.clock_hz), u64::from(self.uart_baud));
        // At most clock_hz.
        ((clock + baud / 2) / baud.max(1)) as u32
    }

    fn uart_divider_error(&self) -> bool {
        let divider = u64::from(self.uart_divider());
        let (made, wanted) = (divider * u64::from(self.uart_baud), u64::from(self.clock_hz));
        !(8..=65_535).contains(&divider) || 50 * made.abs_diff(wanted) > wanted
    }

    /// The parameters as lines `key = value`, in a fixed order: what CONFIG_HASH is computed from.
    #[must_use]
    pub fn canonical(&self) -> String {
        let numbers = [
            ("clock_hz", self.clock_hz),
            ("words", self.words),
            ("slices", self.slices),
            ("mac_pairs", self.mac_pairs),
            ("accumulator_bits", self.accumulator_bits),
            ("update_lanes", self.update_lanes),
            ("list_entries", self.list_entries),
            ("hidden_entries", self.hidden_entries),
            ("results", self.results),
            ("mask_words", self.mask_words),
            ("code_words", self.code_words),
            ("max_classes", self.max_classes),
            ("max_layers", self.max_layers),
            ("uart", u32::from(self.uart)),
            ("uart_baud", self.uart_baud),
        ];
        let head = format!("name = {}\nfabric = {}\n", self.name, self.fabric.folder());
        numbers.iter().fold(head, |text, (key, value)| format!("{text}{key} = {value}\n"))
    }

    /// Value of register CONFIG_HASH: the first 32 bits of the SHA-256 of [`Self::canonical`].
    #[must_use]
    pub fn hash(&self) -> u32 {
        let digest = Sha256::digest(self.canonical().as_bytes());
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// Memories and limits, as the reference model knows them.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        Capacity {
            words: self.words as usize,
            inputs: max_inputs(self.accumulator_bits),
            list_entries: self.list_entries as usize,
            hidden_entries: self.hidden_entries as usize,
            mask_words: self.mask_words as usize,
            code_words: self.code_words as usize,
            max_classes: self.max_classes as usize,
            max_layers: self.max_layers as usize,
            results: self.results as usize,
            slices: self.slices as usize,
        }
    }

    /// The identity registers of the module.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        Capabilities {
            forward_lanes: (32 * self.slices) as u16,
            update_lanes: self.update_lanes as u8,
            spi: true,
            uart: self.uart,
            clock_hz: self.clock_hz,
            board: 0,
            config_hash: self.hash(),
            ..Capabilities::of_model(self.capacity())
        }
    }

    /// The numbers the blocks are generated from.
    #[must_use]
    pub fn shape(&self) -> EngineShape {
        EngineShape {
            words: self.words,
            slices: self.slices,
            list_entries: self.list_entries,
            hidden_entries: self.hidden_entries,
            code_words: self.code_words,
            mask_words: self.mask_words,
            max_classes: self.max_classes,
            mac_pairs: self.mac_pairs,
            acc_bits: self.accumulator_bits,
            early_reads: self.fabric.early_reads(),
        }
    }
}

/// Inputs of a layer whose sums surely fit: the largest magnitude of an input is 12.
fn max_inputs(accumulator_bits: u32) -> usize {
    ((1 << (accumulator_bits - 1)) - 1) / 12
}

impl From<&ModuleConfig> for Capacity {
    fn from(config: &ModuleConfig) -> Self {
        config.capacity()
    }
}

/// The text of a built-in file; `kind` is what it describes.
pub(crate) fn text_of(
    name: &str,
    builtin: &[(&'static str, &'static str)],
    kind: &str,
) -> Result<&'static str, ConfigError> {
    let found = builtin.iter().find(|(n, _)| *n == name).map(|(_, text)| *text);
    found.ok_or_else(|| {
        let names: Vec<_> = builtin.iter().map(|(n, _)| *n).collect();
        ConfigError {
            file: name.into(),
            key: None,
            cause: format!("there is no {kind} of this name"),
            fix: format!("choose {}, or give the path of a .toml file", names.join(", ")),
        }
    })
}

/// The text of a file, if it is a path: it ends in `.toml` or contains a `/`.
pub(crate) fn file_at(name_or_path: &str) -> Result<Option<String>, ConfigError> {
    if !name_or_path.ends_with(".toml") && !name_or_path.contains('/') {
        return Ok(None);
    }
    read_text(Path::new(name_or_path)).map(Some).map_err(|e| ConfigError {
        file: name_or_path.into(),
        key: None,
        cause: format!("cannot be read ({e})"),
        fix: "check the path".into(),
    })
}

/// No file that people write is longer.
const MAX_TEXT: u64 = 1 << 20;

/// The text of a file that somebody has written. One that does not end is refused, not believed.
///
/// # Errors
/// Those of the file system; `InvalidData` if it is longer than a mebibyte, or no text.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_TEXT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TEXT {
        let why = format!("it is longer than {MAX_TEXT} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, why));
    }
    Ok(text)
}

/// Reads TOML; an error names the line.
pub(crate) fn from_toml<T: serde::de::DeserializeOwned>(
    file: &str,
    text: &str,
    fix: &str,
) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|e| ConfigError {
        file: match e.span() {
            Some(span) => format!("{file}:{}", 1 + text[..span.start].matches('\n').count()),
            None => file.into(),
        },
        key: None,
        // For some texts the library has no words.
        cause: Some(e.message().trim()).filter(|m| !m.is_empty()).unwrap_or("no TOML").into(),
        fix: fix.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(from: &str, to: &str) -> Result<ModuleConfig, ConfigError> {
        let text = BUILTIN[0].1;
        assert!(text.contains(from), "{from}");
        ModuleConfig::parse("test.toml", &text.replace(from, to))
    }

    #[test]
    fn builtin_configurations_are_legal_and_named_like_their_files() {
        for (name, _) in BUILTIN {
            assert_eq!(ModuleConfig::builtin(name).unwrap().name, name);
        }
    }

    #[test]
    fn every_key_has_a_comment() {
        for (name, text) in BUILTIN {
            for paragraph in text.split("\n\n") {
                assert!(paragraph.trim_start().starts_with('#'), "{name}: {paragraph}");
            }
        }
    }

    #[test]
    fn messages_name_file_key_cause_and_fix() {
        let message = |from, to| with(from, to).unwrap_err().to_string();
        assert_eq!(
            message("results = 4", "results = 5"),
            "test.toml: results: 5 is no power of two from 2 to 128; for example 8"
        );
        assert_eq!(
            message("uart_baud = 3000000", "uart_baud = 13000000"),
            "test.toml: uart_baud: 13000000 baud cannot be made from 48000000 Hz; \
             clock_hz / uart_baud must be 8..=65535 and near an integer (2 %)"
        );
        let unknown = message("slices = 1", "slices = 1\nlanes = 32");
        assert!(unknown.contains("test.toml:") && unknown.contains("`lanes`"), "{unknown}");
        let missing = message("slices = 1\n", "");
        assert!(missing.contains("`slices`"), "{missing}");
        let absent = ModuleConfig::load("pico").unwrap_err().to_string();
        assert!(absent.contains("nano, up5k, ecp5-85"), "{absent}");
    }

    #[test]
    fn numbers_near_the_end_of_their_range_are_refused_like_others() {
        for huge in ["2147483649", "4294967295"] {
            let results = with("results = 4", &format!("results = {huge}")).unwrap_err();
            assert_eq!(results.fix, "for example 128");
            let fast = with("clock_hz = 48000000", &format!("clock_hz = {huge}")).unwrap();
            assert_eq!(fast.uart_divider(), fast.clock_hz.div_ceil(3_000_000));
            let baud = with("uart_baud = 3000000", &format!("uart_baud = {huge}")).unwrap_err();
            assert_eq!(baud.key, Some("uart_baud"));
        }
    }

    #[test]
    fn every_refusal_has_words() {
        let error = with("slices = 1", "slices = 1 # \u{0}").unwrap_err();
        assert!(!error.cause.is_empty() && error.file.starts_with("test.toml:"), "{error}");
    }

    #[test]
    fn a_file_that_does_not_end_is_refused() {
        let error = ModuleConfig::load("/dev/zero").unwrap_err();
        assert!(error.cause.contains("longer than"), "{error}");
    }

    #[test]
    fn the_hash_depends_on_every_parameter_but_not_on_the_status() {
        let nano = ModuleConfig::builtin("nano").unwrap().hash();
        assert_ne!(with("results = 4", "results = 8").unwrap().hash(), nano);
        assert_eq!(with("\"supported\"", "\"experimental\"").unwrap().hash(), nano);
    }
}

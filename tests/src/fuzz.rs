//! What is fuzzed: one function per kind of input, which panics when the input breaks a promise.
//!
//! `cargo xtask fuzz` lets libFuzzer search for such inputs (`tests/fuzz` is the program around these
//! functions); `tests/tests/corpus.rs` replays `tests/corpus/` with the same functions in every test
//! run. See docs/fuzzing.md.

mod bytes;
mod frames;
mod hostile;
mod idx;
mod model;
mod monitor;
mod page;
mod records;
mod scratch;
mod script;
mod small;
mod spi;
mod tables;
mod toml;
mod uart;
mod watch;

pub use page::page;

/// Tells that something was seen that the fuzzer cannot see by itself: features below
/// [`FEATURES`].
pub type Seen<'s> = &'s mut dyn FnMut(usize);

/// Features there can be.
pub const FEATURES: usize = 4096;

/// A kind of input.
pub struct Target {
    /// Name, also of its folder in `tests/corpus`.
    pub name: &'static str,
    /// What it feeds, for people.
    pub about: &'static str,
    /// What is made once, and takes longer than an input may.
    pub prepare: fn(),
    /// Feeds it; panics when a promise is broken.
    pub run: fn(&[u8], Seen<'_>),
}

/// All of them.
pub const TARGETS: [Target; 10] = [
    target("frames", "frames to the device model", frames::run),
    target("records", "samples, records, results, headers as bytes", records::run),
    target("driver", "answers of a hostile module to the driver", hostile::run),
    target("uart", "bytes on a UART to the driver", uart::run),
    Target {
        prepare: spi::prepare,
        ..target("spi", "SPI to the Verilog of `nano`, glitches of chip select included", spi::run)
    },
    target("toml", "configurations, boards, `deku.toml`", toml::run),
    target("idx", "idx files of images and labels, plain and gzipped", idx::run),
    target("tables", "CSV tables; vocabularies and sequences of calls", tables::run),
    target("monitor", "logs of runs", monitor::run),
    target("model", "model files and checkpoints", model::run),
];

const fn target(name: &'static str, about: &'static str, run: fn(&[u8], Seen<'_>)) -> Target {
    Target { name, about, prepare: || {}, run }
}

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// An error message: says what happened, the cause and the fix.
fn check_error(error: &deku_cli::error::Error) {
    let parts = [&error.what, &error.cause, &error.fix];
    assert!(parts.iter().all(|part| !part.is_empty()), "incomplete message: {error}");
    let known = deku_cli::error::codes::find(error.code);
    assert!(known.is_some(), "unknown code {}", error.code);
}

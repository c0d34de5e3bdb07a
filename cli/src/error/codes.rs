//! Every error and warning code, and what it means: their one home. docs/errors.md is made from it.
//!
//! A code is never used again for something else. `cargo test -p deku-cli --test codes` compares
//! this table with the codes in the sources.

use super::Kind;

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, `area/what`.
    pub name: &'static str,
    /// Who has to act; none = a warning, which ends nothing.
    pub kind: Option<Kind>,
    /// What it means.
    pub meaning: &'static str,
}

/// The code of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    TABLE.iter().find(|code| code.name == name)
}

/// The page docs/errors.md.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for kind in Kind::ALL {
        page += &format!("| {} | {} |\n", kind.exit_code(), kind.meaning());
    }
    page += TABLE_HEAD;
    for code in TABLE {
        let exit = code.kind.map_or("warning".into(), |kind| kind.exit_code().to_string());
        page += &format!("| `{}` | {exit} | {} |\n", code.name, code.meaning);
    }
    page
}

const HEAD: &str = "# Error codes

<!-- Made by `deku explain --page > docs/errors.md`; edit cli/src/error/codes.rs. -->

Every error says what happened, the likely cause and the fix, after a code that stays the same:
`error[data/gzip]: ...`, with `--json` the field `code`. `deku explain CODE` prints a line of this page.

## Exit codes

| exit code | meaning |
|---|---|
| 0 | done |
";
const TABLE_HEAD: &str = "
A process that was ended by a signal has none of these: shells show 128 and the number of the signal (130 after Ctrl-C).

## Codes

| code | exit code | meaning |
|---|---|---|
";

const fn check(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: Some(Kind::Check), meaning }
}

const fn usage(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: Some(Kind::Usage), meaning }
}

const fn input(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: Some(Kind::Input), meaning }
}

const fn backend(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: Some(Kind::Backend), meaning }
}

const fn warning(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: None, meaning }
}

/// All of them, in alphabetical order.
#[rustfmt::skip] // one line each
pub const TABLE: &[Code] = &[
    usage("backend/device", "--backend spi:, serial: or usb: is written wrongly"),
    usage("backend/no-link", "the command needs a module behind a link, the reference has none"),
    usage("backend/no-uart", "the configuration has no UART"),
    usage("backend/unknown", "there is no such backend"),
    input("bench/block", "the plan names a block or a board that the generator does not have"),
    input("bench/build", "the files of a build are not beside its report"),
    check("bench/contradiction", "a measurement and the training run it belongs to do not fit each other"),
    check("bench/difference", "the module did not execute what the reference did"),
    usage("bench/epoch", "the epochs to measure are not epochs of the run"),
    usage("bench/link", "the benchmark measures SPI only"),
    check("bench/minimum", "oracle and reference count different accesses to the weight port"),
    warning("bench/other-sources", "a build is of other sources than those that would be built now"),
    usage("bench/phase", "the benchmark streams one kind of example, this network needs several"),
    input("bench/plan", "docs/bench/plan.toml cannot be used"),
    input("bench/raw", "a stored record cannot be used"),
    check("bench/stale", "docs/benchmarks.md does not say what docs/bench/*.json say"),
    input("board/file", "a board's file cannot be used"),
    usage("board/unknown", "there is no such board"),
    warning("build/margin", "the design reaches its clock with little to spare"),
    backend("build/netlist", "the netlist that synthesis wrote cannot be used"),
    usage("build/refused", "this configuration cannot be built for this board"),
    backend("build/report", "the report of place and route cannot be used"),
    check("build/slow", "no seed brought the design to its clock"),
    input("checkpoint/damaged", "a checkpoint says what cannot be"),
    input("checkpoint/data", "the samples are not those of the run that is to go on"),
    input("checkpoint/exists", "the file holds a run that is not finished, or no checkpoint at all"),
    input("checkpoint/model", "the file is a model without a run"),
    usage("checkpoint/option", "an option contradicts the run that is to go on"),
    usage("checkpoint/place", "--checkpoint does not say where, or names the file of --out"),
    input("checkpoint/version", "a checkpoint of another version"),
    backend("config", "the module cannot take a number of the learning rule"),
    input("config/file", "a configuration's file cannot be used"),
    usage("config/range", "a number is out of its range"),
    backend("connect/all-high", "only ones come back: nothing is connected, or the line floats"),
    backend("connect/all-low", "only zeros come back: the module is not configured or held in reset"),
    backend("connect/byte-order", "the module sends its bytes in another order"),
    backend("connect/config-hash", "the bitstream was made from another configuration"),
    backend("connect/deaf", "the module is there but does not hear the host"),
    backend("connect/magic", "something answers that is not a Deku module"),
    backend("connect/map-hash", "the module has other registers than this program knows"),
    backend("connect/map-version", "the module has registers of another version"),
    backend("connect/noise", "answers differ each time"),
    backend("connect/reversed", "bits come back in reverse order"),
    backend("connect/shifted", "answers are shifted by one bit: wrong SPI mode"),
    backend("connect/stuck", "the same byte comes back all the time: the module is held in reset"),
    backend("connect/swapped", "bytes come back in pairs the wrong way round"),
    input("data/calls", "a file of function calls cannot be used"),
    input("data/class", "a sample is of a class that the network does not have"),
    input("data/csv", "a table cannot be used"),
    input("data/digits", "the embedded digits are damaged"),
    input("data/gzip", "a compressed file is damaged"),
    input("data/idx", "an idx file is damaged"),
    input("data/missing", "a file of the data set is not there"),
    input("data/mnist", "the files of an idx data set do not belong together"),
    usage("data/range", "there are no samples of these numbers"),
    usage("data/samples", "--samples asks for none, or for more than there are"),
    usage("data/spec", "there is no such --data"),
    input("data/too-large", "the data are more than can be used"),
    usage("data/validation", "--validation leaves nothing to train on"),
    warning("demo/accuracy", "the demo has learned less than it should"),
    check("demo/difference", "module and reference differ"),
    input("demo/picture", "a picture could not be drawn"),
    backend("device/busy", "another program has opened the device"),
    backend("device/configuration", "the module's configuration is not one of the project's"),
    backend("device/denied", "this user may not open the device"),
    backend("device/line-busy", "another program uses the interrupt or reset line"),
    backend("device/missing", "the device is not there"),
    backend("device/no-line", "the interrupt or reset line is not there"),
    backend("device/settings", "the device refuses a clock, baud rate or mode"),
    backend("device/unplugged", "the node is there, but no device behind it"),
    backend("device/wrong-kind", "the file is no device of this kind"),
    check("doctor/problems", "something that is there cannot be used"),
    usage("estimate/link", "the module cannot follow an SPI clock as fast as that"),
    usage("estimate/network", "--network is no network, or --active does not belong to it"),
    backend("example/illegal", "an example is not legal for the network"),
    backend("example/rejected", "the module rejects an example"),
    backend("example/sample", "a sample cannot be sent in this format"),
    backend("example/too-large", "an example is larger than the module's list memory"),
    usage("explain/unknown", "there is no such code"),
    input("file/folder", "the folder of a file to be written does not exist"),
    input("file/io", "a file cannot be read or written"),
    usage("file/name", "the name of a file is not UTF-8"),
    input("file/settings", "`deku.toml` cannot be used"),
    input("flash/bitstream", "there is no bitstream to be written"),
    backend("flash/no-board", "the board is not on USB"),
    backend("flash/permission", "this user may not use the board"),
    backend("flash/program", "no program that writes the board's flash is installed"),
    input("hdl/missing", "the folder of --hdl does not hold the configuration"),
    backend("link/frame", "a frame is longer than the link allows"),
    backend("link/noisy", "frame after frame comes back damaged"),
    backend("link/silent", "the module has stopped answering"),
    warning("link/slower", "SCK was lowered because frame after frame came back damaged"),
    backend("link/transport", "the host's own interface fails, or the board was unplugged"),
    backend("load/read-back", "the module does not hold what was loaded"),
    input("model/damaged", "a model file is damaged"),
    input("model/data", "model and data have different numbers of inputs"),
    input("model/foreign", "the file is not a Deku model"),
    input("model/order", "the order of the samples cannot be continued"),
    input("model/version", "a model file of another version"),
    backend("module/latent", "the module holds a latent that does not exist"),
    backend("module/not-configured", "the module has no network yet"),
    backend("module/not-loaded", "a layer has no weights yet"),
    backend("module/other-network", "the module holds another network"),
    backend("module/refused", "the module refuses access to a memory"),
    backend("module/restarted", "the module was reset or used by another program"),
    backend("module/stalled", "the module hangs"),
    usage("monitor/backend", "nobody else can use this module: there is nothing to watch"),
    input("monitor/log", "the file is no log of a run"),
    usage("monitor/port", "the page cannot have this port"),
    backend("network", "the module cannot take a network of this shape"),
    usage("network/refused", "a network of this shape does not exist"),
    usage("sim/command", "the program behind -- cannot be started"),
    backend("sim/pty", "no pseudo terminal can be made"),
    check("sim/self-test", "the simulated module does not do what the reference does"),
    usage("sim/spidev", "the simulated node cannot have this path"),
    backend("simulator/failed", "the simulation could not be built, or ended"),
    backend("stream/unresolved", "it is not known which examples were executed"),
    backend("tool/failed", "a tool ended with an error"),
    backend("tool/missing", "a tool is not installed"),
    input("tool/record", "the record of the tools is damaged"),
    usage("train/complete", "it is not clear how long to train"),
    warning("train/dead-layer", "a layer is silent for most samples"),
    usage("train/fixed-by-model", "an option contradicts the model that goes on"),
    usage("train/jitter", "only images can be shifted"),
    warning("train/log", "the log of the run cannot be written any more"),
    usage("train/mask-groups", "there are no such mask groups"),
    warning("train/not-learning", "the update rate does not fall"),
    usage("train/overlay", "the labelled phase has no label rows"),
    usage("train/schedule", "there is no such schedule"),
    usage("train/shift", "--shift does not suit the layers"),
    usage("train/theta", "--theta is no goodness"),
    usage("usage/arguments", "the arguments cannot be understood"),
    backend("usb/ambiguous", "several USB bridges could be meant"),
    backend("usb/denied", "this user may not open the USB bridge"),
    backend("usb/driver", "a driver of the kernel holds the USB bridge and does not let go"),
    backend("usb/failed", "the USB bridge fails or does not answer"),
    backend("usb/missing", "there is no USB bridge of this serial number or place"),
    backend("usb/no-mpsse", "the USB device is no FT232H, FT2232H or FT4232H, or this channel of it has no MPSSE"),
    usage("usb/not-built", "this program was built without USB"),
    backend("usb/unavailable", "programs cannot look at USB on this computer"),
    backend("usb/unplugged", "the USB bridge was unplugged"),
    backend("verify/backdoor", "the simulator does not show its memories"),
    check("verify/difference", "module and reference differ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_once_and_in_order() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} after {}", pair[1].name, pair[0].name);
        }
        assert!(TABLE.iter().all(|code| !code.meaning.is_empty()));
    }
}

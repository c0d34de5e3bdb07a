//! Options shared by several commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::checkpoint::Wish;

/// Which samples.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// digits | mnist:DIR (28x28) | mnist14:DIR (2x2 mean, 14x14) | calls:PREFIX | csv:FILE | csv:TRAIN,TEST
    #[arg(long, value_name = "SPEC", default_value = "digits")]
    pub data: String,
    /// Keep the last N training samples out of training and evaluate on them instead of the test set
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub validation: usize,
    /// Use only the first N training samples (after --validation was cut off)
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
}

/// Which module.
#[derive(Args, Clone, Debug, Default)]
pub struct BackendArgs {
    /// The module.
    // Rustdoc would take the brackets for links.
    #[arg(
        long,
        value_name = "BACKEND",
        default_value = "ref",
        help = "ref (software) | sim[:CONFIG] (simulated hardware) | model[:CONFIG] (software behind the \
                driver's frames) | spi:DEVICE[,hz=HZ][,irq=LINE] | serial:DEVICE[,baud=N] | usb:SERIAL[,hz=HZ][,channel=B]; CONFIG is a name of \
                `deku configs` or a .toml file"
    )]
    pub backend: String,
    /// Sample format on the link [default: packed-u]
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// System clock of the simulation [default: that of the configuration]
    #[arg(long, value_name = "HZ")]
    pub clk_hz: Option<u64>,
    /// Link to a simulated module; its UART runs at the speed of the configuration
    #[arg(long, value_enum, default_value_t)]
    pub link: LinkArg,
    /// SPI clock of the simulation [default: 31250000]
    #[arg(long, value_name = "HZ")]
    pub sck_hz: Option<u64>,
    /// Simulate the Verilog in this folder (laid out like hdl/) instead of generating it
    #[arg(long, value_name = "DIR")]
    pub hdl: Option<PathBuf>,
}

/// Shape of a new network and its constants.
#[derive(Args, Clone, Debug, Default)]
pub struct NetworkArgs {
    /// Columns of each layer, comma-separated, e.g. 640 or 512,256
    #[arg(long, value_name = "N[,N...]", value_delimiter = ',')]
    pub columns: Vec<usize>,
    /// Number of classes [default: what the data holds]
    #[arg(long, value_name = "N")]
    pub classes: Option<usize>,
    /// Share of the columns each class owns, in 256ths [default: 77 = 30 %, 128 from 32 classes on]
    #[arg(long, value_name = "N")]
    pub mask_share: Option<u32>,
    /// Columns per mask group: 1, or 8 (balanced groups) [default: 1]
    #[arg(long, value_name = "1|8")]
    pub mask_groups: Option<u32>,
    /// Temperature of the rival's draw: tau = 2^K [default: 5]
    #[arg(long, value_name = "K")]
    pub tau_k: Option<u32>,
    /// First rate shift [default: 4, with label rows 5]
    #[arg(long, value_name = "SH")]
    pub sh0: Option<u32>,
    /// Scale S, one number for all layers or one per layer; auto calibrates on the first 256 samples
    #[arg(long, value_name = "S[,S...]|auto")]
    pub shift: Option<String>,
    /// Phase of training [default: labelled; overlay if --overlay is given]
    #[arg(long, value_enum)]
    pub phase: Option<PhaseArg>,
    /// Rows per label in the input, for --phase overlay, pair and single [default: 16]
    #[arg(long, value_name = "COPIES")]
    pub overlay: Option<usize>,
    /// Threshold of --phase single, in units of goodness; auto = median goodness of true examples [default: auto]
    #[arg(long, value_name = "G|auto")]
    pub theta: Option<String>,
    /// User seed of every random number but those of the data split [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
}

/// How a new or continued training run proceeds.
#[derive(Args, Clone, Debug, Default)]
pub struct RunArgs {
    /// Passes over the training samples [default: fits the data]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: Option<u32>,
    /// Stop after N examples, so that `--model` can go on later
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_after: Option<u64>,
    /// Order of the samples [default: shuffled]
    #[arg(long, value_enum)]
    pub order: Option<OrderArg>,
    /// Shift each image by -1, 0 or 1 pixel in both directions
    #[arg(long, value_name = "on|off", num_args = 0..=1, default_missing_value = "on", value_enum)]
    pub jitter: Option<Switch>,
    /// Drop each non-zero input with probability N/256 [without a number: 40]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "40")]
    pub drop: Option<u8>,
    /// Rate schedule: auto (planned for --epochs) | endless | planned:EXAMPLES
    #[arg(long, value_name = "PLAN")]
    pub schedule: Option<String>,
    /// Evaluate after every N epochs, 0 = at the end only [default: 1 with ref, else 0]
    #[arg(long, value_name = "N")]
    pub evaluate_every: Option<u64>,
}

/// Training phases.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseArg {
    /// Positive phase on the label, negative on the drawn rival; one pass
    Labelled,
    /// Two inputs: true label rows, wrong label rows
    Pair,
    /// One positive, then one negative example against a threshold
    Single,
    /// Label rows tried by the module itself (Hinton's two passes)
    Overlay,
}

/// Order of the training samples.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderArg {
    /// As recorded
    File,
    /// Shuffled anew in every epoch
    Shuffled,
}

/// Links to a simulated module.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkArg {
    /// SPI
    #[default]
    Spi,
    /// The framed UART, where the configuration has one
    Uart,
}

/// Sample formats of the link.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatArg {
    /// 4-bit codes
    Raw,
    /// Bitmap and 3-bit codes
    PackedU,
    /// Bitmap and 4-bit codes
    PackedS,
    /// List of indices and codes
    Index,
}

/// On or off.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

/// Where a trained model goes.
#[derive(Args, Clone, Debug, Default)]
pub struct OutArgs {
    /// Write the trained model to FILE
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the model as it was before the first example to FILE
    #[arg(long, value_name = "FILE")]
    pub save_initial: Option<PathBuf>,
}

/// How a run survives that its program or its computer stops.
#[derive(Args, Clone, Debug, Default)]
pub struct CheckpointArgs {
    /// Keep the run in FILE after every N samples, so that --resume FILE can go on after a crash
    /// [default: the file of --out with `.checkpoint` behind its name, after every epoch]
    #[arg(long, value_name = "[FILE][,every=N]")]
    pub checkpoint: Option<Wish>,
    /// Go on with the run in FILE as if it had never been interrupted, with the options it was
    /// started with
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
}

//! Bit-exact reference model of the Deku on-device learning module.
//!
//! What this crate computes is what the hardware computes, bit for bit: ternary weights with
//! one-byte latents, E2M1 activities, goodness per class, and local updates with a rival drawn
//! from the network's own belief (Forward-Forward). It is also the runtime where there is no
//! FPGA. No allocation, no floating point, no `unsafe`: the caller owns the memories.
//!
//! | to | see |
//! |---|---|
//! | describe a network, and ask whether it fits a module | [`config`] |
//! | infer and train | [`Network`] |
//! | draw latents, masks and orders from a seed | [`init`], [`masks`] |
//! | choose rate shifts and scales | [`schedule`], [`calibrate`] |
//! | read the number formats | [`format`](mod@format) |
//! | talk to a module, or be one | [`wire`], [`sample`], [`regs`], [`reference`](mod@reference) |
//!
//! One sample through a network in borrowed memories:
//!
//! ```
//! use deku_ref::config::{LayerConfig, NetworkConfig, TrainConfig};
//! use deku_ref::masks::{Grouping, MaskRule, SHARE_FEW};
//! use deku_ref::{Entry, Memory, Network, Sizes, E2M1};
//!
//! let layer = LayerConfig { inputs: 64, columns: 256, shift: 3 };
//! let config = NetworkConfig::new(&[layer], 10)?;
//! let sizes = Sizes::of(&config);
//! let memory = Memory {
//!     latents: &mut vec![0; sizes.latents],
//!     trits: &mut vec![0; sizes.latents],
//!     masks: &mut vec![0; sizes.masks],
//!     codes: &mut vec![0; sizes.codes],
//!     entries: &mut vec![Entry::default(); sizes.entries],
//!     rows: &mut vec![0; sizes.rows],
//!     partials: &mut vec![0; sizes.columns],
//!     squares: &mut vec![0; sizes.columns],
//!     sums: &mut vec![0; sizes.sums],
//!     goodness: &mut vec![0; sizes.goodness],
//! };
//! let train = TrainConfig::IMAGES;
//! let mut network = Network::new(&config, &train, memory)?;
//! network.initialise_latents(train.seed);
//! network.initialise_masks(&MaskRule::new(SHARE_FEW, Grouping::PerColumn)?, train.seed)?;
//!
//! let sample = [Entry::new(3, E2M1::nearest(12)), Entry::new(17, E2M1::nearest(6))];
//! let outcome = network.train_labelled(&sample, 7, train.first_shift)?;
//! assert!(outcome.rivals[0].is_some());
//! let inference = network.infer(&sample)?;
//! assert_eq!(network.goodness(0)[usize::from(inference.class)], inference.goodness);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `alloc`, `OwnedMemory` brings memories of its own.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;

pub mod calibrate;
pub mod capabilities;
pub mod config;
pub mod counters;
pub mod example;
pub mod format;
pub mod init;
mod layer;
pub mod list;
pub mod map_hash;
pub mod masks;
pub mod memory;
pub mod module;
pub mod network;
pub mod noise;
pub mod outcome;
mod phases;
pub mod prng;
pub mod reference;
pub mod regs;
pub mod sample;
pub mod schedule;
pub mod settings;
pub mod wire;

pub use capabilities::Capabilities;
pub use config::{
    Capacity, ConfigError, LayerConfig, NetworkConfig, Phases, Placement, TrainConfig,
};
pub use counters::Counters;
pub use example::Example;
pub use format::{Latent, E2M1, E8M0};
pub use list::{Entry, ListError};
#[cfg(any(feature = "alloc", test))]
pub use memory::OwnedMemory;
pub use memory::{Memory, Sizes, Storage};
pub use module::Module;
pub use network::{Network, NetworkError};
pub use outcome::{Inference, Outcome, Ranking};
pub use prng::Xorshift32;

/// A network that owns its memories.
#[cfg(any(feature = "alloc", test))]
pub type OwnedNetwork = Network<OwnedMemory>;

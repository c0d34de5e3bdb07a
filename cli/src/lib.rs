//! The command line of the Deku learning module, as a library for its tests.
#![forbid(unsafe_code)]

pub mod args;
pub mod backend;
pub mod bench;
pub mod build;
pub mod checkpoint;
pub mod cli;
pub mod commands;
pub mod compose;
pub mod data;
pub mod defaults;
pub mod demo;
pub mod devices;
pub mod doctor;
pub mod error;
pub mod estimate;
pub mod files;
pub mod flash;
pub mod hardware;
pub mod model;
pub mod order;
pub mod output;
pub mod score;
pub mod session;
pub mod setup;
pub mod tally;
pub mod toolbox;
pub mod trainer;
pub mod verify;
pub mod watch;

//! The blocks of the module, one file each.

pub mod activation;
pub mod builder;
pub mod commit;
pub mod counter;
pub mod counters;
pub mod engine;
pub mod frame;
pub mod goodness;
pub mod mac_input;
pub mod mac_lanes;
pub mod planes_out;
pub mod ram;
pub mod record;
pub mod regs;
pub mod results;
pub mod scan;
pub mod sequencer;
pub mod shape;
pub mod top;
pub mod uart;
pub mod update;
pub mod update_lane;
pub mod walker;
pub mod wiring;
pub mod xorshift;

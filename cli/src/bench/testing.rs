//! Measurements that tests make up.

use super::recipe::Recipe;
use super::record::{Cost, Part, Record, Streamed, Timing, Work, VERSION};
use super::training::EpochRun;

/// 100 samples that read 4000 words.
pub fn work(update_words: u64) -> Work {
    Work { samples: 100, updated: 50, rows: 1000, forward_words: 4000, update_words }
}

/// An epoch of a training run.
pub fn epoch(update_words: u64) -> EpochRun {
    EpochRun { work: work(update_words), correct: 97 }
}

/// Part of an epoch; cycles of forward passes, updates, and the rest.
pub fn part(epoch: u32, update_words: u64, cycles: [u64; 3], seconds: f64) -> Part {
    let cost = Cost {
        forward_cycles: cycles[0],
        update_cycles: cycles[1],
        overhead_cycles: cycles[2],
        idle_cycles: 0,
        elapsed_ps: (seconds * 1e12).round() as u64,
        link_bytes: 1,
        link_frames: 1,
    };
    let stretch = Streamed { work: work(update_words), record_bytes: 1000, cost: Some(cost) };
    Part { epoch, stretch, oracle: None }
}

/// A measurement of up5k.
pub fn record(parts: Vec<Part>) -> Record {
    Record {
        version: VERSION,
        command: "deku bench".into(),
        commit: "c".into(),
        configuration: "up5k".into(),
        configuration_hash: "0".into(),
        verilog: None,
        recipe: Recipe {
            data: "mnist".into(),
            data_hash: "h".into(),
            samples: 100,
            network: "784-160, 10 classes".into(),
            shifts: vec![5],
            temperature: 5,
            first_shift: 4,
            mask_share: 77,
            jitter: false,
            drop: 0,
            epochs: 4,
        },
        seed: 1,
        format: "packed-u".into(),
        slices: 1,
        timing: Timing {
            clk_hz: 48_000_000,
            sck_hz: 31_250_000,
            sck_per_byte: 9,
            gap_ns: 15_000,
            max_frame: 4096,
        },
        parts,
        inference: None,
        driver: None,
    }
}

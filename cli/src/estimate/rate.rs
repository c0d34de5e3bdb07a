//! Cycles and samples per second, from what the engine does with a network.
//!
//! The weight port bounds it: one access per non-zero row and word in a forward pass, eight in an update.
//! The constants beside that are what the measurements in docs/bench show; the tests compare.

use deku_ref::config::words;
use deku_ref::sample::Format;
use deku_ref::wire::{record, CRC_LEN};
use deku_ref::NetworkConfig;
use deku_rtlgen::config::ModuleConfig;

use crate::bench::Timing;

/// A pass over fewer rows waits until the sums of the word before have left the lanes, one column per cycle.
const DRAIN: f64 = 36.0;
/// Cycles of every sample, whatever it holds.
const FIXED: f64 = 66.0;
/// The same per class, beside the scan for the prediction.
const PER_CLASS: f64 = 0.25;
/// Cycles for the draw of the rival, which inference leaves out.
const DRAW: f64 = 16.5;
/// Cycles between the goodness of one word and that of the next, beside the reads of one more class.
const BETWEEN_WORDS: f64 = 3.0;
/// Accesses of the weight port per row and word in an update.
const UPDATE: f64 = 8.0;
/// Cycles to fetch the factors of a word before its rows are updated.
const FACTORS: f64 = 19.5;
/// Share of the words that a sample touches if it updates.
const TOUCHED: f64 = 0.9;

/// Samples of a long stream.
const MANY: f64 = 1e6;

/// What the samples are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Non-zero inputs of a sample, mean.
    pub active: f64,
    /// Share of the columns of a hidden layer that are not silent.
    pub hidden: f64,
    /// Share of the samples that update a layer.
    pub updated: f64,
}

/// Clock cycles per sample, and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Cycles of an inference.
    pub forward_cycles: f64,
    /// Cycles for the draw of the rival in training.
    pub draw_cycles: f64,
    /// Cycles of the update, averaged over all samples.
    pub update_cycles: f64,
    /// Cycles that the weight port needs at least for both.
    pub port_minimum: f64,
    /// Samples per second that the link carries.
    pub link: f64,
    /// System clock.
    clock_hz: f64,
}

impl Rates {
    /// Of a network in a module, with a link.
    #[must_use]
    pub fn of(config: &ModuleConfig, network: &NetworkConfig, work: Work, link: &Timing) -> Self {
        let classes = network.classes() as f64;
        let scan = f64::from(config.shape().scan_cycles());
        let mut rates = Self {
            forward_cycles: FIXED + (PER_CLASS + scan) * classes,
            draw_cycles: DRAW + scan * classes,
            update_cycles: 0.0,
            port_minimum: 0.0,
            link: link_rate(network, work, link),
            clock_hz: f64::from(config.clock_hz),
        };
        let mut rows = work.active;
        for layer in network.layers() {
            let words = words(layer.columns);
            rates.layer(goodness_cycles(config, network), rows, words, config.slices as usize);
            rates.update(rows, words, config.slices as usize, work.updated);
            rows = work.hidden * layer.columns as f64;
        }
        rates
    }

    fn layer(&mut self, goodness: f64, rows: f64, words: usize, slices: usize) {
        let groups = words.div_ceil(slices) as f64;
        // The sums of a word, its drain and its goodness overlap with those of the words beside it.
        let slowest = rows.max(DRAIN).max(goodness);
        self.forward_cycles += rows + (groups - 1.0) * slowest + goodness;
        self.port_minimum += rows * groups;
    }

    /// Words are updated one after the other, though those of different slices have memories of their own.
    fn update(&mut self, rows: f64, words: usize, slices: usize, updated: f64) {
        let touched = updated * TOUCHED * words as f64;
        self.update_cycles += touched * (UPDATE * rows + FACTORS);
        self.port_minimum += touched / slices as f64 * UPDATE * rows;
    }

    /// Samples per second that the engine trains.
    #[must_use]
    pub fn engine_train(&self) -> f64 {
        self.clock_hz / (self.forward_cycles + self.draw_cycles + self.update_cycles)
    }

    /// Samples per second that the engine infers.
    #[must_use]
    pub fn engine_infer(&self) -> f64 {
        self.clock_hz / self.forward_cycles
    }

    /// Samples per second with the link, trained.
    #[must_use]
    pub fn train(&self) -> f64 {
        self.engine_train().min(self.link)
    }

    /// Samples per second with the link, inferred.
    #[must_use]
    pub fn infer(&self) -> f64 {
        self.engine_infer().min(self.link)
    }
}

/// Cycles from the goodness of one word to that of the next: a part of it per cycle and class.
fn goodness_cycles(config: &ModuleConfig, network: &NetworkConfig) -> f64 {
    f64::from(config.shape().parts()) * (network.classes() + 1) as f64 + BETWEEN_WORDS
}

fn link_rate(network: &NetworkConfig, work: Work, link: &Timing) -> f64 {
    let (active, inputs) = (work.active.round() as usize, network.record_inputs());
    let sample = Format::smallest(active, inputs, false).len(active, inputs);
    let bytes = (record::HEAD_LEN + sample + CRC_LEN) as f64;
    // Many samples share a frame.
    MANY / link.seconds(MANY * bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Record, Streamed};
    use deku_ref::LayerConfig;

    /// Those of modules as they are generated now.
    fn records() -> Vec<Record> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench");
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
        let name = |f: &std::path::PathBuf| f.file_name().unwrap().to_str().unwrap().to_owned();
        let records = files.filter(|f| name(f).ends_with(".json") && name(f) != "blocks.json");
        let records = records.map(|f| std::fs::read_to_string(f).unwrap());
        let records = records.map(|text| serde_json::from_str::<Record>(&text).unwrap());
        records.filter(|r| r.configuration_hash == format!("{:08x}", config(r).hash())).collect()
    }

    fn config(record: &Record) -> ModuleConfig {
        ModuleConfig::builtin(&record.configuration).unwrap()
    }

    /// The network of a record with one layer: "784-160, 10 classes".
    fn network(record: &Record) -> NetworkConfig {
        let numbers = record.recipe.network.split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<usize> = numbers.filter_map(|n| n.parse().ok()).collect();
        let [inputs, columns, classes] = numbers[..] else { panic!("{}", record.recipe.network) };
        NetworkConfig::new(&[LayerConfig { inputs, columns, shift: 0 }], classes).unwrap()
    }

    fn near(what: &str, estimated: f64, measured: f64, within: f64) {
        assert!((estimated / measured - 1.0).abs() < within, "{what}: {estimated}, {measured}");
    }

    /// Predicts and compares samples that were streamed.
    fn compare(record: &Record, what: &str, streamed: &Streamed) {
        let (n, cost, asked) = (streamed.work.divisor(), streamed.cost.unwrap(), streamed.work);
        let updated = asked.updated as f64 / n;
        let work = Work { active: asked.rows as f64 / n, hidden: 0.0, updated };
        let rates = Rates::of(&config(record), &network(record), work, &record.timing);
        let near = |number: &str, estimated, measured, within| {
            near(&format!("{} {what} {number}", record.name()), estimated, measured, within);
        };
        let forward = (cost.forward_cycles + cost.overhead_cycles) as f64 / n;
        let draw = if streamed.work.updated > 0 { rates.draw_cycles } else { 0.0 };
        near("forward", rates.forward_cycles + draw, forward, 0.1);
        let all = cost.busy() as f64 / n;
        if updated > 0.0 {
            // What a sample that updates touches depends on the network and on how far it has come.
            near("update", forward + rates.update_cycles, all, 0.1);
            near("engine", rates.engine_train(), record.timing.clk_hz as f64 / all, 0.1);
        } else {
            near("engine", rates.engine_infer(), record.timing.clk_hz as f64 / all, 0.1);
        }
        near("weight port", rates.port_minimum, record.port_minimum(&asked), 0.1);
        near("link", rates.link, record.link_rate(streamed), 0.1);
    }

    #[test]
    fn every_measurement_is_predicted() {
        let records = records();
        assert!(records.len() >= 3);
        for record in records {
            for part in record.parts.iter().filter(|p| p.stretch.cost.is_some()) {
                compare(&record, &format!("epoch {}", part.epoch), &part.stretch);
            }
            let inference = record.inference.as_ref().filter(|s| s.cost.is_some());
            inference.into_iter().for_each(|streamed| compare(&record, "inference", streamed));
        }
    }

    #[test]
    fn layers_add_up_and_slices_share_the_words() {
        let link = crate::estimate::link(1_000_000, 48_000_000).unwrap();
        let work = Work { active: 100.0, hidden: 0.5, updated: 0.1 };
        let layer = |inputs, columns| LayerConfig { inputs, columns, shift: 0 };
        let cycles = |slices, layers: &[LayerConfig]| {
            let mut config = ModuleConfig::builtin("up5k").unwrap();
            config.slices = slices;
            let network = NetworkConfig::new(layers, 10).unwrap();
            Rates::of(&config, &network, work, &link)
        };
        // By hand: 66 + 22.5, 4 words of 100 rows, goodness 44 + 3; the second layer has 64 rows and 2 words. Several
        // slices scan twice as fast.
        assert_eq!(cycles(1, &[layer(500, 128)]).forward_cycles, 535.5);
        assert_eq!(cycles(1, &[layer(500, 128), layer(128, 64)]).forward_cycles, 535.5 + 175.0);
        assert_eq!(cycles(2, &[layer(500, 128)]).forward_cycles, 535.5 - 200.0 - 10.0);
        assert_eq!(cycles(1, &[layer(500, 128)]).port_minimum, 400.0 + 0.1 * 3.6 * 800.0);
        let halves = cycles(2, &[layer(500, 128)]);
        assert_eq!(halves.port_minimum, 200.0 + 0.1 * 1.8 * 800.0);
        assert_eq!(halves.update_cycles, cycles(1, &[layer(500, 128)]).update_cycles);
        // 4 + 100 / 8 ... bytes at 1 MHz are slower than the engine.
        let slow = cycles(1, &[layer(500, 128)]);
        assert_eq!(slow.train(), slow.link);
    }
}

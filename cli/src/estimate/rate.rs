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

/// A pass over fewer rows waits until the sums of the words before have left the lanes, one column per cycle.
const DRAIN: f64 = 32.0;
/// Cycles of every sample, whatever it holds.
const FIXED: f64 = 88.0;
/// Cycles per class for the draw of the rival.
const PER_CLASS: f64 = 4.3;
/// Accesses of the weight port per row and word in an update.
const UPDATE: f64 = 8.0;
/// Cycles to fetch the factors of a word before its rows are updated.
const FACTORS: f64 = 19.5;
/// Share of the words that a sample touches if it updates.
const TOUCHED: f64 = 0.95;

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
        let mut rates = Self {
            forward_cycles: FIXED + PER_CLASS * network.classes() as f64,
            update_cycles: 0.0,
            port_minimum: 0.0,
            link: link_rate(network, work, link),
            clock_hz: f64::from(config.clock_hz),
        };
        let mut rows = work.active;
        for layer in network.layers() {
            let groups = words(layer.columns).div_ceil(config.slices as usize) as f64;
            rates.layer(goodness_cycles(config, network), rows, groups, work.updated);
            rows = work.hidden * layer.columns as f64;
        }
        rates
    }

    fn layer(&mut self, goodness: f64, rows: f64, groups: f64, updated: f64) {
        // The sums of a word, its drain and its goodness overlap with those of the words beside it.
        let slowest = rows.max(DRAIN).max(goodness);
        self.forward_cycles += rows.max(DRAIN) + (groups - 1.0) * slowest + goodness;
        let touched = TOUCHED * groups;
        self.update_cycles += updated * touched * (UPDATE * rows + FACTORS);
        self.port_minimum += rows * (groups + updated * touched * UPDATE);
    }

    /// Samples per second that the engine trains.
    #[must_use]
    pub fn engine_train(&self) -> f64 {
        self.clock_hz / (self.forward_cycles + self.update_cycles)
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

/// Cycles for the goodness of all classes in a word: a part of it per cycle and class.
fn goodness_cycles(config: &ModuleConfig, network: &NetworkConfig) -> f64 {
    f64::from(config.shape().parts()) * network.classes() as f64
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
    use crate::bench::Record;
    use deku_ref::LayerConfig;

    fn records() -> Vec<Record> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench");
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
        let records = files.filter(|f| f.extension().is_some_and(|ending| ending == "json"));
        records
            .map(|f| serde_json::from_str(&std::fs::read_to_string(f).unwrap()).unwrap())
            .collect()
    }

    /// The network of a record with one layer: "784-160, 10 classes".
    fn network(record: &Record) -> NetworkConfig {
        let numbers = record.network.split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<usize> = numbers.filter_map(|n| n.parse().ok()).collect();
        let [inputs, columns, classes] = numbers[..] else { panic!("{}", record.network) };
        NetworkConfig::new(&[LayerConfig { inputs, columns, shift: 0 }], classes).unwrap()
    }

    fn near(what: &str, estimated: f64, measured: f64, within: f64) {
        assert!((estimated / measured - 1.0).abs() < within, "{what}: {estimated}, {measured}");
    }

    #[test]
    fn every_measurement_is_predicted() {
        let records = records();
        assert!(records.len() >= 3);
        for r in records {
            let (n, cost) = (r.samples(), r.cost.unwrap());
            let work = Work {
                active: r.work.rows as f64 / n,
                hidden: 0.0,
                updated: r.work.updated as f64 / n,
            };
            let config = ModuleConfig::builtin(&r.configuration).unwrap();
            let rates = Rates::of(&config, &network(&r), work, &r.timing);
            let name = &r.network;
            let forward = (cost.forward_cycles + cost.overhead_cycles) as f64 / n;
            near(name, rates.forward_cycles, forward, 0.1);
            near(name, rates.update_cycles, cost.update_cycles as f64 / n, 0.05);
            near(name, rates.port_minimum, r.port_minimum(), 0.05);
            let clock = config.clock_hz as f64;
            near(name, rates.engine_train(), clock * n / cost.busy() as f64, 0.1);
            near(name, rates.link, r.link_rate(), 0.1);
            near(name, rates.train(), n / (cost.elapsed_ps as f64 * 1e-12), 0.1);
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
        // By hand: 88 + 43, 4 words of 100 rows, goodness 40; the second layer has 64 rows and 2 words.
        assert_eq!(cycles(1, &[layer(500, 128)]).forward_cycles, 571.0);
        assert_eq!(cycles(1, &[layer(500, 128), layer(128, 64)]).forward_cycles, 571.0 + 168.0);
        assert_eq!(cycles(2, &[layer(500, 128)]).forward_cycles, 371.0);
        assert_eq!(cycles(1, &[layer(500, 128)]).port_minimum, 400.0 + 0.1 * 3.8 * 800.0);
        // 4 + 100 / 8 ... bytes at 1 MHz are slower than the engine.
        let slow = cycles(1, &[layer(500, 128)]);
        assert_eq!(slow.train(), slow.link);
    }
}

//! Random legal networks, contents and examples, small and large, plain and extreme.

use deku_ref::config::{MAX_INPUTS, MAX_LAYERS};
use deku_ref::sample::Format;
use deku_ref::{
    Capacity, Entry, Example, LayerConfig, NetworkConfig, Phases, TrainConfig, Xorshift32, E2M1,
};

use super::{Case, Examples, Owned};

/// Entries of an index list, 2 bytes each, that fit into one frame of 4,096 bytes with all around them. The other
/// formats are shorter than a frame with any number of inputs.
const LISTED: usize = 2000;
/// Networks tried until one fits.
const TRIES: usize = 10_000;

/// A network that fits `capacity`, and examples for it; the same for the same `seed`.
#[must_use]
pub fn random_case(capacity: &Capacity, seed: u32) -> (Case, RandomExamples) {
    let mut draw = Draw(Xorshift32::derived(seed));
    draw.0.skip(16);
    let network = network(&mut draw, capacity);
    let train = TrainConfig {
        temperature: draw.below(13) as u8,
        theta: draw.size(1 << 20) as u32 - 1,
        first_shift: 0,
        seed: draw.0.next(),
    };
    let share = [0, 20, 77, 128, 256][draw.below(5)];
    let spread = draw.below(3);
    let masks = |columns: usize, draw: &mut Draw| {
        let count = if network.phases().contains(Phases::LABELLED) {
            network.classes() * columns
        } else {
            0
        };
        (0..count).map(|_| u8::from(draw.below(256) < share)).collect()
    };
    let case = Case {
        train,
        masks: network.layers().iter().map(|l| masks(l.columns, &mut draw)).collect(),
        latents: network
            .layers()
            .iter()
            .map(|l| latents(l.inputs * l.columns, spread, &mut draw))
            .collect(),
        format: Format::ALL[draw.below(4)],
        network,
    };
    let examples = RandomExamples::new(&case, capacity, draw);
    (case, examples)
}

/// Random numbers of a range.
#[derive(Clone, Debug)]
struct Draw(Xorshift32);

impl Draw {
    /// 0..n.
    fn below(&mut self, n: usize) -> usize {
        (self.0.next() >> 4) as usize % n.max(1)
    }

    /// 1..=n, small numbers as often as large ones.
    fn size(&mut self, n: usize) -> usize {
        let bits = self.below(n.ilog2() as usize + 1);
        let low = 1 << bits;
        (low + self.below(low)).min(n)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

fn network(draw: &mut Draw, capacity: &Capacity) -> NetworkConfig {
    (0..TRIES).find_map(|_| attempt(draw, capacity)).unwrap_or_else(|| {
        let layer = LayerConfig { inputs: 1, columns: 1, shift: 0 };
        // One column and one class fit every module.
        NetworkConfig::new(&[layer], 1).unwrap_or_else(|_| unreachable!("a legal network"))
    })
}

fn attempt(draw: &mut Draw, capacity: &Capacity) -> Option<NetworkConfig> {
    let count = [1, 1, 1, 2, 2, 3, 4][draw.below(7)].min(capacity.max_layers).min(MAX_LAYERS);
    let phases = [
        Phases::LABELLED,
        Phases::LABELLED,
        Phases::LABELLED | Phases::PAIR | Phases::SINGLE,
        Phases::PAIR | Phases::SINGLE,
        Phases::OVERLAY,
        Phases::ALL,
    ][draw.below(6)];
    let classes = draw.size(capacity.max_classes);
    let copies = if phases.contains(Phases::OVERLAY) { draw.size(8) } else { 0 };
    let mut layers: Vec<LayerConfig> = Vec::new();
    for _ in 0..count {
        let before = layers.last().map(|l| l.columns);
        let inputs =
            before.unwrap_or_else(|| draw.size(MAX_INPUTS.min(capacity.words)) + classes * copies);
        layers.push(LayerConfig { inputs, columns: draw.size(1024), shift: scale(draw) });
    }
    let network = NetworkConfig::new(&layers, classes).ok()?;
    let network = network.with_label_rows(copies).ok()?.with_phases(phases).ok()?;
    network.placement(capacity).ok()?;
    Some(network)
}

/// Mostly scales that leave something alive.
fn scale(draw: &mut Draw) -> u8 {
    if draw.chance(10) {
        draw.below(16) as u8
    } else {
        draw.below(6) as u8
    }
}

fn latents(count: usize, spread: usize, draw: &mut Draw) -> Vec<u8> {
    let one = |draw: &mut Draw| match spread {
        0 => deku_ref::Latent::initial(draw.below(256) as u8).byte(),
        1 => draw.below(192) as u8,
        _ => [0, 1, 63, 64, 127, 128, 190, 191][draw.below(8)],
    };
    (0..count).map(|_| one(draw)).collect()
}

/// Random examples of every kind that the network is for.
#[derive(Clone, Debug)]
pub struct RandomExamples {
    draw: Draw,
    network: NetworkConfig,
    format: Format,
    /// Longest list of an input.
    longest: usize,
    /// Share of inputs that are not zero, in percent.
    density: usize,
}

impl RandomExamples {
    fn new(case: &Case, capacity: &Capacity, mut draw: Draw) -> Self {
        let density = [5, 20, 50, 100][draw.below(4)];
        let mut longest = capacity.list_entries.saturating_sub(4);
        if case.format == Format::IndexList {
            longest = longest.min(LISTED);
        }
        Self { draw, network: case.network, format: case.format, longest, density }
    }

    fn list(&mut self, longest: usize) -> Vec<Entry> {
        let density = if self.draw.chance(5) { 0 } else { self.density };
        let signed = self.format != Format::PackedUnsigned;
        let mut list = Vec::new();
        for index in 0..self.network.record_inputs() {
            let code = E2M1::from_low_bits(self.draw.below(if signed { 16 } else { 8 }) as u8);
            if self.draw.chance(density) && !code.is_zero() && list.len() < longest {
                list.push(Entry::new(index as u16, code));
            }
        }
        list
    }

    fn kinds(&self) -> Vec<usize> {
        let phases = self.network.phases();
        let groups = [
            (Phases::LABELLED, &[0, 1, 1, 1][..]),
            (Phases::PAIR, &[2, 2]),
            (Phases::SINGLE, &[3, 4]),
            (Phases::OVERLAY, &[5, 5, 5, 6]),
        ];
        groups
            .iter()
            .filter(|(p, _)| phases.contains(*p))
            .flat_map(|(_, k)| k.iter().copied())
            .collect()
    }
}

impl Examples for RandomExamples {
    fn next(&mut self) -> Owned {
        let kinds = self.kinds();
        let kind = kinds[self.draw.below(kinds.len())];
        let longest = if kind == 2 { self.longest / 2 } else { self.longest };
        let (first, second) =
            (self.list(longest), if kind == 2 { self.list(longest) } else { Vec::new() });
        let (input, label) = (&first[..], self.draw.below(self.network.classes()) as u8);
        let shift = self.draw.below(11) as u8;
        let truth = self.draw.chance(50).then_some(label);
        Owned::of(&match kind {
            0 => Example::Infer { input, truth },
            1 => Example::Labelled { input, label, shift },
            2 => Example::Pair { positive: input, negative: &second, shift },
            3 => Example::Positive { input, shift },
            4 => Example::Negative { input, shift },
            5 => Example::Overlay { input, label, shift },
            _ => Example::OverlayInfer { input, truth },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deku_driver::LONGEST_FRAME;
    use deku_rtlgen::config::ModuleConfig;

    /// What is in a frame besides the entries of one record: headers, lengths, CRCs.
    const AROUND: usize = 40;

    #[test]
    fn an_index_list_fits_into_a_frame() {
        let capacity = ModuleConfig::builtin("ecp5-85").unwrap().capacity();
        let mut most = 0;
        for seed in 1..400 {
            let (case, mut examples) = random_case(&capacity, seed);
            if case.format != Format::IndexList {
                continue;
            }
            for _ in 0..4 {
                let owned = examples.next();
                let example = owned.example();
                let entries = example.input().len() + example.second().map_or(0, <[Entry]>::len);
                most = most.max(entries);
                assert!(2 * entries + AROUND <= LONGEST_FRAME, "seed {seed}: {entries} entries");
            }
        }
        assert!(most > 1000, "lists as long as that were not tried, only {most}");
    }
}

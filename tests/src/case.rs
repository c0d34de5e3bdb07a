//! Random legal networks and examples for lockstep tests.

use deku_ref::config::MAX_LAYERS;
use deku_ref::masks::{Grouping, MaskRule};
use deku_ref::prng::Xorshift32;
use deku_ref::{Capacity, Entry, Example, LayerConfig, NetworkConfig, Phases, TrainConfig, E2M1};

/// A network with its first state.
pub struct Case {
    /// The network.
    pub network: NetworkConfig,
    /// Its constants.
    pub training: TrainConfig,
    /// Latents of each layer, row-major.
    pub latents: Vec<Vec<u8>>,
    /// Masks of each layer, class-major; empty without labelled phase.
    pub masks: Vec<Vec<u8>>,
}

/// Kinds of examples, see [`OwnedExample::kind`].
pub const KINDS: usize = 7;

/// An example that owns its inputs.
#[derive(Clone, Debug)]
pub struct OwnedExample {
    kind: usize,
    label: u8,
    shift: u8,
    first: Vec<Entry>,
    second: Vec<Entry>,
}

impl OwnedExample {
    /// One with a label, to be learned.
    #[must_use]
    pub fn labelled(input: Vec<Entry>, label: u8, shift: u8) -> Self {
        Self { kind: 1, label, shift, first: input, second: Vec::new() }
    }

    /// Its kind: infer, labelled, pair, positive, negative, overlay, overlay and infer.
    #[must_use]
    pub fn kind(&self) -> usize {
        self.kind
    }

    /// The example as the driver takes it.
    #[must_use]
    pub fn get(&self) -> Example<'_> {
        let (input, shift, label) = (self.first.as_slice(), self.shift, self.label);
        match self.kind {
            0 => Example::Infer { input, truth: Some(label) },
            1 => Example::Labelled { input, label, shift },
            2 => Example::Pair { positive: input, negative: &self.second, shift },
            3 => Example::Positive { input, shift },
            4 => Example::Negative { input, shift },
            5 => Example::Overlay { input, label, shift },
            _ => Example::OverlayInfer { input, truth: Some(label) },
        }
    }
}

/// A number of 0..n.
pub fn below(random: &mut Xorshift32, n: usize) -> usize {
    random.next() as usize % n
}

impl Case {
    /// Draws a network that fits `capacity`; small ones are as likely as those that fill it.
    ///
    /// # Panics
    /// If no legal network was found in 1,000 trials.
    #[must_use]
    pub fn draw(random: &mut Xorshift32, capacity: &Capacity) -> Self {
        for _ in 0..1000 {
            if let Some(network) = draw_network(random, capacity) {
                return Self::fill(random, network);
            }
        }
        panic!("no network fits {capacity:?}");
    }

    fn fill(random: &mut Xorshift32, network: NetworkConfig) -> Self {
        let training = TrainConfig {
            temperature: below(random, 13) as u8,
            theta: below(random, 3000) as u32,
            first_shift: 4,
            seed: random.next() | 1,
        };
        let latents = network
            .layers()
            .iter()
            .map(|l| (0..l.inputs * l.columns).map(|_| below(random, 192) as u8).collect());
        let latents: Vec<Vec<u8>> = latents.collect();
        let mut masks = Vec::new();
        if network.phases().contains(Phases::LABELLED) {
            let rule = MaskRule::new(1 + below(random, 256) as u16, Grouping::PerColumn);
            let rule = rule.expect("share is 1..=256");
            for (n, layer) in network.layers().iter().enumerate() {
                let mut mask = vec![0; network.classes() * layer.columns];
                let mut scratch = vec![0; MaskRule::scratch(layer.columns)];
                rule.draw(training.seed, n, layer.columns, &mut mask, &mut scratch);
                masks.push(mask);
            }
        }
        Self { network, training, latents, masks }
    }

    /// Draws an example that the network can execute.
    pub fn example(&self, random: &mut Xorshift32) -> OwnedExample {
        let phases = self.network.phases();
        let kind = loop {
            let kind = below(random, KINDS);
            let needs: [_; KINDS] = [
                Phases::LABELLED,
                Phases::LABELLED,
                Phases::PAIR,
                Phases::SINGLE,
                Phases::SINGLE,
                Phases::OVERLAY,
                Phases::OVERLAY,
            ];
            if phases.contains(needs[kind]) {
                break kind;
            }
        };
        let inputs = self.network.record_inputs();
        let first = draw_list(random, inputs);
        let second = if kind == 2 { draw_list(random, inputs) } else { Vec::new() };
        let label = below(random, self.network.classes()) as u8;
        OwnedExample { kind, label, shift: below(random, 11) as u8, first, second }
    }
}

fn draw_network(random: &mut Xorshift32, capacity: &Capacity) -> Option<NetworkConfig> {
    let count = 1 + below(random, MAX_LAYERS);
    let copies = below(random, 4);
    let classes = 2 + below(random, capacity.max_classes - 1);
    let widest = 1 + below(random, 100);
    let mut inputs = 1 + below(random, 60);
    let mut layers = Vec::new();
    for layer in 0..count {
        let columns = 1 + below(random, widest);
        let rows = if layer == 0 { inputs + classes * copies } else { inputs };
        layers.push(LayerConfig { inputs: rows, columns, shift: below(random, 6) as u8 });
        inputs = columns;
    }
    let mut phases = [Phases::LABELLED, Phases::PAIR, Phases::SINGLE][below(random, 3)];
    if below(random, 2) == 0 {
        phases = phases | Phases::LABELLED | Phases::SINGLE;
    }
    if copies > 0 {
        phases = phases | Phases::OVERLAY;
    }
    let network = NetworkConfig::new(&layers, classes).ok()?;
    let network = if copies > 0 { network.with_label_rows(copies).ok()? } else { network };
    let network = network.with_phases(phases).ok()?;
    network.placement(capacity).ok().map(|_| network)
}

/// A list; -0 and 0 are left out as they never enter one.
fn draw_list(random: &mut Xorshift32, inputs: usize) -> Vec<Entry> {
    let density = below(random, 257);
    let mut list = Vec::new();
    for index in 0..inputs {
        let code = E2M1::from_low_bits(random.next() as u8);
        if below(random, 256) < density && !code.is_zero() {
            list.push(Entry::new(index as u16, code));
        }
    }
    list
}

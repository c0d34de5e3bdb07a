//! Random networks and examples, and the comparison of a driven module with the reference.
#![allow(dead_code)] // every test file uses a part of it

use deku_driver::{Deku, Error, Options, Transport};
use deku_ref::reference::{OwnedDevice, Reference};
use deku_ref::sample::Format;
use deku_ref::wire::ExampleResult;
use deku_ref::{
    Capabilities, Capacity, Entry, Example, LayerConfig, Module, NetworkConfig, OwnedMemory,
    Phases, TrainConfig, Xorshift32, E2M1,
};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};

pub type Local = Reference<OwnedMemory>;

/// Always the same cases, unless PROPTEST_RNG_SEED says otherwise: a CRC-16 does not see one in
/// 65,536 heavily damaged answers, so among very many random cases one would fail.
pub fn same_cases() -> ProptestConfig {
    let config = ProptestConfig::default();
    match config.rng_seed {
        RngSeed::Random => ProptestConfig { rng_seed: RngSeed::Fixed(1), ..config },
        RngSeed::Fixed(_) => config,
    }
}

/// A module about as small as `nano`.
pub const SMALL: Capacity = Capacity {
    words: 1200,
    list_entries: 120,
    inputs: 2730,
    hidden_entries: 2048,
    mask_words: 256,
    code_words: 128,
    max_classes: 16,
    max_layers: 4,
    results: 8,
    slices: 1,
};

/// A test case, drawn from a seed.
pub struct Case {
    pub network: NetworkConfig,
    pub training: TrainConfig,
    pub capacity: Capacity,
    pub format: Format,
    pub examples: Vec<Owned>,
    pub seed: u32,
}

/// An example that owns its inputs.
#[derive(Clone, Debug)]
pub struct Owned {
    kind: u8,
    inputs: [Vec<Entry>; 2],
    label: u8,
    shift: u8,
}

impl Owned {
    pub fn example(&self) -> Example<'_> {
        let [input, second] = [&self.inputs[0][..], &self.inputs[1][..]];
        let (label, shift) = (self.label, self.shift);
        match self.kind {
            0 => Example::Infer { input, truth: (shift % 2 == 0).then_some(label) },
            1 => Example::Labelled { input, label, shift },
            2 => Example::Pair { positive: input, negative: second, shift },
            3 => Example::Positive { input, shift },
            4 => Example::Negative { input, shift },
            5 => Example::Overlay { input, label, shift },
            _ => Example::OverlayInfer { input, truth: None },
        }
    }
}

/// Random numbers for a case.
pub struct Dice(pub Xorshift32);

impl Dice {
    pub fn new(seed: u32) -> Self {
        let mut xs = Xorshift32::derived(seed);
        xs.skip(8);
        Self(xs)
    }

    /// A number of `low..=high`.
    pub fn roll(&mut self, low: usize, high: usize) -> usize {
        low + (self.0.next() >> 8) as usize % (high - low + 1)
    }
}

impl Case {
    pub fn new(seed: u32, examples: usize) -> Self {
        let mut dice = Dice::new(seed);
        let network = network(&mut dice);
        let format = Format::ALL[dice.roll(0, 3)];
        let theta = dice.roll(0, 300) as u32;
        let temperature = dice.roll(0, 6) as u8;
        let training = TrainConfig { temperature, theta, first_shift: 0, seed: seed | 1 };
        let capacity = Capacity {
            results: 1 << dice.roll(0, 4),
            slices: dice.roll(1, 2),
            list_entries: dice.roll(70, 200),
            inputs: 2730,
            hidden_entries: 2048,
            ..SMALL
        };
        let examples = (0..examples).map(|_| example(&mut dice, &network, format)).collect();
        Self { network, training, capacity, format, examples, seed }
    }

    pub fn device(&self) -> OwnedDevice {
        OwnedDevice::on_heap(&Capabilities::of_model(self.capacity)).unwrap()
    }

    pub fn latents(&self, layer: usize) -> Vec<u8> {
        let l = self.network.layers()[layer];
        let mut dice = Dice::new(self.seed ^ layer as u32 ^ 0xAAAA);
        (0..l.inputs * l.columns).map(|_| dice.roll(0, 191) as u8).collect()
    }

    pub fn masks(&self, layer: usize) -> Vec<u8> {
        let n = self.network.classes() * self.network.layers()[layer].columns;
        let mut dice = Dice::new(self.seed ^ layer as u32 ^ 0x5555);
        (0..n).map(|_| dice.roll(0, 1) as u8).collect()
    }

    /// Loads a module.
    pub fn load<M: Module>(&self, module: &mut M) -> Result<(), M::Error> {
        module.configure(&self.network, &self.training)?;
        for layer in 0..self.network.layers().len() {
            module.load_masks(layer, &self.masks(layer))?;
            module.load_weights(layer, &self.latents(layer))?;
        }
        Ok(())
    }

    pub fn local(&self) -> Local {
        let mut local = Local::new(&self.network, &self.training).unwrap();
        self.load(&mut local).unwrap();
        local
    }

    /// Results of the reference.
    pub fn expected(&self, local: &mut Local) -> Vec<ExampleResult> {
        let examples: Vec<_> = self.examples.iter().map(Owned::example).collect();
        let mut results = Vec::new();
        local.stream(&examples, &mut |_, result| results.push(without_number(result))).unwrap();
        results
    }

    /// Drives a device through `wrap`ped transport and compares everything with the reference.
    pub fn check<T: Transport>(&self, transport: T) -> Result<Deku<T>, Error<T::Error>> {
        self.check_with(transport, Options::DEFAULT)
    }

    pub fn check_with<T: Transport>(
        &self,
        transport: T,
        options: Options,
    ) -> Result<Deku<T>, Error<T::Error>> {
        let mut deku = Deku::connect_with(transport, (), options)?;
        self.load(&mut deku)?;
        deku.set_format(self.format)?;
        let mut results = Vec::new();
        let examples = self.examples.iter().map(Owned::example);
        let n = deku.stream(examples, |n, _, result| {
            assert_eq!(n, results.len());
            results.push(without_number(result));
        })?;
        assert_eq!(n, self.examples.len());
        let mut local = self.local();
        assert_eq!(results, self.expected(&mut local));
        self.same_state(&mut deku, &mut local)?;
        Ok(deku)
    }

    /// Compares latents, counters, generators and goodness.
    pub fn same_state<T: Transport>(
        &self,
        deku: &mut Deku<T>,
        local: &mut Local,
    ) -> Result<(), Error<T::Error>> {
        for (layer, l) in self.network.layers().iter().enumerate() {
            let mut latents = vec![0; l.inputs * l.columns];
            deku.read_weights(layer, &mut latents)?;
            assert_eq!(latents, local.network().latents(layer), "latents of layer {layer}");
            let expected = local.network().goodness(layer).to_vec();
            let mut goodness = vec![0; expected.len()];
            deku.goodness(layer, &mut goodness)?;
            assert_eq!(goodness, expected, "goodness of layer {layer}");
        }
        assert_eq!(deku.counters()?, local.counters().unwrap());
        assert_eq!(deku.generators()?, local.generators().unwrap());
        Ok(())
    }
}

/// A result, without its sequence number.
pub fn without_number(result: &ExampleResult) -> ExampleResult {
    ExampleResult { sequence: 0, ..*result }
}

fn network(dice: &mut Dice) -> NetworkConfig {
    let classes = dice.roll(1, 6);
    let copies = if dice.roll(0, 1) == 1 { dice.roll(1, 3) } else { 0 };
    let mut inputs = dice.roll(1, 30) + copies * classes;
    let mut layers = Vec::new();
    for _ in 0..dice.roll(1, 3) {
        let columns = dice.roll(1, 70);
        layers.push(LayerConfig { inputs, columns, shift: dice.roll(0, 3) as u8 });
        inputs = columns;
    }
    let network = NetworkConfig::new(&layers, classes).unwrap();
    let rest = Phases::LABELLED | Phases::PAIR | Phases::SINGLE;
    let phases = if copies > 0 { Phases::ALL } else { rest };
    network.with_label_rows(copies).unwrap().with_phases(phases).unwrap()
}

fn example(dice: &mut Dice, network: &NetworkConfig, format: Format) -> Owned {
    let last = if network.copies() > 0 { 6 } else { 4 };
    let kind = dice.roll(0, last) as u8;
    let sparse = dice.roll(1, 4);
    let mut list = || {
        let codes = if format == Format::PackedUnsigned { 7 } else { 15 };
        let entry = |index| {
            let code = E2M1::from_low_bits(dice.roll(1, codes) as u8);
            let keep = dice.roll(0, 4) < sparse && !code.is_zero();
            keep.then_some(Entry::new(index as u16, code))
        };
        (0..network.record_inputs()).filter_map(entry).collect()
    };
    let inputs = [list(), list()];
    let label = dice.roll(0, network.classes() - 1) as u8;
    Owned { kind, inputs, label, shift: dice.roll(0, 10) as u8 }
}

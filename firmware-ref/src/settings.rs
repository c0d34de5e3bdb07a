//! A network as register values, in both directions.
//!
//! The driver writes [`Settings::new`] into the registers of a module; the device model turns its
//! registers back into a network with [`Layout::read`].

use crate::config::{ConfigError, LayerConfig, NetworkConfig, Phases, Placement, TrainConfig};
use crate::config::{MAX_LAYERS, MAX_TEMPERATURE};
use crate::regs::{self, f};

/// Values of consecutive registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<const N: usize> {
    /// Index of the first register.
    pub first: u16,
    /// Their values.
    pub values: [u32; N],
}

/// Every register value that describes a network, without the generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    layers: [Run<3>; MAX_LAYERS],
    count: usize,
    /// CODE_BANK and NETWORK; writing NETWORK clears *loaded*.
    pub network: Run<2>,
    /// TEMPERATURE to INPUTS.
    pub rule: Run<5>,
}

impl Settings {
    /// The registers for `config`, placed at `placement`, trained with `train`.
    #[must_use]
    pub fn new(config: &NetworkConfig, placement: &Placement, train: &TrainConfig) -> Self {
        let mut layers = [Run { first: 0, values: [0; 3] }; MAX_LAYERS];
        for layer in 0..config.layers().len() {
            layers[layer] = layer_run(config, placement, layer);
        }
        Self {
            layers,
            count: config.layers().len(),
            network: Run {
                first: regs::CODE_BANK.index,
                values: [put(&f::CODE_BANK, placement.code_bank), network(config, placement)],
            },
            rule: rule(config, placement, train),
        }
    }

    /// LAYER_SHAPE, LAYER_BASE and LAYER_TABLES of each layer.
    #[must_use]
    pub fn layers(&self) -> &[Run<3>] {
        &self.layers[..self.count]
    }
}

fn put(field: &regs::Field, value: usize) -> u32 {
    field.put(value as u32)
}

fn layer_run(config: &NetworkConfig, placement: &Placement, layer: usize) -> Run<3> {
    let (l, at) = (&config.layers()[layer], &placement.layers()[layer]);
    let shape = put(&f::COLUMNS, l.columns) | put(&f::STRIDE, at.stride);
    let base = put(&f::BASE, at.base) | f::SHIFT.put(l.shift.into());
    let tables = put(&f::MASK_BASE, at.mask_base) | put(&f::CODE_BASE, at.code_base);
    Run { first: regs::LAYER_SHAPE.at(layer), values: [shape, base, tables] }
}

fn network(config: &NetworkConfig, placement: &Placement) -> u32 {
    put(&f::LAYERS, config.layers().len())
        | f::CLASS_BITS.put(placement.class_bits)
        | put(&f::CLASSES, config.classes())
}

fn rule(config: &NetworkConfig, placement: &Placement, train: &TrainConfig) -> Run<5> {
    let overlay = put(&f::COPIES, config.copies()) | put(&f::LABEL_BASE, placement.label_base);
    Run {
        first: regs::TEMPERATURE.index,
        values: [
            f::TEMPERATURE_K.put(train.temperature.into()),
            f::THETA.put(train.theta),
            overlay,
            put(&f::LABEL_STEP, placement.label_step),
            put(&f::INPUTS, config.record_inputs()),
        ],
    }
}

/// The layer part of a network that a module's registers describe, in the module's own terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerLayout {
    /// Input rows, label rows of layer 0 included.
    pub inputs: usize,
    /// Columns.
    pub columns: usize,
    /// Words per row.
    pub stride: usize,
    /// Word address of row 0.
    pub base: usize,
    /// First mask word.
    pub mask_base: usize,
}

/// A network that a module's registers describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    layers: [LayerLayout; MAX_LAYERS],
    /// The network.
    pub config: NetworkConfig,
    /// Spacing of mask words is `1 << class_bits`.
    pub class_bits: u32,
    label_base: usize,
    label_step: usize,
}

impl Layout {
    /// Reads the network from register values; `register(index)` gives one.
    ///
    /// # Errors
    /// [`ConfigError`] if the registers describe no legal network.
    pub fn read(register: impl Fn(u16) -> u32) -> Result<Self, ConfigError> {
        let get = |r: &regs::Register, f: &regs::Field| f.get(register(r.index)) as usize;
        let count = get(&regs::NETWORK, &f::LAYERS);
        let (classes, copies) = (get(&regs::NETWORK, &f::CLASSES), get(&regs::OVERLAY, &f::COPIES));
        let mut inputs = get(&regs::INPUTS, &f::INPUTS) + classes * copies;
        let mut shapes = [LayerConfig::default(); MAX_LAYERS];
        let mut layers = [LayerLayout::default(); MAX_LAYERS];
        for layer in 0..count.min(MAX_LAYERS) {
            let value = |r: &regs::Register| register(r.at(layer));
            (shapes[layer], layers[layer]) = read_layer(inputs, value);
            inputs = shapes[layer].columns;
        }
        let shapes = shapes.get(..count).ok_or(ConfigError::Layers { count })?;
        let phases = Phases::LABELLED | Phases::PAIR | Phases::SINGLE;
        let config = NetworkConfig::new(shapes, classes)?.with_label_rows(copies)?;
        let config = config.with_phases(if copies > 0 { Phases::ALL } else { phases })?;
        Ok(Self {
            layers,
            config,
            class_bits: get(&regs::NETWORK, &f::CLASS_BITS) as u32,
            label_base: get(&regs::OVERLAY, &f::LABEL_BASE),
            label_step: get(&regs::OVERLAY_STEP, &f::LABEL_STEP),
        })
    }

    /// The layers, from the input up.
    #[must_use]
    pub fn layers(&self) -> &[LayerLayout] {
        &self.layers[..self.config.layers().len()]
    }

    /// Word address of input row `row` of a layer: label rows have a place of their own.
    #[must_use]
    pub fn row(&self, layer: usize, row: usize) -> usize {
        let l = &self.layers[layer];
        let copies = self.config.copies();
        match row.checked_sub(self.config.record_inputs()) {
            Some(label_row) if layer == 0 && copies > 0 => {
                let (label, copy) = (label_row / copies, label_row % copies);
                self.label_base + label * self.label_step + copy * l.stride
            }
            _ => l.base + row * l.stride,
        }
    }
}

fn read_layer(
    inputs: usize,
    register: impl Fn(&regs::Register) -> u32,
) -> (LayerConfig, LayerLayout) {
    let get = |r, f: &regs::Field| f.get(register(r)) as usize;
    let columns = get(&regs::LAYER_SHAPE, &f::COLUMNS);
    let shift = f::SHIFT.get(register(&regs::LAYER_BASE)) as u8;
    let layout = LayerLayout {
        inputs,
        columns,
        stride: get(&regs::LAYER_SHAPE, &f::STRIDE),
        base: get(&regs::LAYER_BASE, &f::BASE),
        mask_base: get(&regs::LAYER_TABLES, &f::MASK_BASE),
    };
    (LayerConfig { inputs, columns, shift }, layout)
}

/// The constants of the learning rule that registers hold; the rest comes from `before`.
#[must_use]
pub fn read_train(register: impl Fn(u16) -> u32, before: &TrainConfig) -> TrainConfig {
    let temperature = f::TEMPERATURE_K.get(register(regs::TEMPERATURE.index)) as u8;
    let theta = f::THETA.get(register(regs::THETA.index));
    TrainConfig { temperature: temperature.min(MAX_TEMPERATURE), theta, ..*before }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Capacity;

    const CAPACITY: Capacity = Capacity {
        words: 4096,
        list_entries: 2048,
        inputs: 2730,
        hidden_entries: 2048,
        mask_words: 512,
        code_words: 256,
        max_classes: 64,
        max_layers: 4,
        results: 64,
        slices: 2,
    };

    fn written(settings: &Settings) -> [u32; 128] {
        let mut registers = [0; 128];
        let mut put = |first: u16, values: &[u32]| {
            let first = usize::from(first);
            registers[first..first + values.len()].copy_from_slice(values);
        };
        settings.layers().iter().for_each(|r| put(r.first, &r.values));
        put(settings.network.first, &settings.network.values);
        put(settings.rule.first, &settings.rule.values);
        registers
    }

    #[test]
    fn what_is_written_is_read_back() {
        let layer = |inputs, columns, shift| LayerConfig { inputs, columns, shift };
        let layers = [layer(100 + 5 * 3, 70, 4), layer(70, 33, 15)];
        let config = NetworkConfig::new(&layers, 5).unwrap().with_label_rows(3).unwrap();
        let config = config.with_phases(Phases::ALL).unwrap();
        let train = TrainConfig { theta: 0xF_FFFF, temperature: 12, ..TrainConfig::TEXT };
        let placement = config.placement(&CAPACITY).unwrap();
        let registers = written(&Settings::new(&config, &placement, &train));
        let register = |index: u16| registers[usize::from(index)];

        let layout = Layout::read(register).unwrap();
        assert_eq!(layout.config, config);
        assert_eq!(layout.class_bits, placement.class_bits);
        assert_eq!(read_train(register, &TrainConfig::TEXT), train);
        for (l, at) in layout.layers().iter().zip(placement.layers()) {
            assert_eq!((l.stride, l.base, l.mask_base), (at.stride, at.base, at.mask_base));
        }
        // With consecutive placement, label rows simply follow the inputs.
        let stride = placement.layers()[0].stride;
        assert!((0..115).all(|row| layout.row(0, row) == row * stride));
        assert_eq!(layout.row(1, 2), placement.layers()[1].base + 2 * placement.layers()[1].stride);
    }

    #[test]
    fn illegal_registers_describe_no_network() {
        assert_eq!(Layout::read(|_| 0), Err(ConfigError::Layers { count: 0 }));
        assert!(Layout::read(|_| u32::MAX).is_err());
    }
}

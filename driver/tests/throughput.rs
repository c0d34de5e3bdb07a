//! How well the driver fills a link: time is counted in bytes on an SPI bus at 31.25 MHz, nine
//! clocks each (288 ns), with a gap of 15 us (52 bytes) after every frame, while the device takes
//! as long for an example as the hardware is expected to.

mod common;

use deku_driver::{Deku, Transport, LONGEST_FRAME};
use deku_ref::reference::OwnedDevice;
use deku_ref::sample::Format;
use deku_ref::{
    Capabilities, Capacity, Entry, Example, LayerConfig, Module, NetworkConfig, TrainConfig, E2M1,
};
use std::convert::Infallible;

const GAP: u64 = 52;

const UP5K: Capacity = Capacity {
    words: 4096,
    list_entries: 2048,
    inputs: 2730,
    hidden_entries: 2048,
    mask_words: 512,
    code_words: 64,
    max_classes: 64,
    max_layers: 4,
    results: 64,
    slices: 1,
};

/// A bus that counts time in bytes.
struct Bus {
    device: OwnedDevice,
    time: u64,
}

impl Transport for Bus {
    type Error = Infallible;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Infallible> {
        self.device.exchange(frame);
        self.device.pass(GAP as usize);
        self.time += frame.len() as u64 + GAP;
        Ok(())
    }

    fn max_frame(&self) -> usize {
        LONGEST_FRAME
    }
}

/// Share of the possible rate that a stream of equal examples reaches. `engine` is the time of an
/// example in bytes.
fn efficiency(inputs: usize, columns: usize, entries: usize, engine: u32) -> f64 {
    const EXAMPLES: usize = 3000;
    let layers = [LayerConfig { inputs, columns, shift: 4 }];
    let mut device = OwnedDevice::on_heap(&Capabilities::of_model(UP5K)).unwrap();
    device.set_pace(engine);
    let mut deku = Deku::connect(Bus { device, time: 0 }).unwrap();
    deku.configure(&NetworkConfig::new(&layers, 10).unwrap(), &TrainConfig::IMAGES).unwrap();
    deku.load_weights(0, &vec![96; inputs * columns]).unwrap();
    let step = inputs / entries;
    let list: Vec<_> = (0..entries).map(|i| Entry::new((i * step) as u16, E2M1::MAX)).collect();
    let example = Example::Labelled { input: &list, label: 1, shift: 4 };
    let bytes = 6 + Format::PackedUnsigned.len(entries, inputs);

    let before = deku.transport().time;
    deku.stream(core::iter::repeat_n(example, EXAMPLES), |_, _, _| {}).unwrap();
    let time = (deku.transport().time - before) as f64 / EXAMPLES as f64;
    let link = bytes as f64 * (LONGEST_FRAME as u64 + GAP) as f64 / LONGEST_FRAME as f64;
    link.max(f64::from(engine)) / time
}

#[test]
fn the_link_or_the_engine_is_always_busy() {
    let cases = [
        ("MNIST 28x28 -> 160, bound by the link", efficiency(784, 160, 145, 73)),
        ("MNIST 14x14 -> 640, bound by the engine", efficiency(196, 640, 46, 94)),
        ("a first epoch, bound by the engine", efficiency(196, 640, 46, 200)),
        ("a slow engine", efficiency(196, 640, 46, 2000)),
        ("a fast engine", efficiency(784, 160, 145, 5)),
        ("few inputs", efficiency(64, 32, 8, 20)),
    ];
    for (what, share) in cases {
        println!("{what}: {:.1} %", 100.0 * share);
    }
    assert!(cases.iter().all(|(_, share)| *share >= 0.93));
}

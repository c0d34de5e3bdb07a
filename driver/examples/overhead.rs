//! What frames cost: training 784 -> 128 directly and through driver and device model.
//!
//! `cargo run --release -p deku-driver --example overhead`

use deku_driver::Deku;
use deku_ref::reference::{OwnedDevice, Reference, LARGEST};
use deku_ref::sample::Format;
use deku_ref::wire::record;
use deku_ref::{
    Capabilities, Entry, Example, LayerConfig, Module, NetworkConfig, TrainConfig, Xorshift32, E2M1,
};
use std::time::Instant;

const EXAMPLES: usize = 4000;
const ROUNDS: usize = 5;
const INPUTS: usize = 784;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let layers = [LayerConfig { inputs: INPUTS, columns: 128, shift: 5 }];
    let network = NetworkConfig::new(&layers, 10)?;
    let lists = lists();
    let examples: Vec<_> = lists
        .iter()
        .enumerate()
        .map(|(n, input)| Example::Labelled { input, label: (n % 10) as u8, shift: 4 })
        .collect();

    report("encoding packed-u", || encode(&examples, Format::PackedUnsigned));
    report("encoding raw", || encode(&examples, Format::Raw));

    let mut reference = Reference::new(&network, &TrainConfig::IMAGES)?;
    load(&mut reference)?;
    report("reference", || reference.stream(&examples, &mut |_, _| {}).map_err(drop));

    let device = OwnedDevice::on_heap(&Capabilities::of_model(LARGEST))?;
    let mut deku = Deku::connect(device)?;
    deku.configure(&network, &TrainConfig::IMAGES)?;
    load(&mut deku)?;
    for format in Format::ALL {
        deku.set_format(format)?;
        let name = format!("driver and device model, {format}");
        report(&name, || Module::stream(&mut deku, &examples, &mut |_, _| {}).map_err(drop));
    }
    Ok(())
}

/// The shortest of some rounds.
fn report(what: &str, mut round: impl FnMut() -> Result<(), ()>) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round().expect("legal examples");
        best = best.min(start.elapsed().as_secs_f64());
    }
    let rate = EXAMPLES as f64 / best;
    println!("{what:42} {rate:10.0} samples/s  {:6.2} us each", 1e6 / rate);
}

fn encode(examples: &[Example<'_>], format: Format) -> Result<(), ()> {
    let mut out = [0; 512];
    let mut sum = 0;
    for (n, example) in examples.iter().enumerate() {
        sum += record::emit(example, n as u8, format, INPUTS, &mut out).map_err(drop)?;
        std::hint::black_box(&out);
    }
    std::hint::black_box(sum);
    Ok(())
}

fn lists() -> Vec<Vec<Entry>> {
    let mut xs = Xorshift32::derived(5);
    let mut entry = |index: usize| {
        let r = xs.next();
        (r % 784 < 145)
            .then(|| Entry::new(index as u16, E2M1::from_low_bits((r >> 16) as u8 % 7 + 1)))
    };
    (0..EXAMPLES).map(|_| (0..INPUTS).filter_map(&mut entry).collect()).collect()
}

fn load<M: Module>(module: &mut M) -> Result<(), M::Error> {
    let mut xs = Xorshift32::derived(9);
    let masks: Vec<u8> = (0..10 * 128).map(|_| u8::from(xs.next_byte() < 77)).collect();
    let latents: Vec<u8> = (0..INPUTS * 128).map(|_| 32 + xs.next_byte() % 128).collect();
    module.load_masks(0, &masks)?;
    module.load_weights(0, &latents)
}

//! Speed of labelled training on one core.
//!
//! `speed` trains 784 -> 128 on synthetic lists with 145 of 784 inputs, in clusters like the
//! strokes of a digit. `speed DIR [COLUMNS] [EPOCHS] [COPIES]` trains on the idx files of MNIST in
//! DIR (not compressed), with label overlay if COPIES is not 0, and prints the test accuracy.
//! `speed DIR COLUMNS first N` only trains the first N of them, in order and with one rate: for
//! `cargo xtask speed`, which compares with another program.

use std::time::Instant;
use std::{env, error::Error, fs, path::Path};

use deku_ref::config::{LayerConfig, Phases};
use deku_ref::init::{host_stream, shuffle};
use deku_ref::masks::{Grouping, MaskRule, SHARE_FEW};
use deku_ref::schedule::Schedule;
use deku_ref::{Entry, NetworkConfig, OwnedMemory, OwnedNetwork, TrainConfig, Xorshift32, E2M1};

const SIDE: usize = 28;
const INPUTS: usize = SIDE * SIDE;
const CLASSES: usize = 10;

struct Example {
    list: Vec<Entry>,
    label: u8,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |n: usize, default| arguments.get(n).map_or(Ok(default), |a| a.parse());
    if let [directory, columns, first, count] = &arguments[..] {
        if first == "first" {
            let train = mnist(Path::new(directory), "train")?;
            return train_first(&train[..count.parse()?], columns.parse()?);
        }
    }
    let (columns, epochs, copies) = (number(1, 128)?, number(2, 1)?, number(3, 0)?);
    match arguments.first() {
        Some(directory) => {
            let load = |name| mnist(Path::new(directory), name);
            run(&load("train")?, &load("t10k")?, columns, epochs, copies)
        }
        None => {
            let examples = synthetic(70_000);
            let (train, test) = examples.split_at(60_000);
            run(train, test, columns, epochs, copies)
        }
    }
}

fn train_first(train: &[Example], columns: usize) -> Result<()> {
    let mut net = network(columns, 0)?;
    let shift = net.train_config().first_shift;
    train.iter().try_for_each(|example| learn(&mut net, example, shift, 0))?;
    println!("{} samples, latents {:016x}", train.len(), fnv(net.latents(0)));
    Ok(())
}

fn run(
    train: &[Example],
    test: &[Example],
    columns: usize,
    epochs: usize,
    copies: usize,
) -> Result<()> {
    let mut net = network(columns, copies)?;
    let schedule =
        Schedule::planned(net.train_config().first_shift, (train.len() * epochs) as u64)?;
    let mut order: Vec<usize> = (0..train.len()).collect();
    let mut host = host_stream(net.train_config().seed);
    let (mut seen, mut seconds) = (0, 0.0);
    for epoch in 1..=epochs {
        shuffle(&mut order, &mut host);
        let updates = net.counters().updates[0];
        let start = Instant::now();
        for &n in &order {
            learn(&mut net, &train[n], schedule.rate_shift(seen), copies)?;
            seen += 1;
        }
        seconds += start.elapsed().as_secs_f64();
        let rate = f64::from(net.counters().updates[0] - updates) / train.len() as f64;
        println!("epoch {epoch}: {:.1} % of the samples update", 100.0 * rate);
    }
    println!("{:.0} samples/s", seen as f64 / seconds);
    let start = Instant::now();
    let right = accuracy(&mut net, test, copies)?;
    println!("inference {:.0} samples/s", test.len() as f64 / start.elapsed().as_secs_f64());
    println!("test accuracy {right:.2} %, latents {:016x}", fnv(net.latents(0)));
    Ok(())
}

fn network(columns: usize, copies: usize) -> Result<OwnedNetwork> {
    let layer = LayerConfig { inputs: INPUTS + CLASSES * copies, columns, shift: 5 };
    let config = NetworkConfig::new(&[layer], CLASSES)?.with_label_rows(copies)?;
    let phases = if copies > 0 { Phases::OVERLAY } else { Phases::LABELLED };
    let config = config.with_phases(phases)?;
    let train = if copies > 0 { TrainConfig::OVERLAY } else { TrainConfig::IMAGES };
    let mut net = OwnedNetwork::new(&config, &train, OwnedMemory::new(&config))?;
    net.initialise_latents(train.seed);
    if copies == 0 {
        net.initialise_masks(&MaskRule::new(SHARE_FEW, Grouping::PerColumn)?, train.seed)?;
    }
    Ok(net)
}

fn learn(net: &mut OwnedNetwork, e: &Example, shift: u8, copies: usize) -> Result<()> {
    if copies > 0 {
        net.train_overlay(&e.list, e.label, shift)?;
    } else {
        net.train_labelled(&e.list, e.label, shift)?;
    }
    Ok(())
}

fn accuracy(net: &mut OwnedNetwork, test: &[Example], copies: usize) -> Result<f64> {
    let mut right = 0;
    for e in test {
        let inference = if copies > 0 { net.infer_overlay(&e.list) } else { net.infer(&e.list) };
        right += usize::from(inference?.class == e.label);
    }
    Ok(100.0 * right as f64 / test.len() as f64)
}

/// Ten classes of eight clusters of pixels, each moved a little.
fn synthetic(count: usize) -> Vec<Example> {
    let mut xs = Xorshift32::derived(1);
    let mut place = || (xs.next() % 20 + 4, xs.next() % 20 + 4);
    let centres: Vec<_> = (0..8 * CLASSES).map(|_| place()).collect();
    let mut example = |n: usize| {
        let label = n % CLASSES;
        let mut pixels = [0u8; INPUTS];
        let mut lit = 0;
        while lit < 145 {
            let (row, column) = centres[8 * label + (xs.next() % 8) as usize];
            let (dy, dx) = (xs.next() % 7, xs.next() % 7);
            let pixel = &mut pixels[((row + dy - 3) * 28 + column + dx - 3) as usize];
            lit += usize::from(*pixel == 0);
            *pixel = if xs.next_byte() < 150 { 255 } else { xs.next_byte() | 16 };
        }
        Example { list: list(&pixels), label: label as u8 }
    };
    (0..count).map(&mut example).collect()
}

fn mnist(directory: &Path, name: &str) -> Result<Vec<Example>> {
    let images = fs::read(directory.join(format!("{name}-images-idx3-ubyte")))?;
    let labels = fs::read(directory.join(format!("{name}-labels-idx1-ubyte")))?;
    let images = images[16..].chunks_exact(INPUTS);
    Ok(images.zip(&labels[8..]).map(|(p, &label)| Example { list: list(p), label }).collect())
}

fn list(pixels: &[u8]) -> Vec<Entry> {
    let code = |p: u8| E2M1::nearest((12 * u32::from(p) + 127) / 255);
    let entries = pixels.iter().enumerate().map(|(i, &p)| Entry::new(i as u16, code(p)));
    entries.filter(|e| !e.code.is_zero()).collect()
}

/// FNV-1a, 64 bit.
fn fnv(bytes: &[u8]) -> u64 {
    let step = |h: u64, &b: &u8| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

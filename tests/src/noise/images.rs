//! Samples to be learned: as long and as sparse as those of MNIST where the module has room for
//! that, smaller ones where it has not.

use deku_ref::init::fill_latents;
use deku_ref::masks::{Grouping, MaskRule, SHARE_FEW};
use deku_ref::sample::Format;
use deku_ref::{Capacity, Entry, LayerConfig, NetworkConfig, TrainConfig, Xorshift32, E2M1};

use crate::case::{below, Case, OwnedExample};
use crate::streamed::Stream;

/// A network and what it learns.
struct Shape {
    inputs: usize,
    columns: usize,
    classes: usize,
    /// Scale S.
    shift: u8,
    format: Format,
}

const MNIST_LIKE: Shape =
    Shape { inputs: 784, columns: 160, classes: 10, shift: 5, format: Format::PackedUnsigned };
/// For the smallest module. Records must not be so short that they get through any noise.
const SMALL: Shape = Shape { inputs: 128, columns: 32, classes: 4, shift: 3, format: Format::Raw };
/// Inputs of 256 that are not 0: 19 %, as in MNIST.
const DENSITY: usize = 48;
/// Inputs of 256 in which an image differs from that of its class.
const NOISE: usize = 26;

/// `count` images and the network that learns them.
///
/// # Panics
/// If the module is smaller than the smallest of the project.
#[must_use]
pub fn stream(capacity: &Capacity, count: usize, seed: u32) -> Stream {
    let fits = |shape: &&Shape| network(shape).placement(capacity).is_ok();
    let shape = [&MNIST_LIKE, &SMALL].into_iter().find(fits).expect("a network that fits");
    let mut random = Xorshift32::derived(seed);
    random.skip(16);
    let classes: Vec<Vec<bool>> =
        (0..shape.classes).map(|_| pixels(&mut random, shape.inputs)).collect();
    let image = |n: usize| {
        let label = n % shape.classes;
        let rate = 4 + (3 * n / count.max(1)) as u8;
        OwnedExample::labelled(image(&mut random, &classes[label]), label as u8, rate)
    };
    Stream {
        case: case(shape, seed),
        format: shape.format,
        examples: (0..count).map(image).collect(),
    }
}

fn network(shape: &Shape) -> NetworkConfig {
    let layer = LayerConfig { inputs: shape.inputs, columns: shape.columns, shift: shape.shift };
    NetworkConfig::new(&[layer], shape.classes).expect("a legal network")
}

fn case(shape: &Shape, seed: u32) -> Case {
    let training = TrainConfig { seed, ..TrainConfig::IMAGES };
    let mut latents = vec![0; shape.inputs * shape.columns];
    fill_latents(seed, 0, &mut latents);
    let rule = MaskRule::new(SHARE_FEW, Grouping::PerColumn).expect("a legal share");
    let mut masks = vec![0; shape.classes * shape.columns];
    let mut scratch = vec![0; MaskRule::scratch(shape.columns)];
    rule.draw(seed, 0, shape.columns, &mut masks, &mut scratch);
    Case { network: network(shape), training, latents: vec![latents], masks: vec![masks] }
}

fn pixels(random: &mut Xorshift32, inputs: usize) -> Vec<bool> {
    (0..inputs).map(|_| below(random, 256) < DENSITY).collect()
}

/// The image of a class, with some of its pixels drawn anew.
fn image(random: &mut Xorshift32, class: &[bool]) -> Vec<Entry> {
    let mut list = Vec::new();
    for (index, &set) in class.iter().enumerate() {
        let redrawn = below(random, 256) < NOISE;
        let set = if redrawn { below(random, 256) < DENSITY } else { set };
        let code = E2M1::from_low_bits(1 + below(random, 7) as u8);
        if set {
            list.push(Entry::new(index as u16, code));
        }
    }
    list
}

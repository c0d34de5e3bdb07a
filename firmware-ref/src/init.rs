//! What is drawn from the user seed: streams, fresh latents, the order of the examples, and the
//! variations of an image (docs/theory_of_operation.md, section 1).

use crate::format::Latent;
use crate::list::Entry;
use crate::prng::Xorshift32;

/// Distance of the layers' seeds.
const LAYER_STEP: u32 = 0x61C8_8647;
/// Steps thrown away at the start of a layer's streams.
const WARM_UP: u32 = 16;

/// Stream of the rounding bits, all layers.
#[must_use]
pub const fn rounding_stream(seed: u32) -> Xorshift32 {
    Xorshift32::derived(seed | 1)
}

/// Stream of the rival's draws, all layers.
#[must_use]
pub const fn rival_stream(seed: u32) -> Xorshift32 {
    Xorshift32::derived((seed ^ 0x0123_4567) | 1)
}

/// Stream of the host: order of the examples, jitter and drop.
#[must_use]
pub const fn host_stream(seed: u32) -> Xorshift32 {
    Xorshift32::derived(seed.wrapping_mul(2_654_435_761) | 1)
}

/// Stream of the latents of a layer.
#[must_use]
pub const fn latent_stream(seed: u32, layer: usize) -> Xorshift32 {
    layer_stream(seed, layer, 0x9E37_79B9)
}

/// Stream of the class masks of a layer.
#[must_use]
pub const fn mask_stream(seed: u32, layer: usize) -> Xorshift32 {
    layer_stream(seed, layer, 0x85EB_CA6B)
}

const fn layer_stream(seed: u32, layer: usize, key: u32) -> Xorshift32 {
    let own = seed.wrapping_add((layer as u32).wrapping_mul(LAYER_STEP));
    let mut stream = Xorshift32::derived(own ^ key);
    stream.skip(WARM_UP);
    stream
}

/// Fresh latents of a layer, row-major, label rows included.
pub fn fill_latents(seed: u32, layer: usize, latents: &mut [u8]) {
    let mut stream = latent_stream(seed, layer);
    for l in latents {
        *l = Latent::initial(stream.next_byte()).byte();
    }
}

/// Fisher-Yates: for i from n-1 down to 1, swaps items i and `next mod (i+1)`.
pub fn shuffle<T>(items: &mut [T], stream: &mut Xorshift32) {
    for i in (1..items.len()).rev() {
        let other = stream.next() % (i as u32 + 1);
        items.swap(i, other as usize);
    }
}

/// Variation of images while training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// Width and height of the image, in pixels.
    pub size: (u16, u16),
    /// Moves the image by -1, 0 or +1 pixel in both directions.
    pub jitter: bool,
    /// Discards each non-zero input with this probability, in 1/256 (40 is usual, 0 = off).
    pub drop: u8,
}

impl Variation {
    /// Writes the variation of an image (entries ascending, row-major pixels) to `out`, which is
    /// at least as long as `image`; returns how many entries there are.
    ///
    /// Draws nothing if both jitter and drop are off.
    pub fn apply(&self, image: &[Entry], stream: &mut Xorshift32, out: &mut [Entry]) -> usize {
        if !self.jitter && self.drop == 0 {
            out[..image.len()].copy_from_slice(image);
            return image.len();
        }
        let h = stream.next();
        let (dx, dy) = if self.jitter { offsets(h) } else { (0, 0) };
        let mut n = 0;
        for e in image {
            let Some(index) = self.moved(e.index, dx, dy) else { continue };
            if self.drop > 0 && stream.next_byte() < self.drop {
                continue;
            }
            out[n] = Entry { index, ..*e };
            n += 1;
        }
        n
    }

    /// Where a pixel goes; `None` if it leaves the image.
    fn moved(&self, index: u16, dx: i32, dy: i32) -> Option<u16> {
        let (width, height) = (i32::from(self.size.0), i32::from(self.size.1));
        let row = i32::from(index) / width + dy;
        let column = i32::from(index) % width + dx;
        let inside = (0..height).contains(&row) && (0..width).contains(&column);
        inside.then_some((row * width + column) as u16)
    }
}

fn offsets(h: u32) -> (i32, i32) {
    ((h >> 8) as i32 % 3 - 1, (h >> 4 & 0xFF) as i32 % 3 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::E2M1;

    #[test]
    fn derived_states() {
        assert_eq!(rounding_stream(2).state(), 3);
        assert_eq!(rival_stream(1).state(), 0x0123_4567);
        assert_eq!(rival_stream(0x0123_4567).state(), 1);
        assert_eq!(host_stream(1).state(), 2_654_435_761);
        let mut first = Xorshift32::derived(0x9E37_79B9 ^ 1);
        first.skip(16);
        assert_eq!(latent_stream(1, 0), first);
        // A derived state of 0 is replaced.
        let mut replaced = Xorshift32::derived(0);
        replaced.skip(16);
        assert_eq!(mask_stream(0x85EB_CA6B, 0), replaced);
        assert_eq!(latent_stream(9, 1), latent_stream(9 + LAYER_STEP, 0));
    }

    #[test]
    fn shuffle_is_a_permutation_and_repeats() {
        let mut items: Vec<u16> = (0..1000).collect();
        shuffle(&mut items, &mut host_stream(1));
        assert_ne!(items, (0..1000).collect::<Vec<_>>());
        let mut again: Vec<u16> = (0..1000).collect();
        shuffle(&mut again, &mut host_stream(1));
        assert_eq!(items, again);
        items.sort_unstable();
        assert_eq!(items, (0..1000).collect::<Vec<_>>());
    }

    fn image() -> Vec<Entry> {
        (0..16).map(|i| Entry::new(i, E2M1::MAX)).collect()
    }

    #[test]
    fn jitter_moves_the_whole_image() {
        let jitter = Variation { size: (4, 4), jitter: true, drop: 0 };
        let mut seen = [0; 9];
        let mut stream = host_stream(1);
        for _ in 0..200 {
            let (dx, dy) = offsets(stream.clone().next());
            seen[((dy + 1) * 3 + dx + 1) as usize] += 1;
            let mut out = image();
            let n = jitter.apply(&image(), &mut stream, &mut out);
            assert_eq!(n as i32, (4 - dx.abs()) * (4 - dy.abs()));
            assert_eq!(crate::list::check(&out[..n], 16), Ok(()));
            assert_eq!(i32::from(out[0].index), dy.max(0) * 4 + dx.max(0));
        }
        assert!(seen.iter().all(|&n| n > 5), "{seen:?}");
    }

    #[test]
    fn drop_draws_once_per_input_left() {
        let drop = Variation { size: (4, 4), jitter: false, drop: 128 };
        let (mut stream, mut other) = (host_stream(3), host_stream(3));
        let mut out = image();
        let n = drop.apply(&image(), &mut stream, &mut out);
        other.skip(17);
        assert_eq!(stream, other);
        assert!(n > 2 && n < 14);
    }

    #[test]
    fn nothing_on_draws_nothing() {
        let none = Variation { size: (4, 4), jitter: false, drop: 0 };
        let mut stream = host_stream(3);
        let mut out = vec![Entry::default(); 16];
        assert_eq!(none.apply(&image(), &mut stream, &mut out), 16);
        assert_eq!((stream, out), (host_stream(3), image()));
    }
}

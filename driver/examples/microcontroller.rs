//! A module on a microcontroller, over any HAL that implements embedded-hal 1.0: no operating
//! system, no heap. Memory of the program: one frame buffer, and the masks and weights of a layer
//! while they are loaded.

use deku_driver::{Deku, Error, Interrupt, Options, PinLine, SpiTransport};
use deku_ref::init::fill_latents;
use deku_ref::masks::{Grouping, MaskRule, SHARE_FEW};
use deku_ref::{Entry, Example, LayerConfig, NetworkConfig, TrainConfig};
use embedded_hal::{delay::DelayNs, digital::InputPin, spi::SpiDevice};

const INPUTS: usize = 64;
const COLUMNS: usize = 32;
const CLASSES: usize = 2;
/// Longest frame, bytes: what the DMA of the SPI controller can do.
const FRAME: usize = 512;

/// Learns from labelled samples; returns how many the module had classified rightly before it
/// learned from them.
///
/// `irq` is the module's interrupt line. Without it `Deku::<_, (), FRAME>::connect_with(bus, (), ...)`
/// asks instead of waiting.
pub fn learn<S: SpiDevice>(
    spi: S,
    irq: impl InputPin,
    delay: impl DelayNs,
    samples: &[(&[Entry], u8)],
) -> Result<usize, Error<S::Error>> {
    let bus = SpiTransport::with_max_frame(spi, FRAME);
    // Looked at every 10 us, for 100 ms at most.
    let line = Interrupt::new(PinLine::new(irq, delay, 10_000, 100_000));
    let mut deku = Deku::<_, _, FRAME>::connect_with(bus, line, Options::DEFAULT)?;

    let layer = LayerConfig { inputs: INPUTS, columns: COLUMNS, shift: 1 };
    let rule = TrainConfig::IMAGES;
    deku.configure(&NetworkConfig::new(&[layer], CLASSES)?, &rule)?;
    let (mut masks, mut scratch) = ([0; CLASSES * COLUMNS], [0; MaskRule::scratch(COLUMNS)]);
    let members = MaskRule::new(SHARE_FEW, Grouping::PerColumn)?;
    members.draw(rule.seed, 0, COLUMNS, &mut masks, &mut scratch);
    deku.load_class_masks(0, &masks)?;
    let mut latents = [0; INPUTS * COLUMNS];
    fill_latents(rule.seed, 0, &mut latents);
    deku.load_latents(0, &latents)?;

    let shift = rule.first_shift;
    let examples = samples.iter().map(|&(input, label)| Example::Labelled { input, label, shift });
    let mut right = 0;
    deku.stream(examples, |n, _, result| {
        right += usize::from(result.class == samples[n].1);
    })?;
    Ok(right)
}

//! The work that samples ask for, from the reference.

use deku_ref::config::{words, WORD_COLUMNS};
use deku_ref::{Example, Module, Network, OwnedMemory};

use super::record::Work;
use crate::backend::Software;
use crate::error::Result;

/// Lets the reference execute the examples and counts.
pub fn work<'a>(
    reference: &mut Software,
    examples: impl Iterator<Item = Example<'a>>,
) -> Result<Work> {
    let mut work = Work::default();
    for example in examples {
        let outcome = reference.train(&example)?;
        work.samples += 1;
        work.updated += u64::from(outcome.updated != 0);
        let network = reference.network();
        for (layer, l) in network.config().layers().iter().enumerate() {
            let rows = rows(network, &example, layer) as u64;
            work.rows += rows;
            work.forward_words += rows * words(l.columns) as u64;
            if outcome.updated >> layer & 1 == 1 {
                let rival = outcome.rivals[layer].unwrap_or_default();
                work.update_words += rows * touched(network, layer, example.label(), rival) as u64;
            }
        }
    }
    Ok(work)
}

/// Length of a layer's list.
fn rows(network: &Network<OwnedMemory>, example: &Example<'_>, layer: usize) -> usize {
    match layer.checked_sub(1) {
        None => example.input().len(),
        Some(before) => network.codes(before).iter().filter(|&&c| c != 0).count(),
    }
}

/// Words with a factor that is not 0: columns of exactly one of both classes that are not silent.
fn touched(network: &Network<OwnedMemory>, layer: usize, label: u8, rival: u8) -> usize {
    let codes = network.codes(layer);
    let masks = network.masks(layer);
    let mask = |class: u8| &masks[usize::from(class) * codes.len()..][..codes.len()];
    let (truth, rival) = (mask(label), mask(rival));
    let moves = |j: usize| codes[j] != 0 && truth[j] != rival[j];
    (0..codes.len())
        .step_by(WORD_COLUMNS)
        .filter(|&first| (first..codes.len().min(first + WORD_COLUMNS)).any(moves))
        .count()
}

//! Lockstep of two modules: the same examples, and after each of them everything that can be seen.

use std::fmt::Debug;

use deku_ref::wire::{ExampleResult, Kind};
use deku_ref::{Module, Xorshift32};

use crate::case::{Case, OwnedExample, KINDS};

/// The first difference between two modules.
#[derive(Debug)]
pub struct Difference {
    /// Number of the example, from 0.
    pub example: usize,
    /// What differs.
    pub what: String,
}

/// Loads the case into a module.
///
/// # Errors
/// The module's.
pub fn load<M: Module>(module: &mut M, case: &Case) -> Result<(), M::Error> {
    module.configure(&case.network, &case.training)?;
    for (layer, masks) in case.masks.iter().enumerate() {
        module.load_masks(layer, masks)?;
    }
    for (layer, latents) in case.latents.iter().enumerate() {
        module.load_weights(layer, latents)?;
    }
    Ok(())
}

/// Runs `count` random examples through both modules, one at a time; `before` is called with the
/// number of each. The result is how many of each kind there were.
///
/// # Errors
/// The first difference, or what a module complained about.
pub fn run<A: Module, B: Module>(
    (expected, actual): (&mut A, &mut B),
    case: &Case,
    random: &mut Xorshift32,
    count: usize,
    mut before: impl FnMut(usize),
) -> Result<[usize; KINDS], Difference>
where
    A::Error: Debug,
    B::Error: Debug,
{
    load(expected, case).map_err(|e| failed(0, "the reference", &e))?;
    load(actual, case).map_err(|e| failed(0, "the module", &e))?;
    let mut seen = [0; KINDS];
    for n in 0..count {
        let example = case.example(random);
        seen[example.kind()] += 1;
        before(n);
        step(expected, actual, case, &example).map_err(|what| Difference {
            example: n,
            what: format!("{what}\nexample: {example:?}"),
        })?;
    }
    Ok(seen)
}

fn failed(example: usize, who: &str, error: &dyn Debug) -> Difference {
    Difference { example, what: format!("{who}: {error:?}") }
}

fn step<A: Module, B: Module>(
    a: &mut A,
    b: &mut B,
    case: &Case,
    example: &OwnedExample,
) -> Result<(), String>
where
    A::Error: Debug,
    B::Error: Debug,
{
    let example = example.get();
    let told = |who: &str, e: &dyn Debug| format!("{who}: {e:?}");
    let (mut expected, mut actual) = (None, None);
    a.stream(&[example], &mut |_, r| expected = Some(*r)).map_err(|e| told("the reference", &e))?;
    b.stream(&[example], &mut |_, r| actual = Some(*r)).map_err(|e| told("the module", &e))?;
    let plain =
        |r: Option<ExampleResult>| r.map(|r| (r.updated, r.class, r.rival, r.other, r.truth));
    same("result (updated, class, rival, other, truth)", &plain(expected), &plain(actual))?;
    state(a, b, case, candidates(case, example.kind()))
}

/// Compares what can be read over the link: generators, counters, goodness of the first
/// `candidates` candidates, and latents.
///
/// # Errors
/// The first difference, or what a module complained about.
pub fn state<A: Module, B: Module>(
    a: &mut A,
    b: &mut B,
    case: &Case,
    candidates: usize,
) -> Result<(), String>
where
    A::Error: Debug,
    B::Error: Debug,
{
    let told = |who: &str, e: &dyn Debug| format!("{who}: {e:?}");
    same("generators", &a.generators().ok(), &b.generators().ok())?;
    same("counters", &a.counters().ok(), &b.counters().ok())?;
    for (layer, shape) in case.network.layers().iter().enumerate() {
        let (mut x, mut y) = (vec![0; candidates], vec![0; candidates]);
        a.goodness(layer, &mut x).map_err(|e| told("the reference", &e))?;
        b.goodness(layer, &mut y).map_err(|e| told("the module", &e))?;
        same(&format!("goodness of layer {layer}"), &x, &y)?;
        let size = shape.inputs * shape.columns;
        let (mut x, mut y) = (vec![0; size], vec![0; size]);
        a.read_weights(layer, &mut x).map_err(|e| told("the reference", &e))?;
        b.read_weights(layer, &mut y).map_err(|e| told("the module", &e))?;
        same_latents(layer, shape.columns, &x, &y)?;
    }
    Ok(())
}

/// Compares latents of a layer.
///
/// # Errors
/// Where the first difference is, and both values.
pub fn same_latents(
    layer: usize,
    columns: usize,
    expected: &[u8],
    got: &[u8],
) -> Result<(), String> {
    let Some(at) = expected.iter().zip(got).position(|(e, g)| e != g) else { return Ok(()) };
    let (row, column) = (at / columns, at % columns);
    let (expected, got) = (expected[at], got[at]);
    Err(format!(
        "latent of layer {layer}, input {row}, column {column}: expected {expected}, got {got}"
    ))
}

/// Candidates that every example of a kind has: how many there are depends on the kind; the first
/// is always there.
#[must_use]
pub fn candidates(case: &Case, kind: Kind) -> usize {
    match kind {
        Kind::Pair => 2,
        Kind::Positive | Kind::Negative => 1,
        _ => case.network.classes(),
    }
}

/// Compares two values.
///
/// # Errors
/// Both, if they differ.
pub fn same<T: PartialEq + Debug>(what: &str, expected: &T, actual: &T) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, got {actual:?}"))
}

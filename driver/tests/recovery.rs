//! Links that break for a while: what was executed is known afterwards.

mod common;

use common::{without_number, Case, Owned};
use deku_driver::testing::{Faults, Faulty};
use deku_driver::{Deku, Error, Options};
use proptest::prelude::*;

/// Faults so heavy that nothing gets through.
const BROKEN: Faults =
    Faults { to_module: 1 << 30, from_module: 1 << 30, cut: 0, split: 0, slip: 0, lost: 0 };

proptest! {
    #![proptest_config(common::same_cases())]

    /// The link dies in the middle of a stream, in one or both directions; after settle, the
    /// caller goes on with the first example that was not executed.
    #[test]
    fn a_broken_stream_can_be_continued(
        seed in any::<u32>(), pace in 0u32..200, die_after in 0u64..4000, deaf in any::<bool>(),
        mute in any::<bool>(),
    ) {
        let case = Case::new(seed, 120);
        let mut device = case.device();
        device.set_pace(pace);
        let link = Dying { inner: Faulty::new(device, Faults::default(), seed), left: u64::MAX, deaf, mute };
        let options = Options { attempts: 4, polls: 10_000, config_hash: None };
        let mut deku: Deku<Dying> = Deku::connect_with(link, (), options).unwrap();
        case.load(&mut deku).unwrap();
        deku.set_format(case.format).unwrap();
        deku.transport().left = die_after;

        let mut results = Vec::new();
        while results.len() < case.examples.len() {
            let rest = case.examples[results.len()..].iter().map(Owned::example);
            let streamed = deku.stream(rest, |_, _, r| results.push(without_number(r)));
            deku.transport().left = u64::MAX;
            if let Err(error) = streamed {
                prop_assert!(matches!(error, Error::Noisy { .. } | Error::Transport(_)), "{:?}", error);
                let (before, unresolved) = (results.len(), deku.unresolved());
                let n = deku.settle(|_, r| results.push(without_number(r))).unwrap();
                prop_assert_eq!(before + n, results.len());
                prop_assert!(n <= unresolved);
                prop_assert_eq!(deku.unresolved(), 0);
            }
        }
        let mut local = case.local();
        prop_assert_eq!(results, case.expected(&mut local));
        case.same_state(&mut deku, &mut local).unwrap();
    }
}

/// A link that dies after some bytes, and comes back when it is told to.
struct Dying {
    inner: Faulty<deku_ref::reference::OwnedDevice>,
    left: u64,
    /// What dies: the way to the module, or the way back. Both if neither is set.
    deaf: bool,
    mute: bool,
}

impl deku_driver::Transport for Dying {
    type Error = deku_driver::testing::Lost;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        let dead = self.left == 0;
        if self.left != u64::MAX {
            self.left = self.left.saturating_sub(frame.len() as u64);
        }
        let (to_module, from_module) = match (self.deaf, self.mute) {
            (true, false) => (BROKEN.to_module, 0),
            (false, true) => (0, BROKEN.from_module),
            _ => (BROKEN.to_module, BROKEN.from_module),
        };
        let faults = Faults { to_module, from_module, ..BROKEN };
        self.inner.faults = if dead { faults } else { Faults::default() };
        self.inner.exchange(frame)
    }

    fn max_frame(&self) -> usize {
        deku_driver::LONGEST_FRAME
    }
}

/// A link that spoils every record until the module is reset.
struct Spoiling {
    inner: deku_ref::reference::OwnedDevice,
    spoil: bool,
}

impl deku_driver::Transport for Spoiling {
    type Error = core::convert::Infallible;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        match (frame[0], frame.len()) {
            (0x64, 10..) if self.spoil && frame[6] != 0 => frame[8] ^= 0x20,
            (0xAD, _) => self.spoil = false,
            _ => {}
        }
        self.inner.exchange(frame);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        deku_driver::LONGEST_FRAME
    }
}

/// When no record gets through although everything else does, and nothing can be lost by it, the
/// driver tries a RESET.
#[test]
fn reset_is_tried_when_nothing_can_be_lost() {
    let case = Case::new(12, 50);
    let options = Options { attempts: 8, ..Options::DEFAULT };
    let link = Spoiling { inner: case.device(), spoil: false };
    let mut deku: Deku<Spoiling> = Deku::connect_with(link, (), options).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    let (first, rest) = case.examples.split_at(20);
    let mut results = Vec::new();
    let examples = first.iter().map(Owned::example);
    deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
    deku.transport().spoil = true;
    let examples = rest.iter().map(Owned::example);
    deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
    assert_eq!(deku.stats().resets, 1);
    let mut local = case.local();
    assert_eq!(results, case.expected(&mut local));
    case.same_state(&mut deku, &mut local).unwrap();
}

#[test]
fn reset_starts_again_at_0_and_keeps_everything_else() {
    let case = Case::new(3, 30);
    let link = Faulty::new(case.device(), Faults::default(), 3);
    let mut deku = Deku::connect(link).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    let mut results = Vec::new();
    let examples = case.examples.iter().map(Owned::example);
    deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
    deku.reset().unwrap();
    assert_eq!(deku.stats().resets, 1);
    let mut local = case.local();
    assert_eq!(results, case.expected(&mut local));
    let examples = case.examples.iter().map(Owned::example);
    deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
    assert_eq!(results[30..], case.expected(&mut local));
    case.same_state(&mut deku, &mut local).unwrap();
}

/// A second host finds the module as the first one left it, and goes on.
#[test]
fn another_host_goes_on() {
    let case = Case::new(11, 60);
    let mut device = case.device();
    device.set_pace(500);
    let mut deku = Deku::connect(device).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    let mut local = case.local();
    let mut results = Vec::new();
    let all: Vec<_> = case.examples.iter().map(Owned::example).collect();
    deku.stream(all[..30].iter().copied(), |_, _, r| results.push(without_number(r))).unwrap();
    let mut deku = Deku::connect(deku.release()).unwrap();
    deku.attach(&case.network).unwrap();
    deku.set_format(case.format).unwrap();
    deku.stream(all[30..].iter().copied(), |_, _, r| results.push(without_number(r))).unwrap();
    assert_eq!(results, case.expected(&mut local));
    case.same_state(&mut deku, &mut local).unwrap();
}

/// A link that is only good below some clock.
struct TooFast {
    inner: Faulty<deku_ref::reference::OwnedDevice>,
    hz: u32,
    slowest: u32,
}

impl deku_driver::Transport for TooFast {
    type Error = deku_driver::testing::Lost;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        self.inner.faults = if self.hz > 5_000_000 { BROKEN } else { Faults::default() };
        self.inner.exchange(frame)
    }

    fn max_frame(&self) -> usize {
        self.inner.max_frame()
    }

    fn slow_down(&mut self) -> bool {
        let hz = self.hz / 2;
        if hz < self.slowest {
            return false;
        }
        self.hz = hz;
        true
    }
}

#[test]
fn a_clock_that_is_too_high_is_lowered() {
    let case = Case::new(3, 60);
    let link = |slowest| {
        let inner = Faulty::new(case.device(), Faults::default(), 7);
        TooFast { inner, hz: 4_000_000, slowest }
    };
    let mut deku: Deku<TooFast> = Deku::connect(link(500_000)).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    // The cable is exchanged for a worse one.
    deku.transport().hz = 16_000_000;
    let mut results = Vec::new();
    let examples = case.examples.iter().map(Owned::example);
    deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
    let mut local = case.local();
    assert_eq!(results, case.expected(&mut local));
    case.same_state(&mut deku, &mut local).unwrap();
    assert_eq!((deku.stats().slowed, deku.transport().hz), (2, 4_000_000));
    // Where that does not help, the error is the same as ever.
    let mut deku: Deku<TooFast> = Deku::connect(link(8_000_000)).unwrap();
    deku.transport().hz = 16_000_000;
    let error = case.load(&mut deku).unwrap_err();
    assert!(matches!(error, Error::Noisy { .. }), "{error}");
    assert_eq!((deku.stats().slowed, deku.transport().hz), (1, 8_000_000));
}

/// A module that can lose everything, and be taken away.
struct Fragile {
    inner: deku_ref::reference::OwnedDevice,
    /// Frames until the power goes.
    left: u32,
    /// Frames without an answer after that.
    dark: u32,
    fresh: Option<deku_ref::reference::OwnedDevice>,
    slowed: u32,
}

impl Fragile {
    fn new(case: &Case, left: u32, dark: u32) -> Self {
        let (inner, fresh) = (case.device(), Some(case.device()));
        Self { inner, left, dark, fresh, slowed: 0 }
    }
}

impl deku_driver::Transport for Fragile {
    type Error = core::convert::Infallible;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None if self.dark > 0 => {
                self.dark -= 1;
                frame.fill(0);
                return Ok(());
            }
            None => self.inner = self.fresh.take().unwrap_or_else(|| self.inner.clone()),
        }
        self.inner.exchange(frame);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        deku_driver::LONGEST_FRAME
    }

    fn slow_down(&mut self) -> bool {
        self.slowed += 1;
        true
    }
}

/// A module that loses power in the middle of a stream is found out at once, wherever the stream
/// was, and its weights are not believed.
#[test]
fn a_module_that_lost_power_is_not_believed() {
    for frames in [0, 1, 2, 3, 5, 8, 13, 21] {
        let case = Case::new(6, 300);
        let mut deku: Deku<Fragile> =
            Deku::connect(Fragile::new(&case, u32::MAX, frames % 3)).unwrap();
        case.load(&mut deku).unwrap();
        deku.set_format(case.format).unwrap();
        deku.transport().left = frames;
        let before = deku.stats().frames;
        let examples = case.examples.iter().map(Owned::example);
        let error = deku.stream(examples, |_, _, _| {}).unwrap_err();
        assert_eq!(error, Error::Restarted, "after {frames} frames");
        let layer = case.network.layers()[0];
        let mut latents = vec![0; layer.inputs * layer.columns];
        assert!(deku.read_latents(0, &mut latents).is_err());
        assert!(deku.stats().frames - before < u64::from(frames) + 12);
        // Connected and loaded again, it works.
        let mut deku = Deku::connect(deku.release()).unwrap();
        case.load(&mut deku).unwrap();
        deku.set_format(case.format).unwrap();
        let (mut local, mut results) = (case.local(), Vec::new());
        let examples = case.examples.iter().map(Owned::example);
        deku.stream(examples, |_, _, r| results.push(without_number(r))).unwrap();
        assert_eq!(results, case.expected(&mut local));
        case.same_state(&mut deku, &mut local).unwrap();
    }
}

/// Power that goes when nothing is under way: what is read then would be nonsense.
#[test]
fn weights_of_a_module_that_lost_power_are_not_read() {
    let case = Case::new(6, 20);
    let mut deku: Deku<Fragile> = Deku::connect(Fragile::new(&case, u32::MAX, 0)).unwrap();
    case.load(&mut deku).unwrap();
    deku.transport().left = 0;
    let layer = case.network.layers()[0];
    let mut latents = vec![0; layer.inputs * layer.columns];
    assert_eq!(deku.read_latents(0, &mut latents), Err(Error::Restarted));
    assert_eq!(deku.generator_states(), Err(Error::Restarted));
    assert_eq!(deku.read_counters(), Err(Error::Restarted));
}

/// Where nothing answers at all a lower clock is no cure, and the error says what is wrong.
#[test]
fn a_module_that_is_gone_is_not_called_noisy() {
    let case = Case::new(6, 300);
    let mut deku: Deku<Fragile> = Deku::connect(Fragile::new(&case, u32::MAX, u32::MAX)).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    deku.transport().left = 7;
    let examples = case.examples.iter().map(Owned::example);
    let error = deku.stream(examples, |_, _, _| {}).unwrap_err();
    assert_eq!(error, Error::Silent { attempts: 32 });
    assert_eq!((deku.transport().slowed, deku.stats().slowed), (0, 0));
}

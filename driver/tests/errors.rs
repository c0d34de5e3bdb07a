//! Every error is reached the way a user would reach it, and says what the golden file says.
//!
//! `UPDATE_GOLDEN=1 cargo test -p deku-driver --test errors` writes the file anew.

mod common;

use common::{Case, SMALL};
use core::fmt::Debug;
use deku_driver::testing::{Faults, Faulty};
use deku_driver::{Deku, Error, Options, Transport};
use deku_ref::capabilities::IDENTITY_REGISTERS;
use deku_ref::reference::OwnedDevice;
use deku_ref::sample::Format;
use deku_ref::wire::access::{emit_write, read_seed, READ_DATA};
use deku_ref::wire::{crc, Access, Request, Space};
use deku_ref::{
    Capabilities, Capacity, Entry, Example, LayerConfig, Module, NetworkConfig, TrainConfig, E2M1,
};

const INPUT: [Entry; 2] = [Entry::new(1, E2M1::MAX), Entry::new(7, E2M1::MAX)];
const EXAMPLE: Example<'_> = Example::Labelled { input: &INPUT, label: 1, shift: 4 };

fn device() -> OwnedDevice {
    OwnedDevice::on_heap(&Capabilities::of_model(SMALL)).unwrap()
}

fn network() -> NetworkConfig {
    NetworkConfig::new(&[LayerConfig { inputs: 20, columns: 40, shift: 0 }], 3).unwrap()
}

/// A loaded module behind a transport.
fn loaded<T: Transport>(transport: T, options: Options) -> Deku<T>
where
    T::Error: Debug,
{
    let mut deku = Deku::connect_with(transport, (), options).unwrap();
    deku.configure(&network(), &TrainConfig::IMAGES).unwrap();
    deku.load_masks(0, &[1; 120]).unwrap();
    deku.load_weights(0, &[96; 800]).unwrap();
    deku
}

/// A transport that does something to every frame, or to its answer.
struct Tampered<T, B, A> {
    inner: T,
    before: B,
    after: A,
}

impl<T: Transport, B: FnMut(&mut [u8]), A: FnMut(&[u8], &mut [u8])> Transport
    for Tampered<T, B, A>
{
    type Error = T::Error;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), T::Error> {
        (self.before)(frame);
        let sent = frame.to_vec();
        self.inner.exchange(frame)?;
        (self.after)(&sent, frame);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        self.inner.max_frame()
    }
}

/// A device whose answers are changed.
fn answering(
    after: impl FnMut(&[u8], &mut [u8]),
) -> impl Transport<Error = core::convert::Infallible> {
    Tampered { inner: device(), before: |_: &mut [u8]| {}, after }
}

/// A device with other identity registers.
fn claiming(
    change: impl Fn(&mut [u32; IDENTITY_REGISTERS]),
) -> impl Transport<Error = core::convert::Infallible> {
    answering(move |sent, answer| {
        let access = Access::new(Space::Registers, 0, IDENTITY_REGISTERS as u16).unwrap();
        if sent[..6] != Request::Read(access).emit() {
            return;
        }
        let bytes = &mut answer[READ_DATA..];
        let mut registers: [u32; IDENTITY_REGISTERS] = core::array::from_fn(|n| {
            u32::from_be_bytes(bytes[4 * n..4 * n + 4].try_into().unwrap())
        });
        change(&mut registers);
        for (n, r) in registers.iter().enumerate() {
            bytes[4 * n..4 * n + 4].copy_from_slice(&r.to_be_bytes());
        }
        crc::seal_from(read_seed(sent), &mut bytes[..4 * IDENTITY_REGISTERS + 2]);
    })
}

/// Writes a register behind the driver's back.
fn set_register<T: Transport<Error = core::convert::Infallible>>(
    deku: &mut Deku<T>,
    index: u16,
    value: u32,
) {
    let access = Access::new(Space::Registers, index, 1).unwrap();
    let mut frame = vec![0; access.write_len()];
    emit_write(access, &mut frame, |_, bytes| bytes.copy_from_slice(&value.to_be_bytes()));
    deku.transport().exchange(&mut frame).unwrap();
}

fn stream<T: Transport>(
    deku: &mut Deku<T>,
    examples: &[Example<'_>],
) -> Result<usize, Error<T::Error>> {
    deku.stream(examples.iter().copied(), |_, _, _| {})
}

/// What connecting to a transport ends with.
fn refused<T: Transport>(transport: T) -> String
where
    T::Error: Debug,
{
    refused_with(transport, Options::DEFAULT)
}

fn refused_with<T: Transport>(transport: T, options: Options) -> String
where
    T::Error: Debug,
{
    told(Deku::<T>::connect_with(transport, (), options).map(|_| ()))
}

/// An error as it is printed.
fn told<O, E: Debug>(result: Result<O, Error<E>>) -> String {
    let error = result.err().expect("an error");
    format!("{}: {error}\n", error.code())
}

fn connect_errors() -> Vec<String> {
    let shift = |_: &[u8], answer: &mut [u8]| {
        let mut carry = 0;
        for byte in answer {
            (*byte, carry) = (*byte >> 1 | carry << 7, *byte & 1);
        }
    };
    let lost = Faults { lost: u32::MAX, ..Faults::default() };
    let deaf = Tampered {
        inner: device(),
        before: |f: &mut [u8]| f.fill(0),
        after: |_: &[u8], _: &mut [u8]| {},
    };
    let mut round = 0u8;
    let noise = answering(move |_, a| {
        round += 1;
        a[..6].copy_from_slice(&[0x12, 0x34, 0x56, 0x78, 0x9A, round]);
    });
    let asked = Options { config_hash: Some(0x0000_0001), ..Options::DEFAULT };
    vec![
        refused(Faulty::new(device(), lost, 1)),
        refused(answering(|_, a| a.fill(0))),
        refused(answering(|_, a| a.fill(0xFF))),
        refused(answering(|_, a| a[1..].fill(0x60))),
        refused(answering(shift)),
        refused(answering(|_, a| a.chunks_mut(2).for_each(<[u8]>::reverse))),
        refused(answering(|_, a| a.iter_mut().for_each(|b| *b = b.reverse_bits()))),
        refused(deaf),
        refused(noise),
        refused(claiming(|r| r[0] = 0x1234_5678)),
        refused(claiming(|r| r.iter_mut().for_each(|r| *r = r.swap_bytes()))),
        refused(claiming(|r| r[2] = 7)),
        refused(claiming(|r| r[3] = 0x0BAD_CAFE)),
        refused_with(claiming(|r| r[4] = 2), asked),
    ]
}

fn link_errors() -> Vec<String> {
    let mut noisy = loaded(Faulty::new(device(), Faults::default(), 5), Options::DEFAULT);
    noisy.transport().faults.from_module = u32::MAX / 8;
    let noisy_stream = told(stream(&mut noisy, &[EXAMPLE; 3]));
    let still = told(noisy.configure(&network(), &TrainConfig::IMAGES));

    let pulled = core::cell::Cell::new(false);
    let mut silent = loaded(
        answering(|_, a| {
            if pulled.get() {
                a.fill(0xFF);
            }
        }),
        Options::DEFAULT,
    );
    pulled.set(true);
    let silent_stream = told(stream(&mut silent, &[EXAMPLE; 3]));
    let silent_still = told(silent.configure(&network(), &TrainConfig::IMAGES));

    let mut short = Faulty::new(device(), Faults::default(), 1);
    short.max_frame = 64;
    let mut short = Deku::connect(short).unwrap();
    let layers = [LayerConfig { inputs: 200, columns: 40, shift: 0 }];
    short.configure(&NetworkConfig::new(&layers, 3).unwrap(), &TrainConfig::IMAGES).unwrap();
    short.set_format(Format::Raw).unwrap();
    let frame = told(stream(&mut short, &[Example::Infer { input: &INPUT, truth: None }]));
    vec![noisy_stream, still, silent_stream, silent_still, frame]
}

fn module_errors() -> Vec<String> {
    let not_configured = told(stream(&mut Deku::connect(device()).unwrap(), &[EXAMPLE]));
    let mut other = loaded(device(), Options::DEFAULT);
    let wrong = NetworkConfig::new(&[LayerConfig { inputs: 20, columns: 41, shift: 0 }], 3);
    let other = told(other.attach(&wrong.unwrap()));

    let mut empty = Deku::connect(device()).unwrap();
    empty.configure(&network(), &TrainConfig::IMAGES).unwrap();
    let not_loaded = told(stream(&mut empty, &[EXAMPLE]));

    let mut restarted = loaded(device(), Options::DEFAULT);
    stream(&mut restarted, &[EXAMPLE; 3]).unwrap();
    restarted.transport().exchange(&mut Request::Reset.emit());
    let restarted = told(stream(&mut restarted, &[EXAMPLE; 3]));

    let options = Options { polls: 100, ..Options::DEFAULT };
    let mut slow = device();
    slow.set_pace(1_000_000);
    let mut stalled = loaded(slow, options);
    let told_stalled = told(stream(&mut stalled, &[EXAMPLE; 3]));
    let unresolved = told(stalled.configure(&network(), &TrainConfig::IMAGES));

    // Twice as many words as there are.
    let mut liar = Deku::connect(claiming(|r| r[6] += r[6] & 0xFFFF)).unwrap();
    let layers = [LayerConfig { inputs: 2000, columns: 1, shift: 0 }];
    liar.configure(&NetworkConfig::new(&layers, 3).unwrap(), &TrainConfig::IMAGES).unwrap();
    let refused = told(liar.load_weights(0, &[96; 2000]));
    vec![not_configured, other, not_loaded, restarted, told_stalled, unresolved, refused, latent()]
}

/// A latent that becomes illegal on its way, in spite of the CRC.
fn latent() -> String {
    let spoil = |frame: &mut [u8]| {
        let writes_latents = frame[0] == 0x52 && frame[3] >> 6 == 1;
        if writes_latents {
            frame[6] = 0xFF;
            let header = crc::crc16(&frame[..5]);
            crc::seal_from(header, &mut frame[6..40]);
        }
    };
    let spoiled = Tampered { inner: device(), before: spoil, after: |_: &[u8], _: &mut [u8]| {} };
    let mut deku = Deku::connect(spoiled).unwrap();
    deku.configure(&network(), &TrainConfig::IMAGES).unwrap();
    told(deku.load_weights(0, &[96; 800]))
}

fn caller_errors() -> Vec<String> {
    let mut deku = loaded(device(), Options::DEFAULT);
    let layers = [LayerConfig { inputs: 784, columns: 160, shift: 5 }];
    let large = NetworkConfig::new(&layers, 3).unwrap();
    let many: Vec<_> = (0..20).map(|i| Entry::new(i, E2M1::MAX)).collect();
    let minus = [Entry::new(3, E2M1::from_low_bits(9))];
    let far = [Entry::new(20, E2M1::MAX)];
    let infer = |input| Example::Infer { input, truth: None };
    let generators = deku_ref::module::Generators { rival: 1, round: 0 };
    let mut told_all = vec![
        told(deku.configure(&large, &TrainConfig::IMAGES)),
        told(deku.set_generators(&generators)),
        told(deku.load_weights(0, &[96; 799])),
        told(deku.load_weights(1, &[96; 800])),
        told(deku.load_weights(0, &[[96; 799].as_slice(), &[192]].concat())),
        told(stream(
            &mut deku,
            &[EXAMPLE, Example::Labelled { input: &INPUT, label: 3, shift: 4 }],
        )),
        told(stream(&mut deku, &[Example::Labelled { input: &INPUT, label: 1, shift: 11 }])),
        told(stream(&mut deku, &[EXAMPLE, EXAMPLE, infer(&far)])),
        told(stream(&mut deku, &[infer(&minus)])),
    ];
    let tight = Capacity { list_entries: 20, ..SMALL };
    let tight = OwnedDevice::on_heap(&Capabilities::of_model(tight)).unwrap();
    told_all.push(told(stream(&mut loaded(tight, Options::DEFAULT), &[infer(&many)])));
    // The module's registers are changed behind the driver's back.
    let changed = [
        (deku_ref::regs::LOADED.index, 0),
        (deku_ref::regs::LAYER_TABLES.index, 0xFFFF),
        (deku_ref::regs::INPUTS.index, 21),
    ];
    for (index, value) in changed {
        let mut deku = loaded(device(), Options::DEFAULT);
        deku.set_format(Format::IndexList).unwrap();
        set_register(&mut deku, index, value);
        let outcome = stream(&mut deku, &[EXAMPLE, EXAMPLE]);
        told_all.extend(outcome.is_err().then(|| told(outcome)));
    }
    let mut deku = loaded(device(), Options::DEFAULT);
    deku.set_format(Format::IndexList).unwrap();
    set_register(&mut deku, deku_ref::regs::INPUTS.index, 5);
    told_all.push(told(stream(&mut deku, &[EXAMPLE, EXAMPLE])));
    told_all
}

#[test]
fn every_error_says_what_happened_why_and_what_to_do() {
    let sections = [
        ("connecting", connect_errors()),
        ("link", link_errors()),
        ("module", module_errors()),
        ("caller", caller_errors()),
    ];
    let mut text = String::new();
    for (name, errors) in sections {
        text += &format!("# {name}\n\n{}\n", errors.join("\n"));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/errors.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(text == golden, "messages differ from tests/golden/errors.txt:\n{text}");
}

/// Whatever went wrong, the module is usable afterwards.
#[test]
fn after_an_illegal_example_the_stream_goes_on() {
    let case = Case::new(7, 40);
    let mut deku = Deku::connect(case.device()).unwrap();
    case.load(&mut deku).unwrap();
    deku.set_format(case.format).unwrap();
    let mut results = Vec::new();
    let inputs = case.network.record_inputs() as u16;
    let bad = [Entry::new(inputs, E2M1::MAX)];
    let bad = Example::Infer { input: &bad, truth: None };
    for examples in case.examples.chunks(13) {
        let good = examples.iter().map(common::Owned::example);
        let examples: Vec<_> = good.chain([bad, bad]).collect();
        let expected = examples.len() - 2;
        let ended = deku.stream(examples, |_, _, r| results.push(common::without_number(r)));
        match ended {
            Err(Error::Sample { index, .. }) => assert_eq!(index, expected),
            other => panic!("{other:?}"),
        }
    }
    let mut local = case.local();
    assert_eq!(results, case.expected(&mut local));
    case.same_state(&mut deku, &mut local).unwrap();
}

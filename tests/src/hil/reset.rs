//! What a reset leaves and what it takes; whether the interrupt line tells anything.

use std::time::Duration;

use deku_cli::backend::{reference, Backend, Device, Opened, Software};
use deku_cli::hardware::Hardware;
use deku_driver::linux::GpioInterrupt;
use deku_driver::{Error, InterruptLine};
use deku_ref::wire::ExampleResult;
use deku_ref::{Example, Module};
use serde_json::json;

use super::bench::Bench;
use super::Found;
use crate::streamed::anonymous;

/// Examples before a reset, and as many after it.
const EXAMPLES: u64 = 50;
/// Clock cycles of a simulated reset.
const CYCLES: u32 = 64;

/// The command RESET keeps weights and generators: what is learned after it is what the reference
/// learns without it.
pub fn by_command(bench: &Bench<'_>) -> Result<Found, String> {
    let digits = bench.digits()?;
    let mut hardware = bench.connect()?;
    hardware.load(&digits.model).map_err(|e| e.to_string())?;
    let mut software = reference(&digits.model).map_err(|e| e.to_string())?;
    let examples = digits.examples(2 * EXAMPLES);
    let (before, after) = examples.split_at(EXAMPLES as usize);
    let mut wrong = differences(&mut hardware, &mut software, before)?;
    hardware.driver.reset().map_err(|e| e.to_string())?;
    wrong += differences(&mut hardware, &mut software, after)?;
    let layers = digits.model.layers.len();
    let mut latents = 0;
    for layer in 0..layers {
        let expected = software.network().latents(layer);
        let mut read = vec![0; expected.len()];
        hardware.driver.read_latents(layer, &mut read).map_err(|e| e.to_string())?;
        latents += expected.iter().zip(&read).filter(|(a, b)| a != b).count();
    }
    let generators = |e: String| format!("the generators: {e}");
    let got = hardware.driver.generator_states().map_err(|e| generators(e.to_string()))?;
    let same = software.generators().map_err(|e| generators(e.to_string()))? == got;
    let what = format!(
        "{EXAMPLES} examples before and after it: {wrong} results and {latents} latents differ, generators are {}",
        if same { "the same" } else { "others" }
    );
    let numbers = json!({ "results": wrong, "latents": latents, "same_generators": same });
    Ok(Found::judged(wrong == 0 && latents == 0 && same, what, numbers))
}

/// Results that differ.
fn differences(
    hardware: &mut Hardware,
    software: &mut Software,
    examples: &[Example<'_>],
) -> Result<usize, String> {
    let (mut got, mut expected) = (Vec::new(), Vec::new());
    let sink = |_, _: &_, result: &ExampleResult| got.push(anonymous(result));
    hardware.driver.stream(examples.iter().copied(), sink).map_err(|e| e.to_string())?;
    let done = software.stream(examples, &mut |_, result| expected.push(anonymous(result)));
    done.map_err(|e| e.to_string())?;
    Ok(examples.len() - expected.iter().zip(&got).filter(|(a, b)| a == b).count())
}

/// The line makes the module forget its network; then it works as before.
pub fn by_line(bench: &Bench<'_>) -> Result<Found, String> {
    let digits = bench.digits()?;
    let network = digits.model.settings.network_config().map_err(|e| e.to_string())?;
    let mut hardware = bench.connect()?;
    hardware.load(&digits.model).map_err(|e| e.to_string())?;
    hardware.driver.attach(&network).map_err(|e| format!("before the reset: {e}"))?;
    let simulator = hardware.simulator.clone();
    // A device is for one program at a time, this one included.
    let mut kept = simulator.is_some().then_some(hardware);
    match (&simulator, Backend::parse(&bench.dut.backend).map_err(|e| e.to_string())?) {
        (Some(simulator), _) => simulator.reset(CYCLES).map_err(|e| e.to_string())?,
        (None, Backend::Device(device)) => {
            if !pulse(&device)? {
                return Ok(Found::skipped("no reset line: the backend names none"));
            }
        }
        _ => return Ok(Found::skipped("no reset line")),
    }
    let mut hardware = match kept.take() {
        Some(hardware) => hardware,
        None => bench.connect()?,
    };
    let forgotten = match hardware.driver.attach(&network) {
        Err(Error::OtherNetwork | Error::Restarted) => true,
        Err(error) => return Err(format!("after the reset: {error}")),
        Ok(()) => false,
    };
    let mut software = reference(&digits.model).map_err(|e| e.to_string())?;
    hardware.load(&digits.model).map_err(|e| format!("after the reset: {e}"))?;
    let wrong = differences(&mut hardware, &mut software, &digits.examples(EXAMPLES))?;
    let what = format!(
        "the module has {} its network; loaded again, {wrong} of {EXAMPLES} results are wrong",
        if forgotten { "forgotten" } else { "kept" }
    );
    let numbers = json!({ "forgotten": forgotten, "results_wrong": wrong });
    Ok(Found::judged(forgotten && wrong == 0, what, numbers))
}

/// Pulses the reset line of a device; `false` if it has none.
fn pulse(device: &Device) -> Result<bool, String> {
    let mut lines = device.lines.open().map_err(|e| e.to_string())?;
    if let Some(reset) = &mut lines.reset {
        reset.pulse().map_err(|e| e.to_string())?;
        return Ok(true);
    }
    match (&device.settings, device.open().map_err(|e| e.to_string())?) {
        (deku_cli::backend::Settings::Usb(usb), Opened::Usb(mut link))
            if usb.bus.reset.is_some() =>
        {
            link.reset_module().map_err(|e| e.to_string())?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Tries again for a second: an emulated chip frees the lines of a program a moment after its end.
fn freed<T>(attempt: impl Fn() -> Result<T, String>) -> Result<T, String> {
    let pause = Duration::from_millis(50);
    for _ in 0..20 {
        match attempt() {
            Err(error) if error.contains("in use") => std::thread::sleep(pause),
            done => return done,
        }
    }
    attempt()
}

/// The line rises when there are results, and falls when the module is reset (if there is a line
/// for that, too).
pub fn interrupt(bench: &Bench<'_>) -> Result<Found, String> {
    let Ok(Backend::Device(device)) = Backend::parse(&bench.dut.backend) else {
        return Ok(Found::skipped("no interrupt line: only a device has one"));
    };
    let Some(line) = device.lines.irq.clone() else {
        return Ok(Found::skipped("no interrupt line: the backend names none"));
    };
    let digits = bench.digits()?;
    let mut hardware = freed(|| bench.connect())?;
    hardware.load(&digits.model).map_err(|e| e.to_string())?;
    let mut software = reference(&digits.model).map_err(|e| e.to_string())?;
    let wrong = differences(&mut hardware, &mut software, &digits.examples(EXAMPLES))?;
    drop(hardware);
    let level = || {
        freed(|| GpioInterrupt::open(&line).map_err(|e| e.to_string())).map(|mut l| l.wait_high())
    };
    let high = level()?;
    let low = match device.lines.reset {
        Some(_) => {
            freed(|| pulse(&device))?;
            Some(!level()?)
        }
        None => None,
    };
    let told = |seen: bool| if seen { "yes" } else { "no" };
    let what = format!(
        "high after {EXAMPLES} results: {}; low after a reset: {}",
        told(high),
        low.map_or("not asked, there is no reset line", told)
    );
    let numbers = json!({ "high": high, "low_after_reset": low, "results_wrong": wrong });
    Ok(Found::judged(high && low != Some(false) && wrong == 0, what, numbers))
}

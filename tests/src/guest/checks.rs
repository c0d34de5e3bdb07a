//! What each step of the machine must have done. The steps are those of init.sh, in its order.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::Value;

use super::machine::Step;
use crate::usbip::{BUS_ID, SERIAL};

/// What is known while the steps are checked.
pub(super) struct Steps {
    /// The model of the reference.
    expected: Vec<u8>,
    /// Steps that were not as they should.
    pub failed: usize,
}

impl Steps {
    pub fn new(expected: Vec<u8>) -> Self {
        Self { expected, failed: 0 }
    }
}

/// What is remarkable about a step, or what is wrong with it.
type Passes = fn(&mut Steps, &Step) -> Result<String, String>;

/// A step.
pub(super) struct Check {
    pub name: &'static str,
    /// For who waits.
    pub title: &'static str,
    pub passes: Passes,
}

const fn check(name: &'static str, title: &'static str, passes: Passes) -> Check {
    Check { name, title, passes }
}

pub(super) const CHECKS: [Check; 14] = [
    check("kernel", "the kernel starts", |_, step| {
        succeeded(step)?;
        Ok(step.output.trim().to_owned())
    }),
    check("remote", "usbip list: the bridge is offered", |_, step| {
        succeeded(step)?;
        says(step, BUS_ID)?;
        says(step, "0403:6014")
    }),
    check("attach", "usbip attach: the kernel makes a serial port of it", succeeds),
    check("list", "deku list: the bridge, usable", |_, step| {
        let device = bridge(step, true)?;
        Ok(format!("{} at {}", device["bridge"]["backend"], device["node"]))
    }),
    check("train", "deku train over USB; a second deku meanwhile: device/busy", |_, step| {
        succeeded(step)?;
        let busy = event(step, "error")?;
        if busy["code"] != "device/busy" {
            return Err(format!("the second deku: {busy}"));
        }
        let accuracy = &event(step, "summary")?["test_accuracy"];
        Ok(format!("test accuracy {accuracy} %"))
    }),
    check("model", "the model is that of the reference, byte for byte", same_model),
    check("returned", "the serial port is back", succeeds),
    check("denied-list", "deku list, without permission: the udev rule", |_, step| {
        let device = bridge(step, false)?;
        contains(&device["fix"], RULE)
    }),
    check(
        "denied-train",
        "deku train, without permission: usb/denied, the udev rule",
        |_, step| {
            let error = fails(step, "usb/denied")?;
            contains(&error["fix"], RULE)
        },
    ),
    check("detach", "usbip detach", succeeds),
    check("missing", "deku train, no bridge there: usb/missing", |_, step| {
        fails(step, "usb/missing").map(said)
    }),
    check("attach-again", "usbip attach, once more", succeeds),
    check("unplugged", "deku train, unplugged in the middle: usb/unplugged", |_, step| {
        fails(step, "usb/unplugged").map(said)
    }),
    check("gone", "deku list: no bridge any more", |_, step| {
        succeeded(step)?;
        match bridges(step).next() {
            None => Ok(String::new()),
            Some(device) => Err(format!("there still is {device}")),
        }
    }),
];

/// What somebody without permission is told.
const RULE: &str =
    r#"SUBSYSTEM=="usb", ATTR{idVendor}=="0403", ATTR{idProduct}=="6014", TAG+="uaccess""#;

fn succeeds(_: &mut Steps, step: &Step) -> Result<String, String> {
    succeeded(step).map(|()| String::new())
}

fn succeeded(step: &Step) -> Result<(), String> {
    match step.code {
        0 => Ok(()),
        code => Err(format!("exit code {code}")),
    }
}

fn says(step: &Step, words: &str) -> Result<String, String> {
    match step.output.contains(words) {
        true => Ok(words.to_owned()),
        false => Err(format!("it does not say `{words}`")),
    }
}

fn contains(value: &Value, words: &str) -> Result<String, String> {
    match value.as_str() {
        Some(text) if text.contains(words) => Ok(words.to_owned()),
        _ => Err(format!("`{words}` is not in {value}")),
    }
}

fn said(error: Value) -> String {
    error["what"].as_str().unwrap_or_default().to_owned()
}

fn events(step: &Step) -> impl Iterator<Item = Value> + '_ {
    step.output.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn event(step: &Step, name: &str) -> Result<Value, String> {
    events(step).find(|event| event["event"] == name).ok_or_else(|| format!("no `{name}`"))
}

/// An error of this code, with the exit code that it has.
fn fails(step: &Step, code: &str) -> Result<Value, String> {
    let error = event(step, "error")?;
    if error["code"] != code {
        return Err(format!("{} instead of {code}", error["code"]));
    }
    if error["exit"] != step.code {
        return Err(format!("exit code {} instead of {}", step.code, error["exit"]));
    }
    Ok(error)
}

fn bridges(step: &Step) -> impl Iterator<Item = Value> + '_ {
    events(step).filter(|event| event["event"] == "device" && !event["bridge"].is_null())
}

/// The bridge in the list; whether it must be usable.
fn bridge(step: &Step, usable: bool) -> Result<Value, String> {
    succeeded(step)?;
    let device = bridges(step).next().ok_or("no bridge")?;
    let backend = &device["bridge"]["backend"];
    if *backend != format!("usb:{SERIAL}") || device["bridge"]["chip"] != "ft232h" {
        return Err(format!("the bridge is {}", device["bridge"]));
    }
    contains(&device["node"], "/dev/bus/usb/")?;
    match device["usable"] == usable {
        true => Ok(device),
        false => Err(format!("usable: {}", device["usable"])),
    }
}

fn same_model(steps: &mut Steps, step: &Step) -> Result<String, String> {
    succeeded(step)?;
    let text: String = step.output.split_whitespace().collect();
    let model = BASE64_STANDARD.decode(text).map_err(|e| format!("no base64: {e}"))?;
    if model != steps.expected {
        let first = model.iter().zip(&steps.expected).position(|(a, b)| a != b);
        return Err(format!(
            "{} bytes, the reference's has {}; they differ from byte {} on",
            model.len(),
            steps.expected.len(),
            first.unwrap_or_else(|| model.len().min(steps.expected.len()))
        ));
    }
    Ok(format!("{} bytes", model.len()))
}

#[cfg(test)]
mod tests {
    use super::super::disk::INIT;
    use super::*;

    fn step(output: &str, code: i32) -> Step {
        Step { output: output.into(), code }
    }

    #[test]
    fn each_step_of_the_machine_is_checked_in_its_order() {
        let steps = INIT.lines().filter_map(|line| line.strip_prefix("step "));
        let steps: Vec<_> = steps.map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(steps, CHECKS.map(|check| check.name));
        assert!(INIT.contains(&format!("serial={SERIAL}\n")));
        assert!(INIT.contains(&format!("-b {BUS_ID} ")));
    }

    #[test]
    fn one_byte_is_another_model() {
        let mut steps = Steps::new(vec![1, 2, 3]);
        assert!(same_model(&mut steps, &step("AQID\n", 0)).is_ok());
        for wrong in ["AQIE\n", "AQI=\n", "", "AQIDBA==\n"] {
            assert!(same_model(&mut steps, &step(wrong, 0)).is_err(), "{wrong}");
        }
        assert!(same_model(&mut steps, &step("AQID\n", 1)).is_err());
    }

    #[test]
    fn an_error_must_have_its_code_and_its_exit_code() {
        let said = r#"{"event":"error","code":"usb/denied","exit":4}"#;
        assert!(fails(&step(said, 4), "usb/denied").is_ok());
        for (code, wanted) in [(0, "usb/denied"), (137, "usb/denied"), (4, "usb/missing")] {
            assert!(fails(&step(said, code), wanted).is_err(), "{code} {wanted}");
        }
        assert!(fails(&step("", 4), "usb/denied").is_err());
    }
}

//! What this computer has and lacks for a module: tools, permissions, settings; and what to do next.

mod tools;

use deku_driver::LONGEST_FRAME;
use deku_ref::map_hash::MAP_HASH;
use deku_ref::regs;

use crate::defaults::{file, Defaults};
use crate::devices::{Access, Device, Kind};

/// How it is with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Fine,
    /// Something optional is not there.
    Absent,
    /// Something that is there cannot be used.
    Problem,
}

impl State {
    /// Name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Absent => "absent",
            Self::Problem => "problem",
        }
    }
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub topic: &'static str,
    /// How it is with it.
    pub state: State,
    /// What was found.
    pub text: String,
    /// What to do, unless all is well.
    pub fix: Option<String>,
}

impl Finding {
    fn fine(topic: &'static str, text: impl Into<String>) -> Self {
        Self { topic, state: State::Fine, text: text.into(), fix: None }
    }

    fn absent(topic: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { topic, state: State::Absent, text: text.into(), fix: Some(fix.into()) }
    }

    fn problem(topic: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { topic, state: State::Problem, text: text.into(), fix: Some(fix.into()) }
    }
}

/// Looks at everything.
#[must_use]
pub fn examine(devices: &[Device]) -> Vec<Finding> {
    let mut findings = vec![program(), platform()];
    findings.extend(settings());
    findings.extend(tools::findings());
    findings.extend(bufsiz());
    findings.extend(devices.iter().map(device));
    findings
}

fn program() -> Finding {
    let (version, map) = (env!("CARGO_PKG_VERSION"), regs::VERSION);
    Finding::fine(
        "program",
        format!("deku {version}, register map version {map} hash {MAP_HASH:08x}"),
    )
}

fn platform() -> Finding {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let release = read("/etc/os-release");
    let system = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let parts = [
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        system.unwrap_or_default().trim_matches('"').to_owned(),
        read("/proc/sys/kernel/osrelease").trim().to_owned(),
        read("/proc/device-tree/model").trim_matches('\0').to_owned(),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Finding::fine("platform", parts.join(", "))
}

/// Defaults of options that are not built in.
fn settings() -> Vec<Finding> {
    let place = file().map_or("no deku.toml".into(), |file| file.display().to_string());
    match Defaults::read() {
        Err(error) => vec![Finding::problem("settings", error.what, error.fix)],
        Ok(defaults) => std::iter::once(place)
            .chain(defaults.sentences())
            .map(|text| Finding::fine("settings", text))
            .collect(),
    }
}

/// Longest transfer of spidev, where it is loaded.
fn bufsiz() -> Option<Finding> {
    let text = std::fs::read_to_string("/sys/module/spidev/parameters/bufsiz").ok()?;
    let bytes: usize = text.trim().parse().ok()?;
    let found = format!("spidev takes {bytes} bytes in one transfer");
    Some(if bytes >= LONGEST_FRAME {
        Finding::fine("spidev", found)
    } else {
        let fix =
            format!("add spidev.bufsiz={LONGEST_FRAME} to the kernel's command line to be faster");
        Finding::absent("spidev", found, fix)
    })
}

fn device(device: &Device) -> Finding {
    let name = device.backend().unwrap_or_else(|| device.node.display().to_string());
    let boards = device.boards().join(" or ");
    let name = if boards.is_empty() { name } else { format!("{name} (may be {boards})") };
    match &device.access {
        Access::Granted => Finding::fine("device", format!("{name} is usable")),
        // Most computers have serial ports that nothing is connected to.
        Access::Refused { cause, fix } if device.kind == Kind::Serial && boards.is_empty() => {
            Finding::absent("device", format!("{name} is not usable: {cause}"), fix)
        }
        Access::Refused { cause, fix } => {
            Finding::problem("device", format!("{name} is not usable: {cause}"), fix)
        }
    }
}

/// What to do next, the most useful first.
#[must_use]
pub fn next_steps(findings: &[Finding], devices: &[Device]) -> Vec<String> {
    let mut steps = Vec::new();
    if findings.iter().any(|f| f.state == State::Problem) {
        steps.push("mend what is marked with `!` above".to_owned());
    }
    let usable = devices.iter().filter(|d| d.access == Access::Granted);
    for device in usable {
        match (device.backend(), device.boards().first()) {
            (Some(backend), board) if device.kind == Kind::Spidev || board.is_some() => {
                steps.push(format!("deku info --backend {backend}    asks whether a module is there"));
            }
            // Without a board it can only be a cable.
            (None, None) if device.bridge.is_some() => {
                let backend = device.bridge.as_ref().map_or("", |b| b.backend.as_str());
                steps.push(format!("deku info --backend {backend}    asks, if its lines are wired to a module"));
            }
            (None, Some(board)) => steps.push(format!(
                "deku build --board {board} && deku flash --board {board}    puts a module on the board"
            )),
            _ => (),
        }
    }
    steps.push("deku train    trains in software, needs nothing".to_owned());
    steps.push(if tools::can_simulate(findings) {
        "deku demo    shows a simulated module learning".to_owned()
    } else {
        "cargo xtask setup    in the repository gets what a simulated module needs".to_owned()
    });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use deku_rtlgen::board::Usb;

    fn found(kind: Kind, product: u16, usable: bool) -> Device {
        let refused = Access::Refused { cause: "it is red".into(), fix: "paint it".into() };
        Device {
            kind,
            node: "/dev/x".into(),
            usb: Some(Usb { vendor: 0x0403, product }),
            bridge: None,
            access: if usable { Access::Granted } else { refused },
        }
    }

    #[test]
    fn only_what_may_be_a_module_is_a_problem() {
        let state = |kind, product| device(&found(kind, product, false)).state;
        assert_eq!(state(Kind::Spidev, 0), State::Problem);
        assert_eq!(state(Kind::Serial, 0x6010), State::Problem);
        assert_eq!(state(Kind::UsbBoard, 0x6010), State::Problem);
        assert_eq!(state(Kind::Serial, 0), State::Absent);
        assert_eq!(device(&found(Kind::Serial, 0, true)).state, State::Fine);
    }

    #[test]
    fn the_next_step_follows_from_what_is_there() {
        let first = |device: Device| {
            let findings = [super::device(&device)];
            next_steps(&findings, &[device]).remove(0)
        };
        assert!(first(found(Kind::Spidev, 0, true)).starts_with("deku info --backend spi:/dev/x"));
        assert!(
            first(found(Kind::UsbBoard, 0x6014, true)).starts_with("deku build --board upduino")
        );
        assert!(first(found(Kind::Spidev, 0, false)).starts_with("mend"));
        assert!(first(found(Kind::Serial, 0, true)).starts_with("deku train"));
    }
}

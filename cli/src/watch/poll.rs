//! The counters of a module that nobody uses.

use std::time::Instant;

use deku_ref::config::MAX_LAYERS;
use deku_ref::Counters;
use serde::Serialize;

use super::LinkHealth;
use crate::args::BackendArgs;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::score::percent;

/// What a module has counted since its counters were cleared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// Training examples executed.
    pub samples: u32,
    /// Those that updated each layer.
    pub updates: [u32; MAX_LAYERS],
    /// Ternary weights that changed, per layer.
    pub flips: [u32; MAX_LAYERS],
    /// Forward passes in which a layer was silent.
    pub dead: [u32; MAX_LAYERS],
    /// Examples that updated layer 0, in percent, since the last reading if there were any.
    pub update_rate: f64,
    /// Examples per second since the last reading.
    pub samples_per_second: f64,
    /// Headers that reached the module damaged.
    pub damaged_headers: u16,
    /// Payloads that reached the module damaged.
    pub damaged_payloads: u16,
    /// This reading's own frames.
    pub link: LinkHealth,
}

/// Reads a device again and again, and leaves it to others in between.
pub struct Poller<'a> {
    args: &'a BackendArgs,
    output: Output,
    before: Option<(Instant, Counters)>,
}

impl<'a> Poller<'a> {
    /// A device that outlives this program.
    ///
    /// # Errors
    /// `monitor/backend` for a backend that would be a fresh module, unknown to anybody else.
    pub fn new(args: &'a BackendArgs, output: Output) -> Result<Self> {
        match Backend::parse(&args.backend)? {
            Backend::Device(_) => Ok(Self { args, output, before: None }),
            _ => Err(nothing_to_watch(&args.backend)),
        }
    }

    /// The counters; nothing if another program uses the module.
    ///
    /// # Errors
    /// Those of the device and the link.
    pub fn read(&mut self) -> Result<Option<Reading>> {
        let mut driver = match Backend::hardware(self.args, self.output) {
            Ok(hardware) => hardware.driver,
            Err(error) if error.code == "device/busy" => return Ok(None),
            Err(error) => return Err(error),
        };
        let (counters, now) = (driver.read_counters()?, Instant::now());
        let damage = driver.damage_seen_by_module()?;
        let before = self.before.replace((now, counters));
        let since = before.map(|(then, counters)| ((now - then).as_secs_f64(), counters));
        Ok(Some(reading(&counters, since, damage, LinkHealth::of(&mut driver))))
    }
}

fn reading(
    now: &Counters,
    since: Option<(f64, Counters)>,
    (damaged_headers, damaged_payloads): (u16, u16),
    link: LinkHealth,
) -> Reading {
    // Whoever trains clears the counters first: then all of it is new.
    let before = since.map(|(_, before)| before).filter(|before| before.samples < now.samples);
    let before = before.unwrap_or_default();
    let samples = now.samples - before.samples;
    let updates = now.updates[0].wrapping_sub(before.updates[0]);
    let changed = since.filter(|(_, before)| before.samples != now.samples);
    let rate = changed.map_or(0.0, |(seconds, _)| (f64::from(samples) / seconds).round());
    Reading {
        samples: now.samples,
        updates: now.updates,
        flips: now.flips,
        dead: now.dead,
        update_rate: percent(updates.into(), samples.into()),
        samples_per_second: rate,
        damaged_headers,
        damaged_payloads,
        link,
    }
}

fn nothing_to_watch(backend: &str) -> Error {
    Error::usage("monitor/backend", format!("there is nothing to watch in `{backend}`"))
        .cause("it would be a fresh module that only this command knows; only a device is shared")
        .fix("follow a run: `deku train --log run.jsonl`, elsewhere `deku monitor run.jsonl`; or name a device: --backend spi:/dev/spidev0.0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(samples: u32, updates: u32) -> Counters {
        Counters { samples, updates: [updates, 0, 0, 0], ..Counters::default() }
    }

    #[test]
    fn rates_are_those_since_the_last_reading() {
        let rates = |now: Counters, since: Option<(f64, Counters)>| {
            let reading = reading(&now, since, (0, 0), LinkHealth::default());
            (reading.update_rate, reading.samples_per_second)
        };
        assert_eq!(rates(counters(200, 100), None), (50.0, 0.0));
        assert_eq!(rates(counters(300, 110), Some((2.0, counters(200, 100)))), (10.0, 50.0));
        // Nothing new: what there was.
        assert_eq!(rates(counters(200, 100), Some((2.0, counters(200, 100)))), (50.0, 0.0));
        // Cleared in between.
        assert_eq!(rates(counters(40, 10), Some((2.0, counters(200, 100)))), (25.0, 20.0));
    }
}

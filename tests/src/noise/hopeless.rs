//! A rate at which nothing gets through: the driver must give up soon, and say why.

use std::time::{Duration, Instant};

use deku_cli::bench::GivenUp;
use deku_driver::{Deku, Error, SpiTransport};
use deku_sim::{FaultPlan, Program, SimError, SimOptions, Simulator};

use super::Bus;
use crate::streamed::{anonymous, Stream};
use crate::{bench, lockstep};

/// Time by which there must be an error.
const SOON: Duration = Duration::from_secs(5);
/// Samples under way when the cable goes bad.
const BEFORE: usize = 5;

/// What is tried.
pub struct Trial<'a> {
    /// The simulated module.
    pub program: &'a Program,
    /// What it learns.
    pub stream: &'a Stream,
    /// For the back door to its weights.
    pub slices: usize,
}

type Failure = Error<SimError>;

impl Trial<'_> {
    /// The cable is bad while the driver connects, while it loads, and in the middle of a stream;
    /// every time it is good again afterwards, and in the end everything is compared.
    pub fn run(&self, faults: &FaultPlan) -> Result<Vec<GivenUp>, String> {
        let (sim, mut deku) = bench::connect(self.program, SimOptions::default());
        let bad = |bad: bool| {
            let plan = if bad { faults.clone() } else { FaultPlan::none() };
            sim.set_faults(&plan).map_err(|e| e.to_string())
        };
        let stream = self.stream;
        bad(true)?;
        let connecting = timed("connecting", || connect(&sim).map(drop))?;
        let loading = timed("loading", || lockstep::load(&mut deku, &stream.case))?;
        bad(false)?;
        let told = |e: Failure| format!("on a good cable: {e}");
        lockstep::load(&mut deku, &stream.case).map_err(told)?;
        deku.set_format(stream.format).map_err(told)?;
        let mut results = Vec::new();
        stream.stream_part(&mut deku, 0..BEFORE, &mut results).map_err(told)?;
        bad(true)?;
        let streaming =
            timed("streaming", || stream.stream_from(&mut deku, BEFORE, &mut results).map(drop))?;
        bad(false)?;
        deku.settle(|_, r| results.push(anonymous(r))).map_err(told)?;
        stream.stream_from(&mut deku, results.len(), &mut results).map_err(told)?;
        stream.compare(&sim, &mut deku, self.slices, &results)?;
        Ok(vec![connecting, loading, streaming])
    }
}

fn connect(sim: &Simulator) -> Result<Deku<Bus>, Failure> {
    Deku::connect(SpiTransport::new(sim.spi()))
}

/// Does something that must fail soon, because of the cable.
fn timed(what: &str, act: impl FnOnce() -> Result<(), Failure>) -> Result<GivenUp, String> {
    let start = Instant::now();
    let Err(error) = act() else { return Err(format!("{what} succeeded")) };
    let (took, code) = (start.elapsed(), error.code());
    if !matches!(code, "link/noisy" | "connect/noise" | "connect/deaf") {
        return Err(format!("{what} ended with another error, {code}: {error}"));
    }
    if took > SOON {
        return Err(format!("{what} was given up only after {took:.1?}"));
    }
    let (doing, code, message) = (what.into(), code.into(), error.to_string());
    Ok(GivenUp { doing, code, message, seconds: took.as_secs_f64() })
}

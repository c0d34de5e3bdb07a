//! What the driver itself costs the host's processor.
//!
//! The samples are streamed twice: into the device model, which takes as long for one as the
//! measured module, while its answers are kept; and then into nothing but these answers, which come
//! at once. The processor time of the second run is that of the driver and of one copy per frame.

use deku_driver::{Deku, Options, Transport};
use deku_ref::reference::OwnedDevice;
use deku_ref::sample::Format;
use deku_ref::Example;

use super::clock::processor_time;
use super::record::{Cost, DriverCost, Timing};
use crate::error::Result;
use crate::hardware::LinkError;
use crate::model::Model;
use crate::session::load_model;

/// Times it is measured: what else the machine does only makes a run slower.
const RUNS: usize = 5;

/// The module and the link that are imitated.
pub struct Pattern<'a> {
    /// The module.
    pub device: &'a OwnedDevice,
    /// What is loaded.
    pub model: &'a Model,
    /// How samples are sent.
    pub format: Format,
    /// The link.
    pub timing: Timing,
    /// What the module took.
    pub cost: Cost,
}

impl Pattern<'_> {
    /// Processor time of the driver for all the examples.
    ///
    /// # Errors
    /// If the device model does not take them.
    pub fn measure<'a>(
        &self,
        examples: impl Iterator<Item = Example<'a>> + Clone,
        samples: u64,
    ) -> Result<DriverCost> {
        let mut device = self.device.clone();
        device.set_pace(self.pace(samples));
        let gap = self.timing.sck_hz as f64 * self.timing.gap_ns as f64 * 1e-9;
        let gap = (gap / f64::from(self.timing.sck_per_byte)).round() as usize;
        let recording = Recording { device, gap, answers: Vec::new() };
        let mut driver = self.start(recording)?;
        let before = *driver.stats();
        driver.stream(examples.clone(), |_, _, _| ())?;
        let stats = *driver.stats();
        let answers = driver.release().answers;
        let mut cost = DriverCost {
            samples,
            cpu_ns: u64::MAX,
            frames: stats.frames - before.frames,
            bytes: stats.bytes - before.bytes,
        };
        for _ in 0..RUNS {
            let mut driver = self.start(Replay { answers: &answers, at: 0 })?;
            let start = processor_time();
            driver.stream(examples.clone(), |_, _, _| ())?;
            cost.cpu_ns = cost.cpu_ns.min(processor_time() - start);
        }
        Ok(cost)
    }

    /// Time of an example in bytes on the link.
    fn pace(&self, samples: u64) -> u32 {
        let seconds = self.cost.busy() as f64 / samples.max(1) as f64 / self.timing.clk_hz as f64;
        (seconds * self.timing.sck_hz as f64 / f64::from(self.timing.sck_per_byte)).round() as u32
    }

    fn start<T: Transport<Error = LinkError>>(&self, transport: T) -> Result<Deku<T>> {
        let mut driver = Deku::connect_with(transport, (), Options::DEFAULT)?;
        load_model(&mut driver, self.model)?;
        driver.set_format(self.format)?;
        Ok(driver)
    }
}

/// The device model on a bus with gaps between frames, and everything it has answered.
struct Recording {
    device: OwnedDevice,
    /// Bytes that a gap is as long as.
    gap: usize,
    answers: Vec<u8>,
}

impl Transport for Recording {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        self.device.exchange(frame);
        self.device.pass(self.gap);
        self.answers.extend_from_slice(frame);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        deku_driver::LONGEST_FRAME
    }
}

/// Answers that were given before. The driver does the same every time, so they fit.
struct Replay<'a> {
    answers: &'a [u8],
    at: usize,
}

impl Transport for Replay<'_> {
    type Error = LinkError;

    fn exchange(&mut self, frame: &mut [u8]) -> std::result::Result<(), LinkError> {
        let answer = self.answers.get(self.at..self.at + frame.len());
        let answer = answer.ok_or_else(|| LinkError::new("the driver does not repeat itself"))?;
        frame.copy_from_slice(answer);
        self.at += frame.len();
        Ok(())
    }

    fn max_frame(&self) -> usize {
        deku_driver::LONGEST_FRAME
    }
}

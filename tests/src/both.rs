//! The generated Verilog and the device model side by side, frame by frame.

use std::ops::Range;
use std::path::Path;

use deku_driver::Transport;
use deku_ref::reference::OwnedDevice;
use deku_ref::wire::{Preamble, Request, HEADER_LEN};
use deku_sim::{Program, SckPhase, SimError, SimOptions, SimSpi, Simulator};

use crate::bench;

/// Bytes of READ, and of a STREAM without results, whose answer is not defined.
pub(crate) const TURNAROUND: Range<usize> = 6..8;
/// An example takes less than this.
const LONGEST: u64 = 3_000_000;

/// Both, given the same frames.
pub struct Both {
    device: OwnedDevice,
    sim: Simulator,
    spi: SimSpi,
    frames: usize,
}

impl Both {
    /// Both after power-up, their memories all zero; with a waveform if the program can write one.
    ///
    /// # Panics
    /// With the message of the simulator.
    #[must_use]
    pub fn start(program: &Program, config: &str, seed: u32, record: Option<&Path>) -> Self {
        let options = SimOptions {
            // From an eighth to the limit of 0.8 x the system clock.
            sck_hz: 6_000_000 + u64::from(seed) * 7_919 % 32_000_000,
            sck_phase: SckPhase::Random,
            initial: deku_sim::InitialState::Zeros,
            seed: seed.into(),
            trace: record.map(Path::to_path_buf),
            ..SimOptions::quick()
        };
        let sim = bench::start(program, options);
        let device = OwnedDevice::on_heap(&bench::config(config).capabilities()).expect("legal");
        Self { device, spi: sim.spi(), sim, frames: 0 }
    }

    /// What the next preamble will say.
    pub fn preamble(&mut self) -> Preamble {
        let mut frame = Request::Nop.emit();
        self.device.exchange(&mut frame);
        Preamble::parse(&frame).expect("a preamble")
    }

    /// Sends a frame to both and compares the answers and the IRQ line.
    ///
    /// # Errors
    /// The first difference.
    pub fn exchange(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        self.cut_short(frame, 8 * frame.len())
    }

    /// The same with a frame that ends after `bits` bits, which need not be whole bytes.
    ///
    /// # Errors
    /// The first difference.
    pub fn cut_short(&mut self, frame: &[u8], bits: usize) -> Result<Vec<u8>, String> {
        let len = frame.len().min(bits / 8);
        let (mut expected, mut got) = (frame[..len].to_vec(), frame.to_vec());
        self.device.exchange(&mut expected);
        self.spi.cut_short(&mut got, bits as u64).map_err(told)?;
        got.truncate(len);
        self.frames += 1;
        self.settle(frame).map_err(told)?;
        self.compare(&frame[..len], &expected, &got)?;
        let irq = self.sim.pins().map_err(told)?.irq;
        if irq != self.device.irq() {
            return Err(self.at(frame, format!("IRQ line: expected {}, got {irq}", !irq)));
        }
        Ok(got)
    }

    /// Lets the Verilog finish its examples: those of the device model take no time.
    fn settle(&mut self, frame: &[u8]) -> Result<(), SimError> {
        if frame.first() != Some(&0x64) {
            return self.sim.run_cycles(40);
        }
        // Between two examples the engine is idle for a moment, and one may end when it is looked at.
        let mut quiet = 0;
        while quiet < 4 {
            self.sim.run_cycles(80)?;
            let idle = self.sim.run_until_idle(LONGEST)? == Some(0);
            quiet = if idle { quiet + 1 } else { 0 };
        }
        Ok(())
    }

    fn compare(&self, frame: &[u8], expected: &[u8], got: &[u8]) -> Result<(), String> {
        // Results of records in this frame come later from the Verilog.
        let end = if has_records(frame) { HEADER_LEN } else { frame.len() };
        let undefined = if frame.first() == Some(&0x31) { TURNAROUND } else { 0..0 };
        let wrong = (0..end).find(|n| expected[*n] != got[*n] && !undefined.contains(n));
        let Some(at) = wrong else { return Ok(()) };
        let (e, g) = (expected[at], got[at]);
        let what = format!("byte {at} of the answer: expected {e:02x}, got {g:02x}");
        Err(self.at(frame, format!("{what}\nexpected {expected:02x?}\ngot      {got:02x?}")))
    }

    fn at(&self, frame: &[u8], what: String) -> String {
        let cycle = self.sim.stats().map_or(0, |s| s.cycles);
        format!("frame {}, cycle {cycle}: {what}\nframe    {frame:02x?}", self.frames)
    }
}

/// Whether it is a STREAM frame that is not empty.
pub(crate) fn has_records(frame: &[u8]) -> bool {
    frame.first() == Some(&0x64) && frame.iter().skip(HEADER_LEN).any(|b| *b != 0)
}

fn told(error: SimError) -> String {
    error.to_string()
}

impl Transport for Both {
    type Error = String;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), String> {
        let answer = Both::exchange(self, frame)?;
        frame.copy_from_slice(&answer);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        4096
    }
}

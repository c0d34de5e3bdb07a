//! A session of the driver with the device model, recorded so that a simulator without a driver can
//! play it to the generated Verilog.

use std::fmt::Write;

use deku_driver::Transport;
use deku_ref::reference::OwnedDevice;
use deku_ref::wire::HEADER_LEN;

use crate::bench;
use crate::both::{has_records, TURNAROUND};

/// Bytes on the link that an example of the device model takes: more than any frame has, so that no
/// example ends within the frame that brought it.
const PACE: u32 = 1_000_000;
/// Examples that may be queued; all of them end before the next frame.
const QUEUE: usize = 64;

/// What the player does, one byte after the other: bits 18:16, the byte to send, the byte to expect.
#[derive(Clone, Copy)]
enum Step {
    /// Sends a byte and compares.
    Compare = 0,
    /// Sends a byte whose answer has any value.
    Known = 1,
    /// Ends the frame, waits for the examples and compares the interrupt line.
    End = 2,
    /// Sends only the upper bits of a byte; how many is in the place of the byte to expect.
    Cut = 3,
}

/// A device model that keeps what it is sent and what it answers.
pub struct Session {
    device: OwnedDevice,
    steps: Vec<u32>,
    frames: usize,
}

impl Session {
    /// A module of a configuration after power-up.
    ///
    /// # Panics
    /// If there is none of this name.
    #[must_use]
    pub fn new(config: &str) -> Self {
        let capabilities = bench::config(config).capabilities();
        let mut device = OwnedDevice::on_heap(&capabilities).expect("a legal configuration");
        device.set_pace(PACE);
        Self { device, steps: Vec::new(), frames: 0 }
    }

    /// A frame of which only some bits are sent.
    pub fn cut_short(&mut self, frame: &mut [u8], bits: usize) {
        let (whole, rest) = frame.split_at_mut(bits / 8);
        self.send(whole);
        if bits % 8 > 0 {
            self.step(Step::Cut, rest[0], (bits % 8) as u8);
        }
        self.end();
    }

    /// How many frames there are.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// How many steps there are.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// The steps in hexadecimal, one per line.
    #[must_use]
    pub fn hex(&self) -> String {
        self.steps.iter().fold(String::new(), |mut text, step| {
            let _ = writeln!(text, "{step:05x}");
            text
        })
    }

    fn send(&mut self, frame: &mut [u8]) {
        let sent = frame.to_vec();
        self.device.exchange(frame);
        // When the module's results come depends on its speed; they come again, until they are acknowledged.
        let compared = if has_records(&sent) { HEADER_LEN } else { frame.len() };
        let undefined = if sent.first() == Some(&0x31) { TURNAROUND } else { 0..0 };
        for (n, (out, expected)) in sent.iter().zip(frame.iter()).enumerate() {
            let known = n < compared && !undefined.contains(&n);
            self.step(if known { Step::Compare } else { Step::Known }, *out, *expected);
        }
    }

    fn end(&mut self) {
        for _ in 0..QUEUE {
            self.device.pass(PACE as usize);
        }
        self.step(Step::End, 0, self.device.irq().into());
        self.frames += 1;
    }

    fn step(&mut self, step: Step, out: u8, expected: u8) {
        self.steps.push((step as u32) << 16 | u32::from(out) << 8 | u32::from(expected));
    }
}

impl Transport for Session {
    type Error = core::convert::Infallible;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Self::Error> {
        self.send(frame);
        self.end();
        Ok(())
    }

    fn max_frame(&self) -> usize {
        4096
    }
}

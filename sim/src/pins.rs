//! Pins and delays.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use crate::link::{op, Request};
use crate::options::picoseconds;
use crate::{SimError, Simulator};

/// Levels of the module's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pins {
    /// Interrupt request.
    pub irq: bool,
    /// 0 idle, 1 forward, 2 update, 3 overhead.
    pub activity: u8,
    /// UART to the host.
    pub uart_tx: bool,
    /// SPI to the host.
    pub spi_miso: bool,
}

impl Pins {
    pub(crate) const IRQ: u8 = 1;
    pub(crate) const ACTIVITY: u8 = 6;

    /// As in `Engine::pins` in engine.h.
    pub(crate) fn from_bits(bits: u8) -> Self {
        Pins {
            irq: bits & Self::IRQ != 0,
            activity: (bits & Self::ACTIVITY) >> 1,
            uart_tx: bits & 8 != 0,
            spi_miso: bits & 16 != 0,
        }
    }
}

/// The interrupt pin. Each look at it takes [`crate::SimOptions::irq_poll`] of simulated time, so
/// that polling it in a loop comes to an end.
#[derive(Debug, Clone)]
pub struct SimIrq {
    sim: Simulator,
}

impl SimIrq {
    pub(crate) fn new(sim: Simulator) -> Self {
        SimIrq { sim }
    }
}

impl ErrorType for SimIrq {
    type Error = SimError;
}

impl InputPin for SimIrq {
    fn is_high(&mut self) -> Result<bool, SimError> {
        self.sim.advance(picoseconds(self.sim.options().irq_poll))?;
        Ok(self.sim.pins()?.irq)
    }
    fn is_low(&mut self) -> Result<bool, SimError> {
        self.is_high().map(|high| !high)
    }
}

/// The reset pin: low resets.
#[derive(Debug, Clone)]
pub struct SimReset {
    sim: Simulator,
}

impl SimReset {
    pub(crate) fn new(sim: Simulator) -> Self {
        SimReset { sim }
    }

    fn set(&mut self, active: bool) -> Result<(), SimError> {
        let mut request = Request::new("reset pin", op::RESET_PIN);
        request.u8(active.into());
        self.sim.post(request)
    }
}

impl ErrorType for SimReset {
    type Error = SimError;
}

impl OutputPin for SimReset {
    fn set_low(&mut self) -> Result<(), SimError> {
        self.set(true)
    }
    fn set_high(&mut self) -> Result<(), SimError> {
        self.set(false)
    }
}

/// The lines of the SPI bus one by one, for a host that moves them itself. No time passes by
/// moving or reading them.
#[derive(Debug, Clone)]
pub struct SimSpiPins {
    /// Chip select, active low.
    pub cs: SimSpiOutput,
    /// Clock.
    pub sck: SimSpiOutput,
    /// To the module.
    pub mosi: SimSpiOutput,
    /// From the module.
    pub miso: SimMiso,
}

impl SimSpiPins {
    pub(crate) fn new(sim: &Simulator) -> Self {
        let output = |line| SimSpiOutput { sim: sim.clone(), line };
        let miso = SimMiso { sim: sim.clone() };
        SimSpiPins { cs: output(0), sck: output(1), mosi: output(2), miso }
    }
}

/// A line of the SPI bus that the host moves.
#[derive(Debug, Clone)]
pub struct SimSpiOutput {
    sim: Simulator,
    /// As in `Harness::spi_line` in harness.cpp.
    line: u8,
}

impl SimSpiOutput {
    fn set(&mut self, level: bool) -> Result<(), SimError> {
        let mut request = Request::new("SPI line", op::SPI_LINE);
        request.u8(self.line).u8(level.into());
        self.sim.post(request)
    }
}

impl ErrorType for SimSpiOutput {
    type Error = SimError;
}

impl OutputPin for SimSpiOutput {
    fn set_low(&mut self) -> Result<(), SimError> {
        self.set(false)
    }
    fn set_high(&mut self) -> Result<(), SimError> {
        self.set(true)
    }
}

/// The line of the SPI bus that the module drives.
#[derive(Debug, Clone)]
pub struct SimMiso {
    sim: Simulator,
}

impl ErrorType for SimMiso {
    type Error = SimError;
}

impl InputPin for SimMiso {
    fn is_high(&mut self) -> Result<bool, SimError> {
        Ok(self.sim.pins()?.spi_miso)
    }
    fn is_low(&mut self) -> Result<bool, SimError> {
        self.is_high().map(|high| !high)
    }
}

/// Delays that pass in simulated time.
#[derive(Debug, Clone)]
pub struct SimDelay {
    sim: Simulator,
}

impl SimDelay {
    pub(crate) fn new(sim: Simulator) -> Self {
        SimDelay { sim }
    }
}

impl DelayNs for SimDelay {
    /// `DelayNs` cannot fail; a simulation that died says so at the next access.
    fn delay_ns(&mut self, ns: u32) {
        let _ = self.sim.advance(u64::from(ns) * 1000);
    }
}

//! How a simulation is set up.

use std::path::PathBuf;
use std::time::Duration;

use crate::link::{op, Request};
use crate::{FaultPlan, SimError};

/// Period of a frequency, in whole picoseconds.
pub const fn period_ps(hz: u64) -> u64 {
    (1_000_000_000_000 + hz / 2) / hz
}

/// Where SCK edges fall between the edges of the system clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SckPhase {
    /// Wherever time happens to be; with unrelated periods every phase occurs.
    #[default]
    Free,
    /// The first rising SCK edge of a frame comes this many picoseconds after a rising clock edge.
    Aligned(u64),
    /// Drawn anew for every frame from [`SimOptions::seed`].
    Random,
}

/// What registers and memories without a reset contain at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InitialState {
    /// All zeros.
    Zeros,
    /// All ones.
    Ones,
    /// Random bits from [`SimOptions::seed`], as in hardware.
    #[default]
    Random,
}

/// Parameters of one simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct SimOptions {
    /// System clock.
    pub clk_hz: u64,
    /// SPI clock.
    pub sck_hz: u64,
    /// Position of SCK relative to the system clock.
    pub sck_phase: SckPhase,
    /// SCK periods without an edge after every byte (1 on a Raspberry Pi).
    pub idle_clocks_per_byte: u32,
    /// From chip select to the first low half of SCK, and from its last edge to the end.
    pub cs_setup: Duration,
    /// Chip select high after every frame, in simulated time.
    pub gap: Duration,
    /// UART bit rate.
    pub uart_baud: u32,
    /// Simulated time a UART read or flush waits before it fails.
    pub uart_timeout: Duration,
    /// Simulated time that goes by whenever the IRQ pin is read.
    pub irq_poll: Duration,
    /// Seed of the initial state and of [`SckPhase::Random`].
    pub seed: u64,
    /// Initial contents of registers and memories.
    pub initial: InitialState,
    /// Clock cycles of reset at the start; 0 leaves the module in reset.
    pub reset_cycles: u32,
    /// Faults to inject.
    pub faults: FaultPlan,
    /// Record a waveform from the start; needs a program built with [`crate::Trace`].
    pub trace: Option<PathBuf>,
}

impl Default for SimOptions {
    /// A Raspberry Pi and an iCE40UP5K: 48 MHz, SCK 31.25 MHz with one idle clock per byte,
    /// 15 us between frames.
    fn default() -> Self {
        SimOptions {
            clk_hz: 48_000_000,
            sck_hz: 31_250_000,
            sck_phase: SckPhase::Free,
            idle_clocks_per_byte: 1,
            cs_setup: Duration::from_nanos(100),
            gap: Duration::from_micros(15),
            uart_baud: 1_000_000,
            uart_timeout: Duration::from_millis(50),
            irq_poll: Duration::from_micros(1),
            seed: 1,
            initial: InitialState::Random,
            reset_cycles: 8,
            faults: FaultPlan::none(),
            trace: None,
        }
    }
}

impl SimOptions {
    /// Short gaps, for tests that do not measure the link.
    pub fn quick() -> Self {
        SimOptions {
            idle_clocks_per_byte: 0,
            gap: Duration::from_nanos(500),
            ..SimOptions::default()
        }
    }

    pub(crate) fn check(&self) -> Result<(), SimError> {
        let rates = [
            ("clk_hz", self.clk_hz),
            ("sck_hz", self.sck_hz),
            ("uart_baud", u64::from(self.uart_baud)),
        ];
        for (what, hz) in rates {
            if !(1..=10_000_000_000).contains(&hz) {
                return Err(SimError::BadOption {
                    what,
                    value: hz.to_string(),
                    rule: "it must lie between 1 Hz and 10 GHz",
                });
            }
        }
        Ok(())
    }

    /// Arguments for Verilator's runtime.
    pub(crate) fn arguments(&self) -> [String; 2] {
        let reset = match self.initial {
            InitialState::Zeros => 0,
            InitialState::Ones => 1,
            InitialState::Random => 2,
        };
        // 0 would mean "pick one"; the range is that of a positive int
        let seed = self.seed % 0x7fff_fffe + 1;
        [format!("+verilator+rand+reset+{reset}"), format!("+verilator+seed+{seed}")]
    }

    pub(crate) fn clock_request(&self) -> Request {
        let mut request = Request::new("set clock", op::SET_CLOCK);
        request.u64(period_ps(self.clk_hz));
        request
    }

    pub(crate) fn spi_request(&self) -> Request {
        let period = period_ps(self.sck_hz);
        let (mode, phase) = match self.sck_phase {
            SckPhase::Free => (0, 0),
            SckPhase::Aligned(ps) => (1, ps),
            SckPhase::Random => (2, 0),
        };
        let mut request = Request::new("set SPI timing", op::SPI_TIMING);
        request.u64(period).u8(mode).u64(phase);
        request.u64(picoseconds(self.cs_setup)).u64(picoseconds(self.cs_setup));
        request.u64(period * u64::from(self.idle_clocks_per_byte));
        request.u64(picoseconds(self.gap)).u64(self.seed);
        request
    }

    pub(crate) fn uart_request(&self) -> Request {
        let mut request = Request::new("set baud rate", op::UART_BIT_TIME);
        request.u64(period_ps(u64::from(self.uart_baud)));
        request
    }
}

pub(crate) fn picoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().saturating_mul(1000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_rounded() {
        assert_eq!(period_ps(48_000_000), 20_833);
        assert_eq!(period_ps(31_250_000), 32_000);
        assert_eq!(period_ps(3), 333_333_333_333);
    }

    #[test]
    fn seeds_stay_in_verilators_range() {
        let args = |seed| SimOptions { seed, ..SimOptions::default() }.arguments()[1].clone();
        assert_eq!(args(0), "+verilator+seed+1");
        assert_eq!(args(0x7fff_fffd), "+verilator+seed+2147483646");
        assert_eq!(args(0x7fff_fffe), "+verilator+seed+1");
    }

    #[test]
    fn a_clock_of_zero_is_refused() {
        let options = SimOptions { clk_hz: 0, ..SimOptions::default() };
        assert!(options.check().unwrap_err().to_string().contains("clk_hz cannot be 0"));
    }
}

//! What the harness counted.

use crate::link::Reply;
use crate::SimError;

/// One value for each state of `activity_o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Nothing to do.
    pub idle: u64,
    /// Forward pass.
    pub forward: u64,
    /// Update pass.
    pub update: u64,
    /// Everything between the passes.
    pub overhead: u64,
}

impl Activity {
    /// Forward, update and overhead together.
    pub fn busy(&self) -> u64 {
        self.forward + self.update + self.overhead
    }
}

/// Faults that were injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Injected {
    /// Bits flipped on the way to the module.
    pub mosi_bits: u64,
    /// Bits flipped on the way to the host.
    pub miso_bits: u64,
    /// Frames that lost their chip select.
    pub cs_drops: u64,
    /// Stalls of the system clock.
    pub clock_stalls: u64,
    /// UART bytes lost on the way to the module.
    pub uart_to_module: u64,
    /// UART bytes lost on the way to the host.
    pub uart_to_host: u64,
}

/// Counters since the start or the last reset of the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Simulated time since the start of the simulation, in picoseconds.
    pub now_ps: u64,
    /// Simulated time these counters cover, in picoseconds.
    pub elapsed_ps: u64,
    /// Cycles of the system clock.
    pub cycles: u64,
    /// Cycles spent in each activity.
    pub activity_cycles: Activity,
    /// How often each activity was entered.
    pub activity_entries: Activity,
    /// Rising edges of the interrupt pin.
    pub irq_rises: u64,
    /// Bytes exchanged over SPI.
    pub spi_bytes: u64,
    /// SPI frames (chip selects).
    pub spi_frames: u64,
    /// UART bytes put on the wire to the module.
    pub uart_bytes_to_module: u64,
    /// UART bytes seen on the wire to the host.
    pub uart_bytes_to_host: u64,
    /// UART bytes from the module without a stop bit.
    pub uart_framing_errors: u64,
    /// Faults injected.
    pub injected: Injected,
}

impl Stats {
    /// In the order of `Harness::stats` in harness.cpp.
    pub(crate) fn parse(reply: &mut Reply) -> Result<Self, SimError> {
        Ok(Stats {
            now_ps: reply.u64()?,
            elapsed_ps: reply.u64()?,
            cycles: reply.u64()?,
            activity_cycles: activity(reply)?,
            activity_entries: activity(reply)?,
            irq_rises: reply.u64()?,
            spi_bytes: reply.u64()?,
            spi_frames: reply.u64()?,
            uart_bytes_to_module: reply.u64()?,
            uart_bytes_to_host: reply.u64()?,
            uart_framing_errors: reply.u64()?,
            injected: injected(reply)?,
        })
    }
}

fn activity(reply: &mut Reply) -> Result<Activity, SimError> {
    Ok(Activity {
        idle: reply.u64()?,
        forward: reply.u64()?,
        update: reply.u64()?,
        overhead: reply.u64()?,
    })
}

fn injected(reply: &mut Reply) -> Result<Injected, SimError> {
    Ok(Injected {
        mosi_bits: reply.u64()?,
        miso_bits: reply.u64()?,
        cs_drops: reply.u64()?,
        clock_stalls: reply.u64()?,
        uart_to_module: reply.u64()?,
        uart_to_host: reply.u64()?,
    })
}

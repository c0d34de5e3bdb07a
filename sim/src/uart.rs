//! The UART as a byte stream.

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::link::{op, Request};
use crate::options::{period_ps, picoseconds};
use crate::{SimError, Simulator};

/// The host's end of the module's UART, 8N1.
///
/// Written bytes go onto the line as simulated time goes by, whoever makes it do so. A read waits
/// up to [`crate::SimOptions::uart_timeout`] of simulated time for the first byte.
#[derive(Debug, Clone)]
pub struct SimUart {
    sim: Simulator,
}

impl SimUart {
    pub(crate) fn new(sim: Simulator) -> Self {
        SimUart { sim }
    }

    /// Changes the bit rate of this end.
    pub fn set_baud(&mut self, baud: u32) -> Result<(), SimError> {
        let mut options = self.sim.options();
        options.uart_baud = baud;
        self.sim.set_options(options)
    }

    /// Runs until `wanted` bytes have arrived or the time is over; how many there are then.
    pub fn wait_for(&mut self, wanted: u32, timeout: std::time::Duration) -> Result<u32, SimError> {
        self.run(wanted, picoseconds(timeout))
    }

    /// Forgets bytes received and bytes not yet sent.
    pub fn clear(&mut self) -> Result<(), SimError> {
        self.sim.post(Request::new("UART clear", op::UART_CLEAR))
    }

    fn run(&self, wanted: u32, ps: u64) -> Result<u32, SimError> {
        let mut request = Request::new("UART run", op::UART_RUN);
        request.u32(wanted).u64(ps);
        self.sim.call(request)?.u32()
    }

    fn timed_out(&self, what: &'static str) -> SimError {
        SimError::TimedOut { what, ns: picoseconds(self.sim.options().uart_timeout) / 1000 }
    }
}

impl ErrorType for SimUart {
    type Error = SimError;
}

impl Read for SimUart {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, SimError> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.run(1, picoseconds(self.sim.options().uart_timeout))? == 0 {
            return Err(self.timed_out("a UART byte"));
        }
        let mut request = Request::new("UART take", op::UART_TAKE);
        request.u32(u32::try_from(buf.len()).unwrap_or(u32::MAX));
        let reply = self.sim.call(request)?;
        let bytes = reply.rest();
        buf[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl ReadReady for SimUart {
    /// Lets the time of one byte go by if there is none, so that polling comes to an end.
    fn read_ready(&mut self) -> Result<bool, SimError> {
        let byte = 10 * period_ps(u64::from(self.sim.options().uart_baud));
        Ok(self.run(1, byte)? > 0)
    }
}

impl Write for SimUart {
    fn write(&mut self, buf: &[u8]) -> Result<usize, SimError> {
        let mut request = Request::new("UART send", op::UART_SEND);
        request.raw(buf);
        self.sim.post(request)?;
        Ok(buf.len())
    }

    /// Waits until everything is on the line.
    fn flush(&mut self) -> Result<(), SimError> {
        let mut request = Request::new("UART flush", op::UART_FLUSH);
        request.u64(picoseconds(self.sim.options().uart_timeout));
        match self.sim.call(request)?.u8()? {
            0 => Err(self.timed_out("the end of sending")),
            _ => Ok(()),
        }
    }
}

//! The handle that all facets share.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::link::{op, Child, Reply, Request, PROTOCOL};
use crate::options::picoseconds;
use crate::{
    Backdoor, FaultPlan, Pins, Program, SimDelay, SimError, SimIrq, SimOptions, SimReset, SimSpi,
    SimSpiPins, SimUart, Stats,
};

/// A running simulation. Clones share it; it ends with the last of them.
#[derive(Clone)]
pub struct Simulator {
    child: Arc<Mutex<Child>>,
    options: Arc<Mutex<SimOptions>>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("options", &self.options()).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a program and resets the module.
    pub fn start(program: &Program, options: SimOptions) -> Result<Self, SimError> {
        options.check()?;
        let mut child = Child::spawn(program, &options.arguments())?;
        greet(&mut child, program)?;
        let sim = Simulator {
            child: Arc::new(Mutex::new(child)),
            options: Arc::new(Mutex::new(options.clone())),
        };
        sim.apply(&options)?;
        if let Some(path) = &options.trace {
            sim.trace_on(path)?;
        }
        if options.reset_cycles > 0 {
            sim.reset(options.reset_cycles)?;
        }
        Ok(sim)
    }

    /// The options in force.
    pub fn options(&self) -> SimOptions {
        lock(&self.options).clone()
    }

    /// Changes clock, SPI and UART timing, time-outs and faults of a running simulation. (Seed,
    /// initial state, reset and trace only matter at the start.)
    pub fn set_options(&self, options: SimOptions) -> Result<(), SimError> {
        options.check()?;
        self.apply(&options)?;
        *lock(&self.options) = options;
        Ok(())
    }

    /// Replaces the faults to inject.
    pub fn set_faults(&self, faults: &FaultPlan) -> Result<(), SimError> {
        self.call(faults.request()?)?;
        lock(&self.options).faults = faults.clone();
        Ok(())
    }

    /// The SPI bus, with the module's chip select.
    pub fn spi(&self) -> SimSpi {
        SimSpi::new(self.clone())
    }
    /// The lines of the SPI bus one by one, for bit-banging.
    pub fn spi_pins(&self) -> SimSpiPins {
        SimSpiPins::new(self)
    }
    /// The interrupt pin.
    pub fn irq(&self) -> SimIrq {
        SimIrq::new(self.clone())
    }
    /// The reset pin, active low.
    pub fn reset_pin(&self) -> SimReset {
        SimReset::new(self.clone())
    }
    /// The UART.
    pub fn uart(&self) -> SimUart {
        SimUart::new(self.clone())
    }
    /// Delays in simulated time.
    pub fn delay(&self) -> SimDelay {
        SimDelay::new(self.clone())
    }
    /// Memories and registers marked public in the Verilog.
    pub fn backdoor(&self) -> Result<Backdoor, SimError> {
        Backdoor::new(self.clone())
    }

    /// Holds reset for some clock cycles.
    pub fn reset(&self, cycles: u32) -> Result<(), SimError> {
        let mut request = Request::new("reset", op::RESET);
        request.u32(cycles);
        self.call(request).map(drop)
    }

    /// Runs the system clock.
    pub fn run_cycles(&self, cycles: u64) -> Result<(), SimError> {
        let mut request = Request::new("run", op::RUN);
        request.u64(cycles);
        self.call(request).map(drop)
    }

    /// Lets simulated time go by.
    pub fn run_for(&self, time: Duration) -> Result<(), SimError> {
        self.advance(picoseconds(time))
    }

    /// Runs until the interrupt pin is high: the cycles it took, or `None` after `limit` cycles.
    pub fn run_until_irq(&self, limit: u64) -> Result<Option<u64>, SimError> {
        self.run_until(Pins::IRQ, Pins::IRQ, limit)
    }

    /// Runs until `activity_o` is 0 (idle): the cycles it took, or `None` after `limit` cycles.
    pub fn run_until_idle(&self, limit: u64) -> Result<Option<u64>, SimError> {
        self.run_until(Pins::ACTIVITY, 0, limit)
    }

    fn run_until(&self, mask: u8, value: u8, limit: u64) -> Result<Option<u64>, SimError> {
        let mut request = Request::new("run until", op::RUN_UNTIL);
        request.u8(mask).u8(value).u64(limit);
        let mut reply = self.call(request)?;
        let met = reply.u8()? != 0;
        let cycles = reply.u64()?;
        Ok(met.then_some(cycles))
    }

    /// The output pins now.
    pub fn pins(&self) -> Result<Pins, SimError> {
        self.call(Request::new("read pins", op::PINS))?.u8().map(Pins::from_bits)
    }

    /// The counters.
    pub fn stats(&self) -> Result<Stats, SimError> {
        Stats::parse(&mut self.call(Request::new("statistics", op::STATS))?)
    }

    /// Sets all counters to zero.
    pub fn reset_stats(&self) -> Result<(), SimError> {
        self.call(Request::new("reset statistics", op::STATS_RESET)).map(drop)
    }

    /// Starts recording a waveform.
    pub fn trace_on(&self, file: impl AsRef<Path>) -> Result<(), SimError> {
        let mut request = Request::new("trace on", op::TRACE_ON);
        request.raw(file.as_ref().as_os_str().as_encoded_bytes());
        self.call(request).map(drop)
    }

    /// Ends the waveform; the file is complete afterwards.
    pub fn trace_off(&self) -> Result<(), SimError> {
        self.call(Request::new("trace off", op::TRACE_OFF)).map(drop)
    }

    /// What the design printed (`$display`), the last few kilobytes.
    pub fn console(&self) -> String {
        lock(&self.child).console()
    }

    pub(crate) fn advance(&self, ps: u64) -> Result<(), SimError> {
        let mut request = Request::new("advance", op::ADVANCE);
        request.u64(ps);
        self.post(request)
    }

    pub(crate) fn call(&self, request: Request) -> Result<Reply, SimError> {
        lock(&self.child).call(request)
    }

    /// Queues a request whose result is only success.
    pub(crate) fn post(&self, request: Request) -> Result<(), SimError> {
        lock(&self.child).post(request)
    }

    fn apply(&self, options: &SimOptions) -> Result<(), SimError> {
        self.post(options.clock_request())?;
        self.post(options.spi_request())?;
        self.post(options.uart_request())?;
        self.call(options.faults.request()?).map(drop)
    }
}

/// Makes sure the program is the one that was built.
fn greet(child: &mut Child, program: &Program) -> Result<(), SimError> {
    let mut reply = child.call(Request::new("hello", op::HELLO))?;
    let protocol = reply.u32()?;
    let _trace = reply.u8()?;
    let key = reply.string()?;
    if protocol == PROTOCOL && key == program.key() {
        return Ok(());
    }
    let got = format!("protocol {protocol}, key {key}");
    Err(SimError::Protocol { command: "hello", got })
}

/// A panic elsewhere leaves the simulation as usable as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

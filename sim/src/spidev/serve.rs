//! The server: a thread that accepts, and one for each program.

use std::io::Write as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use embedded_hal::digital::{InputPin as _, OutputPin as _};
use embedded_hal::spi::{Operation, SpiDevice as _};

use super::node::{lock, Controller, Node, Opened, Shared};
use super::wire;
use super::SocketAddress;
use crate::{SimError, Simulator};

/// The interrupt line is waited for up to a second divided by this, of simulated time.
const PATIENCE: u64 = 20;
/// What passes after the reset line was moved, as at least does on a computer.
const RESET: Duration = Duration::from_micros(100);

/// A simulated module on its bus; SCK as each program asks for it.
struct Module {
    simulator: Simulator,
    fastest: u32,
}

impl Controller for Module {
    fn frame(&mut self, hz: u32, operations: &mut [Operation<'_, u8>]) -> Result<(), SimError> {
        let mut options = self.simulator.options();
        if options.sck_hz != u64::from(hz) {
            options.sck_hz = hz.into();
            self.simulator.set_options(options)?;
        }
        self.simulator.spi().transaction(operations)
    }

    fn fastest(&self) -> u32 {
        self.fastest
    }

    fn irq(&mut self, patient: bool) -> Result<bool, SimError> {
        if !patient {
            return self.simulator.irq().is_high();
        }
        let cycles = self.simulator.options().clk_hz / PATIENCE;
        Ok(self.simulator.run_until_irq(cycles)?.is_some())
    }

    fn reset(&mut self, high: bool) -> Result<(), SimError> {
        let mut pin = self.simulator.reset_pin();
        if high { pin.set_high() } else { pin.set_low() }?;
        self.simulator.run_for(RESET)
    }
}

/// Serves a module until it is dropped.
#[derive(Debug)]
pub struct SpidevServer {
    address: SocketAddress,
    failures: Receiver<SimError>,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl SpidevServer {
    /// Starts; the SCK of the simulation is the highest that programs get.
    ///
    /// # Errors
    /// If one can not listen at the address.
    pub fn start(simulator: &Simulator, address: SocketAddress) -> Result<Self, SimError> {
        let fastest = u32::try_from(simulator.options().sck_hz).unwrap_or(u32::MAX);
        Self::with(Module { simulator: simulator.clone(), fastest }, address)
    }

    fn with(controller: impl Controller, address: SocketAddress) -> Result<Self, SimError> {
        let listener = address.listen()?;
        let (failed, failures) = channel();
        let over = Arc::new(AtomicBool::new(false));
        let (node, stop) = (Node::shared(controller), Arc::clone(&over));
        let accepting = std::thread::spawn(move || accept(&listener, &node, &failed, &stop));
        Ok(Self { address, failures, over, accepting: Some(accepting) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &SocketAddress {
        &self.address
    }

    /// Waits until the simulation fails.
    #[must_use]
    pub fn wait(&self) -> Option<SimError> {
        self.failures.recv().ok()
    }

    /// Why the simulation has failed, if it has.
    #[must_use]
    pub fn failure(&self) -> Option<SimError> {
        self.failures.try_recv().ok()
    }
}

impl Drop for SpidevServer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let woken = self.address.connect().is_ok();
        if let (true, Some(thread)) = (woken, self.accepting.take()) {
            let _ = thread.join();
        }
        if let SocketAddress::File(path) = &self.address {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn accept<C: Controller>(
    listener: &UnixListener,
    node: &Shared<C>,
    failed: &Sender<SimError>,
    over: &AtomicBool,
) {
    for (number, stream) in listener.incoming().enumerate() {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (opened, node) = (Opened::new(Arc::clone(node), number as u64), Arc::clone(node));
        let failed = failed.clone();
        std::thread::spawn(move || {
            // A connection that breaks is a program that ended.
            let _ = serve(stream, opened, &node, &failed);
        });
    }
}

/// Answers one program until it closes the device.
fn serve<C: Controller>(
    mut stream: UnixStream,
    mut opened: Opened<C>,
    node: &Shared<C>,
    failed: &Sender<SimError>,
) -> std::io::Result<()> {
    while let Some((code, payload)) = wire::receive(&mut stream)? {
        let answer = opened.handle(code, payload);
        wire::reply(&mut stream, &answer)?;
        if let Some(event) = opened.news() {
            stream.write_all(&event)?;
        }
        if let Some(error) = lock(node).take_failure() {
            let _ = failed.send(error);
        }
    }
    Ok(())
}

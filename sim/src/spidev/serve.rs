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
        let Ok((stream, program)) = stream.and_then(|s| Ok((s.try_clone()?, s))) else { continue };
        let opened = Opened::new(Arc::clone(node), number as u64, program);
        let node = Arc::clone(node);
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::OwnedFd;
    use std::process::{Command, Stdio};
    use std::sync::{Mutex, MutexGuard};

    use super::super::node::tests::Inverter;
    use super::*;

    /// Enough for a server that notices too late to be caught every time.
    const ROUNDS: usize = 200;
    /// GPIO_V2_GET_LINE_IOCTL.
    const GET_LINE: u32 = 0xC250_B407;

    /// One test at a time: a process that another one starts has copies of everything that is open
    /// for a moment, so what was killed here would not be the only holder.
    static IN_TURN: Mutex<()> = Mutex::new(());

    fn served() -> (SpidevServer, MutexGuard<'static, ()>) {
        let turn = IN_TURN.lock().unwrap_or_else(|failed| failed.into_inner());
        (SpidevServer::with(Inverter::default(), SocketAddress::unique()).unwrap(), turn)
    }

    fn send(stream: &mut UnixStream, code: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap();
        let head = [code, length].map(u32::to_ne_bytes).concat();
        stream.write_all(&[&head, payload].concat()).unwrap();
    }

    /// Opens the device and asks for something; the result.
    fn ask(server: &SpidevServer, code: u32, payload: &[u8]) -> (UnixStream, i32) {
        let mut stream = server.address().connect().unwrap();
        send(&mut stream, code, payload);
        let mut reply = [0; 8];
        stream.read_exact(&mut reply).unwrap();
        (stream, wire::word(&reply) as i32)
    }

    fn lock_device(server: &SpidevServer) -> (UnixStream, i32) {
        ask(server, 3, &6_u32.to_ne_bytes())
    }

    fn take_line(server: &SpidevServer) -> (UnixStream, i32) {
        let mut request = vec![0; 592];
        request[..4].copy_from_slice(&crate::spidev::IRQ_LINE.to_ne_bytes());
        (request[288], request[560]) = (4, 1);
        ask(server, GET_LINE, &request)
    }

    /// Leaves the device to a process as its only holder and kills that.
    fn kill_holder(stream: UnixStream) {
        let device = Stdio::from(OwnedFd::from(stream));
        let mut holder = Command::new("sleep").arg("1000").stdin(device).spawn().unwrap();
        holder.kill().unwrap();
        holder.wait().unwrap();
    }

    #[test]
    fn what_a_killed_program_held_is_free_at_once() {
        let (server, _turn) = served();
        for take in [lock_device, take_line] {
            for round in 0..ROUNDS {
                let (stream, result) = take(&server);
                assert_eq!(result, 0, "round {round}");
                kill_holder(stream);
            }
        }
    }

    #[test]
    fn what_a_killed_program_has_asked_for_is_done_before_another_has_the_device() {
        let (server, _turn) = served();
        for round in 0..ROUNDS {
            let (mut stream, result) = lock_device(&server);
            assert_eq!(result, 0, "round {round}");
            // `write`, whose answer nobody waits for.
            (0..20).for_each(|_| send(&mut stream, 2, &[1, 2, 3]));
            kill_holder(stream);
        }
    }

    #[test]
    fn what_a_program_holds_is_its_own_while_any_copy_is_open() {
        let (server, _turn) = served();
        for (take, busy) in [(lock_device as fn(&_) -> _, -11), (take_line, -16)] {
            let (stream, result) = take(&server);
            assert_eq!(result, 0);
            let copy = stream.try_clone().unwrap();
            kill_holder(stream);
            assert_eq!(take(&server).1, busy);
            drop(copy);
            assert_eq!(take(&server).1, 0);
        }
    }
}

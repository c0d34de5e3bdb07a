//! The chip with a simulated module on its lines, served to the machine by USB/IP.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use deku_sim::{SimOptions, Simulator};

use crate::bench;
use crate::ftdi::SimWire;
use crate::usbip::{serve, End, Ft232h};

/// A module needs some time after power-up.
const POWER_UP: Duration = Duration::from_micros(100);
/// What the end of the server waits for, after the end of the machine.
const REST: Duration = Duration::from_secs(30);

/// A server of one chip. It is plugged in twice: the first time it stays until the other side lets
/// it go, the second time it is unplugged after half of what went over it the first time.
pub(super) struct Plugged {
    port: u16,
    end: Receiver<Result<usize, String>>,
}

impl Plugged {
    /// Builds the simulator of a configuration and waits for a connection, of this computer only.
    pub fn start(config: &'static str) -> Result<Self, String> {
        let hdl = bench::root().join("hdl");
        let program = bench::build(&hdl, config).and_then(|build| build.run());
        let program = program.map_err(|e| format!("{config} can not be simulated: {e}"))?;
        let failed = |e: std::io::Error| format!("no port for USB/IP: {e}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let (tell, end) = mpsc::channel();
        thread::spawn(move || tell.send(twice(&listener, &program)));
        Ok(Self { port, end })
    }

    /// Where it is served.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many bytes went over it the first time; an error if it was not plugged in and out as it
    /// should.
    pub fn ends_unplugged(&self) -> Result<usize, String> {
        self.end.recv_timeout(REST).map_err(|_| "the chip was never unplugged".to_string())?
    }
}

fn twice(listener: &TcpListener, program: &deku_sim::Program) -> Result<usize, String> {
    let (moved, end) = plug(listener, program, None)?;
    if end != End::Detached || moved == 0 {
        return Err(format!("the first connection: {end:?} after {moved} bytes"));
    }
    let (again, end) = plug(listener, program, Some(moved / 2))?;
    if end != End::Unplugged {
        return Err(format!("the second connection: {end:?} after {again} bytes"));
    }
    Ok(moved)
}

/// Serves a new module until it is let go or unplugged; how many bytes went over it.
fn plug(
    listener: &TcpListener,
    program: &deku_sim::Program,
    unplugged_after: Option<usize>,
) -> Result<(usize, End), String> {
    let words = |e: &dyn std::fmt::Display| e.to_string();
    let sim = Simulator::start(program, SimOptions::quick()).map_err(|e| words(&e))?;
    sim.run_for(POWER_UP).map_err(|e| words(&e))?;
    let mut chip = Ft232h::new(SimWire::new(&sim), unplugged_after);
    loop {
        let (mut stream, _) = listener.accept().map_err(|e| words(&e))?;
        stream.set_nodelay(true).map_err(|e| words(&e))?;
        let end = serve(&mut stream, &mut chip).map_err(|e| words(&e))?;
        if end != End::Asked {
            return Ok((chip.moved, end));
        }
    }
}

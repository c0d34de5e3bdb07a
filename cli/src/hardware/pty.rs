//! A simulated module on a pseudo terminal: for every program it is a serial port.

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use deku_sim::{SimUart, Simulator};
use embedded_io::{Read as _, Write as _};
use serialport::{SerialPort, TTYPort};

use crate::error::{Error, Result};

/// Bits of a byte on the line.
const BYTE: u32 = 10;
/// Simulated time without a byte after which the module has nothing more to say for now.
const SILENCE: Duration = Duration::from_micros(100);
/// How long the host is waited for, of real time, while it talks and while it does not.
const ACTIVE: Duration = Duration::from_millis(1);
const IDLE: Duration = Duration::from_millis(20);

/// The module's end of a pseudo terminal.
pub struct Pty {
    master: TTYPort,
    path: PathBuf,
    link: Option<PathBuf>,
}

impl Pty {
    /// Makes one; `link` becomes a symbolic link to it, replacing another symbolic link.
    pub fn new(link: Option<&Path>) -> Result<Self> {
        let (master, slave) = TTYPort::pair().map_err(|e| unusable("no pseudo terminal", &e))?;
        // Nobody keeps the other end open: what a program did to it ends with that program.
        let path = slave.name().map(PathBuf::from);
        let path = path.ok_or_else(|| unusable("the pseudo terminal has no name", &"none"))?;
        if let Some(link) = link {
            if link.is_symlink() {
                std::fs::remove_file(link).map_err(|e| Error::io(link, "replace", &e))?;
            }
            std::os::unix::fs::symlink(&path, link).map_err(|e| Error::io(link, "create", &e))?;
        }
        Ok(Self { master, path, link: link.map(Path::to_path_buf) })
    }

    /// What to open.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.link.as_deref().unwrap_or(&self.path)
    }

    /// Carries bytes until the simulation or the terminal fails. Simulated time stands almost still
    /// while nobody talks.
    pub fn serve(&mut self, simulator: &Simulator) -> Result<()> {
        let (mut uart, baud) = (simulator.uart(), simulator.options().uart_baud);
        let mut bytes = [0; 4096];
        let mut patience = IDLE;
        loop {
            let received = self.receive(&mut bytes, patience)?;
            uart.write_all(&bytes[..received])?;
            let line = Duration::from_secs(1) * (BYTE * received as u32) / baud;
            let answered = self.answer(&mut uart, line)?;
            patience = if received + answered > 0 { ACTIVE } else { IDLE };
        }
    }

    /// Bytes of the host, none if it says nothing or if nobody has opened the port.
    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> Result<usize> {
        self.master.set_timeout(patience).map_err(|e| unusable("no time-out", &e))?;
        match self.master.read(bytes) {
            Ok(n) => Ok(n),
            Err(e) if e.kind() == ErrorKind::TimedOut => Ok(0),
            Err(e) if is_closed(&e) => {
                std::thread::sleep(IDLE);
                Ok(0)
            }
            Err(e) => Err(unusable("cannot read", &e)),
        }
    }

    /// Runs the module until it is silent; `line` is the time that what it is sent takes.
    fn answer(&mut self, uart: &mut SimUart, line: Duration) -> Result<usize> {
        let mut bytes = [0; 4096];
        let (mut answered, mut wait) = (0, line + SILENCE);
        while uart.wait_for(1, wait)? > 0 {
            let n = uart.read(&mut bytes)?;
            match self.master.write_all(&bytes[..n]) {
                Err(e) if !is_closed(&e) && e.kind() != ErrorKind::TimedOut => {
                    return Err(unusable("cannot write", &e))
                }
                // As on a wire: what nobody reads is lost.
                _ => answered += n,
            }
            wait = SILENCE;
        }
        Ok(answered)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            let _ = std::fs::remove_file(link);
        }
    }
}

/// EIO: nobody has opened the other end. The library says EPIPE.
fn is_closed(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(5) || error.kind() == ErrorKind::BrokenPipe
}

fn unusable(what: &str, error: &dyn std::fmt::Display) -> Error {
    Error::backend("sim/pty", format!("{what}: {error}"))
        .cause("the system has no pseudo terminals left, or /dev/pts is not mounted")
        .fix("look at `ls /dev/pts`, end programs that are not needed")
}

//! spidev.

use std::fs;
use std::path::Path;
use std::{format, io};

use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{SPIError, SpidevDevice};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::fault::DeviceError;
use super::kind::Kind;
use super::node::{check, of, OpenError};
use crate::{SpiTransport, Transport, LONGEST_FRAME};

/// SCK is not lowered further by itself, Hz.
const SLOWEST: u32 = 500_000;

/// A module on a spidev. Where hardly any frame arrives unharmed, SCK is halved.
pub struct SpiLink {
    bus: SpiTransport<ExclusiveSpidev>,
    hz: u32,
}

impl SpiLink {
    /// SCK, Hz.
    #[must_use]
    pub const fn hz(&self) -> u32 {
        self.hz
    }
}

impl core::fmt::Debug for SpiLink {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("SpiLink").field("hz", &self.hz).finish_non_exhaustive()
    }
}

impl Transport for SpiLink {
    type Error = DeviceError;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), DeviceError> {
        self.bus.exchange(frame).map_err(|error| DeviceError::of(error.inner()))
    }

    fn max_frame(&self) -> usize {
        self.bus.max_frame()
    }

    fn slow_down(&mut self) -> bool {
        let hz = self.hz / 2;
        if hz < SLOWEST || configure(&mut self.bus.device().device, hz).is_err() {
            return false;
        }
        self.hz = hz;
        true
    }
}

/// A spidev that no other program with the same manners uses meanwhile.
///
/// The kernel lets several programs open a spidev, and two hosts would take each other's results.
struct ExclusiveSpidev {
    device: SpidevDevice,
    lock: Option<Flock<fs::File>>,
}

impl Drop for ExclusiveSpidev {
    /// A device that has gone cannot be unlocked either, which the library takes for a bug.
    fn drop(&mut self) {
        if let Some(Err((lock, _))) = self.lock.take().map(Flock::unlock) {
            core::mem::forget(lock);
        }
    }
}

impl ExclusiveSpidev {
    fn lock(device: SpidevDevice, path: &Path) -> Result<Self, OpenError> {
        // The lock belongs to what was opened, not to the descriptor: a copy will do.
        let copy = device.inner().try_clone().map_err(|error| of(path, Kind::Spidev, &error))?;
        match Flock::lock(copy, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Self { device, lock: Some(lock) }),
            Err((_, Errno::EWOULDBLOCK)) => Err(OpenError::Busy(path.into())),
            Err((_, error)) => Err(of(path, Kind::Spidev, &error.into())),
        }
    }
}

impl ErrorType for ExclusiveSpidev {
    type Error = SPIError;
}

impl SpiDevice for ExclusiveSpidev {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), SPIError> {
        self.device.transaction(operations)
    }
}

/// Largest transfer of spidev, where it says so.
const BUFSIZ: &str = "/sys/module/spidev/parameters/bufsiz";
/// What it is by default.
const DEFAULT_BUFSIZ: usize = 4096;
/// Frames need not be longer, and cannot be shorter.
const FRAMES: core::ops::RangeInclusive<usize> = 64..=LONGEST_FRAME;

/// Settings of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpiSettings {
    /// SCK, Hz; at most 0.8 of the module's system clock.
    pub hz: u32,
    /// Longest frame, bytes, if that is to be less than what spidev can do.
    pub max_frame: Option<usize>,
}

impl Default for SpiSettings {
    /// 8 MHz, which most wirings can do.
    fn default() -> Self {
        Self { hz: 8_000_000, max_frame: None }
    }
}

/// Longest transfer that spidev can do, bytes: its parameter `bufsiz`.
#[must_use]
pub fn transfer_limit() -> usize {
    let text = fs::read_to_string(BUFSIZ).ok();
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT_BUFSIZ)
}

/// Opens a spidev in mode 0 with 8 bits per word, for this program alone.
///
/// # Errors
/// If the node is missing, denied, in use or no spidev, or if it refuses the clock.
pub fn open_spi(path: &Path, settings: &SpiSettings) -> Result<SpiLink, OpenError> {
    const WANTED: Kind = Kind::Spidev;
    check(path, WANTED)?;
    let mut device = SpidevDevice::open(path).map_err(|error| of(path, WANTED, error.inner()))?;
    configure(&mut device, settings.hz).map_err(|error| match error.raw_os_error() {
        // "Inappropriate ioctl for device"
        Some(25) => OpenError::NotADevice { path: path.into(), wanted: WANTED },
        _ => {
            let what = format!("mode 0 at {} Hz: {error}", settings.hz);
            OpenError::Settings { path: path.into(), what }
        }
    })?;
    let limit = settings.max_frame.unwrap_or(*FRAMES.end()).min(transfer_limit());
    let device = ExclusiveSpidev::lock(device, path)?;
    let limit = limit.clamp(*FRAMES.start(), *FRAMES.end());
    Ok(SpiLink { bus: SpiTransport::with_max_frame(device, limit), hz: settings.hz })
}

fn configure(device: &mut SpidevDevice, hz: u32) -> io::Result<()> {
    let options = SpidevOptions::new()
        .bits_per_word(8)
        .max_speed_hz(hz)
        .mode(SpiModeFlags::SPI_MODE_0)
        .build();
    device.configure(&options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_of_another_kind_is_told_apart() {
        let opened = open_spi("/dev/null".as_ref(), &SpiSettings::default());
        let error = opened.expect_err("no spidev");
        assert_eq!(error.code(), "not-a-device", "{error}");
    }

    #[test]
    fn the_limit_is_that_of_spidev_or_its_default() {
        assert!(transfer_limit() >= *FRAMES.start());
    }
}

//! SPI on any four pins, for boards whose controller is taken or can not do full duplex.

use core::fmt;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorKind, InputPin, OutputPin};
use embedded_hal::spi::{self, ErrorType, Operation, SpiDevice};

/// Around chip select: more than the 16 cycles of any module's system clock.
const SELECT_NS: u32 = 1_000;

/// An SPI device in mode 0, most significant bit first, whose clock is moved by the program.
///
/// Goes into a [`crate::SpiTransport`]. Half a period of SCK is `half_ns` of the delay plus what
/// the pins take: SCK must stay below 0.8 of the module's system clock, which no program has
/// trouble with. Chip select belongs to this device; other devices may share the other pins if the
/// pins can be shared.
#[derive(Clone, Debug)]
pub struct BitBang<SCK, MOSI, MISO, CS, D> {
    sck: SCK,
    mosi: MOSI,
    miso: MISO,
    cs: CS,
    delay: D,
    half_ns: u32,
}

/// A pin that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitBangError {
    /// `SCK`, `MOSI`, `MISO` or `CS`.
    pub pin: &'static str,
    /// What its interface says.
    pub kind: ErrorKind,
}

impl fmt::Display for BitBangError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the pin {} failed ({})", self.pin, self.kind)
    }
}

impl core::error::Error for BitBangError {}

impl spi::Error for BitBangError {
    fn kind(&self) -> spi::ErrorKind {
        match self.pin {
            "CS" => spi::ErrorKind::ChipSelectFault,
            _ => spi::ErrorKind::Other,
        }
    }
}

/// Names the pin of an error.
fn of<E: embedded_hal::digital::Error>(pin: &'static str) -> impl Fn(E) -> BitBangError {
    move |error| BitBangError { pin, kind: error.kind() }
}

impl<SCK, MOSI, MISO, CS, D> BitBang<SCK, MOSI, MISO, CS, D>
where
    SCK: OutputPin,
    MOSI: OutputPin,
    MISO: InputPin,
    CS: OutputPin,
    D: DelayNs,
{
    /// Makes the bus idle. With a `half_ns` of 0 the clock is as fast as the pins.
    ///
    /// # Errors
    /// If a pin can not be moved.
    pub fn new(
        sck: SCK,
        mosi: MOSI,
        miso: MISO,
        cs: CS,
        delay: D,
        half_ns: u32,
    ) -> Result<Self, BitBangError> {
        let mut bus = Self { sck, mosi, miso, cs, delay, half_ns };
        bus.deselect()?;
        Ok(bus)
    }

    /// Changes the clock.
    pub fn set_half_period(&mut self, ns: u32) {
        self.half_ns = ns;
    }

    fn select(&mut self) -> Result<(), BitBangError> {
        self.cs.set_low().map_err(of("CS"))?;
        self.delay.delay_ns(SELECT_NS);
        Ok(())
    }

    fn deselect(&mut self) -> Result<(), BitBangError> {
        self.cs.set_high().map_err(of("CS"))?;
        self.sck.set_low().map_err(of("SCK"))?;
        self.delay.delay_ns(SELECT_NS);
        Ok(())
    }

    fn half_period(&mut self) {
        if self.half_ns > 0 {
            self.delay.delay_ns(self.half_ns);
        }
    }

    /// MOSI changes while SCK is low, MISO is read as it rises.
    fn exchange(&mut self, out: u8) -> Result<u8, BitBangError> {
        let mut answer = 0;
        for bit in (0..8).rev() {
            self.mosi.set_state((out >> bit & 1 == 1).into()).map_err(of("MOSI"))?;
            self.half_period();
            answer = answer << 1 | u8::from(self.miso.is_high().map_err(of("MISO"))?);
            self.sck.set_high().map_err(of("SCK"))?;
            self.half_period();
            self.sck.set_low().map_err(of("SCK"))?;
        }
        Ok(answer)
    }

    fn operate(&mut self, operation: &mut Operation<'_, u8>) -> Result<(), BitBangError> {
        match operation {
            Operation::Read(read) => {
                for byte in read.iter_mut() {
                    *byte = self.exchange(0)?;
                }
            }
            Operation::Write(write) => {
                for byte in write.iter() {
                    self.exchange(*byte)?;
                }
            }
            Operation::Transfer(read, write) => {
                for n in 0..read.len().max(write.len()) {
                    let answer = self.exchange(write.get(n).copied().unwrap_or(0))?;
                    if let Some(byte) = read.get_mut(n) {
                        *byte = answer;
                    }
                }
            }
            Operation::TransferInPlace(bytes) => {
                for byte in bytes.iter_mut() {
                    *byte = self.exchange(*byte)?;
                }
            }
            Operation::DelayNs(ns) => self.delay.delay_ns(*ns),
        }
        Ok(())
    }
}

impl<SCK, MOSI, MISO, CS, D> ErrorType for BitBang<SCK, MOSI, MISO, CS, D> {
    type Error = BitBangError;
}

impl<SCK, MOSI, MISO, CS, D> SpiDevice for BitBang<SCK, MOSI, MISO, CS, D>
where
    SCK: OutputPin,
    MOSI: OutputPin,
    MISO: InputPin,
    CS: OutputPin,
    D: DelayNs,
{
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), BitBangError> {
        self.select()?;
        let done = operations.iter_mut().try_for_each(|operation| self.operate(operation));
        // Whatever happened, the module must see the end of the frame.
        let ended = self.deselect();
        done.and(ended)
    }
}

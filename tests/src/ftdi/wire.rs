//! What can be on the lines of an FTDI chip.

use deku_sim::{SimDelay, SimReset, SimSpiPins, Simulator};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};

/// Lines as the chip sees them.
pub trait Wire {
    /// Moves the clock.
    fn sck(&mut self, high: bool);
    /// Moves the line to the module.
    fn mosi(&mut self, high: bool);
    /// Moves chip select.
    fn cs(&mut self, high: bool);
    /// Moves one of the lines 4 to 7, or lets it be pulled up.
    fn other(&mut self, line: u8, high: bool);
    /// The line from the module.
    fn miso(&mut self) -> bool;
    /// Lets time go by.
    fn wait(&mut self, ps: u64);
}

/// MISO on MOSI, and someone who watches.
#[derive(Debug, Default)]
pub struct Loop {
    levels: (bool, bool, bool),
    /// Bits of each frame.
    pub frames: Vec<u64>,
    /// Lowest time between chip select and an edge of SCK, and between two frames, ps.
    pub hold: Option<u64>,
    /// Bits that were clocked while nothing was selected.
    pub stray: u64,
    /// Time a bit takes, ps: of the last one.
    pub period: u64,
    now: u64,
    selected: u64,
    edge: u64,
    /// Times the line 4 fell.
    pub resets: u32,
    reset: bool,
}

impl Wire for Loop {
    fn sck(&mut self, high: bool) {
        let (before, _, cs) = self.levels;
        if high && !before {
            let hold = self.now - self.selected;
            match self.frames.last_mut() {
                Some(bits) if !cs => {
                    if *bits == 0 {
                        self.hold = Some(self.hold.map_or(hold, |h| h.min(hold)));
                    }
                    *bits += 1;
                }
                _ => self.stray += 1,
            }
            self.period = self.now - self.edge;
            self.edge = self.now;
        }
        self.levels.0 = high;
    }

    fn mosi(&mut self, high: bool) {
        let (sck, mosi, cs) = self.levels;
        assert!(cs || !sck || mosi == high, "MOSI changes while SCK is high");
        self.levels.1 = high;
    }

    fn cs(&mut self, high: bool) {
        if high != self.levels.2 {
            if !high {
                self.frames.push(0);
            }
            self.selected = self.now;
        }
        self.levels.2 = high;
    }

    fn other(&mut self, line: u8, high: bool) {
        if line == 4 {
            self.resets += u32::from(self.reset && !high);
            self.reset = high;
        }
    }

    fn miso(&mut self) -> bool {
        self.levels.1
    }

    fn wait(&mut self, ps: u64) {
        self.now += ps;
    }
}

/// A simulated module; its reset is on line 4.
#[derive(Debug)]
pub struct SimWire {
    pins: SimSpiPins,
    reset: SimReset,
    delay: SimDelay,
    /// Picoseconds that are less than the simulation counts in.
    rest: u64,
}

impl SimWire {
    /// The pins of a simulation.
    #[must_use]
    pub fn new(sim: &Simulator) -> Self {
        Self { pins: sim.spi_pins(), reset: sim.reset_pin(), delay: sim.delay(), rest: 0 }
    }
}

/// A simulation that died is found out by the driver, to which every line is low.
impl Wire for SimWire {
    fn sck(&mut self, high: bool) {
        let _ = self.pins.sck.set_state(high.into());
    }

    fn mosi(&mut self, high: bool) {
        let _ = self.pins.mosi.set_state(high.into());
    }

    fn cs(&mut self, high: bool) {
        let _ = self.pins.cs.set_state(high.into());
    }

    fn other(&mut self, line: u8, high: bool) {
        if line == 4 {
            let _ = self.reset.set_state(high.into());
        }
    }

    fn miso(&mut self) -> bool {
        self.pins.miso.is_high().unwrap_or(false)
    }

    fn wait(&mut self, ps: u64) {
        self.rest += ps;
        self.delay.delay_ns(u32::try_from(self.rest / 1000).unwrap_or(u32::MAX));
        self.rest %= 1000;
    }
}

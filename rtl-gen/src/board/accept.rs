//! Whether a configuration can be built for a board: found out before any tool runs.

use super::pll::Pll;
use super::Board;
use crate::blocks::top;
use crate::config::{ConfigError, Fabric, ModuleConfig, BUILTIN};

impl Board {
    /// The clock's settings, if a module of this configuration can be built for this board.
    ///
    /// # Errors
    /// [`ConfigError`] saying what does not fit and what would.
    pub fn accept(&self, config: &ModuleConfig) -> Result<Pll, ConfigError> {
        self.same_family(config)?;
        if config.uart && self.uart.is_none() {
            let cause = format!("{} has no pins for a UART", self.title);
            return refuse(config, "uart", cause, "write uart = false; SPI does everything".into());
        }
        self.enough_blocks(config)?;
        self.clock(config)
    }

    fn same_family(&self, config: &ModuleConfig) -> Result<(), ConfigError> {
        if config.fabric == self.family {
            return Ok(());
        }
        let (of, family) = (config.fabric.folder(), self.family.folder());
        let cause = format!("it is made for {of}, the FPGA of {} is {family}", self.title);
        let loaded = BUILTIN.iter().filter_map(|(name, _)| ModuleConfig::builtin(name).ok());
        let fitting: Vec<_> = loaded.filter(|c| self.accept_quietly(c)).map(|c| c.name).collect();
        let fix =
            format!("use --config {}, or a file with fabric = \"{family}\"", fitting.join(", "));
        refuse(config, "fabric", cause, fix)
    }

    fn accept_quietly(&self, config: &ModuleConfig) -> bool {
        config.fabric == self.family && self.accept(config).is_ok()
    }

    fn enough_blocks(&self, config: &ModuleConfig) -> Result<(), ConfigError> {
        let chip = self.chip();
        let dsps = config.mac_pairs * config.slices;
        if dsps > chip.dsps {
            let cause = format!("{dsps} pairs of lanes, {} has {}", chip.name(), chip.dsps);
            let fix = format!("give at most {}; other lanes are built of logic", chip.dsps);
            return refuse(config, "mac_pairs", cause, fix);
        }
        let rams = block_rams(config);
        if rams > chip.rams {
            let cause =
                format!("its memories take {rams} blocks, {} has {}", chip.name(), chip.rams);
            let (key, less) = largest(config);
            return refuse(config, key, cause, format!("give less, for example {less}"));
        }
        Ok(())
    }

    fn clock(&self, config: &ModuleConfig) -> Result<Pll, ConfigError> {
        let (wanted, chip) = (config.clock_hz, self.chip());
        if wanted > chip.max_clock_hz {
            let cause = format!("{wanted} Hz is too fast for the {}", chip.name());
            let most = Pll::highest(self.family, self.clock.hz, chip.max_clock_hz).unwrap_or(0);
            let fix = format!("at most {} Hz, for example {most}", chip.max_clock_hz);
            return refuse(config, "clock_hz", cause, fix);
        }
        if let Some(pll) = Pll::exact(self.family, self.clock.hz, wanted) {
            return Ok(pll);
        }
        let cause = format!("{wanted} Hz cannot be made from the board's {} Hz", self.clock.hz);
        let fix = Pll::nearest(self.family, self.clock.hz, wanted)
            .map_or("no other can".to_string(), |hz| format!("for example {hz}"));
        refuse(config, "clock_hz", cause, fix)
    }
}

fn refuse<T>(
    config: &ModuleConfig,
    key: &'static str,
    cause: String,
    fix: String,
) -> Result<T, ConfigError> {
    Err(ConfigError { file: format!("configuration {}", config.name), key: Some(key), cause, fix })
}

/// Blocks of memory that a module takes: of 4,096 bits on the iCE40, of 18,432 on the ECP5, of 16,384 from Gowin.
#[must_use]
pub fn block_rams(config: &ModuleConfig) -> u32 {
    let memories = top::design(config).memories("deku_top").into_iter();
    match config.fabric {
        Fabric::Ecp5 => {
            let inner = memories.filter(|m| m.block || m.width * m.depth > LUT_MEMORY_BITS);
            let inner: u32 = inner.map(|m| blocks(&DP16KD, m.width, m.depth)).sum();
            inner + config.slices * weight_blocks(&DP16KD, config.words / config.slices)
        }
        Fabric::Gowin => {
            let inner = memories.filter(|m| m.block || m.depth >= BSRAM_ENTRIES);
            let inner: u32 = inner.map(|m| blocks(&BSRAM, m.width, m.depth)).sum();
            // The table of the drawing is marked as a block, but becomes logic.
            inner - 1 + config.slices * weight_blocks(&BSRAM, config.words / config.slices)
        }
        _ => memories.map(|m| blocks(&EBR, m.width, m.depth)).sum(),
    }
}

/// Entries and bits of a block of the iCE40.
const EBR: [(u32, u32); 4] = [(256, 16), (512, 8), (1024, 4), (2048, 2)];
/// Of a block of the ECP5.
const DP16KD: [(u32, u32); 6] =
    [(512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16_384, 1)];
/// Of a block of Gowin.
const BSRAM: [(u32, u32); 6] =
    [(512, 32), (1024, 16), (2048, 8), (4096, 4), (8192, 2), (16_384, 1)];
/// Entries from which `gowin/deku_ram_1r1w.v` makes blocks.
const BSRAM_ENTRIES: u32 = 256;
/// Largest memory that `ecp5/deku_ram_1r1w.v` makes of look-up tables.
const LUT_MEMORY_BITS: u32 = 12_288;

fn blocks(shapes: &[(u32, u32)], width: u32, depth: u32) -> u32 {
    let count = |(d, w): &(u32, u32)| depth.div_ceil(*d) * width.div_ceil(*w);
    shapes.iter().map(count).min().unwrap_or(0)
}

/// Blocks of the latents of a slice: the versions made of block RAM have a bank for each bit of the depth, with the
/// four planes of 64 bits.
fn weight_blocks(shapes: &[(u32, u32)], words: u32) -> u32 {
    let banks = (0..u32::BITS).filter(|k| words >> k & 1 == 1);
    banks.map(|k| blocks(shapes, 64, 4 << k)).sum()
}

/// The key of the largest memory that can be made smaller, and half its value.
fn largest(config: &ModuleConfig) -> (&'static str, u32) {
    let keys = [
        ("list_entries", config.list_entries, 16),
        ("hidden_entries", config.hidden_entries, 16),
        ("mask_words", config.mask_words, 32),
        ("code_words", config.code_words, 128),
        ("results", config.results, 128),
    ];
    let most = keys.into_iter().max_by_key(|(_, entries, bits)| entries * bits);
    most.map_or(("list_entries", 64), |(key, entries, _)| (key, entries / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::PRIMITIVES;

    fn with(change: impl FnOnce(&mut ModuleConfig)) -> Result<Pll, String> {
        let mut config = ModuleConfig::builtin("up5k").unwrap();
        change(&mut config);
        Board::builtin("upduino").unwrap().accept(&config).map_err(|e| e.to_string())
    }

    #[test]
    fn the_gowin_configurations_take_every_block_of_their_fpgas() {
        for board in ["tang-nano-9k", "tang-nano-20k"] {
            let board = Board::builtin(board).unwrap();
            let mut config = ModuleConfig::builtin(&board.config).unwrap();
            assert_eq!(block_rams(&config), board.chip().rams, "{}", board.name);
            config.words += 128;
            let error = board.accept(&config).unwrap_err().to_string();
            assert!(error.contains("its memories take"), "{error}");
        }
    }

    /// Verilog cannot read these numbers from here.
    #[test]
    fn the_limits_are_those_of_the_primitives() {
        let text = |path: &str| PRIMITIVES.iter().find(|(p, _)| *p == path).unwrap().1;
        let ecp5 = format!("if (WIDTH * DEPTH <= {LUT_MEMORY_BITS}) begin");
        assert!(text("ecp5/deku_ram_1r1w.v").contains(&ecp5));
        let gowin = format!("if (DEPTH < {BSRAM_ENTRIES}) begin");
        assert!(text("gowin/deku_ram_1r1w.v").contains(&gowin));
    }

    #[test]
    fn up5k_takes_every_block_of_its_fpga() {
        let config = ModuleConfig::builtin("up5k").unwrap();
        assert_eq!(block_rams(&config), 30);
        assert_eq!(with(|_| ()), Ok(Pll { reference: 1, feedback: 64, output: 16, filter: 1 }));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let nano = with(|c| *c = ModuleConfig::builtin("nano").unwrap()).unwrap_err();
        assert_eq!(
            nano,
            "configuration nano: fabric: it is made for behavioural, the FPGA of tinyVision.ai UPduino \
             3.1 is ice40; use --config up5k, or a file with fabric = \"ice40\""
        );
        let pairs = with(|c| c.mac_pairs = 16).unwrap_err();
        assert!(pairs.contains("mac_pairs: 16 pairs of lanes, ice40 up5k sg48 has 8"), "{pairs}");
        let list = with(|c| c.list_entries = 8192).unwrap_err();
        assert!(list.contains("list_entries: its memories take"), "{list}");
        assert!(list.ends_with("give less, for example 4096"), "{list}");
        let uart = with(|c| c.uart = true).unwrap_err();
        assert!(uart.contains("uart: tinyVision.ai UPduino 3.1 has no pins"), "{uart}");
    }

    #[test]
    fn clocks_that_cannot_be_are_refused() {
        let fast = with(|c| c.clock_hz = 60_000_000).unwrap_err();
        assert!(fast.ends_with("at most 50000000 Hz, for example 48000000"), "{fast}");
        let odd = with(|c| c.clock_hz = 47_000_001).unwrap_err();
        assert!(odd.ends_with("from the board's 12000000 Hz; for example 47250000"), "{odd}");
    }
}

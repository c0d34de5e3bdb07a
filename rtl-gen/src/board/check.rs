//! What a board's file may not say.

use super::chip::{Chip, CHIPS};
use super::header;
use super::Board;
use crate::config::{ConfigError, Fabric, ModuleConfig};
use std::collections::BTreeMap;

/// `FCLKIN` in `boards/gowin/deku_clock_pll.v`.
const GOWIN_CLOCK_HZ: u32 = 27_000_000;

type Checked = Result<(), ConfigError>;

/// Checks everything that the types do not.
pub(super) fn check(board: &Board, file: &str) -> Checked {
    let checker = Checker { file };
    checker.words(board)?;
    let chip = checker.chip(board)?;
    checker.pins(board, chip)?;
    checker.leds(board, chip)?;
    checker.header(board)?;
    checker.flash(board)
}

fn any_pin() -> Vec<u8> {
    header::GPIO.iter().map(|(pin, _)| *pin).collect()
}

struct Checker<'a> {
    file: &'a str,
}

impl Checker<'_> {
    fn bad(&self, key: &'static str, cause: String, fix: impl Into<String>) -> Checked {
        Err(ConfigError { file: self.file.into(), key: Some(key), cause, fix: fix.into() })
    }

    fn words(&self, board: &Board) -> Checked {
        let name_ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if board.name.is_empty() || !board.name.chars().all(name_ok) {
            let cause = format!("\"{}\" cannot name a folder", board.name);
            return self.bad("name", cause, "use lower-case letters, digits and -");
        }
        if board.sources.is_empty() {
            let fix = "name the schematic or constraint file the pins were read in";
            return self.bad("sources", "nobody can check the pins".into(), fix);
        }
        if board.timing_weight.is_some_and(|weight| !(1..=1000).contains(&weight)) {
            let cause = "timing weighs 1 to 1000; nextpnr's own value is 10".into();
            return self.bad("timing_weight", cause, "leave it out: the family has a weight");
        }
        ModuleConfig::load(&board.config).map(drop)
    }

    fn chip(&self, board: &Board) -> Result<&'static Chip, ConfigError> {
        let found = Chip::find(board.family, &board.device, &board.package);
        found.ok_or_else(|| ConfigError {
            file: self.file.into(),
            key: Some("device"),
            cause: format!(
                "there is no {} {} {}",
                board.family.folder(),
                board.device,
                board.package
            ),
            fix: format!(
                "known are {}; others are added in rtl-gen/src/board/chip.rs",
                CHIPS.iter().map(Chip::name).collect::<Vec<_>>().join(", ")
            ),
        })
    }

    fn pins(&self, board: &Board, chip: &Chip) -> Checked {
        let mut users: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, pin) in board.pins() {
            if !chip.pins.contains(&pin) {
                let cause = format!("a design cannot use pin {pin} of the {}", chip.name());
                return self.bad(key, cause, format!("its pins are {}", chip.pins.join(", ")));
            }
            if let Some(other) = users.insert(pin, key) {
                let cause = format!("pin {pin} is already that of {other}");
                return self.bad(key, cause, "give each its own pin");
            }
        }
        if chip.family == Fabric::Gowin && board.clock.hz != GOWIN_CLOCK_HZ {
            let cause = format!("deku_clock_pll is told {GOWIN_CLOCK_HZ} Hz");
            return self.bad(
                "clock.hz",
                cause,
                "change FCLKIN in boards/gowin/deku_clock_pll.v too",
            );
        }
        let clocks = [("clock.pin", &board.clock.pin), ("spi.sck", &board.spi.sck.pin)];
        for (key, pin) in clocks {
            if !chip.clock_pins.is_empty() && !chip.clock_pins.contains(&pin.as_str()) {
                let cause = format!("pin {pin} does not reach a global clock network");
                return self.bad(key, cause, format!("use {}", chip.clock_pins.join(", ")));
            }
        }
        Ok(())
    }

    /// The LED driver has its own pins: it drives all LEDs, or none.
    fn leds(&self, board: &Board, chip: &Chip) -> Checked {
        let leds = &board.leds;
        let pins = [&leds.alive, &leds.learning, &leds.irq].into_iter().flatten();
        let driven = pins.clone().filter(|pin| chip.rgb_pins.contains(&pin.as_str())).count();
        if driven != 0 && driven != pins.count() {
            let cause = format!("some are on the LED driver ({})", chip.rgb_pins.join(", "));
            return self.bad("leds", cause, "put all of them there, or none");
        }
        if driven != 0 && !leds.active_low {
            let cause = "the LED driver only draws current".into();
            return self.bad("leds.active_low", cause, "write active_low = true");
        }
        Ok(())
    }

    fn header(&self, board: &Board) -> Checked {
        let mut users: BTreeMap<u8, &str> = BTreeMap::new();
        for (key, line) in board.lines() {
            let spi = header::SPI.iter().find(|(k, _)| *k == key);
            let allowed = spi.map_or_else(any_pin, |(_, pins)| pins.to_vec());
            if !allowed.contains(&line.pi) {
                let cause = format!("pin {} of the Raspberry Pi's header cannot be this", line.pi);
                return self.bad(key, cause, format!("use one of {allowed:?}"));
            }
            if let Some(other) = users.insert(line.pi, key) {
                let cause = format!("pin {} of the header is already that of {other}", line.pi);
                return self.bad(key, cause, "give each its own pin");
            }
        }
        if !header::GROUND.contains(&board.ground.pi) {
            let cause =
                format!("pin {} of the Raspberry Pi's header is no ground", board.ground.pi);
            return self.bad("ground.pi", cause, format!("use one of {:?}", header::GROUND));
        }
        Ok(())
    }

    fn flash(&self, board: &Board) -> Checked {
        let Some(_) = board.flash.first() else {
            let fix = "name one with [[flash]], program and args";
            return self.bad("flash", "no program can write the flash".into(), fix);
        };
        let without = |f: &&super::Flash| !f.args.iter().any(|a| a.contains("{bitstream}"));
        if let Some(flash) = board.flash.iter().find(without) {
            let cause = format!("{} is not told which file to write", flash.program);
            return self.bad("flash", cause, "put {bitstream} into args");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::board::{Board, BUILTIN};
    use crate::generate::PRIMITIVES;

    fn with(from: &str, to: &str) -> String {
        let text = BUILTIN.iter().find(|(name, _)| *name == "icebreaker").unwrap().1;
        assert!(text.contains(from), "{from}");
        Board::parse("b.toml", &text.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn boards_are_legal_and_named_like_their_files() {
        for (name, _) in BUILTIN {
            assert_eq!(Board::builtin(name).unwrap().name, name);
        }
    }

    #[test]
    fn every_file_of_the_folder_is_listed_and_every_key_explained() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/boards");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        found.sort();
        let listed: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, listed);
        for (name, text) in BUILTIN {
            for paragraph in text.split("\n\n") {
                let first = paragraph.trim_start();
                assert!(
                    first.starts_with('#') || first.starts_with("[[flash]]"),
                    "{name}: {first}"
                );
            }
        }
    }

    #[test]
    fn the_clock_of_gowin_boards_is_that_of_the_primitive() {
        let path = "boards/gowin/deku_clock_pll.v";
        let text = PRIMITIVES.iter().find(|(p, _)| *p == path).unwrap().1;
        assert!(text.contains(&format!(".FCLKIN(\"{}\")", super::GOWIN_CLOCK_HZ / 1_000_000)));
    }

    #[test]
    fn timing_has_a_weight_or_none() {
        let text = BUILTIN.iter().find(|(name, _)| *name == "upduino").unwrap().1;
        let weighing = |n: u32| {
            let config = format!("config = \"up5k\"\ntiming_weight = {n}");
            Board::parse("b.toml", &text.replacen("config = \"up5k\"", &config, 1))
        };
        assert_eq!(weighing(35).unwrap().timing_weight, Some(35));
        let refused = weighing(0).unwrap_err().to_string();
        assert!(refused.starts_with("b.toml: timing_weight: timing weighs 1 to 1000"), "{refused}");
    }

    #[test]
    fn a_pin_has_one_use() {
        assert_eq!(
            with("tx = \"9\"", "tx = \"45\""),
            "b.toml: uart.tx: pin 45 is already that of control.irq; give each its own pin"
        );
        let header = with("pi = 22", "pi = 18");
        assert!(header.contains("pin 18 of the header is already that of control.irq"), "{header}");
    }

    #[test]
    fn pins_exist_and_can_be_what_they_are_to_be() {
        let missing = with("tx = \"9\"", "tx = \"29\"");
        assert!(missing.starts_with("b.toml: uart.tx: a design cannot use pin 29"), "{missing}");
        let clock = with("pin = \"44\"", "pin = \"43\"");
        assert!(clock.contains("spi.sck: pin 43 does not reach a global clock network"), "{clock}");
        let power = with("pi = 22", "pi = 17");
        assert!(power.contains("control.irq: pin 17 of the Raspberry Pi's header"), "{power}");
        let swapped = with("pi = 19", "pi = 21");
        assert!(swapped.contains("spi.mosi: pin 21") && swapped.contains("[19]"), "{swapped}");
        let ground = with("pi = 20", "pi = 2");
        assert!(ground.contains("ground.pi: pin 2"), "{ground}");
    }

    #[test]
    fn leds_are_on_the_driver_together() {
        let mixed = with("learning = \"11\"", "learning = \"39\"");
        assert!(mixed.contains("leds: some are on the LED driver (39, 40, 41)"), "{mixed}");
    }

    #[test]
    fn the_rest_of_the_file_is_checked_too() {
        let key = with("price_usd = 90", "price_usd = 90\ncolour = \"black\"");
        assert!(key.starts_with("b.toml:15: unknown field `colour`"), "{key}");
        let device = with("device = \"up5k\"", "device = \"hx8k\"");
        assert!(device.contains("device: there is no ice40 hx8k sg48; known are"), "{device}");
        let config = with("config = \"up5k\"", "config = \"huge\"");
        assert!(config.contains("there is no configuration of this name"), "{config}");
        let flash = with("args = [\"{bitstream}\"]", "args = []");
        assert!(flash.contains("flash: iceprog is not told which file to write"), "{flash}");
        let name = with("name = \"icebreaker\"", "name = \"iCE\"");
        assert!(name.contains("name: \"iCE\" cannot name a folder"), "{name}");
        let absent = Board::load("arduino").unwrap_err().to_string();
        assert!(absent.contains("choose colorlight-i5, icebreaker, "), "{absent}");
    }
}

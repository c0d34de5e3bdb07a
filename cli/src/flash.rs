//! Writing a bitstream to a board.

use std::path::{Path, PathBuf};

use deku_rtlgen::board::{Board, Flash, BUILTIN};

use crate::build::Step;
use crate::devices::usb::{udev_rule, Bus};
use crate::error::{Error, Result};
use crate::output::Output;
use crate::toolbox::on_path;

/// Where a program comes from, on Debian and its relatives.
const PACKAGES: [(&str, &str); 3] =
    [("openFPGALoader", "openfpgaloader"), ("iceprog", "fpga-icestorm"), ("dfu-util", "dfu-util")];

/// The package of a program.
pub(crate) fn package(program: &str) -> &str {
    let found = PACKAGES.iter().find(|(name, _)| *name == program);
    found.map_or(program, |(_, package)| package)
}

/// Everything that is needed to write a flash, found and checked.
pub struct Writer<'a> {
    board: &'a Board,
    bitstream: PathBuf,
    program: PathBuf,
    flash: &'a Flash,
}

impl<'a> Writer<'a> {
    /// Finds the bitstream, a program and the board, in this order.
    ///
    /// # Errors
    /// `flash/bitstream`, `flash/program`, `flash/no-board` or `flash/permission`.
    pub fn new(board: &'a Board, bitstream: &Path) -> Result<Self> {
        let bitstream = existing(board, bitstream)?;
        let (program, flash) = program(board, on_path)?;
        reachable(board, &Bus::linux())?;
        Ok(Self { board, bitstream, program, flash })
    }

    /// Name of the program.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.flash.program
    }

    /// Writes the flash.
    ///
    /// # Errors
    /// `tool/failed`, with what the program said.
    pub fn run(&self, output: Output) -> Result<()> {
        let folder = self.bitstream.parent().unwrap_or(Path::new("."));
        let mut command = std::process::Command::new(&self.program);
        let file = self.bitstream.display().to_string();
        command.args(self.flash.args.iter().map(|a| a.replace("{bitstream}", &file)));
        let mut progress = output.progress(&format!("flash {}", self.board.name), 1);
        let what = "writing the flash";
        Step { name: &self.flash.program, what, log: "flash.log".into(), position: 0 }.run(
            command,
            folder,
            &mut progress,
        )
    }
}

fn existing(board: &Board, bitstream: &Path) -> Result<PathBuf> {
    std::fs::canonicalize(bitstream).map_err(|_| {
        Error::input("flash/bitstream", format!("there is no `{}`", bitstream.display()))
            .cause("nothing was built yet, or it was built with --out")
            .fix(format!("deku build --board {}, or name the file with --bitstream", board.name))
    })
}

fn program(board: &Board, find: impl Fn(&str) -> Option<PathBuf>) -> Result<(PathBuf, &Flash)> {
    let found = board.flash.iter().find_map(|flash| Some((find(&flash.program)?, flash)));
    found.ok_or_else(|| {
        let names: Vec<_> = board.flash.iter().map(|f| f.program.as_str()).collect();
        let package = package(names[0]);
        let names = names.join(" or ");
        Error::backend("flash/program", format!("no program to write the flash of {}", board.title))
            .cause(format!("{names} is needed and not on PATH"))
            .fix(format!("for example sudo apt-get install {package}"))
    })
}

/// The board is there and may be used.
fn reachable(board: &Board, bus: &Bus) -> Result<()> {
    let Some(devices) = bus.devices() else { return Ok(()) }; // not Linux: the program will say
    let Some(device) = devices.iter().find(|d| d.usb == board.usb) else {
        let (vendor, product) = (board.usb.vendor, board.usb.product);
        let others = BUILTIN.iter().filter_map(|(name, _)| Board::builtin(name).ok());
        let others = others.filter(|b| devices.iter().any(|d| d.usb == b.usb));
        let others: Vec<_> = others.map(|b| b.name).collect();
        let seen = match others.as_slice() {
            [] => "no other board of `deku boards` either".to_owned(),
            names => format!("but there is what may be {}", names.join(" or ")),
        };
        let what = format!("{} is not connected", board.title);
        return Err(Error::backend("flash/no-board", what)
            .cause(format!("no USB device is {vendor:04x}:{product:04x}, {seen}"))
            .fix("plug it in with a cable that carries data, or choose the right --board"));
    };
    if bus.writable(device) {
        return Ok(());
    }
    Err(Error::backend("flash/permission", format!("{} may not be used", board.title))
        .cause(format!(
            "`{}` cannot be opened for writing by this user",
            bus.node(device).display()
        ))
        .fix(udev_rule(board.usb)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        Board::builtin("icebreaker").unwrap()
    }

    #[test]
    fn the_bitstream_comes_first() {
        let error = existing(&board(), Path::new("no/such.bin")).unwrap_err();
        assert_eq!(error.code, "flash/bitstream");
        assert!(error.fix.starts_with("deku build --board icebreaker"), "{error}");
    }

    #[test]
    fn the_first_program_that_is_installed_is_used() {
        let board = board();
        let only = |name: &str| (name == "iceprog").then(|| PathBuf::from("/bin/iceprog"));
        assert_eq!(program(&board, only).unwrap().1.program, "iceprog");
        let error = program(&board, |_| None).unwrap_err();
        assert_eq!(error.code, "flash/program");
        assert!(error.cause.starts_with("openFPGALoader or iceprog"), "{error}");
        assert!(error.fix.contains("openfpgaloader"), "{error}");
    }

    #[test]
    fn absent_wrong_forbidden_and_usable_boards_are_told_apart() {
        let none = Bus::pretend(&[]);
        let error = reachable(&board(), none.bus()).unwrap_err();
        assert_eq!(error.code, "flash/no-board");
        assert!(error.cause.contains("0403:6010, no other board"), "{error}");

        let wrong = Bus::pretend(&[("0403", "6014", true)]);
        let error = reachable(&board(), wrong.bus()).unwrap_err();
        assert!(error.cause.contains("what may be upduino"), "{error}");

        let missing = Bus::pretend(&[("0403", "6010", false)]);
        let error = reachable(&board(), missing.bus()).unwrap_err();
        assert_eq!(error.code, "flash/permission");
        assert!(error.fix.contains("ATTR{idVendor}==\"0403\""), "{error}");

        let there = Bus::pretend(&[("1d6b", "0002", true), ("0403", "6010", true)]);
        assert_eq!(reachable(&board(), there.bus()), Ok(()));
    }
}

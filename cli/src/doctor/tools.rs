//! Programs that simulate, make bitstreams and write them.

use deku_rtlgen::board::{Board, BUILTIN};
use deku_sim::Verilator;

use super::{Finding, State};
use crate::error::Error;
use crate::toolbox::{on_path, Tool};

const SIMULATION: &str = "simulation";
const BITSTREAMS: &str = "bitstreams";
const FLASHING: &str = "flashing";
const SETUP: &str = "run `cargo xtask setup` in the repository";

/// Programs that make bitstreams, of all families.
const MAKERS: [&str; 7] = [
    "yosys",
    "nextpnr-ice40",
    "icepack",
    "nextpnr-ecp5",
    "ecppack",
    "nextpnr-himbaechel-gowin",
    "gowin_pack",
];

/// All of them.
pub(super) fn findings() -> Vec<Finding> {
    let mut findings = vec![verilator(), on_computer("c++", &["c++", "g++", "clang++"])];
    findings.push(on_computer("make", &["make"]));
    findings.extend(MAKERS.map(recorded));
    findings.extend(flashing());
    findings
}

/// Whether a simulated module can be built.
pub(super) fn can_simulate(findings: &[Finding]) -> bool {
    findings.iter().filter(|f| f.topic == SIMULATION).all(|f| f.state == State::Fine)
}

fn verilator() -> Finding {
    match Verilator::find() {
        Ok(found) => {
            let version = found.version().trim_start_matches("Verilator ");
            let text = format!("Verilator {version}, {}", found.path().display());
            Finding::fine(SIMULATION, text)
        }
        Err(error) => {
            let error = Error::from(error);
            Finding::absent(SIMULATION, error.what, SETUP)
        }
    }
}

fn on_computer(name: &str, programs: &[&str]) -> Finding {
    match programs.iter().find_map(|program| on_path(program)) {
        Some(path) => Finding::fine(SIMULATION, format!("{name}, {}", path.display())),
        None => {
            let fix = "for example `sudo apt-get install g++ make`";
            Finding::absent(SIMULATION, format!("no {name} on PATH"), fix)
        }
    }
}

fn recorded(name: &str) -> Finding {
    match Tool::find(name) {
        Ok(tool) => {
            let version = tool.version.map_or(String::new(), |version| format!(" {version}"));
            Finding::fine(BITSTREAMS, format!("{name}{version}, {}", tool.path.display()))
        }
        Err(error) if error.code == "tool/record" => {
            Finding::problem(BITSTREAMS, error.what, error.fix)
        }
        Err(error) => Finding::absent(BITSTREAMS, error.what, SETUP),
    }
}

/// For each board the program that would write it.
fn flashing() -> Vec<Finding> {
    let boards = BUILTIN.iter().filter_map(|(name, _)| Board::builtin(name).ok());
    boards.map(|board| of_board(&board)).collect()
}

fn of_board(board: &Board) -> Finding {
    let names: Vec<&str> = board.flash.iter().map(|flash| flash.program.as_str()).collect();
    match names.iter().find_map(|name| on_path(name)) {
        Some(path) => Finding::fine(FLASHING, format!("{}: {}", board.name, path.display())),
        None => {
            let text = format!("{}: no {} on PATH", board.name, names.join(" or "));
            let package = crate::flash::package(names[0]);
            Finding::absent(FLASHING, text, format!("for example `sudo apt-get install {package}`"))
        }
    }
}

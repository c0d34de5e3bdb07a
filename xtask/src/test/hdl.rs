//! The committed Verilog: lint with every Verilator there is, and yosys.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context as _, Result};

use super::outcome::Outcome;
use super::Context;
use crate::setup::record::Tool;
use crate::shell::Log;

/// The module every configuration is about.
const TOP: &str = "deku_top";

/// The module around it on a board.
const BOARD_TOP: &str = "deku_board";

/// Leaf blocks that configurations share.
const LIBRARY: &str = "primitives";

/// Their versions for every fabric.
const BEHAVIOURAL: &str = "behavioural";

/// The list of files for a family, and where yosys has its cells.
const CELLS: [(&str, &str); 3] = [
    ("files-ice40.f", "+/ice40/cells_sim.v"),
    ("files-ecp5.f", "+/lattice/cells_sim_ecp5.v +/lattice/cells_bb_ecp5.v"),
    ("files-gowin.f", "+/gowin/cells_sim.v +/gowin/cells_xtra_gw1n.v"),
];

/// Folders of hdl/ that are not configurations.
const OTHERS: [&str; 4] = [LIBRARY, "boards", "lint", "formal"];

/// Every configuration and every board is silent under `-Wall`, with every Verilator.
pub fn lint(context: &Context, log: &Log) -> Result<Outcome> {
    let tools = context.tools.borrow();
    let names = ["verilator", "verilator-other"];
    let found: Vec<&Tool> = names.iter().filter_map(|name| tools.get(name)).collect();
    if found.is_empty() {
        return Ok(Outcome::not_run("no Verilator"));
    }
    for tool in &found {
        for folder in configurations(context)? {
            let files = [verilog(&folder)?, library(&folder)?].concat();
            lint_one(tool, &folder, TOP, &files, log)?;
        }
        for folder in boards(context)? {
            lint_one(tool, &folder, BOARD_TOP, &listed(&folder, "files.f")?, log)?;
        }
    }
    let versions: Vec<&str> = found.iter().map(|tool| tool.version.as_str()).collect();
    Ok(Outcome::passed_with(format!("with {}", versions.join(" and "))))
}

fn lint_one(tool: &Tool, folder: &Path, top: &str, files: &[String], log: &Log) -> Result<()> {
    let mut command = tool.command();
    command.current_dir(folder).args(["--lint-only", "-Wall", "--default-language", "1364-2005"]);
    command.args(["--top-module", top]).args(files);
    log.run(&mut command).with_context(|| {
        format!("Verilator {} has something to say about {}", tool.version, folder.display())
    })
}

/// yosys accepts every configuration, and every board with the primitives of its FPGA.
pub fn yosys(context: &Context, log: &Log) -> Result<Outcome> {
    let tools = context.tools.borrow();
    let Some(yosys) = tools.get("yosys") else {
        return Ok(Outcome::not_run("no yosys"));
    };
    for folder in configurations(context)? {
        let script = format!(
            "read_verilog {} {}; hierarchy -check -top {TOP}; proc; check -assert",
            verilog(&folder)?.join(" "),
            library(&folder)?.join(" ")
        );
        log.run(yosys.command().current_dir(&folder).args(["-q", "-p", &script]))
            .with_context(|| format!("yosys does not accept {}", folder.display()))?;
    }
    for folder in boards(context)? {
        yosys_board(yosys, context, &folder, log)?;
    }
    Ok(Outcome::passed())
}

fn yosys_board(yosys: &Tool, context: &Context, folder: &Path, log: &Log) -> Result<()> {
    // The tool may see only the folder it runs in and what is below.
    let hdl = context.project.path("hdl");
    let from_hdl = |file: String| match file.strip_prefix("../../") {
        Some(shared) => shared.to_owned(),
        None => {
            format!("boards/{}/{file}", folder.file_name().unwrap_or_default().to_string_lossy())
        }
    };
    let (list, cells) = CELLS
        .into_iter()
        .find(|(list, _)| folder.join(list).is_file())
        .with_context(|| format!("{} is for no FPGA that is known", folder.display()))?;
    let files: Vec<String> = listed(folder, list)?.into_iter().map(from_hdl).collect();
    let script = format!(
        "read_verilog -lib {cells}; read_verilog {}; \
         hierarchy -check -top {BOARD_TOP}; proc; check -assert",
        files.join(" ")
    );
    log.run(yosys.command().current_dir(&hdl).args(["-q", "-p", &script]))
        .with_context(|| format!("yosys does not accept {}", folder.display()))
}

/// The folders of the boards.
fn boards(context: &Context) -> Result<Vec<PathBuf>> {
    let folder = context.project.path("hdl/boards");
    let entries = fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))?;
    let mut found = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

/// The lines of a list of files.
fn listed(folder: &Path, list: &str) -> Result<Vec<String>> {
    let path = folder.join(list);
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn configurations(context: &Context) -> Result<Vec<PathBuf>> {
    let hdl = context.project.path("hdl");
    let mut found = Vec::new();
    for entry in fs::read_dir(&hdl).with_context(|| format!("no {}", hdl.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !OTHERS.contains(&name.as_str()) {
            found.push(path);
        }
    }
    if found.is_empty() {
        bail!("no configuration in {}.\nfix:   cargo xtask regen", hdl.display());
    }
    found.sort();
    Ok(found)
}

/// The names of a configuration's Verilog files.
fn verilog(folder: &Path) -> Result<Vec<String>> {
    let files = names(folder)?;
    if files.is_empty() {
        bail!("no Verilog file in {}", folder.display());
    }
    Ok(files)
}

/// The shared leaf blocks, as seen from a configuration's folder.
fn library(folder: &Path) -> Result<Vec<String>> {
    let shared = folder.with_file_name(LIBRARY);
    if !shared.exists() {
        return Ok(Vec::new());
    }
    let mut files: Vec<String> =
        names(&shared)?.into_iter().map(|name| format!("../{LIBRARY}/{name}")).collect();
    let behavioural = shared.join(BEHAVIOURAL);
    if behavioural.exists() {
        let path = |name: String| format!("../{LIBRARY}/{BEHAVIOURAL}/{name}");
        files.extend(names(&behavioural)?.into_iter().map(path));
    }
    Ok(files)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".v") {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

//! From a configuration to files.

use crate::blocks::top;
use crate::board::{self, Board};
use crate::config::{ConfigError, Fabric, ModuleConfig, BUILTIN};
use std::path::{Path, PathBuf};

/// A hand-written primitive: path below `hdl/primitives`, text.
type Primitive = (&'static str, &'static str);

macro_rules! primitives {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../primitives/", $path)))),*]
    };
}

/// The hand-written leaves. Those in a folder belong to that fabric; those in `boards` are for board tops.
pub const PRIMITIVES: &[Primitive] = &primitives![
    "deku_ram_1r1w.v",
    "deku_spi_shift.v",
    "deku_sync.v",
    "deku_uart_rx.v",
    "deku_uart_tx.v",
    "behavioural/deku_mac_pair.v",
    "behavioural/deku_weight_ram.v",
    "behavioural/deku_weight_ram_2p.v",
    "blockram/deku_weight_ram_2p.v",
    "ecp5/deku_ram_1r1w.v",
    "gowin/deku_ram_1r1w.v",
    "gowin/deku_weight_ram.v",
    "ice40/deku_mac_pair.v",
    "ice40/deku_weight_ram.v",
    "boards/behavioural/deku_clock_pin.v",
    "boards/behavioural/deku_clock_pll.v",
    "boards/behavioural/deku_led_driver.v",
    "boards/behavioural/deku_pin_shared.v",
    "boards/ecp5/deku_clock_pll.v",
    "boards/ecp5/deku_pin_shared.v",
    "boards/gowin/deku_clock_pll.v",
    "boards/ice40/deku_clock_pin.v",
    "boards/ice40/deku_clock_pll.v",
    "boards/ice40/deku_led_driver.v",
    "boards/ice40/deku_pin_shared.v",
];

/// The generated Verilog of a configuration and its lists of files, as (path, text); paths are relative to
/// `hdl/<name>`.
///
/// `files.f` names everything a simulation needs, `files-<fabric>.f` the same for synthesis.
#[must_use]
pub fn generate(config: &ModuleConfig) -> Vec<(PathBuf, String)> {
    let modules = modules(config);
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut fabrics = vec![Fabric::Behavioural];
    if config.fabric != Fabric::Behavioural {
        fabrics.push(config.fabric);
    }
    for fabric in fabrics {
        let lines = module_list(fabric, config.fabric, &modules).into_iter();
        let lines = lines.map(|line| line + "\n");
        files.push((list_name(fabric).into(), lines.collect()));
    }
    files.extend(modules.into_iter().map(|(name, text)| (name.into(), text)));
    files
}

/// The generated Verilog of a configuration, as (file name, text).
#[must_use]
pub fn modules(config: &ModuleConfig) -> Vec<(String, String)> {
    top::design(config).emit()
}

/// The generated Verilog of a board with its default configuration, its pins and its lists of files, as
/// (path, text); paths are relative to `hdl/boards/<name>`.
///
/// # Errors
/// [`ConfigError`] if the configuration does not fit the board.
pub fn board_files(board: &Board) -> Result<Vec<(PathBuf, String)>, ConfigError> {
    let config = ModuleConfig::load(&board.config)?;
    let pll = board.accept(&config)?;
    let own = board::top::design(board, &config, &pll).emit();
    let mut files = vec![board::constraints::file(board, &config)];
    for fabric in [Fabric::Behavioural, board.family] {
        let list = list_name(fabric);
        let module = module_list(fabric, config.fabric, &modules(&config));
        let module = module.into_iter().map(|path| match path.strip_prefix("../") {
            Some(rest) => format!("../../{rest}"),
            None => format!("../../{}/{path}", config.name),
        });
        let leaves = board_primitives_for(fabric).into_iter();
        let leaves = leaves.map(|path| format!("../../primitives/{path}"));
        let top = own.iter().map(|(name, _)| name.clone());
        let lines = module.chain(leaves).chain(top).map(|line| line + "\n");
        files.push((list.into(), lines.collect()));
    }
    files.extend(own.into_iter().map(|(name, text)| (name.into(), text)));
    Ok(files)
}

fn list_name(fabric: Fabric) -> String {
    match fabric {
        Fabric::Behavioural => "files.f".to_string(),
        _ => format!("files-{}.f", fabric.folder()),
    }
}

/// The files of a module made for one fabric with the primitives of another, relative to `hdl/<name>`.
fn module_list(fabric: Fabric, made_for: Fabric, modules: &[(String, String)]) -> Vec<String> {
    let generated = modules.iter().map(|(name, _)| name.clone());
    let leaves = primitives_for(fabric, made_for).into_iter().map(|p| format!("../primitives/{p}"));
    generated.chain(leaves).collect()
}

/// The name of a file without its folders.
pub(crate) fn leaf(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Primitives of a module made for one fabric, from another: the common ones, its own, and behavioural ones
/// where it has no own.
pub(crate) fn primitives_for(fabric: Fabric, made_for: Fabric) -> Vec<&'static str> {
    let other_memory =
        if made_for.early_reads() { "deku_weight_ram.v" } else { "deku_weight_ram_2p.v" };
    let all = || PRIMITIVES.iter().map(|p| p.0).filter(|p| !p.starts_with("boards/"));
    let common = all().filter(|path| !path.contains('/'));
    let folders = fabric.primitives().iter();
    let own: Vec<_> = folders.flat_map(|f| all().filter(|p| folder(p) == *f)).collect();
    let found = replaced(common.collect(), all().filter(|p| folder(p) == "behavioural"), &own);
    found.into_iter().filter(|path| leaf(path) != other_memory).collect()
}

/// Primitives of a board's top, in the same way.
pub(crate) fn board_primitives_for(fabric: Fabric) -> Vec<&'static str> {
    let of = |name: &str| {
        let prefix = format!("boards/{name}/");
        PRIMITIVES.iter().map(|p| p.0).filter(move |p| p.starts_with(&prefix))
    };
    let own: Vec<_> = of(fabric.folder()).collect();
    replaced(Vec::new(), of(Fabric::Behavioural.folder()), &own)
}

fn folder(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

/// Common files, then behavioural ones, both without those that are replaced, then those that replace them.
fn replaced(
    common: Vec<&'static str>,
    behavioural: impl Iterator<Item = &'static str>,
    own: &[&'static str],
) -> Vec<&'static str> {
    let stays = |path: &&str| !own.iter().any(|o| leaf(o) == leaf(path));
    let rest: Vec<_> = common.into_iter().chain(behavioural).filter(stays).collect();
    rest.into_iter().chain(own.iter().copied()).collect()
}

/// Everything that is committed: what [`all_files`] gives for the built-in configurations,
/// `hdl/boards/<board>/*` of the built-in boards, `docs/boards.md` and `pcb-notes/wiring/<board>.md`.
///
/// # Errors
/// [`ConfigError`] if a configuration or a board is not legal.
pub fn committed() -> Result<Vec<(PathBuf, String)>, ConfigError> {
    let configs = BUILTIN.iter().map(|(name, _)| ModuleConfig::builtin(name));
    let mut files = all_files(&configs.collect::<Result<Vec<_>, _>>()?);
    for (name, _) in board::BUILTIN {
        let folder = Path::new("hdl/boards").join(name);
        let board = board_files(&Board::builtin(name)?)?;
        files.extend(board.into_iter().map(|(path, text)| (folder.join(path), text)));
        let wires = crate::wiring_doc::markdown(&Board::builtin(name)?);
        files.push((Path::new("pcb-notes/wiring").join(format!("{name}.md")), wires));
    }
    files.push((PathBuf::from("docs/boards.md"), crate::boards_doc::markdown()?));
    Ok(files)
}

/// `hdl/<config>/*` of the given configurations, `hdl/primitives/*` and `docs/registers.md`, as
/// (path, text).
#[must_use]
pub fn all_files(configs: &[ModuleConfig]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for config in configs {
        let folder = Path::new("hdl").join(&config.name);
        files.extend(generate(config).into_iter().map(|(path, text)| (folder.join(path), text)));
    }
    let primitives = Path::new("hdl/primitives");
    files
        .extend(PRIMITIVES.iter().map(|(path, text)| (primitives.join(path), (*text).to_string())));
    files.push((PathBuf::from("docs/registers.md"), crate::registers_doc::markdown()));
    files
}

/// Writes files below `out`, making folders.
///
/// # Errors
/// Those of the file system, with the path in front.
pub fn write(out: &Path, files: &[(PathBuf, String)]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = out.join(path);
        let with_path =
            |e: std::io::Error| std::io::Error::new(e.kind(), format!("{}: {e}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(with_path)?;
        }
        std::fs::write(&path, text).map_err(with_path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_primitive_of_the_folder_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("primitives");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_string());
                }
            }
        }
        found.sort();
        let mut listed: Vec<_> = PRIMITIVES.iter().map(|p| p.0.to_string()).collect();
        listed.sort();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_configuration_generates() {
        for (name, _) in crate::config::BUILTIN {
            let files = generate(&ModuleConfig::builtin(name).unwrap());
            assert!(files.iter().any(|(path, _)| path == Path::new("deku_top.v")), "{name}");
            let (_, list) = &files[0];
            assert!(
                list.contains("deku_frame.v\n")
                    && list.contains("../primitives/deku_spi_shift.v\n")
            );
            assert!(list.contains("behavioural/deku_weight_ram"), "{name}");
        }
    }
}
